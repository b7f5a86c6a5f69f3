/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/clock.h"

#include "ctl/cause.h"
#include "ctl/deliveries.h"
#include "ctl/group.h"
#include "ctl/hold.h"
#include "ctl/incident.h"

enum {
	SECOND_MS = 1000,
	NAME_SHOWN = 29, /* columns: with the numbers that makes 80 */
	INDENT = 10,
	SHORT_ROWS = 10, /* of a table that is one of several */
};

/* ---- people ---- */

const char *
deliveries_delay(uint32_t ms, char into[DELIVERIES_DELAY])
{
	_Static_assert((int)DELIVERIES_DELAY == (int)HOLD_SHORT, "it is handed on");
	if (ms >= 10 * SECOND_MS)
		return hold_age(ms / SECOND_MS, into);
	snprintf(into, DELIVERIES_DELAY, "%u.%us", ms / SECOND_MS, ms % SECOND_MS / 100);
	return into;
}

static void
add_name(struct view name, struct buf *out)
{
	struct buf cell = BUF_INIT(16 * NAME_SHOWN);
	struct view text;

	incident_cell(&cell, name, NAME_SHOWN);
	text = buf_view(&cell);
	while (text.n > 0 && text.p[text.n - 1] == ' ')
		text.n--;
	buf_add(out, text);
	buf_add_char(out, '\n');
	buf_fini(&cell);
}

static void
add_cause(const struct replies_entry *cause, struct buf *out)
{
	struct buf text = BUF_INIT(2 * REPLIES_VALUE_MAX);

	buf_addf(&text, "%.*s (%.*s): %.*s", VIEW_ARG(cause->class), VIEW_ARG(cause->name),
	    VIEW_ARG(cause->means));
	buf_addf(out, "%*s", INDENT, "");
	cause_wrap(out, buf_view(&text), INDENT);
	buf_fini(&text);
}

static void
add_row(const struct deliveries_group *group, struct buf *out)
{
	char median[DELIVERIES_DELAY] = "-", longest[DELIVERIES_DELAY] = "-";

	if (group->sent > 0) {
		deliveries_delay(delays_median(&group->delays), median);
		deliveries_delay(group->delays.longest_ms, longest);
	}
	buf_addf(out, "%8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %7" PRIu64, group->sent,
	    group->deferred, group->bounced, group->open);
	buf_addf(out, " %6s %7s  ", median, longest);
	add_name(group->name, out);
	if (group->cause != NULL)
		add_cause(group->cause, out);
}

static void
add_table(
    struct deliveries_count *count, enum deliveries_kind kind, size_t most, struct buf *out)
{
	size_t n;
	const struct deliveries_group **groups = deliveries_groups(count, kind, &n);

	buf_addf(out, "%8s %8s %8s %7s %6s %7s  %s\n", "sent", "deferred", "bounced",
	    "waiting", "median", "longest", deliveries_kind_name(kind));
	for (size_t i = 0; i < n && i < most; i++)
		add_row(groups[i], out);
	if (n > most && count->kinds == 1U << kind)
		buf_addf(out, "%8s and %zu more: -n shows more\n", "", n - most);
	else if (n > most)
		buf_addf(out, "%8s and %zu more: frank deliveries --by %s\n", "", n - most,
		    deliveries_kind_name(kind));
}

static void
add_total(const struct deliveries_count *count, int64_t since, struct buf *out)
{
	const struct deliveries_group *total = &count->total;
	uint64_t attempts = total->sent + total->deferred + total->bounced;
	char text[CLOCK_TEXT];

	buf_addf(out, "%" PRIu64 " %s since %s: ", attempts,
	    attempts == 1 ? "delivery was tried" : "deliveries were tried",
	    clock_text(since, text));
	buf_addf(out, "%" PRIu64 " sent,\n%" PRIu64 " deferred, %" PRIu64 " bounced; ",
	    total->sent, total->deferred, total->bounced);
	buf_addf(out, "%" PRIu64 " %s\n", total->open,
	    total->open == 1 ? "recipient still waits" : "recipients still wait");
}

