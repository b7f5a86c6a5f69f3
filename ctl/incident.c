/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/incident.h"
#include "ctl/reply.h"

enum {
	TIME_SHOWN = 16, /* "2026-03-02 09:03" */
	WIDTH_WHO = 22,
	WIDTH_LABEL = 20,
	WIDTH_LABEL_STATE = 12, /* with a column more */
};

struct listing {
	struct ctl *ctl;
	bool all;
	size_t n;
	struct buf out;
};

static void
add_row(struct listing *listing, struct arena *arena, struct view line)
{
	struct buf *out = &listing->out;
	struct incident incident;
	char time[CLOCK_TEXT];

	if (listing->n++ == 0 && !listing->ctl->json)
		buf_addf(out, "%4s  %-16s %6s %7s  %s%-*s  %s\n", "ID", "SINCE (UTC)",
		    "HELD", "RCPTS", listing->all ? "STATE   " : "", WIDTH_WHO, "WHO",
		    "LABEL");
	if (listing->ctl->json) {
		buf_add(out, line);
		buf_add_char(out, '\n');
		return;
	}
	incident_read(arena, line, &incident);
	buf_addf(out, "%4llu  %.*s %6llu %7llu  ", (unsigned long long)incident.number,
	    TIME_SHOWN, clock_text(incident.began, time),
	    (unsigned long long)incident.messages, (unsigned long long)incident.rcpts);
	if (listing->all)
		buf_addf(out, "%-6s  ", incident.closed != 0 ? "closed" : "open");
	incident_cell(out, incident.key, WIDTH_WHO);
	buf_add_text(out, "  ");
	incident_cell(out, incident.label, listing->all ? WIDTH_LABEL_STATE : WIDTH_LABEL);
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	buf_add_char(out, '\n');
}

/* One page. *ret_next is where the next one begins; 0: that was all. */
static int
list_page(struct listing *listing, struct arena *arena, uint64_t from, uint64_t *ret_next)
{
	const char *words[3] = {"incidents"};
	char after[24];
	struct view text, line;
	size_t n = 1;

	if (listing->all)
		words[n++] = "--all";
	snprintf(after, sizeof(after), "%llu", (unsigned long long)from);
	if (from > 0)
		words[n++] = after;
	int code = reply_ask(listing->ctl, words, n, arena, &text);
	*ret_next = 0;
	while (code == CTL_FINE && json_line_next(&text, &line)) {
		if (view_starts(line, VIEW("{\"next\":")))
			*ret_next = json_line_number(line, "next");
		else
			add_row(listing, arena, line);
	}
	return code;
}

static int
list(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, 'a'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct listing listing = {.ctl = ctl};
	uint64_t from, next = 0;
	int option, code;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'a' && option != 'J')
			return ctl_bad_option(argc, argv);
		listing.all = listing.all || option == 'a';
		ctl->json = ctl->json || option == 'J';
	}
	if (optind < argc)
		return ctl_usage("incident", "'frank incident show ID' is for one of them");
	struct arena *arena = arena_new(0);
	buf_init(&listing.out, CTL_OUTPUT_MAX);
	do {
		from = next;
		code = list_page(&listing, arena, from, &next);
		arena_reset(arena);
	} while (code == CTL_FINE && next > from);
	if (code == CTL_FINE && listing.n == 0 && !ctl->json)
		buf_add_text(
		    &listing.out, listing.all ? "no incident\n" : "no open incident\n");
	if (code == CTL_FINE)
		code = ctl_print(&listing.out);
	buf_fini(&listing.out);
	arena_free(arena);
	return code;
}

static int
close_one(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"reason", required_argument, NULL, 'r'},
	    {NULL, 0, NULL, 0},
	};
	const char *reason = "";
	struct view text;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'r')
			return ctl_bad_option(argc, argv);
		reason = optarg;
	}
	if (optind + 1 != argc)
		return ctl_usage("incident", "'frank incident close' wants one ID");
	struct arena *arena = arena_new(0);
	const char *words[] = {"incident-close", argv[optind], reason, incident_for_whom()};
	int code = reply_ask(ctl, words, ARRAY_LEN(words), arena, &text);
	if (code == CTL_FINE)
		printf(
		    "incident %s is closed; what is on hold stays there\n", argv[optind]);
	arena_free(arena);
	return code;
}

int
command_incident(struct ctl *ctl, int argc, char **argv)
{
	static const struct {
		const char *name;
		ctl_command *run;
	} verbs[] = {{"list", list}, {"show", incident_show}, {"close", close_one},
	    {"sweep", incident_sweep}};
	const char *verb = argc > 1 ? argv[1] : "list";

	optind = 0;
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verb, verbs[i].name) == 0)
			return argc > 1 ? verbs[i].run(ctl, argc - 1, argv + 1)
					: verbs[i].run(ctl, argc, argv);
	return ctl_usage("incident", "say list, show, close or sweep");
}
