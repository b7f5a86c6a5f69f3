/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"

#include "ctl/held_join.h"
#include "ctl/progress.h"
#include "ctl/reply.h"

enum { REPLY_BYTES = 16 << 20, SECOND = 1000000, BEFORE = 60, SHOW_EVERY = 256 };

/* ---- incidents ---- */

struct said {
	struct buf text, errors;
};

static void
collect(void *context, int is_error, struct view text)
{
	struct said *said = context;

	buf_add(is_error ? &said->errors : &said->text, text);
}

/* One page of them; *AFTER is where the next one begins, "" when that was all. */
static int
page_ask(struct ctl *ctl, struct held_join *join, char after[24], struct err *err)
{
	const char *words[] = {"incidents", "--all", after};
	struct said said = {BUF_INIT(REPLY_BYTES), BUF_INIT(REPLY_BYTES)};
	struct view text, line;
	int code = control_ask(
	    ctl_control(ctl), words, after[0] != '\0' ? 3 : 2, collect, &said, err);

	after[0] = '\0';
	if (code > 0)
		(void)err_set(err, ERR_TEMP, "frankd does not list its incidents: %.*s",
		    VIEW_ARG(view_trim(buf_view(&said.errors))));
	text = arena_view(join->arena, buf_view(&said.text));
	while (code == 0 && json_line_next(&text, &line)) {
		struct incident incident;

		if (view_starts(line, VIEW("{\"next\":"))) {
			snprintf(after, 24, "%llu",
			    (unsigned long long)json_line_number(line, "next"));
			continue;
		}
		incident_read(join->arena, line, &incident);
		held_join_incident(join, &incident);
	}
	buf_fini(&said.text);
	buf_fini(&said.errors);
	return code == 0 ? 0 : -1;
}

/* Without frankd mail is listed all the same; but not by what only frankd knows. */
static int
ask_incidents(struct ctl *ctl, struct held_join *join, struct err *err)
{
	char after[24] = "";
	struct err why = ERR_INIT;
	int result;

	do
		result = page_ask(ctl, join, after, &why);
	while (result == 0 && after[0] != '\0');
	join->knows_incidents = result == 0;
	if (result == 0 || join->filter->incident == 0)
		return 0;
	*err = why;
	return err_add(err, "what belongs to incident %u cannot be said",
	    (unsigned)join->filter->incident);
}

/* ---- the queue ---- */

/* Postfix takes some seconds for tens of thousands, and cannot say how far it is. */
static int
read_queue(const char *config, struct held_join *join, struct err *err)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1;
	int result;

	if (is_terminal)
		fputs("asking Postfix for its queue ...", stderr);
	result = postfix_queue(config, held_join_entry, join, err);
	if (is_terminal)
		fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	return result;
}

/* ---- the journal ---- */

struct reading {
	struct held_join *join;
	struct progress progress;
	size_t n; /* rows so far: about as many as wait */
};

static int
each_row(void *context, const struct journal_row *row)
{
	struct reading *reading = context;

	if (++reading->n % SHOW_EVERY == 0 && reading->n <= reading->join->n_waiting)
		progress_show(&reading->progress, reading->n);
	return held_join_row(reading->join, row);
}

static int
read_waiting(struct held_join *join, struct journal_reader *reader, struct err *err)
{
	const struct journal_filter filter = {
	    .queue_ids = &join->waiting, .since = (join->oldest - BEFORE) * SECOND};
	struct reading reading = {.join = join};
	int result;

	progress_begin(&reading.progress, join->n_waiting);
	result = journal_scan(reader, &filter, each_row, &reading, err);
	progress_end(&reading.progress);
	return result;
}

static int
read_journal(struct ctl *ctl, struct held_join *join, struct err *err)
{
	struct journal_reader *reader;
	int result = 0;

	if (join->n_waiting == 0 && !join->filter->with_gone)
		return 0;
	if (journal_reader_open(ctl_state(ctl), &reader, err) == -1)
		return -1;
	if (join->n_waiting > 0)
		result = read_waiting(join, reader, err);
	if (result == 0 && join->filter->with_gone) {
		const struct journal_filter filter = {.verdict = VIEW("hold"),
		    .queue_ids = join->filter->n_ids > 0 ? &join->ids : NULL};
		join->takes_gone = true;
		result = journal_scan(reader, &filter, held_join_row, join, err);
	}
	journal_reader_close(reader);
	return result;
}

static int
collect_all(struct ctl *ctl, const char *config, struct held_join *join, struct err *err)
{
	if (read_queue(config, join, err) == -1)
		return -1;
	if (read_journal(ctl, join, err) == -1)
		return -1;
	return join->n > 0 ? ask_incidents(ctl, join, err) : 0;
}

int
held_collect(struct ctl *ctl, const char *config, const struct held_filter *filter,
    struct held *ret_held, struct err *err)
{
	struct arena *arena = arena_new(0);
	struct held_join join;
	int result;

	*ret_held = (struct held){.arena = arena};
	held_join_init(&join, arena, filter);
	result = collect_all(ctl, config, &join, err);
	if (result == 0)
		held_join_finish(&join, clock_now().wall / SECOND, ret_held);
	held_join_fini(&join);
	return result;
}
