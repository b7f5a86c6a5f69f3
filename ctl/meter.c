/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/control.h"
#include "lib/escape.h"

#include "policy/value.h"

#include "ctl/ctl.h"
#include "ctl/picture.h"
#include "ctl/reply.h"

/* frank meter: what all meters have of one key; empty them; do not measure it for a while.
 */

enum { SLOTS = 10, HOURS = 24 };

/* Where different ones are counted, a window has no slots to show. */
static bool
slots_have_any(const uint64_t slots[SLOTS])
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots[i] > 0)
			return true;
	return false;
}

static void
add_now(struct buf *out, struct view line)
{
	uint64_t slots[SLOTS] = {0};

	buf_addf(
	    out, "  now      %9llu", (unsigned long long)json_line_number(line, "reading"));
	if (json_line_numbers(line, "slots", slots, SLOTS) > 0 && slots_have_any(slots)) {
		buf_add_text(out, "  ");
		picture_add(out, slots, SLOTS);
	}
	buf_add_char(out, '\n');
}

static void
add_usual(struct buf *out, struct view line)
{
	uint64_t learn = json_line_number(line, "learn");
	uint64_t floor = json_line_number(line, "floor");

	buf_add_text(out, "  usual    ");
	if (json_line_has_number(line, "usual"))
		buf_addf(out, "%9llu%s",
		    (unsigned long long)json_line_number(line, "usual"),
		    json_line_is(line, "usual.site")
			? "  the site's median: this one is not known long enough"
			: "");
	else
		buf_add_text(out, "not known");
	if (learn > 0) {
		buf_add_text(out, "  learning for another ");
		value_add_duration(out, learn);
	}
	if (floor > 0)
		buf_addf(out, "  floor %llu", (unsigned long long)floor);
	buf_add_char(out, '\n');
}

/* False: nothing was learned of these days. */
static bool
add_day(struct buf *out, struct view line, const char *name)
{
	uint64_t hours[HOURS] = {0};
	unsigned most = 0;

	(void)json_line_numbers(line, name, hours, HOURS);
	for (unsigned i = 1; i < HOURS; i++)
		if (hours[i] > hours[most])
			most = i;
	buf_addf(out, "  %-9s ", name);
	if (hours[most] == 0) {
		buf_add_text(out, "nothing\n");
		return false;
	}
	picture_add(out, hours, HOURS);
	buf_addf(out, "  most %llu, from %02u:00 to %02u:00\n",
	    (unsigned long long)hours[most], most, (most + 1) % HOURS);
	return true;
}

static void
add_days(struct buf *out, struct view line)
{
	bool is_known = add_day(out, line, "weekdays");

	is_known = add_day(out, line, "weekends") || is_known;
	if (is_known)
		buf_addf(out, "  %-9s %-6s%-6s%-6s%s\n", "", "00", "06", "12", "18");
}

static void
add_meter(struct buf *out, struct arena *arena, struct view line)
{
	picture_add_meter(out, arena, line);
	add_now(out, line);
	add_usual(out, line);
	add_days(out, line);
}

static void
add_exempt(struct buf *out, struct arena *arena, struct view line)
{
	struct view until = json_line_string(arena, line, "until");

	escape_add(out, json_line_string(arena, line, "exempt"), ESCAPE_MAX);
	buf_addf(out, " is exempt until %.10s %.8sZ\n", until.n > 18 ? until.p : "?",
	    until.n > 18 ? until.p + 11 : "?");
}

static int
show(struct ctl *ctl, const char *name)
{
	const char *words[] = {"meter", name};
	struct arena *arena = arena_new(0);
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct view text = VIEW(""), line;
	int code = reply_ask(ctl, words, name != NULL ? 2 : 1, arena, &text);
	struct view rest = text;

	if (code == 0 && ctl->json)
		buf_add(&out, text);
	while (code == 0 && !ctl->json && json_line_next(&rest, &line))
		if (view_starts(line, VIEW("{\"exempt\"")))
			add_exempt(&out, arena, line);
		else
			add_meter(&out, arena, line);
	if (code == 0)
		code = ctl_print(&out);
	if (code == 0 && view_trim(text).n == 0) {
		if (name == NULL)
			printf("nobody is exempt from meters\n");
		else
			ctl_say("no meter knows '%s': nothing was counted for it", name);
		code = name == NULL ? CTL_FINE : CTL_FINDINGS;
	}
	buf_fini(&out);
	arena_free(arena);
	return code;
}

static int
change(struct ctl *ctl, const char *const *words, size_t n)
{
	struct arena *arena = arena_new(0);
	struct view text;
	int code = reply_ask(ctl, words, n, arena, &text);

	if (code == 0)
		printf("%.*s", VIEW_ARG(text));
	arena_free(arena);
	return code;
}

static int
exempt(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"for", required_argument, NULL, 'f'},
	    {"end", no_argument, NULL, 'e'},
	    {NULL, 0, NULL, 0},
	};
	uint64_t seconds = 0;
	bool is_said = false;
	char text[24];
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f' && !value_duration(view_of(optarg), &seconds)) {
			ctl_say("'%s' is no duration, like 90m, 2h or 7d", optarg);
			return EX_USAGE;
		}
		if (option != 'f' && option != 'e')
			return ctl_bad_option(argc, argv);
		is_said = true;
	}
	if (optind + 1 != argc || !is_said)
		return ctl_usage(
		    "meter", is_said ? "exempt whom?" : "exempt for how long?");
	snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
	const char *words[] = {"meter-exempt", argv[optind], text};
	return change(ctl, words, ARRAY_LEN(words));
}

int
command_meter(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	if (argc > 1 && strcmp(argv[1], "exempt") == 0)
		return exempt(ctl, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "reset") == 0) {
		if (argc != 3)
			return ctl_usage("meter", "reset whom?");
		const char *words[] = {"meter-reset", argv[2]};
		return change(ctl, words, ARRAY_LEN(words));
	}
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'J')
			return ctl_bad_option(argc, argv);
		ctl->json = true;
	}
	if (optind + 1 < argc)
		return ctl_usage("meter", NULL);
	return show(ctl, argv[optind]);
}
