/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "journal/coverage_private.h"
#include "journal/db.h"

enum { FIRST_SIZE = 4096 };

/* ---- what left ---- */

/* Each message once: its deliveries differ a little in when it arrived. */
static void
unite(struct coverage_left *left)
{
	size_t n = 0;

	if (left->n > 0)
		qsort(left->keys, left->n, sizeof(left->keys[0]), coverage_compare);
	for (size_t i = 0; i < left->n; i++) {
		struct coverage_key *last = n > 0 ? &left->keys[n - 1] : NULL;
		const struct coverage_key *key = &left->keys[i];

		if (last == NULL || coverage_compare_names(last, key) != 0 ||
		    key->from - last->from > COVERAGE_SLACK_US)
			left->keys[n++] = *key;
		else if (key->to > last->to)
			last->to = key->to;
	}
	left->n = n;
}

static int
add_left(struct coverage_left *left, const struct coverage_key *key, struct err *err)
{
	if (left->n == left->size) {
		unite(left);
		if (left->n > COVERAGE_MESSAGES_MAX)
			return err_set(err, ERR_LIMIT,
			    "more than %d messages left in that time: ask for a shorter "
			    "one",
			    COVERAGE_MESSAGES_MAX);
		if (left->n * 2 >= left->size) {
			left->size = left->size == 0 ? FIRST_SIZE : left->size * 2;
			left->keys =
			    mem_resize(left->keys, left->size, sizeof(left->keys[0]));
		}
	}
	left->keys[left->n++] = *key;
	return 0;
}

/* "smtp", "relay/smtp", "lmtp": the program is the last part. */
static bool
leaves(struct view program, struct view relay)
{
	struct view part, last = program, host, address = VIEW("");
	struct addr addr;

	while (view_cut(&program, '/', &part))
		last = part;
	if (view_is(last, VIEW("smtp")) || view_is(last, VIEW("relay")))
		return true;
	if (!view_is(last, VIEW("lmtp")))
		return false;
	if (view_cut(&relay, '[', &host) && relay.p != NULL)
		(void)view_cut(&relay, ']', &address);
	/* In brackets a socket of this machine stands as a path. */
	return addr_parse(address, &addr, NULL) == 0 && !addr_is_loopback(addr);
}

static int
take_sent(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	int64_t time = sqlite3_column_int64(stmt, 0), delay = sqlite3_column_int64(stmt, 1);
	struct coverage_key key = {.host = coverage_host(covering, db_text(stmt, 2, arena)),
	    .from = time - delay * 1000 - COVERAGE_SLACK_US,
	    .to = time + COVERAGE_SLACK_US};
	struct view id = db_text(stmt, 3, arena);

	if (id.n == 0 || id.n >= sizeof(key.id) ||
	    !leaves(db_text(stmt, 4, arena), db_text(stmt, 5, arena)))
		return 0;
	memcpy(key.id, id.p, id.n);
	return add_left(&covering->left, &key, err);
}

int
coverage_find_left(struct covering *covering, struct err *err)
{
	const struct coverage_scan scan = {
	    .sql = "SELECT time, delay, host, queue_id, program, relay FROM outcome"
		   " WHERE what = 'sent' AND time >= ?1 AND (?2 = 0 OR time < ?2)",
	    .is_of_outcomes = true,
	    .since = covering->range.since,
	    .until = covering->range.until,
	    .each = take_sent};

	if (coverage_scan(covering, &scan, err) == -1)
		return -1;
	unite(&covering->left);
	return 0;
}

/* ---- what was decided ---- */

static int
take_decision(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	const struct coverage_event event = {db_text(stmt, 2, arena),
	    coverage_host(covering, db_text(stmt, 1, arena)),
	    sqlite3_column_int64(stmt, 0)};
	struct coverage_key *key;
	size_t at = SIZE_MAX;

	(void)err;
	while ((key = coverage_next(covering, &event, &at)) != NULL)
		if (event.time > key->decided)
			key->decided = event.time;
	return 0;
}

int
coverage_find_decided(struct covering *covering, struct err *err)
{
	const struct coverage_scan scan = {
	    .sql = "SELECT time, host, queue_id FROM decision WHERE queue_id IS NOT NULL"
		   " AND time >= ?1 AND (?2 = 0 OR time < ?2)",
	    .since = coverage_earliest(covering),
	    .each = take_decision};

	return covering->keys.n == 0 ? 0 : coverage_scan(covering, &scan, err);
}
