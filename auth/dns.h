/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DNS_H
#define AUTH_DNS_H

/*
 * Asking DNS. Answers are bounded; what stands in them is somebody else's. A context
 * belongs to the process that made it (not across a fork), and to one thread at a time; its
 * answers come while dns_process runs. The look-ups themselves run in a thread of
 * libunbound's.
 */

#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/lookup.h"
#include "lib/net.h"
#include "lib/view.h"

struct dns;

/*
 * RESOLVER: "192.0.2.1" or "192.0.2.1@5353"; NULL: those of /etc/resolv.conf. NULL: failed.
 *
 * A context has at most 256 questions with the resolver at a time; more wait until one of
 * these is answered or given up. What must not wait for others has a context of its own.
 */
struct dns *dns_new(const char *resolver, struct err *err);
void dns_free(struct dns *dns); /* NULL is fine; what was not answered is forgotten */

/*
 * Before the first question: check DNSSEC ourselves, with the anchors (DS or DNSKEY records
 * as in a zone file) of FILE. The resolver must be one that hands DNSSEC records on, or
 * else everything is bogus. Without this 'is_secure' and 'is_bogus' are never set: a
 * resolver that validates makes what is bogus DNS_FAILED.
 */
int dns_trust(struct dns *dns, const char *file, struct err *err);

/*
 * Like dns_new, but for names in ZONE asks SERVER alone, and as resolvers ask the
 * authoritative servers of it: what comes back is what that server has. RESOLVER is asked
 * for what lies elsewhere, such as the target of a CNAME. PORT 0: 53.
 */
struct dns_server {
	struct view zone;
	struct addr addr;
	unsigned port;
};
struct dns *dns_new_server(
    const char *resolver, const struct dns_server *server, struct err *err);

/* ANSWER and what it points to are the callee's until it returns. */
typedef void (*dns_done_fn)(void *context, const struct dns_answer *answer);

/* What to ask for, and who wants to know. The name is borrowed for the call. */
struct dns_wish {
	enum dns_type type;
	struct view name;
	dns_done_fn done;
	void *context;
};

/*
 * DONE is called once, from dns_process or, where there is nothing to ask, at once. It may
 * ask and cancel, but not free DNS. *ret_id is for dns_cancel, after which DONE is not
 * called any more.
 *
 * A failure that came only after a long time, or while the resolver did not answer
 * anything, is DNS_NO_ANSWER: libunbound says SERVFAIL for a resolver that is silent.
 */
int dns_ask(struct dns *dns, const struct dns_wish *wish, int *ret_id, struct err *err);
void dns_cancel(struct dns *dns, int id);

int dns_fd(struct dns *dns);       /* readable: dns_process has something to do */
void dns_process(struct dns *dns); /* never waits */

/*
 * For who may wait: ask for all that ANSWERS wants, until all is answered or DEADLINE
 * (monotonic, microseconds) has passed. What has no answer by then is DNS_NO_ANSWER. Then
 * ANSWERS wants nothing more. 0, or -1: asking itself failed, or there are ANSWERS_MAX.
 */
int dns_fetch(struct dns *dns, struct answers *answers, int64_t deadline, struct err *err);

/*
 * The TXT record at NAME, a host name or with '_', its strings joined, is appended to OUT.
 * 1: found, *ret_n says how many records there are, OUT has the first; 0: no such name, or
 * no such record there; -1: ERR_TEMP when it may work later, ERR_BAD_INPUT for a name or a
 * record that cannot be.
 */
int dns_txt(struct dns *dns, struct view name, int milliseconds, struct buf *out,
    size_t *ret_n, struct err *err);

#endif
