/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_PRIVATE_H
#define BURST_PRIVATE_H

/* What the files of burst/ know of one another's structs. */

#include <pthread.h>

#include "burst/burst.h"
#include "burst/bytes.h"
#include "burst/calendar.h"
#include "burst/distinct.h"
#include "burst/lru.h"
#include "burst/profile.h"
#include "burst/ring.h"

#define HOUR_MICROS ((int64_t)3600 * 1000000)

enum {
	SHARDS = 16,
	SHARD_MEDIAN = 256, /* keys of a shard that the site's median looks at */
	BYTES_UNIT = 16,
	BUCKET = 8,
	PROFILES = 64,
	ROW_VERSION = 1,
};

/* In one meter all records are of the same sort. */
struct counted {
	struct lru_head head;
	struct ring ring;
};
struct differing {
	struct lru_head head;
	struct distinct distinct;
};
_Static_assert(sizeof(struct counted) == 64, "a counting meter's ring has 64 bytes");

/* The hour that it is, or was when the key was last charged. */
struct hour_so_far {
	uint32_t amount;
	uint32_t number;  /* calendar.h; the highest bit: flagged */
	uint32_t profile; /* 1 is the first; 0: none */
};
enum { HOUR_NUMBER = 0x7fffffff };
#define HOUR_FLAGGED 0x80000000U

struct shard {
	_Alignas(64) pthread_mutex_t lock;
	struct lru lru;
	struct hour_so_far *hours; /* by number of record */
	char (*names)[BURST_NAME];
	struct profile **chunks; /* of PROFILES each, made when they are wanted */
	uint32_t n_profiles;
	uint32_t free_profile; /* linked by 'owner' */
	_Atomic uint64_t charges;
};

struct burst_meter {
	struct burst *burst;
	struct burst_meter *next;
	char *id;
	unsigned references;
	bool is_distinct;
	uint32_t unit;
	uint32_t within;
	int64_t window;             /* microseconds */
	_Atomic uint32_t since;     /* the hour from which on it watches */
	_Atomic uint64_t site;      /* usual by the site's median */
	_Atomic uint32_t site_hour; /* for which local hour that was taken */
	struct shard shards[SHARDS];
};

/* Hours of our own time, and whether the row is still to be given away (DIRTY), or is being
 * given just now. */
enum { SEEN_HOUR = 0x3fffffff, SEEN_GIVEN = 0x40000000 };
#define SEEN_DIRTY 0x80000000U

struct known_login {
	struct lru_head head;
	uint32_t first, seen;
};

struct region {
	_Alignas(64) pthread_mutex_t lock;
	uint64_t *pairs; /* buckets of BUCKET; 0: free */
	uint32_t *seen;
	uint32_t n_buckets;
	struct lru logins;
};

struct burst {
	struct burst_settings settings;
	uint32_t learn_hours, remember_hours;
	_Atomic int64_t offset; /* our own time - monotonic */
	pthread_mutex_t lock;   /* calendar, list of meters */
	struct calendar calendar;
	uint32_t taken_number; /* of the calendar that was taken from what was kept */
	struct burst_meter *meters;
	struct region regions[SHARDS];
};

/* Our own time; and the calendar has seen NOW. */
int64_t burst_time(struct burst *burst, const struct burst_now *now);
uint32_t burst_hours(struct burst *burst, const struct burst_now *now);

/* Watched hours since the hour NUMBER. */
uint32_t burst_watched(const struct burst *burst, uint32_t number);

struct shard *shard_of(struct burst_meter *meter, uint64_t key);
/* KEY's record in SHARD, made when it is not there, named when NAME is not empty. */
uint32_t shard_put(
    struct burst_meter *meter, struct shard *shard, uint64_t key, struct view name);
/* Learn from the hours that are over. */
void shard_fold(struct burst_meter *meter, struct shard *shard, uint32_t number);
/* The profile AT, from 0 on. */
struct profile *shard_profile_at(const struct shard *shard, uint32_t at);
/* Its profile, NULL when it has none; made with MAKE, as watched from the hour FIRST on. */
struct profile *shard_profile(struct shard *shard, uint32_t number);
struct profile *shard_profile_make(struct shard *shard, uint32_t number, uint32_t first);
void shard_init(struct shard *shard, uint32_t room, bool is_distinct);
void shard_fini(struct shard *shard, bool is_distinct);

/* Usual for this record, by what it is measured; after shard_fold(). */
void meter_usual(struct burst_meter *meter, struct shard *shard, uint32_t number,
    uint32_t hour, struct burst_reading *reading);
/* The median of the site for the local hour HOUR. */
void meter_take_median(struct burst_meter *meter, uint32_t hour);

struct burst_meter *meter_find(struct burst *burst, struct view id);

/* The calendar as bytes, and as it was (IS_SOON: hardly anything was missed). */
void calendar_put(struct burst *burst, struct buf *buf);
int calendar_check(struct bytes_reader reader);
int calendar_take(struct burst *burst, struct bytes_reader *reader, bool is_soon);

void region_init(struct region *region, uint32_t pairs, uint32_t logins);
void region_fini(struct region *region);
/* MARK: SEEN_DIRTY, or 0 for what is safe already. */
void region_put(struct region *region, uint64_t pair, uint32_t hour, uint32_t mark);
void region_put_login(
    struct region *region, uint64_t user, uint32_t first, uint32_t seen, uint32_t mark);

#endif
