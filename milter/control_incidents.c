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

enum { LINE_MAX_BYTES = 8192, TEXT_MAX = 1024 };

static void
answer_unknown(struct client *client, uint64_t number)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "frankd: there is no incident %llu: 'frank incident list --all' has those that "
	    "are "
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
	struct buf text = BUF_INIT(CONTROL_REPLY_MAX);

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
	struct buf text = BUF_INIT(CONTROL_REPLY_MAX);

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
	char who[CONTROL_WHO_MAX];

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
	char who[2 * CONTROL_WHO_MAX];
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
		buf_add_text(&text, "frankd: ");
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
	char who[2 * CONTROL_WHO_MAX];

	if (control->runtime->journal == NULL) {
		client_answer(
		    client, EX_TEMPFAIL, true, VIEW("frankd: there is no journal yet\n"));
		return;
	}
	who_is(client, words[2], who, sizeof(who));
	journal_action(control->runtime->journal, clock_now().wall, view_of(words[0]),
	    view_of(who), view_of(words[1]));
	client_answer(client, EX_OK, false, VIEW_NONE);
}

/* Not root: that is the answer then. */
static bool
may_change(struct control *control, struct client *client)
{
	if (client_may_change(control, client))
		return true;
	client_answer(client, EX_NOPERM, true,
	    VIEW("frankd: only root may change something: use sudo(8)\n"));
	return false;
}

static void
answer_usage(struct client *client)
{
	client_answer(
	    client, EX_USAGE, true, VIEW("frankd: an incident is named by its number\n"));
}

void
control_incidents(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	bool all = n_words > 1 && strcmp(words[1], "--all") == 0;
	uint64_t after = 0;

	if (n_words > 1 + (size_t)all && !number_of(words[n_words - 1], &after))
		answer_usage(client);
	else
		request_list(control, client, all, after);
}

void
control_incident(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	uint64_t number;

	if (n_words == 2 && number_of(words[1], &number))
		request_show(control, client, number);
	else
		answer_usage(client);
}

void
control_incident_close(struct control *control, struct client *client,
    const char *const *words, size_t n_words)
{
	const char *const more[] = {
	    n_words > 2 ? words[2] : "", n_words > 3 ? words[3] : ""};
	uint64_t number;

	if (!may_change(control, client))
		return;
	if (n_words > 1 && number_of(words[1], &number))
		request_close(control, client, number, more);
	else
		answer_usage(client);
}

void
control_action(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	const char *const more[] = {n_words > 1 ? words[1] : "",
	    n_words > 2 ? words[2] : "", n_words > 3 ? words[3] : ""};

	if (!may_change(control, client))
		return;
	if (n_words > 2)
		request_action(control, client, more);
	else
		client_answer(client, EX_USAGE, true,
		    VIEW("frankd: an action is what was done, and to what\n"));
}
