/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_cache.h"

void
dns_cache_init(struct dns_cache *cache, struct map_seed seed, size_t max)
{
	memset(cache, 0, sizeof(*cache));
	cache->buckets = mem_zeroed(CACHE_BUCKETS, sizeof(struct dns_entry *));
	cache->seed = seed;
	cache->max = max;
}

static void
entry_free(struct dns_entry *entry)
{
	free(entry->frame);
	free(entry->reply);
	free(entry);
}

void
dns_cache_fini(struct dns_cache *cache)
{
	struct dns_entry *entry;

	while ((entry = cache->oldest) != NULL) {
		cache->oldest = entry->newer;
		entry_free(entry);
	}
	free(cache->buckets);
}

static struct dns_entry **
bucket_of(struct dns_cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (CACHE_BUCKETS - 1)];
}

struct dns_entry *
dns_cache_find(struct dns_cache *cache, struct view key)
{
	uint64_t hash = siphash(cache->seed, key.p, key.n);
	struct dns_entry *entry = *bucket_of(cache, hash);

	while (entry != NULL && (entry->hash != hash || entry->n_key != key.n ||
				    memcmp(entry->key, key.p, key.n) != 0))
		entry = entry->chain;
	return entry;
}

static void
uses_leave(struct dns_cache *cache, struct dns_entry *entry)
{
	*(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void
uses_enter(struct dns_cache *cache, struct dns_entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

void
dns_cache_touch(struct dns_cache *cache, struct dns_entry *entry)
{
	if (cache->newest == entry)
		return;
	uses_leave(cache, entry);
	uses_enter(cache, entry);
}

static void
entry_remove(struct dns_cache *cache, struct dns_entry *entry)
{
	struct dns_entry **at = bucket_of(cache, entry->hash);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	uses_leave(cache, entry);
	dns_cache_set_refresh(cache, entry, 0);
	cache->n_answers -= entry->reply != NULL;
	cache->n--;
	entry_free(entry);
}

/* Those that cannot leave are bounded by DNS_JOBS_MAX and DNS_WAITERS_MAX, far below what
 * there is. */
static bool
room_make(struct dns_cache *cache)
{
	struct dns_entry *entry = cache->oldest;

	while (entry != NULL && (entry->open != 0 || entry->waiters != 0))
		entry = entry->newer;
	if (entry == NULL)
		return false;
	entry_remove(cache, entry);
	return true;
}

struct dns_entry *
dns_cache_add(struct dns_cache *cache, struct view key)
{
	if (key.n > UINT16_MAX || (cache->n >= cache->max && !room_make(cache)))
		return NULL;
	struct dns_entry *entry = mem_zeroed(1, sizeof(*entry) + key.n);
	entry->hash = siphash(cache->seed, key.p, key.n);
	entry->n_key = (uint16_t)key.n;
	memcpy(entry->key, key.p, key.n);
	struct dns_entry **bucket = bucket_of(cache, entry->hash);
	entry->chain = *bucket;
	*bucket = entry;
	uses_enter(cache, entry);
	cache->n++;
	return entry;
}

static char *
bytes_set(char *bytes, uint16_t *n, struct view from)
{
	must(from.n <= UINT16_MAX);
	if (from.n == 0) {
		free(bytes);
		bytes = NULL;
	} else {
		if (bytes == NULL || *n != from.n)
			bytes = mem_resize(bytes, from.n, 1);
		memcpy(bytes, from.p, from.n);
	}
	*n = (uint16_t)from.n;
	return bytes;
}

void
dns_cache_set_frame(struct dns_entry *entry, struct view frame)
{
	entry->frame = bytes_set(entry->frame, &entry->n_frame, frame);
}

void
dns_cache_set_reply(struct dns_cache *cache, struct dns_entry *entry, struct view reply)
{
	cache->n_answers -= entry->reply != NULL;
	entry->reply = bytes_set(entry->reply, &entry->n_reply, reply);
	cache->n_answers += entry->reply != NULL;
}

static struct dns_entry **
wheel_at(struct dns_cache *cache, int64_t second)
{
	return &cache->wheel[(uint64_t)second & (CACHE_WHEEL - 1)];
}

void
dns_cache_set_refresh(struct dns_cache *cache, struct dns_entry *entry, int64_t at)
{
	if (entry->is_due) {
		if (entry->due_before != NULL)
			entry->due_before->due_next = entry->due_next;
		else
			*wheel_at(cache, entry->refresh) = entry->due_next;
		if (entry->due_next != NULL)
			entry->due_next->due_before = entry->due_before;
	}
	entry->refresh = at;
	entry->is_due = at != 0;
	if (at == 0)
		return;
	struct dns_entry **slot = wheel_at(cache, at);
	entry->due_before = NULL;
	entry->due_next = *slot;
	if (*slot != NULL)
		(*slot)->due_before = entry;
	*slot = entry;
}

struct dns_entry *
dns_cache_due(struct dns_cache *cache, int64_t now)
{
	/* After a long sleep once around is enough. */
	if (cache->wheel_at < now - CACHE_WHEEL)
		cache->wheel_at = now - CACHE_WHEEL;
	for (; cache->wheel_at <= now; cache->wheel_at++) {
		struct dns_entry *entry = *wheel_at(cache, cache->wheel_at);
		while (entry != NULL && entry->refresh > now)
			entry = entry->due_next;
		if (entry == NULL)
			continue;
		int64_t refresh = entry->refresh;
		dns_cache_set_refresh(cache, entry, 0);
		entry->refresh = refresh;
		return entry;
	}
	return NULL;
}
