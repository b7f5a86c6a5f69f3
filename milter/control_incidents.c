/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/bug.h"
#include "lib/escape.h"

#include "milter/control_private.h"
#include "milter/incident_text.h"

/*
 * Requests about incidents; answers are JSON lines (milter/incident_text.h).
 *
 *	incidents [--all] [AFTER]    those with a number above AFTER; where they do not
 *	                             all fit, the last line is {"next":AFTER}
 *	incident N                   one, with its lists
 *	incident-close N [REASON] [FOR]
 *	action WHAT TEXT [FOR]       for the journal: what somebody did himself
 *
 * FOR: whom root is, as far as frank(1) knows.
 */

enum { LINE_MAX_BYTES = 8192, TEXT_MAX = 1024 };

static void
answer_unknown(struct client *client, uint64_t number)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "there is no incident %llu: 'frank incident list --all' has those that are "
	    "remembered\n",
	    (unsigned long long)number);
	client_answer(client, EX_NOINPUT, true, view_of(line));
}

static bool
number_of(const char *word, uint64_t *ret_number)
{
	unsigned long long number;

	if (!view_number(view_of(word), INT64_MAX, &number))
		return false;
	*ret_number = number;
	return true;
}

static void
add_row(const struct state_incident *row, bool whole, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	incident_json(row, whole, &json);
	json_end(&json);
	buf_add_char(out, '\n');
}

static void
request_list(struct control *control, struct client *client, bool all, uint64_t after)
{
	struct state_incident *row = mem_zeroed(1, sizeof(*row));
	struct buf text = BUF_INIT(REPLY_MAX);

	while (incidents_next(control->runtime->incidents, after, all, row)) {
		if (text.n + LINE_MAX_BYTES > text.limit) {
			buf_addf(&text, "{\"next\":%llu}\n", (unsigned long long)after);
			break;
		}
		add_row(row, false, &text);
		after = row->number;
	}
	client_answer(client, EX_OK, false, buf_view(&text));
	buf_fini(&text);
	free(row);
}

static void
request_show(struct control *control, struct client *client, uint64_t number)
{
	struct state_incident *row = mem_zeroed(1, sizeof(*row));
	struct buf text = BUF_INIT(REPLY_MAX);

	if (incidents_get(control->runtime->incidents, number, row)) {
		add_row(row, true, &text);
		client_answer(client, EX_OK, false, buf_view(&text));
	} else {
		answer_unknown(client, number);
	}
	buf_fini(&text);
	free(row);
}

/* "root (uid 0) for kim"; FOR may be NULL or empty. */
static void
who_is(const struct client *client, const char *whom, char *into, size_t size)
{
	char who[WHO_MAX];

	client_who(client, who);
	if (whom != NULL && whom[0] != '\0')
		snprintf(into, size, "%s for %.60s", who, whom);
	else
		snprintf(into, size, "%s", who);
}

static void
request_close(struct control *control, struct client *client, uint64_t number,
    const char *const more[2])
{
	struct runtime *runtime = control->runtime;
	char who[2 * WHO_MAX];
	struct err err = ERR_INIT;

	who_is(client, more[1], who, sizeof(who));
	switch (incidents_close(
	    runtime->incidents, number, who, view_of(more[0]), clock_now().wall, &err)) {
	case 1:
		client_answer(client, EX_OK, false, VIEW_NONE);
		break;
	case 0:
		answer_unknown(client, number);
		break;
	default: {
		struct buf text = BUF_INIT(TEXT_MAX);
		escape_add(&text, view_of(err.text), ESCAPE_MAX);
		buf_add_char(&text, '\n');
		client_answer(client, EX_DATAERR, true, buf_view(&text));
		buf_fini(&text);
		break;
	}
	}
}

static void
request_action(struct control *control, struct client *client, const char *const words[3])
{
	char who[2 * WHO_MAX];

	if (control->runtime->journal == NULL) {
		client_answer(
		    client, EX_TEMPFAIL, true, VIEW("frankd keeps no journal yet\n"));
		return;
	}
	who_is(client, words[2], who, sizeof(who));
	journal_action(control->runtime->journal, clock_now().wall, view_of(words[0]),
	    view_of(who), view_of(words[1]));
	client_answer(client, EX_OK, false, VIEW_NONE);
}

static void
changes_serve(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	const char *const more[] = {
	    words[1], n_words > 2 ? words[2] : "", n_words > 3 ? words[3] : ""};
	uint64_t number;

	if (!client_may_change(control, client))
		client_answer(client, EX_NOPERM, true,
		    VIEW("only root may change something: use sudo(8)\n"));
	else if (strcmp(words[0], "action") == 0)
		request_action(control, client, more);
	else if (number_of(words[1], &number))
		request_close(control, client, number, more + 1);
	else
		client_answer(
		    client, EX_USAGE, true, VIEW("an incident is named by its number\n"));
}

bool
control_incidents_serve(struct control *control, struct client *client,
    const char *const *words, size_t n_words)
{
	bool all = n_words > 1 && strcmp(words[1], "--all") == 0;
	const char *last = words[n_words - 1];
	uint64_t number = 0;

	if (strcmp(words[0], "incidents") == 0) {
		if (n_words == 1 + (size_t)all || number_of(last, &number))
			request_list(control, client, all, number);
		else
			client_answer(client, EX_USAGE, true,
			    VIEW("there is no such list of incidents\n"));
		return true;
	}
	if (strcmp(words[0], "incident") == 0 && n_words == 2) {
		if (number_of(words[1], &number))
			request_show(control, client, number);
		else
			client_answer(client, EX_USAGE, true,
			    VIEW("an incident is named by its number\n"));
		return true;
	}
	if ((strcmp(words[0], "incident-close") == 0 && n_words >= 2) ||
	    (strcmp(words[0], "action") == 0 && n_words >= 3)) {
		changes_serve(control, client, words, n_words);
		return true;
	}
	return false;
}
