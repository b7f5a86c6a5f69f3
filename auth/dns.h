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

/* RESOLVER: "192.0.2.1" or "192.0.2.1@5353"; NULL: those of /etc/resolv.conf. NULL: failed.
 */
struct dns *dns_new(const char *resolver, struct err *err);
void dns_free(struct dns *dns); /* NULL is fine */

/*
 * Like dns_new, but asks SERVER alone, and as resolvers ask the authoritative servers of
 * ZONE: what comes back is what that server has. PORT 0: 53.
 */
struct dns *dns_new_server(
    struct view zone, struct addr server, unsigned port, struct err *err);

/* ANSWER and what it points to are the callee's until it returns. */
typedef void (*dns_done_fn)(void *context, const struct dns_answer *answer);

/*
 * Ask for TYPE at NAME; DONE is called once, from dns_process or, where there is nothing to
 * ask, at once. *ret_id is for dns_cancel, after which DONE is not called any more.
 */
int dns_ask(struct dns *dns, enum dns_type type, struct view name, dns_done_fn done,
    void *context, int *ret_id, struct err *err);
void dns_cancel(struct dns *dns, int id);

int dns_fd(struct dns *dns);       /* readable: dns_process has something to do */
void dns_process(struct dns *dns); /* never waits */

/*
 * For who may wait: ask for all that ANSWERS wants, until all is answered or DEADLINE
 * (monotonic, microseconds) has passed. What has no answer by then is DNS_NO_ANSWER. 0, or
 * -1 when asking itself failed.
 */
int dns_fetch(struct dns *dns, struct answers *answers, int64_t deadline, struct err *err);

/*
 * The TXT record at NAME, its strings joined, is appended to OUT. 1: found, *ret_n says how
 * many records there are, OUT has the first; 0: no such name, or no such record there; -1:
 * ERR_TEMP when it may work later, ERR_BAD_INPUT for a name or a record that cannot be.
 */
int dns_txt(struct dns *dns, struct view name, int milliseconds, struct buf *out,
    size_t *ret_n, struct err *err);

#endif
