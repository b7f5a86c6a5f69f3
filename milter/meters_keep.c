/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/keep.h"

#include "milter/meters_private.h"

/* What the meters keep: windows in a snapshot, all else in state.db. */

#define NEVER UINT64_MAX /* the exemptions are written at once */
#define KINDS_THAT_AGE                                                                     \
	(1U << BURST_ROW_USUAL | 1U << BURST_ROW_RECIPIENT | 1U << BURST_ROW_LOGIN)

void
meters_say(struct meters *meters, bool is_bad, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	meters->calls->say(meters->calls->context, is_bad, view_of(text));
}

/* Said when it begins to fail, and when it works again; shown in between. */
static int
settle(struct meters *meters, enum meters_failing what, int result, const struct err *err)
{
	static const char *const again[FAILING_KINDS] = {
	    [FAILING_SNAPSHOT] = "the meters are written again",
	    [FAILING_ROWS] = "what is usual is written again",
	    [FAILING_EXEMPTIONS] = "who is exempt from meters is written again",
	};
	bool was_failing = meters->is_failing[what];
	bool is_failing = false;

	meters->is_failing[what] = result != 0;
	if (result != 0 && !was_failing)
		meters_say(meters, true, "meters: %s: it is tried again", err->text);
	if (result == 0 && was_failing)
		meters_say(meters, false, "%s", again[what]);
	for (int i = 0; i < FAILING_KINDS; i++)
		is_failing = is_failing || meters->is_failing[i];
	pthread_mutex_lock(&meters->trouble_lock);
	if (result != 0)
		snprintf(meters->trouble, sizeof(meters->trouble), "%s", err->text);
	else if (!is_failing)
		meters->trouble[0] = '\0';
	pthread_mutex_unlock(&meters->trouble_lock);
	return result;
}

/* ---- at start ---- */

struct taking {
	struct burst *burst;
	bool is_look; /* only look whether all of it can be taken */
	bool has_calendar, is_foreign;
	size_t refused;
};

/* The calendar's row has this for a key, by which it is seen whether the rows were hashed
 * with the secret that we have. */
static uint64_t
check_key(const struct burst *burst)
{
	return burst_key(burst, VIEW("calendar"));
}

static int
take_row(void *context, const struct state_row *row, struct err *err)
{
	struct taking *taking = context;
	struct err why = ERR_INIT;
	const struct burst_row burst_row = {
	    .kind = (enum burst_row_kind)row->kind,
	    .meter = row->meter,
	    .key = row->key,
	    .name = row->name,
	    .seen = row->seen,
	    .first = row->first,
	    .data = row->data,
	};

	(void)err;
	if (row->kind == BURST_ROW_CALENDAR) {
		taking->has_calendar = true;
		taking->is_foreign = row->key != check_key(taking->burst);
	}
	/* One row that is none is no reason to forget the others. */
	if (!taking->is_look && burst_take(taking->burst, &burst_row, &why) == -1)
		taking->refused++;
	return 0;
}

static void
restore_exemption(void *context, const struct state_exemption *exemption)
{
	struct metering_site *site = context;

	/* Those that have ended go at the next change. */
	(void)metering_exempt(site, exemption->name, exemption->until, 0, NULL);
}

/* Nothing that was hashed with another secret is of any use. */
static void
forget_foreign(struct meters *meters)
{
	struct state_rows *rows;
	struct err err = ERR_INIT;
	bool is_damaged;
	int result = state_rows_begin(meters->dir, &rows, &is_damaged, &err);

	if (result == 0) {
		result = state_rows_forget(rows, ~0U, UINT32_MAX, &err);
		if (state_rows_end(rows, result == 0, &is_damaged, &err) != 0)
			result = -1;
	}
	meters_say(meters, true,
	    "meters: what is usual was kept with another secret, and is learned anew%s%s",
	    result == 0 ? "" : ": ", result == 0 ? "" : err.text);
}

/* False: they are not all there, so that whoever is in them would be a stranger. */
static bool
rows_are_whole(struct meters *meters, struct metering_site *site)
{
	struct taking look = {.burst = metering_burst(site), .is_look = true};
	struct err err = ERR_INIT;
	bool is_damaged;
	int result = state_rows_read(meters->dir, take_row, &look, &is_damaged, &err);

	meters->rows_lost = is_damaged;
	if (result == -1)
		meters_say(meters, true, "meters: what is usual could not be read: %s%s",
		    err.text, is_damaged ? ", set aside: it is learned anew" : "");
	else if (look.is_foreign)
		forget_foreign(meters);
	return result == 1 && look.has_calendar && !look.is_foreign;
}

static void
restore_rows(struct meters *meters, struct metering_site *site)
{
	struct taking taking = {.burst = metering_burst(site)};
	struct err err = ERR_INIT;
	bool is_damaged;

	if (state_rows_read(meters->dir, take_row, &taking, &is_damaged, &err) != 1)
		meters_say(
		    meters, true, "meters: what is usual could not be read: %s", err.text);
	if (taking.refused > 0)
		meters_say(meters, true,
		    "meters: %zu rows of state.db are not of this version, or damaged: "
		    "what "
		    "they said is learned anew",
		    taking.refused);
}