/* What the numbers lack. */
static void
add_limits(const struct deliveries_count *count, struct buf *out)
{
	if (count->n_hashed > 0)
		buf_add_text(out, "recipients are kept as hashes (set recipients hash): "
				  "their domains are not known\n");
	if (count->n_domains > 0 && count->total.deferred > 0)
		buf_add_text(out, "recipients are kept by their domain (set recipients "
				  "domain): several of one\nmessage in the same "
				  "domain wait as one\n");
	if (count->n_left_out > 0)
		buf_addf(out,
		    "more than %d recipients were put off: of %zu it is not known "
		    "whether they wait\n",
		    DELIVERIES_OPEN_MAX, count->n_left_out);
	if (count->logins != NULL && count->logins->n_left_out > 0)
		buf_addf(out, "more than %d messages: of %zu the login was not looked up\n",
		    DELIVERIES_LOGINS_MAX, count->logins->n_left_out);
}

static void
add_changes(const struct deliveries_count *count, const struct deliveries_view *view,
    struct buf *out)
{
	const struct changes *changes = count->changes;
	const struct slow *slow = count->slow;

	if (changes == NULL || slow == NULL)
		return;
	if (changes->n_list > 0 || slow->n_list > 0)
		buf_add_text(out, "\nwhat has changed\n");
	changes_text(changes, view->n, view->now, out);
	slow_text(slow, view->n, out);
	changes_text_limits(changes, out);
	slow_text_limits(slow, out);
}

void
deliveries_text(
    struct deliveries_count *count, const struct deliveries_view *view, struct buf *out)
{
	const struct deliveries_group *total = &count->total;

	if (total->sent + total->deferred + total->bounced == 0) {
		char text[CLOCK_TEXT];

		buf_addf(out,
		    "no delivery was tried since %s, as far as the journal says\n",
		    clock_text(view->since, text));
		return;
	}
	add_total(count, view->since, out);
	add_changes(count, view, out);
	for (int kind = 0; kind < DELIVERIES_KINDS; kind++) {
		if ((count->kinds & 1U << kind) == 0)
			continue;
		buf_add_char(out, '\n');
		add_table(count, (enum deliveries_kind)kind,
		    view->is_by || view->n < SHORT_ROWS ? view->n : SHORT_ROWS, out);
	}
	add_limits(count, out);
}

/* ---- JSON ---- */

static void
add_object(const struct deliveries_group *group, enum deliveries_kind kind, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	group_json(deliveries_kind_name(kind), group->name, group->has_name, &json);
	json_number(&json, "frank.sent", (int64_t)group->sent);
	json_number(&json, "frank.deferred", (int64_t)group->deferred);
	json_number(&json, "frank.bounced", (int64_t)group->bounced);
	json_number(&json, "frank.waiting", (int64_t)group->open);
	if (group->sent > 0) {
		json_number(&json, "frank.median_ms", delays_median(&group->delays));
		json_number(&json, "frank.longest_ms", group->delays.longest_ms);
	}
	if (group->cause != NULL)
		cause_json(group->cause, &json);
	json_end(&json);
	buf_add_char(out, '\n');
}

void
deliveries_json(
    struct deliveries_count *count, const struct deliveries_view *view, struct buf *out)
{
	if (count->changes != NULL)
		changes_json(count->changes, view->n, view->now, out);
	if (count->slow != NULL)
		slow_json(count->slow, view->n, out);
	for (int kind = 0; kind < DELIVERIES_KINDS; kind++) {
		size_t n;

		if ((count->kinds & 1U << kind) == 0)
			continue;
		const struct deliveries_group **groups =
		    deliveries_groups(count, (enum deliveries_kind)kind, &n);
		for (size_t i = 0; i < n && i < view->n; i++)
			add_object(groups[i], (enum deliveries_kind)kind, out);
	}
}
