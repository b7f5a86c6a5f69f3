/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_BURST_H
#define BURST_BURST_H

/*
 * Who sends how much, whether that is usual, to whom for the first time, and how long we
 *have known him. Advice for the policy, filled into struct fact_meter by whoever runs this.
 *
 * Keys are hashed with a secret seed (SipHash) the moment they come in, so that nobody can
 * choose where they fall. Only names that Postfix vouches for may become keys: a login, a
 * trusted client, a sender that we own. Each meter has its own table, so that a flood in
 *one takes nothing from another.
 *
 * BOUNDS. A meter remembers 'keys' keys in 16 shards of keys / 16, each with a lock; in a
 *full shard the key that was charged longest ago makes room. So a key that keeps being
 *charged stays unless, between two charges, the keys of one shard are outnumbered: keys /
 *16 others that fall into the same one, which takes about 'keys' others, and not fewer than
 * keys - 16 sqrt(keys) (99.99 %; 94,900 of 100,000). Reading makes no key and moves none.
 *
 * MEMORY of a key. Counting meters: 64 bytes for the ring and its place in the order, 5.3
 *in the index, 12 for the hour that it is, 40 for the name that is shown: 122 bytes. Meters
 *of different ones: 90 bytes and what distinct.h says (at most 1280). A key that was active
 *in an hour that is over has 156 bytes more, for what is usual. A remembered recipient has
 *12 bytes, a known login 30.
 *
 * TIME. Windows follow the monotonic clock, and what is usual follows the hours that were
 * lived through (calendar.h): who sets the wall clock neither freezes nor forgives anyone.
 * Hours and days are told by the local minute that the caller passes.
 *
 * USUAL. By hand, for one key of a meter: for each hour of the day, weekdays and weekends
 * (Saturday, Sunday) apart, write down what was charged in that hour on each day that it
 *was watched as a whole, also the zeros, but leave out the hours in which a message of this
 *key was flagged. The mean starts with the first such hour and moves with each further one:
 *
 *	mean = mean + (hour - mean) / n
 *
 * where n is how many there were by then, but 20 at most (weekends: 8), so that four weeks
 * weigh most. For a window of up to an hour take its part of that hour's mean (10m: a
 *sixth). For a longer one add up the means of the hour that it is and of those before it,
 *as many as the window has, and the part of one more. That mean, and its root, rounded:
 *
 *	usual = mean + sqrt(mean)
 *
 * Example: 84, 96, 90 recipients on three weekdays from 10:00 to 11:00 have a mean of 90;
 *in 10m that is 15, and usual is 15 + 3.87 = 19. Where different ones are counted (domains,
 *clients, users) an hour has the highest reading of the meter in it, and its mean is taken
 *whole, whatever the window.
 *
 * A key that was not yet watched for 'learn' hours is measured by the site: the (lower)
 * median of that mean over the keys that are known that long and do send at this hour,
 *among the 256 charged last in each shard; taken anew in burst_tick(). Until the meter
 *itself has watched for 'learn' hours, nothing is known. Hours in which frankd was not
 *running do not count. The means of a key that did nothing for 25 weeks are zero.
 *
 * Any function may be called from any thread, but for burst_new(), burst_free() and
 * burst_meter_get(), burst_meter_put(), burst_give(), burst_give_all() and keep_save(),
 *which take turns with one another, and burst_take() and keep_restore(), which come before
 *all.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/map.h"
#include "lib/view.h"

struct burst;
struct burst_meter;

struct burst_settings {
	struct map_seed seed; /* the same at each start, or what was kept is of no use */
	uint32_t keys;        /* of each meter, and logins: 'set meter-keys' */
	uint32_t recipients;  /* remembered altogether; 0: ten for each of 'keys' */
	uint32_t learn;       /* seconds: 'set learn' */
	uint32_t remember;    /* seconds: 'set remember' */
};

struct burst_now {
	int64_t mono;    /* microseconds, monotonic */
	uint32_t minute; /* local: burst_minute() */
};

enum {
	BURST_KEYS_MIN = 1000,
	BURST_KEYS_MAX = 10000000,
	BURST_WITHIN_MIN = 10,
	BURST_WITHIN_MAX = 31 * 86400,
	BURST_NAME = 40, /* bytes of a name that are kept, with a NUL; longer ends in '~' */
	BURST_SLOTS = 10,
	BURST_HOURS = 48, /* weekdays, then weekends */
};

/* WALL begins the meters' own time, which from then on is the monotonic clock's; a snapshot
 * that is restored brings its own (keep.h). */
struct burst *burst_new(
    const struct burst_settings *settings, int64_t wall, const struct burst_now *now);
void burst_free(struct burst *burst); /* NULL is fine; all meters were put back */

/* Local minutes since 1970-01-01 of DATE (20260302) and MINUTE of that day. */
uint32_t burst_minute(int date, int minute);
/* The hash of a login (lower case, with its domain), address, network ... */
uint64_t burst_key(const struct burst *burst, struct view name);
/* The hash of a recipient (lower case, without extension) of ORIGIN's. */
uint64_t burst_pair(const struct burst *burst, uint64_t origin, struct view rcpt);
/* Sorts HASHES and leaves each one once; returns how many. */
size_t burst_unique(uint64_t *hashes, size_t n);

