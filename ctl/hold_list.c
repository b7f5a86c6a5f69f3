/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/ioctl.h>

#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include "lib/clock.h"

#include "ctl/hold.h"

enum { WIDTH_LEAST = 60, SECOND = 1000000 };

struct list {
	struct ctl *ctl;
	const char *postfix; /* its configuration */
	struct held_filter filter;
	struct prefix client;
	bool is_grouped, detail, is_chosen;
	enum hold_kind by;
	int64_t now; /* wall, seconds */
	struct buf out;
};

/* Of the terminal; 0: there is none, and nothing need be cut. */
static int
columns(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 ||
	    size.ws_col == 0)
		return 0;
	return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
}

static void
add_json(struct list *list, const struct held *held)
{
	struct hold_group *groups = NULL;
	struct json json;
	size_t n = held->n;

	if (list->is_grouped)
		groups = hold_group(held, list->by, &n);
	for (size_t i = 0; i < n; i++) {
		json_begin(&json, &list->out);
		json_object(&json, NULL);
		if (groups != NULL)
			hold_group_json(&groups[i], list->by, &json);
		else
			hold_json(&held->list[i], list->now, &json);
		json_end(&json);
		buf_add_char(&list->out, '\n');
	}
}

static void
add_text(struct list *list, const struct held *held)
{
	struct hold_group *groups;
	size_t n;

	if (held->n == 0) {
		buf_add_text(&list->out, list->is_chosen ? "nothing on hold is like that\n"
							 : "nothing is on hold\n");
		return;
	}
	if (list->is_grouped) {
		groups = hold_group(held, list->by, &n);
		hold_groups_text(groups, n, list->by, list->now, columns(), &list->out);
	} else {
		hold_table(held, list->now, columns(), list->detail, &list->out);
	}
	hold_summary(held, list->now, &list->out);
}

static int
list_it(struct list *list)
{
	struct err err = ERR_INIT;
	struct held held;
	int code;

	if (held_collect(list->ctl, list->postfix, &list->filter, &held, &err) == -1) {
		code = ctl_fail(&err);
	} else {
		list->now = clock_now().wall / SECOND;
		if (list->ctl->json)
			add_json(list, &held);
		else
			add_text(list, &held);
		code = ctl_print(&list->out);
	}
	held_fini(&held);
	return code;
}

/* CTL_FINE, or what is wrong with it. */
static int
take_option(struct list *list, int option, int argc, char **argv)
{
	int result = held_option(&list->filter, &list->client, option, optarg);

	list->is_chosen = list->is_chosen || result > 0;
	if (result != 0)
		return result > 0 ? CTL_FINE : EX_USAGE;
	switch (option) {
	case 'b':
		if (!hold_kind_of(optarg, &list->by)) {
			ctl_say(
			    "--by: '%s' is none of label, user, domain, incident", optarg);
			return EX_USAGE;
		}
		list->is_grouped = true;
		list->filter.with_domains = list->by == HOLD_BY_DOMAIN;
		break;
	case 'g':
		list->filter.with_gone = true;
		break;
	case 'v':
		list->detail = true;
		break;
	case 'p':
		list->postfix = optarg;
		break;
	case 'J':
		list->ctl->json = true;
		break;
	default:
		return ctl_bad_option(argc, argv);
	}
	return CTL_FINE;
}

int
hold_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    HELD_OPTIONS,
	    {"by", required_argument, NULL, 'b'},
	    {"gone", no_argument, NULL, 'g'},
	    {"postfix-config", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct list list = {.ctl = ctl};
	int option;

	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1) {
		int code = take_option(&list, option, argc, argv);

		if (code != CTL_FINE)
			return code;
	}
	if (optind < argc)
		return ctl_usage("hold", "'frank hold show ID' is for one message");
	signal(SIGPIPE, SIG_IGN);
	buf_init(&list.out, CTL_OUTPUT_MAX);
	int code = list_it(&list);
	buf_fini(&list.out);
	return code;
}
