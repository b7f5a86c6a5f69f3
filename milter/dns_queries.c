/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_queries.h"

enum { BUCKETS = 1024, KEY_MAX = 2 + DNS_NAME_MAX * 4 };

struct dns_query {
	LIST_ENTRY(dns_query) entry; /* of its bucket */
	struct dns_queries *queries;
	struct dns_waiters waiters;
	int id;
	enum dns_type type;
	struct view name;
	char text[]; /* of the name */
};
LIST_HEAD(bucket, dns_query);

struct dns_queries {
	struct dns *dns;
	struct map_seed seed; /* names come from the world */
	dns_take_fn take;
	size_t n;
	struct bucket buckets[BUCKETS];
};

struct dns_queries *
dns_queries_new(struct dns *dns, struct map_seed seed, dns_take_fn take)
{
	struct dns_queries *queries = mem_zeroed(1, sizeof(*queries));

	queries->dns = dns;
	queries->seed = seed;
	queries->take = take;
	return queries;
}

void
dns_queries_free(struct dns_queries *queries)
{
	must(queries->n == 0);
	free(queries);
}

static struct bucket *
bucket_of(struct dns_queries *queries, enum dns_type type, struct view name)
{
	char key[KEY_MAX];

	must(name.n <= KEY_MAX - 2);
	key[0] = (char)((unsigned)type & 0xff);
	key[1] = (char)((unsigned)type >> 8 & 0xff);
	if (name.n > 0)
		memcpy(key + 2, name.p, name.n);
	return &queries->buckets[siphash(queries->seed, key, name.n + 2) % BUCKETS];
}

static void
waiter_end(struct dns_waiter *waiter)
{
	LIST_REMOVE(waiter, of_query);
	LIST_REMOVE(waiter, of_job);
	free(waiter);
}

static void
query_end(struct dns_query *query)
{
	LIST_REMOVE(query, entry);
	query->queries->n--;
	free(query);
}

static void
answer_take(void *context, const struct dns_answer *answer)
{
	struct dns_query *query = context;
	struct dns_waiter *waiter, *next;

	for (waiter = LIST_FIRST(&query->waiters); waiter != NULL; waiter = next) {
		void *job = waiter->job;

		next = LIST_NEXT(waiter, of_query);
		waiter_end(waiter);
		query->queries->take(job, answer);
	}
	query_end(query);
}

/* No answer will come: its jobs learn that. */
static void
query_fail(struct dns_query *query)
{
	const struct dns_answer none = {.name = query->name, .type = query->type};

	answer_take(query, &none);
}

static int
query_ask(struct dns_query *query)
{
	struct dns *dns = query->queries->dns;

	const struct dns_wish wish = {query->type, query->name, answer_take, query};

	return dns == NULL ? -1 : dns_ask(dns, &wish, &query->id, NULL);
}

static struct dns_query *
query_find(const struct bucket *bucket, enum dns_type type, struct view name)
{
	struct dns_query *query;

	for (query = LIST_FIRST(bucket); query != NULL; query = LIST_NEXT(query, entry))
		if (query->type == type && view_is(query->name, name))
			break;
	return query;
}

static struct dns_query *
query_new(struct dns_queries *queries, struct bucket *bucket, enum dns_type type,
    struct view name)
{
	struct dns_query *query = mem_zeroed(1, sizeof(*query) + name.n + 1);

	query->queries = queries;
	query->type = type;
	if (name.n > 0)
		memcpy(query->text, name.p, name.n);
	query->name = (struct view){query->text, name.n};
	LIST_INIT(&query->waiters);
	LIST_INSERT_HEAD(bucket, query, entry);
	queries->n++;
	return query;
}

static bool
waits_for(const struct dns_waiters *waiters, const struct dns_query *query)
{
	const struct dns_waiter *waiter;

	for (waiter = LIST_FIRST(waiters); waiter != NULL;
	     waiter = LIST_NEXT(waiter, of_job))
		if (waiter->query == query)
			return true;
	return false;
}

int
dns_queries_join(struct dns_queries *queries, enum dns_type type, struct view name,
    void *job, struct dns_waiters *waiters)
{
	struct bucket *bucket = bucket_of(queries, type, name);
	struct dns_query *query = query_find(bucket, type, name);
	bool is_new = query == NULL;

	if (!is_new && waits_for(waiters, query))
		return 0;
	if (is_new && queries->n >= DNS_QUERIES_MAX)
		return -1;
	if (is_new)
		query = query_new(queries, bucket, type, name);
	struct dns_waiter *waiter = mem_zeroed(1, sizeof(*waiter));
	*waiter = (struct dns_waiter){.query = query, .job = job};
	LIST_INSERT_HEAD(&query->waiters, waiter, of_query);
	LIST_INSERT_HEAD(waiters, waiter, of_job);
	if (!is_new || query_ask(query) == 0)
		return 0;
	waiter_end(waiter);
	query_end(query);
	return -1;
}

void
dns_queries_leave(struct dns_queries *queries, struct dns_waiters *waiters)
{
	struct dns_waiter *waiter, *next;

	for (waiter = LIST_FIRST(waiters); waiter != NULL; waiter = next) {
		struct dns_query *query = waiter->query;

		next = LIST_NEXT(waiter, of_job);
		waiter_end(waiter);
		if (!LIST_EMPTY(&query->waiters))
			continue;
		dns_cancel(queries->dns, query->id);
		query_end(query);
	}
}

void
dns_queries_use(struct dns_queries *queries, struct dns *dns)
{
	struct dns_query *query, *next;

	queries->dns = dns;
	for (size_t i = 0; i < BUCKETS; i++)
		for (query = LIST_FIRST(&queries->buckets[i]); query != NULL;
		     query = next) {
			next = LIST_NEXT(query, entry);
			if (query_ask(query) != 0)
				query_fail(query);
		}
}
