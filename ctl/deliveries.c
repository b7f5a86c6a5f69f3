/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <signal.h>

#include "lib/clock.h"

#include "ctl/cause.h"
#include "ctl/deliveries.h"
#include "ctl/progress.h"

enum {
	LINES = 20,
	LINES_MAX = 1000000,
	PARTS = 100,       /* of the progress that is shown */
	SHOW_EVERY = 4096, /* rows */
	BEFORE_DAYS = 7,   /* a message was decided at most so long before */
};

#define DAY_US (86400 * INT64_C(1000000))

struct order {
	struct ctl *ctl;
	struct journal_reader *reader;
	struct deliveries_count count;
	struct deliveries_logins logins;
	struct changes changes;
	bool is_by_login;
	struct deliveries_view view;
	struct progress progress;
	int64_t begin, now; /* what the progress is measured by */
	uint64_t rows;
};

/* ---- reading ---- */

static void
advance(struct order *order, int64_t time)
{
	int64_t all = order->now - order->begin, at = time - order->begin;

	if (order->rows++ % SHOW_EVERY == 0 && all > 0 && at >= 0 && at <= all)
		progress_show(&order->progress, (size_t)(at * PARTS / all));
}

static int
take_outcome(void *context, const struct outcome *outcome)
{
	struct order *order = context;

	advance(order, outcome->time);
	return deliveries_count_outcome(&order->count, outcome);
}

static int
take_decision(void *context, const struct journal_brief *brief)
{
	struct order *order = context;

	advance(order, brief->time);
	return deliveries_logins_decision(&order->logins, brief);
}

static int
read_logins(struct order *order, struct err *err)
{
	const struct journal_past past = {.since = order->view.since - BEFORE_DAYS * DAY_US,
	    .words = VIEW(DELIVERIES_ARRIVALS)};

	order->begin = past.since;
	if (journal_past_decisions(order->reader, &past, take_decision, order, err) == -1)
		return -1;
	deliveries_logins_sort(&order->logins);
	if (journal_past_outcomes(
		order->reader, &past, deliveries_logins_arrival, &order->logins, err) == -1)
		return -1;
	deliveries_logins_sort(&order->logins);
	return 0;
}

static int
take_before(void *context, const struct outcome *outcome)
{
	struct order *order = context;

	advance(order, outcome->time);
	return changes_before(&order->changes, outcome);
}

static int
take_first(void *context, const struct outcome *outcome)
{
	int64_t *time = context;

	*time = outcome->time;
	return 1;
}

/* What has changed is what was not so in the days before. */
static int
read_before(struct order *order, struct err *err)
{
	struct changes *changes = &order->changes;
	struct journal_past past = {
	    .since = order->view.since - CHANGE_DAYS * DAY_US, .words = VIEW(CHANGE_WORDS)};
	int64_t begin = order->view.since;

	if (changes_narrow(changes) == 0)
		return 0;
	order->begin = past.since;
	if (journal_past_outcomes(order->reader, &past, take_first, &begin, err) == -1)
		return -1;
	past.until = order->view.since;
	past.domains = &changes->places;
	if (journal_past_outcomes(order->reader, &past, take_before, order, err) == -1)
		return -1;
	changes_end(changes, begin, order->view.since);
	return 0;
}

static int
collect(struct order *order, struct err *err)
{
	const struct journal_past past = {
	    .since = order->view.since, .words = VIEW(DELIVERIES_WORDS)};
	int result = 0;

	if (journal_reader_open(ctl_state(order->ctl), &order->reader, err) == -1)
		return -1;
	progress_begin(&order->progress, PARTS);
	if (order->is_by_login)
		result = read_logins(order, err);
	order->begin = past.since;
	if (result == 0)
		result =
		    journal_past_outcomes(order->reader, &past, take_outcome, order, err);
	if (result == 0 && order->count.changes != NULL)
		result = read_before(order, err);
	progress_end(&order->progress);
	deliveries_count_end(&order->count);
	if (journal_reader_is_stale(order->reader))
		ctl_say("the newest outcomes may be missing: frankd is not running, and "
			"this user may not write to %s",
		    ctl_state(order->ctl));
	journal_reader_close(order->reader);
	return result;
}

static int
show(struct order *order)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct err err = ERR_INIT;
	int code;

	if (collect(order, &err) == -1) {
		code = ctl_fail(&err);
	} else {
		if (order->ctl->json)
			deliveries_json(&order->count, &order->view, &out);
		else
			deliveries_text(&order->count, &order->view, &out);
		code = ctl_print(&out);
	}
	buf_fini(&out);
	return code;
}

static int
run_order(struct order *order)
{
	const unsigned kinds = order->view.is_by
				   ? 1U << order->view.kind
				   : 1U << DELIVERIES_BY_DOMAIN | 1U << DELIVERIES_BY_CODE;
	struct replies *replies;
	struct err err = ERR_INIT;
	int code;

	if (cause_load(order->ctl, &replies, &err) == -1)
		return ctl_fail(&err);
	signal(SIGPIPE, SIG_IGN);
	order->is_by_login = (kinds & 1U << DELIVERIES_BY_LOGIN) != 0;
	deliveries_logins_init(&order->logins);
	deliveries_count_init(
	    &order->count, kinds, replies, order->is_by_login ? &order->logins : NULL);
	changes_init(&order->changes, replies);
	if (!order->view.is_by)
		order->count.changes = &order->changes;
	code = show(order);
	changes_fini(&order->changes);
	deliveries_count_fini(&order->count);
	deliveries_logins_fini(&order->logins);
	replies_free(replies);
	return code;
}

/* ---- options ---- */

static int
take_lines(struct order *order, const char *value)
{
	unsigned long long lines;

	if (view_number(view_of(value), LINES_MAX, &lines) && lines > 0) {
		order->view.n = (size_t)lines;
		return CTL_FINE;
	}
	ctl_say("-n: '%s' is no number from 1 to %d", value, LINES_MAX);
	return EX_USAGE;
}

static int
take_since(struct order *order, const char *value)
{
	struct err err = ERR_INIT;

	if (clock_parse_since(view_of(value), order->now, &order->view.since, &err) == 0)
		return CTL_FINE;
	ctl_say("%s", err.text);
	return EX_USAGE;
}

static int
take_by(struct order *order, const char *value)
{
	order->view.is_by = true;
	if (deliveries_kind_of(value, &order->view.kind))
		return CTL_FINE;
	ctl_say("--by: '%s' is none of domain, code, login, relay", value);
	return EX_USAGE;
}

int
command_deliveries(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"since", required_argument, NULL, 'S'},
	    {"by", required_argument, NULL, 'b'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct order order = {.ctl = ctl, .now = clock_now().wall};
	int option, code = CTL_FINE;

	order.view.now = order.now;
	order.view.since = order.now - DAY_US;
	while (code == CTL_FINE &&
	       (option = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
		if (option == 'S')
			code = take_since(&order, optarg);
		else if (option == 'b')
			code = take_by(&order, optarg);
		else if (option == 'n')
			code = take_lines(&order, optarg);
		else if (option == 'J')
			ctl->json = true;
		else
			code = ctl_bad_option(argc, argv);
	}
	if (code != CTL_FINE)
		return code;
	if (optind < argc)
		return ctl_usage("deliveries", "'frank explain ID' is for one message");
	if (order.view.n == 0)
		order.view.n = ctl->json ? SIZE_MAX : LINES;
	return run_order(&order);
}
