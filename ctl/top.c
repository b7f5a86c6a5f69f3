/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/escape.h"

#include "ctl/ctl.h"
#include "ctl/picture.h"
#include "ctl/reply.h"

/* frank top: who sends most now, against what is usual. */

enum { SLOTS = 10, REFRESH_MS = 2000, NAME_SHOWN = 39 };

static void
add_usual(struct buf *out, struct view line)
{
	uint64_t reading = json_line_number(line, "reading");
	uint64_t usual = json_line_number(line, "usual");

	if (!json_line_has_number(line, "usual"))
		buf_addf(out, "  usual not known     ");
	else if (usual == 0)
		buf_addf(out, "  usual %7d%s     ", 0,
		    json_line_is(line, "usual.site") ? "*" : " ");
	else
		buf_addf(out, "  usual %7llu%s%4llux", (unsigned long long)usual,
		    json_line_is(line, "usual.site") ? "*" : " ",
		    (unsigned long long)(reading / usual));
}

static void
add_line(struct buf *out, struct arena *arena, struct view line)
{
	uint64_t slots[SLOTS] = {0};

	(void)json_line_numbers(line, "slots", slots, SLOTS);
	buf_addf(out, "%9llu", (unsigned long long)json_line_number(line, "reading"));
	add_usual(out, line);
	buf_add_text(out, "  ");
	picture_add(out, slots, SLOTS);
	buf_add_text(out, "  ");
	escape_add(out, json_line_string(arena, line, "key"), NAME_SHOWN);
	buf_add_char(out, '\n');
}

static void
add_top(struct buf *out, struct arena *arena, struct view text)
{
	char now[CLOCK_TEXT];
	struct view meter = VIEW(""), line;
	bool has_site = false;

	buf_addf(out, "%s\n", clock_text(clock_now().wall, now));
	if (view_trim(text).n == 0)
		buf_add_text(out, "\nnobody has sent anything in any window\n");
	while (json_line_next(&text, &line)) {
		struct view name = json_line_string(arena, line, "meter");

		if (!view_is(name, meter)) {
			buf_add_char(out, '\n');
			picture_add_meter(out, arena, line);
		}
		meter = name;
		add_line(out, arena, line);
		has_site = has_site || json_line_is(line, "usual.site");
	}
	if (has_site)
		buf_add_text(
		    out, "\n* the site's median: this one is not known long enough\n");
}

/* One picture. 0, or the exit code. */
static int
show_once(struct ctl *ctl, const char *n, bool is_live)
{
	const char *words[] = {"top", n};
	struct arena *arena = arena_new(0);
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct view text;
	int code = reply_ask(ctl, words, 2, arena, &text);

	if (code == 0 && is_live)
		buf_add_text(&out, "\033[H\033[2J");
	if (code == 0 && ctl->json)
		buf_add(&out, text);
	else if (code == 0)
		add_top(&out, arena, text);
	if (code == 0)
		code = ctl_print(&out);
	buf_fini(&out);
	arena_free(arena);
	return code;
}

/* Until somebody presses return, or Ctrl-C. */
static bool
is_ended(void)
{
	struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&key, 1, REFRESH_MS) != 0;
}

int
command_top(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'J'},
	    {"once", no_argument, NULL, '1'},
	    {NULL, 0, NULL, 0},
	};
	const char *n = "10";
	bool is_live = isatty(STDOUT_FILENO) && isatty(STDIN_FILENO);
	int option, code;

	while ((option = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
		switch (option) {
		case 'n':
			n = optarg;
			break;
		case '1':
			is_live = false;
			break;
		case 'J':
			ctl->json = true;
			is_live = false;
			break;
		default:
			return ctl_bad_option(argc, argv);
		}
	}
	if (optind < argc)
		return ctl_usage("top", NULL);
	do
		code = show_once(ctl, n, is_live);
	while (code == CTL_FINE && is_live && !is_ended());
	return code;
}
