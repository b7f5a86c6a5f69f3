/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "maillog/maillog.h"

#include "follow/source.h"
#include "follow/tail.h"

struct file_source {
	struct tail *tail;
	/* Of the minute that was converted last: most lines are of the same one. */
	unsigned month, day, hour, minute;
	int64_t wall;
};

static int
file_begin(void *self, struct view place, struct err *err)
{
	struct file_source *source = self;

	return tail_begin(source->tail, place, err);
}

/* A line without a year is of the last twelve months, and its clock is the system's. */
static int64_t
time_of(struct file_source *source, const struct maillog_line *line, int64_t now)
{
	if (line->time != 0)
		return line->time;
	if (source->month != line->month || source->day != line->day ||
	    source->hour != line->hour || source->minute != line->minute) {
		const struct clock_date date = {.month = line->month,
		    .day = line->day,
		    .hour = line->hour,
		    .minute = line->minute};

		source->wall = clock_of_date(&date, now);
		source->month = line->month;
		source->day = line->day;
		source->hour = line->hour;
		source->minute = line->minute;
	}
	return source->wall + (int64_t)line->second * 1000000;
}

static int
file_next(void *self, int64_t now, struct source_entry *ret_entry, struct err *err)
{
	struct file_source *source = self;
	struct maillog_line line;
	struct view text;
	int got;

	got = tail_line(source->tail, &text, err);
	if (got == 1 && maillog_split(text, &line))
		*ret_entry = (struct source_entry){
		    time_of(source, &line, now), line.program, line.message};
	else if (got == 1)
		*ret_entry = (struct source_entry){.time = now};
	return got;
}

static void
file_place(void *self, struct buf *out)
{
	const struct file_source *source = self;

	tail_place(source->tail, out);
}

static void
file_place_before(void *self, struct buf *out)
{
	const struct file_source *source = self;

	tail_place_before(source->tail, out);
}

static void
file_free(void *self)
{
	struct file_source *source = self;

	tail_free(source->tail);
	free(source);
}

void
source_of_file(
    const char *path, const struct source_calls *calls, struct source *ret_source)
{
	const struct tail_calls tail = {calls->context, calls->open, calls->gap};
	struct file_source *source = mem_zeroed(1, sizeof(*source));

	source->tail = tail_new(path, &tail);
	*ret_source = (struct source){
	    source, file_begin, file_next, file_place, file_place_before, file_free};
}