static void
restore_exemptions(struct meters *meters, struct metering_site *site)
{
	struct err err = ERR_INIT;
	bool is_damaged;

	if (state_exemptions_read(
		meters->dir, restore_exemption, site, &is_damaged, &err) == -1)
		meters_say(meters, true,
		    "meters: who is exempt could not be read: %s: nobody is", err.text);
	meters->rows_lost = meters->rows_lost || is_damaged;
	meters->exempt_changes = metering_exemption_changes(site);
}

static struct keep_now
keep_now(struct clock now)
{
	return (struct keep_now){
	    .clock = now, .minute = meters_now(now).minute, .boot = keep_boot()};
}

void
meters_restore(struct meters *meters, struct metering_site *site, struct clock now)
{
	struct keep_now at = keep_now(now);
	struct err err = ERR_INIT;
	int64_t age;

	restore_exemptions(meters, site);
	/* Windows alone would say that all has been learned, and know nobody. */
	if (!rows_are_whole(meters, site)) {
		meters_say(meters, false, "meters begin empty");
		return;
	}
	restore_rows(meters, site);
	switch (keep_restore(metering_burst(site), meters->snapshot, &at, &age, &err)) {
	case 1:
		meters_say(meters, false, "meters taken up as they stood %lld s ago",
		    (long long)age / 1000000);
		break;
	case 0:
		meters_say(meters, false, "meters begin empty");
		break;
	default:
		meters_say(meters, true, "meters begin empty: %s", err.text);
	}
}

/* ---- while it runs ---- */

int
meters_save(struct meters *meters, struct metering_site *site, struct clock now)
{
	struct keep_now at = keep_now(now);
	struct err err = ERR_INIT;
	int result = keep_save(metering_burst(site), meters->snapshot, &at, &err);

	return settle(meters, FAILING_SNAPSHOT, result, &err);
}

struct giving {
	struct state_rows *rows;
	uint64_t check; /* check_key() */
	uint32_t remember_hours, hour, forgot_hour;
	bool is_damaged;
};

/* All rows were put: forget what is too old, and make it safe. */
static int
give_end(struct giving *giving, struct err *err)
{
	uint32_t older = giving->hour > giving->remember_hours
			     ? giving->hour - giving->remember_hours
			     : 0;

	/* That looks at every row. */
	if (giving->forgot_hour != giving->hour &&
	    state_rows_forget(giving->rows, KINDS_THAT_AGE, older, err) != 0)
		return -1;
	return state_rows_end(TAKE(giving->rows), true, &giving->is_damaged, err);
}

static int
give_row(void *context, const struct burst_row *row, struct err *err)
{
	struct giving *giving = context;

	if (row == NULL)
		return give_end(giving, err);
	bool is_calendar = row->kind == BURST_ROW_CALENDAR;
	if (is_calendar)
		giving->hour = row->seen;
	const struct state_row state_row = {
	    .kind = row->kind,
	    .meter = row->meter,
	    .key = is_calendar ? giving->check : row->key,
	    .name = row->name,
	    .seen = row->seen,
	    .first = row->first,
	    .data = row->data,
	};
	return state_rows_put(giving->rows, &state_row, err);
}

int
meters_give(struct meters *meters, struct metering_site *site, struct clock now)
{
	struct giving giving = {.check = check_key(metering_burst(site)),
	    .remember_hours = meters->remember_hours,
	    .forgot_hour = meters->forgot_hour};
	struct burst_now local = meters_now(now);
	struct err err = ERR_INIT;
	int result = state_rows_begin(meters->dir, &giving.rows, &giving.is_damaged, &err);

	if (result == 0) {
		if (meters->rows_lost)
			burst_give_all(metering_burst(site));
		result = burst_give(metering_burst(site), &local, give_row, &giving, &err);
		if (giving.rows != NULL)
			(void)state_rows_end(
			    TAKE(giving.rows), false, &giving.is_damaged, NULL);
	}
	if (result == 0)
		meters->forgot_hour = giving.hour;
	/* What was safe went with the file. */
	meters->rows_lost = giving.is_damaged || (meters->rows_lost && result != 0);
	if (giving.is_damaged)
		meters->exempt_changes = NEVER;
	return settle(meters, FAILING_ROWS, result, &err);
}

void
meters_keep_exemptions(struct meters *meters, struct metering_site *site, int64_t wall)
{
	struct metering_exemption *list;
	struct state_exemption rows[METERING_EXEMPT_MAX];
	uint64_t changes = metering_exemption_changes(site);
	struct err err = ERR_INIT;
	bool is_damaged;

	if (changes == meters->exempt_changes)
		return;
	list = mem_zeroed(METERING_EXEMPT_MAX, sizeof(*list));
	size_t n = metering_exemptions(site, wall, list, METERING_EXEMPT_MAX);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct state_exemption){
		    .name = view_of(list[i].name), .until = list[i].until};
	int result = state_exemptions_write(meters->dir, rows, n, &is_damaged, &err);
	meters->rows_lost = meters->rows_lost || is_damaged;
	if (settle(meters, FAILING_EXEMPTIONS, result, &err) == 0)
		meters->exempt_changes = changes;
	free(list);
}
