/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/control.h"

#include "ctl/running.h"

enum { STATUS_MAX = 64 << 10 };

static void
collect(void *context, int is_error, struct view text)
{
	if (!is_error)
		buf_add(context, text);
}

/* The one member that is needed, out of what frankd writes itself. */
static void
find_hash(const char *status, struct running *running)
{
	const char *at = strstr(status, "\"policy\":\"");
	size_t n;

	if (at == NULL)
		return;
	at += strlen("\"policy\":\"");
	n = strspn(at, "0123456789abcdef");
	if (n == 0 || n >= sizeof(running->hash))
		return;
	snprintf(running->hash, sizeof(running->hash), "%.*s", (int)n, at);
	running->is_running = true;
}

void
running_find(struct running *running, const char *control, struct journal_reader *reader)
{
	const char *words[] = {"status", "--json"};
	struct buf status = BUF_INIT(STATUS_MAX),
		   newest = BUF_INIT(sizeof(running->hash) - 1);

	*running = (struct running){.is_running = false};
	if (control_ask(control, words, 2, collect, &status, NULL) == 0)
		find_hash(buf_text(&status), running);
	if (!running->is_running && journal_policy_newest(reader, &newest, NULL) == 1)
		snprintf(running->hash, sizeof(running->hash), "%s", buf_text(&newest));
	buf_fini(&status);
	buf_fini(&newest);
}

void
running_add(const struct running *running, struct view hash, struct buf *out)
{
	bool is_same = view_is(hash, view_of(running->hash));

	if (running->hash[0] == '\0')
		buf_add_text(out, "; which one is in force is not known");
	else if (running->is_running && is_same)
		buf_add_text(out, ", the one running now");
	else if (running->is_running)
		buf_addf(out, ", NOT the one running now, which is %.6s", running->hash);
	else if (is_same)
		buf_add_text(
		    out, ", the last one that was in force; frankd is not running");
	else
		buf_addf(out, ", NOT the last one that was in force, which is %.6s",
		    running->hash);
}

void
running_json(const struct running *running, struct view hash, struct json *json)
{
	if (running->hash[0] == '\0')
		return;
	json_bool(json, "frank.policy_is_current", view_is(hash, view_of(running->hash)));
	json_bool(json, "frank.is_running", running->is_running);
}
