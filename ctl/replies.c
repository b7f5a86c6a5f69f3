/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "maillog/maillog.h"

#include "ctl/cause.h"

/* frank reply: what another server said, in plain words. ctl/reply.c is something else. */

enum { SHOWN = 76 };

struct order {
	struct ctl *ctl;
	struct replies *replies;
	struct view dsn, from; /* as the options have them */
	bool is_input;         /* lines from stdin: each is shown before what it means */
	size_t explained, unknown;
	struct buf out;
};

/* What was said, and by whom. */
struct reply_said {
	struct view dsn, relay, text;
};

/* ---- what is pasted ---- */

static bool
take_event(const struct maillog_event *event, struct reply_said *said)
{
	if (event->kind == MAILLOG_EXPIRED) {
		*said = (struct reply_said){.dsn = VIEW("5.4.7"),
		    .text = VIEW("status=expired, returned to sender")};
		return true;
	}
	if (event->kind != MAILLOG_DELIVERY || event->status == STATUS_SENT ||
	    event->status == STATUS_DELIVERABLE)
		return false;
	*said = (struct reply_said){
	    .dsn = event->dsn, .relay = event->relay, .text = event->text};
	return true;
}

/* As mailq(1) has it: "(host mx said: ...)". */
static struct view
without_parentheses(struct view text)
{
	text = view_trim(text);
	if (text.n > 2 && text.p[0] == '(' && text.p[text.n - 1] == ')')
		text = view_from(view_head(text, text.n - 1), 1);
	return text;
}

/* A line of the log, with or without what syslog puts in front, or only the words. False: a
 * line of the log about something else, or about what went well. */
static bool
take_line(struct view line, struct reply_said *said)
{
	struct maillog_line parts;
	struct maillog_event event;

	if (maillog_split(line, &parts)) {
		maillog_parse(parts.program, parts.message, &event);
		return take_event(&event, said);
	}
	maillog_parse(VIEW("postfix/smtp"), line, &event);
	if (event.kind == MAILLOG_DELIVERY)
		return take_event(&event, said);
	*said = (struct reply_said){.text = without_parentheses(line)};
	return said->text.n > 0;
}

/* ---- what is said of it ---- */

static void
add_json(
    struct order *order, const struct reply_said *said, const struct replies_entry *entry)
{
	struct json json;

	json_begin(&json, &order->out);
	json_object(&json, NULL);
	json_string(&json, "message", said->text);
	cause_json(entry, &json);
	json_end(&json);
	buf_add_char(&order->out, '\n');
}

static void
add_text(
    struct order *order, const struct reply_said *said, const struct replies_entry *entry)
{
	if (order->is_input) {
		if (order->explained + order->unknown > 0)
			buf_add_char(&order->out, '\n');
		escape_add(&order->out, said->text, SHOWN);
		buf_add_char(&order->out, '\n');
	}
	if (entry != NULL)
		cause_text(entry, order->is_input ? 2 : 0, &order->out);
	else
		buf_addf(&order->out, "%snothing is known of these words\n",
		    order->is_input ? "  " : "");
}

static int
explain(struct order *order, const struct reply_said *said)
{
	const struct replies_entry *entry =
	    replies_find(order->replies, order->dsn.n > 0 ? order->dsn : said->dsn,
		order->from.n > 0 ? order->from : said->relay, said->text);
	int code;

	if (order->ctl->json)
		add_json(order, said, entry);
	else
		add_text(order, said, entry);
	order->explained += entry != NULL;
	order->unknown += entry == NULL;
	code = ctl_print(&order->out);
	buf_reset(&order->out);
	return code;
}

static int
explain_words(struct order *order, int argc, char **argv)
{
	struct buf text = BUF_INIT(MAILLOG_LINE_MAX);
	struct reply_said said;
	int code = CTL_FINE;

	for (int i = 0; i < argc; i++) {
		if (i > 0)
			buf_add_char(&text, ' ');
		buf_add_text(&text, argv[i]);
	}
	if (text.full) {
		code = ctl_usage("reply", "more than 16384 bytes");
	} else if (take_line(buf_view(&text), &said)) {
		code = explain(order, &said);
	} else {
		ctl_say("that line is not about a delivery that failed");
		order->unknown++;
	}
	buf_fini(&text);
	return code;
}

/* The next line of stdin; what is longer than BUFFER is left out. */
static bool
next_line(char *buffer, size_t size, struct view *ret_line)
{
	size_t n = 0;
	bool is_there = false;
	int c;

	while ((c = getchar()) != EOF) {
		is_there = true;
		if (c == '\n')
			break;
		if (n < size)
			buffer[n++] = (char)c;
	}
	if (!is_there)
		return false;
	*ret_line = view_trim((struct view){buffer, n});
	return true;
}

static int
explain_input(struct order *order)
{
	static char buffer[MAILLOG_LINE_MAX];
	struct reply_said said;
	struct view line;
	int code = CTL_FINE;

	order->is_input = true;
	while (code == CTL_FINE && next_line(buffer, sizeof(buffer), &line))
		if (take_line(line, &said))
			code = explain(order, &said);
	if (code == CTL_FINE && ferror(stdin) != 0) {
		ctl_say("standard input cannot be read");
		code = EX_IOERR;
	}
	return code;
}

/* ---- a file of entries ---- */

static int
check_file(const char *path)
{
	struct replies *replies;
	struct err err = ERR_INIT;
	int result = cause_load_file(path, &replies, &err);

	if (result == -1)
		return ctl_fail(&err);
	result = replies_check(replies, &err);
	if (result == 0)
		printf("%zu %s, each found by its own test lines\n", replies_count(replies),
		    replies_count(replies) == 1 ? "entry" : "entries");
	replies_free(replies);
	return result == 0 ? CTL_FINE : ctl_fail(&err);
}

static int
run_order(struct order *order, int argc, char **argv)
{
	struct err err = ERR_INIT;
	int code;

	if (cause_load(order->ctl, &order->replies, &err) == -1)
		return ctl_fail(&err);
	buf_init(&order->out, CTL_OUTPUT_MAX);
	code = argc > 0 ? explain_words(order, argc, argv) : explain_input(order);
	buf_fini(&order->out);
	replies_free(order->replies);
	if (code == CTL_FINE && order->unknown > 0)
		code = CTL_FINDINGS;
	return code;
}

int
command_reply(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"dsn", required_argument, NULL, 'd'},
	    {"from", required_argument, NULL, 'f'},
	    {"check", required_argument, NULL, 'c'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct order order = {.ctl = ctl};
	const char *file = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			order.dsn = view_of(optarg);
			break;
		case 'f':
			order.from = view_of(optarg);
			break;
		case 'c':
			file = optarg;
			break;
		case 'J':
			ctl->json = true;
			break;
		default:
			return ctl_bad_option(argc, argv);
		}
	}
	if (file != NULL)
		return optind < argc
			   ? ctl_usage("reply", "--check takes one file, and no text")
			   : check_file(file);
	return run_order(&order, argc - optind, argv + optind);
}
