/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_JOBS_H
#define MILTER_DNS_JOBS_H

/*
 * The questions of the milter process, each a job until it is answered. A job has the
 * answers of DNS that it got so far; it is evaluated, DNS is asked for what that wanted,
 * and when answers have come it is evaluated again. One that runs out of time, of answers
 * (ANSWERS_MAX) or of memory is evaluated a last time, with what is missing as
 * DNS_NO_ANSWER. When there are DNS_JOBS_MAX, or DNS_OTHERS_JOBS for domains of others,
 * that happens to the oldest: of others, as long as there is one of theirs.
 *
 * Domains of others have less time, and a DNS of their own: where they are slow, and many,
 * ours are looked up as if they were not there.
 *
 * For DNS_ASK_KEY_EVERYWHERE the time begins again when the first server is asked, and what
 * ends before all were asked is DNS_NO_ANSWER whatever the resolver said.
 *
 * Whoever writes the frames parses mail: any bytes may come. What is no question is passed
 * over. One thread.
 */

#include <poll.h>
#include <stdint.h>

#include "auth/dns.h"
#include "auth/everywhere.h"
#include "lib/clock.h"
#include "lib/map.h"
#include "lib/view.h"
#include "milter/dns_wire.h"

enum {
	DNS_JOB_MEMORY = 512 << 10, /* bytes of answers for one job */
	DNS_EVERYWHERE_JOBS = 3,    /* that ask servers at a time; others wait */
	DNS_JOBS_FDS = DNS_EVERYWHERE_JOBS * EVERYWHERE_AT_ONCE,
	DNS_TTL_WAITED_FOR = 60, /* seconds, of a key that is not at every server yet */
};

struct dns_jobs;

struct dns_jobs_settings {
	struct map_seed seed;
	const char *resolver; /* NULL: the system's */
	unsigned server_port; /* of authoritative servers; 0: 53 */
	/* ANSWERS: what DNS said, when that was wanted and fits. */
	void (*reply)(
	    void *context, const struct dns_reply_head *reply, struct view answers);
	void *context;
};

/* Borrowed, and not the same; both NULL: there is no resolver, and everything is unknown.
 */
struct dns_pair {
	struct dns *for_ours, *for_others;
};

struct dns_jobs *dns_jobs_new(
    const struct dns_jobs_settings *settings, const struct dns_pair *dns);
void dns_jobs_free(struct dns_jobs *jobs); /* nothing more is answered */

/* One frame. False: it was no question. */
bool dns_jobs_take(struct dns_jobs *jobs, struct view frame, const struct clock *now);

/* After dns_process(), and whenever dns_jobs_poll() says so: evaluate and answer. */
void dns_jobs_turn(struct dns_jobs *jobs, int64_t now);

/* What to wait for beside DNS itself, at most DNS_JOBS_FDS. *ret_until: and until when at
 * most; INT64_MAX: for ever. */
size_t dns_jobs_poll(struct dns_jobs *jobs, struct pollfd *into, int64_t *ret_until);

/* Another resolver, also for what is under way. */
void dns_jobs_use(struct dns_jobs *jobs, const struct dns_pair *dns);

#endif
