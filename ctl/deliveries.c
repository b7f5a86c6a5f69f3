/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <signal.h>

#include "journal/address.h"
#include "lib/clock.h"

#include "ctl/cause.h"
#include "ctl/deliveries.h"
#include "ctl/deliveries_list.h"
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
	struct slow slow;
	struct deliveries_list list;
	bool with_logins, is_list;
	struct view user, to; /* what is left out is of others */
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

/* Outcomes on their way to EACH, which has a context of its own. */
struct step {
	struct order *order;
	journal_outcome_each *each;
	void *context;
};

static int
take_outcome(void *context, const struct outcome *outcome)
{
	const struct step *step = context;

	advance(step->order, outcome->time);
	return step->each(step->context, outcome);
}

static int
read_outcomes(struct order *order, const struct journal_past *past,
    journal_outcome_each *each, void *context, struct err *err)
{
	struct step step = {order, each, context};

	order->begin = past->since;
	return journal_past_outcomes(order->reader, past, take_outcome, &step, err);
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

/* What is no delivery to somebody is about a message that may have been counted. */
static int
take_counted(void *context, const struct outcome *outcome)
{
	struct order *order = context;
	const struct view *login = NULL;

	if (outcome->rcpt.n > 0 && order->with_logins)
		login = deliveries_login_of(&order->logins, outcome);
	if (outcome->rcpt.n > 0 && order->user.n > 0 &&
	    (login == NULL || !view_is_nocase(*login, order->user)))
		return 0;
	if (outcome->rcpt.n > 0 && order->to.n > 0 &&
	    !address_is_to(order->to, outcome->rcpt, VIEW_NONE))
		return 0;
	if (order->is_list)
		deliveries_list_add(&order->list, outcome, login);
	return deliveries_count_outcome(&order->count, outcome);
}

static int
take_first(void *context, const struct outcome *outcome)
{
	int64_t *time = context;

	*time = outcome->time;
	return 1;
}

/* Of the time that is looked at: what may have changed. */
static void
choose_places(struct order *order, struct map *places)
{
	const struct deliveries_group **groups;
	const struct change_place *change;
	struct slow_place *slow;
	size_t n, at = 0;

	(void)changes_narrow(&order->changes);
	groups = deliveries_groups(&order->count, DELIVERIES_BY_DOMAIN, &n);
	for (size_t i = 0; i < n; i++)
		if (groups[i]->has_name)
			slow_choose(&order->slow, groups[i]->name, &groups[i]->delays);
	while ((change = map_next(&order->changes.places, &at, NULL)) != NULL)
		(void)map_add(places, change->domain, order);
	at = 0;
	while ((slow = map_next(&order->slow.places, &at, NULL)) != NULL)
		if (map_get(places, slow->domain) == NULL)
			(void)map_add(places, slow->domain, order);
}

static int
take_before(void *context, const struct outcome *outcome)
{
	struct order *order = context;

	if (!slow_is_delivery(outcome))
		return slow_held(&order->slow, outcome);
	slow_before(&order->slow, outcome);
	return changes_before(&order->changes, outcome);
}

static int
take_after(void *context, const struct outcome *outcome)
{
	struct slow *slow = context;

	return slow_is_delivery(outcome) ? slow_since(slow, outcome)
					 : slow_held(slow, outcome);
}

/* What has changed is what was not so in the days before: of PLACES. */
static int
read_before(struct order *order, const struct map *places, struct err *err)
{
	struct journal_past past = {
	    .since = order->view.since - CHANGE_DAYS * DAY_US, .words = VIEW(CHANGE_WORDS)};
	int64_t begin = order->view.since;

	if (places->count == 0)
		return 0;
	if (journal_past_outcomes(order->reader, &past, take_first, &begin, err) == -1)
		return -1;
	past.until = order->view.since;
	past.domains = places;
	past.words = VIEW(CHANGE_WORDS SLOW_HELD_WORDS);
	if (read_outcomes(order, &past, take_before, order, err) == -1)
		return -1;
	changes_end(&order->changes, begin, order->view.since);
	if (!slow_know_before(&order->slow))
		return 0;
	past.since = order->view.since;
	past.until = 0;
	past.domains = &order->slow.places;
	past.words = VIEW(SLOW_WORDS);
	if (read_outcomes(order, &past, take_after, &order->slow, err) == -1)
		return -1;
	slow_end(&order->slow);
	return 0;
}

static int
read_changes(struct order *order, struct err *err)
{
	struct map places;
	int result;

	map_init(&places, order->changes.seed);
	choose_places(order, &places);
	result = read_before(order, &places, err);
	map_fini(&places);
	return result;
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
	if (order->with_logins)
		result = read_logins(order, err);
	if (result == 0)
		result = read_outcomes(order, &past, take_counted, order, err);
	if (result == 0 && order->count.changes != NULL)
		result = read_changes(order, err);
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
		if (order->is_list)
			deliveries_list_print(&order->list, &out);
		else if (order->ctl->json)
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
	order->with_logins =
	    (kinds & 1U << DELIVERIES_BY_LOGIN) != 0 || order->is_list || order->user.n > 0;
	deliveries_logins_init(&order->logins);
	deliveries_count_init(
	    &order->count, kinds, replies, order->with_logins ? &order->logins : NULL);
	deliveries_list_init(
	    &order->list, order->is_list ? order->view.n : 0, order->ctl->json);
	changes_init(&order->changes, replies);
	slow_init(&order->slow);
	/* What has changed is judged for all. */
	if (!order->view.is_by && !order->is_list && order->user.n + order->to.n == 0) {
		order->count.changes = &order->changes;
		order->count.slow = &order->slow;
	}
	code = show(order);
	deliveries_list_fini(&order->list);
	slow_fini(&order->slow);
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
	    {"list", no_argument, NULL, 'l'},
	    {"user", required_argument, NULL, 'u'},
	    {"to", required_argument, NULL, 't'},
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
		else if (option == 'l')
			order.is_list = true;
		else if (option == 'u')
			order.user = view_of(optarg);
		else if (option == 't')
			order.to = view_of(optarg);
		else if (option == 'J')
			ctl->json = true;
		else
			code = ctl_bad_option(argc, argv);
	}
	if (code != CTL_FINE)
		return code;
	if (optind < argc)
		return ctl_usage("deliveries", "'frank explain ID' is for one message");
	if (order.is_list && order.view.is_by)
		return ctl_usage("deliveries", "--list shows each, --by how many");
	if (order.view.n == 0)
		order.view.n = ctl->json ? SIZE_MAX : LINES;
	return run_order(&order);
}
