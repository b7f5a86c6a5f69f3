/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/escape.h"

#include "ctl/hold.h"

/*
 * How frankd is, as it says itself; and behind that what waits on hold, which only Postfix
 * knows.
 */

enum { REPLY_BYTES = 1 << 20, SECOND = 1000000 };

struct answer {
	struct buf text, errors;
};

static void
collect(void *context, int is_error, struct view text)
{
	struct answer *answer = context;

	buf_add(is_error ? &answer->errors : &answer->text, text);
}

static void
add_text(const struct held *held, const struct err *err, struct buf *out)
{
	buf_add_text(out, "hold      ");
	if (held == NULL) {
		buf_add_text(out, "what waits cannot be said: ");
		escape_add(out, view_of(err->text), ESCAPE_MAX);
		buf_add_char(out, '\n');
	} else if (held->n == 0) {
		buf_add_text(out, "nothing waits\n");
	} else {
		hold_summary(held, clock_now().wall / SECOND, out);
	}
}

static void
add_members(const struct held *held, struct json *json)
{
	char text[CLOCK_TEXT];
	size_t n;

	json_number(json, "held", (int64_t)held->n);
	json_number(json, "held.others", (int64_t)held->others);
	if (held->n > 0) {
		json_string(json, "held.oldest",
		    view_of(clock_rfc3339(held->list[0].arrival * SECOND, text)));
		json_number(json, "held.seconds",
		    clock_now().wall / SECOND - held->list[0].arrival);
	}
	struct hold_group *groups = hold_group(held, HOLD_BY_LABEL, &n);
	json_array(json, "held.labels");
	for (size_t i = 0; i < n; i++)
		json_string(json, NULL, groups[i].name);
	json_end(json);
	json_array(json, "held.label_messages");
	for (size_t i = 0; i < n; i++)
		json_number(json, NULL, (int64_t)groups[i].messages);
	json_end(json);
}

/* Into frankd's own object, which is the end of OUT. */
static void
add_json(const struct held *held, const struct err *err, struct buf *out)
{
	struct buf more = BUF_INIT(REPLY_BYTES);
	struct json json;

	json_begin(&json, &more);
	json_object(&json, NULL);
	if (held != NULL)
		add_members(held, &json);
	else
		json_string(&json, "held.trouble", view_of(err->text));
	json_end(&json);
	if (out->n > 1 && out->p[out->n - 1] == '\n' && out->p[out->n - 2] == '}') {
		out->n -= 2;
		buf_add_char(out, ',');
		buf_add(out, view_from(buf_view(&more), 1));
		buf_add_char(out, '\n');
	}
	buf_fini(&more);
}

static int
add_held(struct ctl *ctl, const char *postfix, struct buf *out)
{
	const struct held_filter all = {.older = 0};
	struct err err = ERR_INIT;
	struct held held;
	bool is_known = held_collect(ctl, postfix, &all, &held, &err) == 0;

	if (ctl->json)
		add_json(is_known ? &held : NULL, &err, out);
	else
		add_text(is_known ? &held : NULL, &err, out);
	held_fini(&held);
	return ctl_print(out);
}

static int
show(struct ctl *ctl, const char *postfix)
{
	const char *words[] = {"status", "--json"};
	struct answer answer = {BUF_INIT(REPLY_BYTES), BUF_INIT(REPLY_BYTES)};
	struct err err = ERR_INIT;
	int code =
	    control_ask(ctl_control(ctl), words, ctl->json ? 2 : 1, collect, &answer, &err);

	if (code < 0) {
		code = ctl_unreachable(&err);
	} else if (code > 0) {
		fputs(buf_text(&answer.errors), stderr);
	} else {
		/* Postfix may take some seconds; frankd's own words need not wait. */
		if (!ctl->json) {
			code = ctl_print(&answer.text);
			buf_reset(&answer.text);
		}
		if (code == CTL_FINE)
			code = add_held(ctl, postfix, &answer.text);
	}
	buf_fini(&answer.text);
	buf_fini(&answer.errors);
	return code;
}

int
command_status(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"postfix-config", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	const char *postfix = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'p')
			postfix = optarg;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind < argc)
		return ctl_usage("status", NULL);
	return show(ctl, postfix);
}
