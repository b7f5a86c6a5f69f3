/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/helper_cache.h"

void
helper_cache_init(struct helper_cache *cache, struct map_seed seed, size_t max)
{
	memset(cache, 0, sizeof(*cache));
	cache->buckets = mem_zeroed(CACHE_BUCKETS, sizeof(struct helper_entry *));
	cache->seed = seed;
	cache->max = max;
}

static void
entry_free(struct helper_entry *entry)
{
	free(entry->frame);
	free(entry->reply);
	free(entry);
}

void
helper_cache_fini(struct helper_cache *cache)
{
	struct helper_entry *entry;

	while ((entry = cache->oldest) != NULL) {
		cache->oldest = entry->newer;
		entry_free(entry);
	}
	free(cache->buckets);
}

static struct helper_entry **
bucket_of(struct helper_cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (CACHE_BUCKETS - 1)];
}

struct helper_entry *
helper_cache_find(struct helper_cache *cache, struct view key)
{
	uint64_t hash = siphash(cache->seed, key.p, key.n);
	struct helper_entry *entry = *bucket_of(cache, hash);

	while (entry != NULL && (entry->hash != hash || entry->n_key != key.n ||
				    memcmp(entry->key, key.p, key.n) != 0))
		entry = entry->chain;
	return entry;
}

static void
uses_leave(struct helper_cache *cache, struct helper_entry *entry)
{
	*(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void
uses_enter(struct helper_cache *cache, struct helper_entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

void
helper_cache_touch(struct helper_cache *cache, struct helper_entry *entry)
{
	if (cache->newest == entry)
		return;
	uses_leave(cache, entry);
	uses_enter(cache, entry);
}

static void
entry_remove(struct helper_cache *cache, struct helper_entry *entry)
{
	struct helper_entry **at = bucket_of(cache, entry->hash);

	while (*at != entry)
		at = &(*at)->chain;
	*at = entry->chain;
	uses_leave(cache, entry);
	helper_cache_set_refresh(cache, entry, 0);
	cache->n_answers -= entry->reply != NULL;
	cache->n--;
	entry_free(entry);
}

/* Those that cannot leave are bounded by DNS_JOBS_MAX and DNS_WAITERS_MAX, far below what
 * there is. */
static bool
room_make(struct helper_cache *cache)
{
	struct helper_entry *entry = cache->oldest;

	while (entry != NULL && (entry->open != 0 || entry->waiters != 0))
		entry = entry->newer;
	if (entry == NULL)
		return false;
	entry_remove(cache, entry);
	return true;
}

struct helper_entry *
helper_cache_add(struct helper_cache *cache, struct view key)
{
	if (key.n > UINT16_MAX || (cache->n >= cache->max && !room_make(cache)))
		return NULL;
	struct helper_entry *entry = mem_zeroed(1, sizeof(*entry) + key.n);
	entry->hash = siphash(cache->seed, key.p, key.n);
	entry->n_key = (uint16_t)key.n;
	memcpy(entry->key, key.p, key.n);
	struct helper_entry **bucket = bucket_of(cache, entry->hash);
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
helper_cache_set_frame(struct helper_entry *entry, struct view frame)
{
	entry->frame = bytes_set(entry->frame, &entry->n_frame, frame);
}

void
helper_cache_set_reply(
    struct helper_cache *cache, struct helper_entry *entry, struct view reply)
{
	cache->n_answers -= entry->reply != NULL;
	entry->reply = bytes_set(entry->reply, &entry->n_reply, reply);
	cache->n_answers += entry->reply != NULL;
}

static struct helper_entry **
wheel_at(struct helper_cache *cache, int64_t second)
{
	return &cache->wheel[(uint64_t)second & (CACHE_WHEEL - 1)];
}

void
helper_cache_set_refresh(struct helper_cache *cache, struct helper_entry *entry, int64_t at)
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
	struct helper_entry **slot = wheel_at(cache, at);
	entry->due_before = NULL;
	entry->due_next = *slot;
	if (*slot != NULL)
		(*slot)->due_before = entry;
	*slot = entry;
}

struct helper_entry *
helper_cache_due(struct helper_cache *cache, int64_t now)
{
	/* After a long sleep once around is enough. */
	if (cache->wheel_at < now - CACHE_WHEEL)
		cache->wheel_at = now - CACHE_WHEEL;
	for (; cache->wheel_at <= now; cache->wheel_at++) {
		struct helper_entry *entry = *wheel_at(cache, cache->wheel_at);
		while (entry != NULL && entry->refresh > now)
			entry = entry->due_next;
		if (entry == NULL)
			continue;
		int64_t refresh = entry->refresh;
		helper_cache_set_refresh(cache, entry, 0);
		entry->refresh = refresh;
		return entry;
	}
	return NULL;
}
