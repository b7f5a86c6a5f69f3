/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_QUERIES_H
#define MILTER_DNS_QUERIES_H

/*
 * What is being asked of DNS, each name and type once, however many jobs wait for it. One
 * thread.
 */

#include <sys/queue.h>

#include <stddef.h>

#include "auth/dns.h"
#include "lib/lookup.h"
#include "lib/map.h"
#include "lib/view.h"

enum { DNS_QUERIES_MAX = 4096 }; /* at once */

/* One job's wish for one answer. */
struct dns_waiter {
	LIST_ENTRY(dns_waiter) of_query, of_job;
	struct dns_query *query;
	void *job;
};
LIST_HEAD(dns_waiters, dns_waiter);

struct dns_queries;

/* TAKE gets the answer for each job that waits, from within dns_process(). It must not end
 * jobs. */
typedef void (*dns_take_fn)(void *job, const struct dns_answer *answer);

/* DNS NULL: nothing can be asked. */
struct dns_queries *dns_queries_new(
    struct dns *dns, struct map_seed seed, dns_take_fn take);
void dns_queries_free(struct dns_queries *queries); /* when nobody waits */

/*
 * JOB, whose wishes are WAITERS, waits for this answer too. 0, also when it does already;
 * -1: it cannot be asked now.
 */
int dns_queries_join(struct dns_queries *queries, enum dns_type type, struct view name,
    void *job, struct dns_waiters *waiters);

/* A job that ends waits for nothing more. */
void dns_queries_leave(struct dns_queries *queries, struct dns_waiters *waiters);

/* From now on ask DNS, also for what is open. Who had it before frees it. */
void dns_queries_use(struct dns_queries *queries, struct dns *dns);

#endif
