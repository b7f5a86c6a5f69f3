/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "journal/coverage_private.h"
#include "journal/db.h"

/* ---- rows ---- */

struct scanning {
	struct covering *covering;
	const struct coverage_scan *scan;
};

static int
scan_day(void *context, struct row_file *file, struct err *err)
{
	const struct scanning *scanning = context;
	const struct coverage_scan *scan = scanning->scan;
	int code = SQLITE_DONE, result = 0;
	int64_t is_there = 1;
	sqlite3_stmt *stmt = NULL;

	if (scan->is_of_outcomes && row_has_outcomes(file, &is_there, err) == -1)
		return -1;
	if (is_there == 0)
		return 0;
	if (db_prepare(file->db, scan->sql, &stmt, err) == -1)
		return -1;
	const int64_t numbers[2] = {scan->since, scan->until};
	for (int i = 0; i < 2 && i < sqlite3_bind_parameter_count(stmt); i++)
		db_bind_number(stmt, i + 1, numbers[i]);
	while (result == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		arena_reset(file->arena);
		result = scan->each(scanning->covering, stmt, file->arena, err);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = db_fail(file->db, err);
	sqlite3_finalize(stmt);
	return result;
}

int
coverage_scan(struct covering *covering, const struct coverage_scan *scan, struct err *err)
{
	struct scanning scanning = {covering, scan};

	return journal_reader_days(
	    covering->reader, scan->since, scan->until, scan_day, &scanning, err);
}

/* ---- keys ---- */

uint8_t
coverage_host(struct covering *covering, struct view text)
{
	char name[sizeof(covering->hosts[0])];
	unsigned i;

	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(text));
	for (i = 0; i < covering->n_hosts; i++)
		if (strcmp(covering->hosts[i], name) == 0)
			return (uint8_t)i;
	if (i == COVERAGE_HOSTS)
		return COVERAGE_HOSTS - 1; /* times and ids still have to fit */
	memcpy(covering->hosts[i], name, sizeof(name));
	covering->n_hosts++;
	return (uint8_t)i;
}

int
coverage_compare_names(const struct coverage_key *x, const struct coverage_key *y)
{
	if (x->host != y->host)
		return x->host < y->host ? -1 : 1;
	return strcmp(x->id, y->id);
}

int
coverage_compare(const void *a, const void *b)
{
	const struct coverage_key *x = a, *y = b;
	int order = coverage_compare_names(x, y);

	return order != 0 ? order : (x->from > y->from) - (x->from < y->from);
}

static struct coverage_key *
key_at(const struct coverage_keys *keys, size_t i)
{
	return (struct coverage_key *)(void *)((char *)keys->at + i * keys->size);
}

static size_t
first_of(const struct coverage_keys *keys, const struct coverage_key *want)
{
	size_t low = 0, high = keys->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (coverage_compare(key_at(keys, middle), want) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *
coverage_next(
    const struct covering *covering, const struct coverage_event *event, size_t *at)
{
	const struct coverage_keys *keys = &covering->keys;
	struct coverage_key want = {.host = event->host, .from = INT64_MIN};

	if (event->id.n == 0 || event->id.n >= sizeof(want.id))
		return NULL;
	memcpy(want.id, event->id.p, event->id.n);
	if (*at == SIZE_MAX)
		*at = first_of(keys, &want);
	while (*at < keys->n) {
		struct coverage_key *key = key_at(keys, (*at)++);

		if (coverage_compare_names(key, &want) != 0)
			return NULL;
		if (event->time >= key->from && event->time <= key->to)
			return key;
	}
	return NULL;
}

int64_t
coverage_earliest(const struct covering *covering)
{
	int64_t earliest = INT64_MAX;

	for (size_t i = 0; i < covering->keys.n; i++) {
		const struct coverage_key *key = key_at(&covering->keys, i);

		if (key->from < earliest)
			earliest = key->from;
	}
	return earliest;
}
