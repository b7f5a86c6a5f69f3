/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_HELPER_CACHE_H
#define MILTER_HELPER_CACHE_H

/*
 * The table behind milter/dns_client.h and milter/tables_client.h: entries by key, by last
 * use, and by the second in which they are to be asked again. Knows no clock, no lock and
 * no socket; its owner has a lock.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/map.h"
#include "lib/view.h"

enum {
	CACHE_BUCKETS = 1 << 15,
	CACHE_WHEEL = 1 << 12, /* seconds; more than DNS_TTL_MAX */
};

struct helper_entry {
	struct helper_entry *chain;         /* of its bucket */
	struct helper_entry *newer, *older; /* by last use */
	struct helper_entry *due_next, *due_before;
	uint64_t hash;
	int64_t expires;  /* monotonic, microseconds; of the answer */
	int64_t refresh;  /* monotonic, seconds: ask again; 0: not */
	char *frame;      /* the question, for asking again; NULL: not kept */
	char *reply;      /* packed; NULL: none */
	uint32_t waiters; /* that hold a pointer to it */
	uint16_t open;    /* slot of the open question and one; 0: none is open */
	uint16_t n_frame, n_reply, n_key;
	bool is_ours;
	bool is_used;   /* since the last answer */
	bool is_marker; /* the answer hangs on the sender: it is kept by the full key */
	bool is_late;   /* somebody has waited for it in vain */
	bool is_due;    /* in the wheel */
	char key[];
};

struct helper_cache {
	struct helper_entry **buckets;
	struct helper_entry *newest, *oldest;
	struct helper_entry *wheel[CACHE_WHEEL];
	int64_t wheel_at; /* the last second that was looked at */
	size_t n, n_answers, max;
	struct map_seed seed;
};

void helper_cache_init(struct helper_cache *cache, struct map_seed seed, size_t max);
void helper_cache_fini(struct helper_cache *cache);

/* NULL: there is none. */
struct helper_entry *helper_cache_find(struct helper_cache *cache, struct view key);
/*
 * A new one; whoever was used longest ago and is neither open nor waited for makes room.
 * NULL: there is nobody like that.
 */
struct helper_entry *helper_cache_add(struct helper_cache *cache, struct view key);
void helper_cache_touch(struct helper_cache *cache, struct helper_entry *entry);

/* Copies; an empty view forgets what there was. */
void helper_cache_set_frame(struct helper_entry *entry, struct view frame);
void helper_cache_set_reply(
    struct helper_cache *cache, struct helper_entry *entry, struct view reply);

/* Ask again in second AT; 0: never. */
void helper_cache_set_refresh(
    struct helper_cache *cache, struct helper_entry *entry, int64_t at);
/* The next one that is due by second NOW, taken from the wheel; NULL: no more. */
struct helper_entry *helper_cache_due(struct helper_cache *cache, int64_t now);

#endif