/* Now and then, at least once in a minute: what the site usually does in this hour. */
void burst_tick(struct burst *burst, const struct burst_now *now);
/* Watched hours until usual, age and new-recipients are known, in seconds; 0: they are. */
uint64_t burst_learn_left(const struct burst *burst);
/* Another one after every charge: has anything changed that a snapshot would keep? */
uint64_t burst_charges(const struct burst *burst);

/*
 * Meters. ID says what is counted ("recipients per origin within 600 to not <ours>"): one
 * with the same id is the same meter, also after a reload under another name or floor. Each
 * get needs a put.
 */
struct burst_meter_kind {
	struct view id; /* copied */
	uint32_t within;
	bool is_distinct; /* rcpt-domains, clients, users: different ones */
	bool is_bytes;    /* counted in units of 16, rounded up */
};
struct burst_meter *burst_meter_get(
    struct burst *burst, const struct burst_meter_kind *kind, const struct burst_now *now);
void burst_meter_put(struct burst *burst, struct burst_meter *meter);
uint64_t burst_meter_learn_left(const struct burst_meter *meter);

/* What one message adds. */
struct burst_amount {
	uint64_t count;         /* where amounts are counted */
	const uint64_t *hashes; /* where different ones are: burst_key() of each */
	size_t n_hashes;
};

/* In the order of enum fact_usual. */
enum burst_usual { BURST_USUAL_UNKNOWN, BURST_USUAL_OWN, BURST_USUAL_SITE };

struct burst_reading {
	uint64_t reading;
	enum burst_usual usual_of;
	uint64_t usual;
};

/* With AMOUNT in it (NULL: as it stands), which is not charged. */
struct burst_reading burst_read(struct burst_meter *meter, uint64_t key,
    const struct burst_amount *amount, const struct burst_now *now);
/* NAME is for people. IS_FLAGGED: this hour of the key is not to be learned from. */
void burst_charge(struct burst_meter *meter, uint64_t key, struct view name,
    const struct burst_amount *amount, const struct burst_now *now, bool is_flagged);
/* The same without charging, for a message that was neither accepted nor held. */
void burst_flag(struct burst_meter *meter, uint64_t key, const struct burst_now *now);
/* Empty its window; this hour is not learned from. false: no such key. */
bool burst_reset(struct burst_meter *meter, uint64_t key, const struct burst_now *now);

/* For people to look at. */
struct burst_seen {
	uint64_t key;
	char name[BURST_NAME];
	struct burst_reading reading;
	uint64_t slots[BURST_SLOTS]; /* oldest first; zeros where different ones count */
};
/* The N highest readings, the highest first; returns how many there are. */
size_t burst_top(struct burst_meter *meter, const struct burst_now *now,
    struct burst_seen *into, size_t n);
/* One key, and the means of its hours (for a whole hour). false: no such key. */
bool burst_look(struct burst_meter *meter, uint64_t key, const struct burst_now *now,
    struct burst_seen *ret_seen, double ret_hours[BURST_HOURS]);
size_t burst_meter_keys(struct burst_meter *meter); /* in it now */

/*
 * Remembered recipients: pairs (burst_pair) in 16 regions, chosen by the origin, of
 * 'recipients' / 16 each. Within its region a pair makes room for the one of eight that was
 * written to longest ago. So one origin that writes to very many people can make us forget
 * recipients of a sixteenth of the others, and of nobody else.
 */
/* How many of PAIRS, each there once, were not written to within 'remember'. */
size_t burst_new_recipients(
    struct burst *burst, const uint64_t *pairs, size_t n, const struct burst_now *now);
void burst_remember(
    struct burst *burst, const uint64_t *pairs, size_t n, const struct burst_now *now);

/* Seconds since the login USER (burst_key) was first seen; 0 when it never was. */
uint64_t burst_age(struct burst *burst, uint64_t user, const struct burst_now *now);
void burst_see_user(struct burst *burst, uint64_t user, const struct burst_now *now);

/*
 * What has to outlive frankd for longer than a snapshot does, as rows for a database of the
 * caller's. Rows are unique by (kind, meter, key). Those that changed since the last call
 * are given, outside of all locks, and at last NULL: now make them safe. When FN fails
 * (-1), then too, burst_give() does, and gives the same rows again the next time. At start:
 * all meters got, then rows taken (by kind in the order of the enum, then by 'seen'), and
 * then the snapshot. A row of a meter that is no more is not taken (0; else 1; -1: it is
 * not one of ours).
 */
enum burst_row_kind {
	BURST_ROW_CALENDAR,
	BURST_ROW_METER,
	BURST_ROW_USUAL,
	BURST_ROW_RECIPIENT,
	BURST_ROW_LOGIN
};
struct burst_row {
	enum burst_row_kind kind;
	struct view meter; /* its id, or empty */
	uint64_t key;
	struct view name;
	uint32_t seen;  /* in hours of the meters' own time; rows older than 'remember' */
	uint32_t first; /*   may go. Of a login: when it was first seen */
	struct view data;
};
typedef int burst_row_fn(void *context, const struct burst_row *row, struct err *err);

int burst_give(struct burst *burst, const struct burst_now *now, burst_row_fn *fn,
    void *context, struct err *err);
int burst_take(struct burst *burst, const struct burst_row *row, struct err *err);
/* Rows that were made safe are lost: the next burst_give() gives all there are. */
void burst_give_all(struct burst *burst);

#endif
