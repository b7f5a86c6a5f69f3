/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "journal/coverage_private.h"
#include "journal/db.h"

/*
 * What the log says of messages without a decision: how they came into the queue. A
 * notification, and what local(8) forwards, are in the queue a moment before the log says
 * so.
 */

enum { TROUBLE_STEP_US = 60000000 };

enum column { TIME, HOST, WHAT, QUEUE_ID, OTHER_ID, USER, CLIENT, PROGRAM, TEXT };

struct line {
	struct coverage_event event;
	struct view what, queue_id, other_id, user, client, program, text;
};

static void
copy_text(struct view text, char *into, size_t size)
{
	text = view_head(text, size - 1);
	if (text.n > 0)
		memcpy(into, text.p, text.n);
	into[text.n] = '\0';
}

/* ---- births ---- */

/* "laptop.example.org[192.0.2.99]", with a port behind it at times */
static void
note_client(
    const struct covering *covering, struct coverage_suspect *suspect, struct view client)
{
	struct view name, address = VIEW("");
	struct addr addr = {.family = ADDR_NONE};

	if (view_cut(&client, '[', &name) && client.p != NULL)
		(void)view_cut(&client, ']', &address);
	if (addr_parse(address, &addr, NULL) == -1)
		addr = (struct addr){.family = ADDR_NONE};
	suspect->is_loopback = addr.family != ADDR_NONE && addr_is_loopback(addr);
	suspect->is_trusted =
	    suspect->is_loopback ||
	    (covering->policy != NULL && policy_client_is_trusted(covering->policy, addr));
}

/* The last one is right: short queue ids come again, and before it was another message. */
static void
bear(const struct covering *covering, const struct line *line, enum coverage_birth birth)
{
	struct coverage_suspect *suspect;
	size_t at = SIZE_MAX;

	while ((suspect = coverage_next(covering, &line->event, &at)) != NULL) {
		suspect->birth = birth;
		suspect->born = line->event.time;
		suspect->has_login = line->user.n > 0;
		note_client(covering, suspect, line->client);
		copy_text(line->program, suspect->service, sizeof(suspect->service));
		copy_text(birth == BIRTH_PICKED_UP ? line->other_id : VIEW(""),
		    suspect->former, sizeof(suspect->former));
	}
}

/* ---- milters ---- */

static void
note_trouble(struct covering *covering, const struct line *line)
{
	struct coverage_trouble *trouble;
	char service[COVERAGE_NAME];

	copy_text(line->program, service, sizeof(service));
	for (size_t i = covering->n_troubles; i-- > 0;) {
		trouble = &covering->troubles[i];
		if (line->event.time - trouble->last > TROUBLE_STEP_US)
			break;
		if (strcmp(trouble->service, service) != 0)
			continue;
		trouble->last = line->event.time;
		return;
	}
	if (covering->n_troubles == COVERAGE_TROUBLES)
		return;
	if (covering->troubles == NULL)
		covering->troubles =
		    mem_resize(NULL, COVERAGE_TROUBLES, sizeof(covering->troubles[0]));
	trouble = &covering->troubles[covering->n_troubles++];
	*trouble = (struct coverage_trouble){line->event.time, line->event.time, ""};
	memcpy(trouble->service, service, sizeof(service));
}

static int
take_line(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	static const struct view forwarded_as = {"forwarded as ", 13};
	struct line line = {.event.time = sqlite3_column_int64(stmt, TIME),
	    .event.host = coverage_host(covering, db_text(stmt, HOST, arena)),
	    .what = db_text(stmt, WHAT, arena),
	    .queue_id = db_text(stmt, QUEUE_ID, arena),
	    .other_id = db_text(stmt, OTHER_ID, arena),
	    .user = db_text(stmt, USER, arena),
	    .client = db_text(stmt, CLIENT, arena),
	    .program = db_text(stmt, PROGRAM, arena),
	    .text = db_text(stmt, TEXT, arena)};

	(void)err;
	line.event.id = line.queue_id;
	if (view_is(line.what, VIEW("milter"))) {
		note_trouble(covering, &line);
	} else if (view_is(line.what, VIEW("arrived"))) {
		bear(covering, &line, BIRTH_ARRIVED);
	} else if (view_is(line.what, VIEW("picked-up"))) {
		bear(covering, &line, BIRTH_PICKED_UP);
	} else if (view_is(line.what, VIEW("notified"))) {
		line.event.id = line.other_id;
		bear(covering, &line, BIRTH_NOTIFIED);
	} else if (view_starts(line.text, forwarded_as)) {
		line.event.id = view_from(line.text, forwarded_as.n);
		bear(covering, &line, BIRTH_FORWARDED);
	}
	return 0;
}

int
coverage_trace(struct covering *covering, struct err *err)
{
	const struct coverage_scan scan = {
	    .sql =
		"SELECT time, host, what, queue_id, other_id, user, client, program, text"
		" FROM outcome WHERE time >= ?1 AND (?2 = 0 OR time < ?2) AND (what IN"
		" ('arrived', 'picked-up', 'notified', 'milter') OR (what = 'sent' AND"
		" substr(text, 1, 13) = 'forwarded as ')) ORDER BY id",
	    .is_of_outcomes = true,
	    .since = coverage_earliest(covering) - COVERAGE_HOUR,
	    .each = take_line};

	covering->n_troubles = 0;
	return coverage_scan(covering, &scan, err);
}

/* ---- what is missing ---- */

static int
take_begin(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	(void)arena;
	(void)err;
	covering->begin = sqlite3_column_int64(stmt, 0);
	return 1;
}

static int
take_gap(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	(void)arena;
	(void)err;
	covering->gaps =
	    mem_resize(covering->gaps, covering->n_gaps + 1, sizeof(covering->gaps[0]));
	covering->gaps[covering->n_gaps++] = sqlite3_column_int64(stmt, 0);
	return covering->n_gaps == COVERAGE_TROUBLES;
}

static int
take_loss(
    struct covering *covering, sqlite3_stmt *stmt, struct arena *arena, struct err *err)
{
	(void)arena;
	(void)err;
	covering->losses = mem_resize(
	    covering->losses, covering->n_losses + 1, sizeof(covering->losses[0]));
	covering->losses[covering->n_losses++] = sqlite3_column_int64(stmt, 0);
	return covering->n_losses == COVERAGE_TROUBLES;
}

int
coverage_trace_gaps(struct covering *covering, struct err *err)
{
	const struct coverage_scan scans[] = {
	    {.sql = "SELECT time FROM outcome ORDER BY id LIMIT 1",
		.is_of_outcomes = true,
		.each = take_begin},
	    {.sql = "SELECT time FROM action WHERE what = 'log-gap' AND time >= ?1",
		.since = coverage_earliest(covering),
		.each = take_gap},
	    {.sql = "SELECT time FROM dropped WHERE time >= ?1",
		.since = coverage_earliest(covering),
		.each = take_loss},
	};

	covering->begin = INT64_MAX;
	for (size_t i = 0; i < ARRAY_LEN(scans); i++)
		if (coverage_scan(covering, &scans[i], err) == -1)
			return -1;
	return 0;
}
