/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/clock.h"

#include "ctl/cause.h"
#include "ctl/deliveries_change.h"

enum { INDENT = 10, LABEL = 6, DOMAIN_SHOWN = 255, SAID_SHOWN = 300, LINE = 4096 };

static bool
is_over(const struct change *change, int64_t now)
{
	return change->resumed != 0 && now - change->last > CHANGE_QUIET * INT64_C(1000000);
}

static void
add_line(struct buf *out, const char *label, struct view text)
{
	buf_addf(out, "%*s%-*s", INDENT, "", LABEL, label);
	cause_wrap(out, text, INDENT + LABEL);
}

/* "214 messages put off" */
static void
add_number(const struct change *change, struct buf *out)
{
	buf_addf(out, "%" PRIu64 " messages %s", change->messages,
	    change->refused == 0   ? "put off"
	    : change->put_off == 0 ? "refused"
				   : "put off or refused");
}

static void
add_change(const struct changes *changes, const struct change *change, int64_t now,
    struct buf *out)
{
	struct buf text = BUF_INIT(LINE);
	char time[CLOCK_TEXT];

	buf_add(&text, view_head(change->place->domain, DOMAIN_SHOWN));
	buf_addf(&text, ": %.*s since %.16sZ, ", VIEW_ARG(change->code),
	    clock_text(change->first, time));
	add_number(change, &text);
	buf_addf(&text, ", before that none in %" PRId64 " %s", changes->days,
	    changes->days == 1 ? "day" : "days");
	if (is_over(change, now))
		buf_addf(&text, "; over since %.16sZ", clock_text(change->resumed, time));
	buf_addf(out, "%8s", "");
	cause_wrap(out, buf_view(&text), 8);
	buf_fini(&text);
	if (change->cause != NULL) {
		add_line(out, "means", change->cause->means);
		add_line(out, "do", change->cause->remedy);
	}
	add_line(out, "said", view_head(change->said, SAID_SHOWN));
}

void
changes_text(const struct changes *changes, size_t n, int64_t now, struct buf *out)
{
	if (changes->n_list > 0)
		buf_add_text(out, "\nwhat has changed\n");
	for (size_t i = 0; i < changes->n_list && i < n; i++)
		add_change(changes, changes->list[i], now, out);
	if (changes->n_list > n)
		buf_addf(out, "%8s and %zu more\n", "", changes->n_list - n);
	if (changes->days == 0 && changes->places.count > 0)
		buf_add_text(out, "\nwhat of this is new nobody can tell: the journal has "
				  "no day before it\n");
	if (changes->n_left_out > 0)
		buf_addf(out,
		    "\nmore than %d domains with a code: what has changed is not known "
		    "of %zu\nattempts\n",
		    CHANGES_MAX, changes->n_left_out);
}

void
changes_json(const struct changes *changes, size_t n, int64_t now, struct buf *out)
{
	for (size_t i = 0; i < changes->n_list && i < n; i++) {
		const struct change *change = changes->list[i];
		char time[CLOCK_TEXT];
		struct json json;

		json_begin(&json, out);
		json_object(&json, NULL);
		json_string(&json, "frank.by", VIEW("change"));
		json_string(&json, "frank.group", change->place->domain);
		json_string(&json, "frank.code", change->code);
		json_string(
		    &json, "frank.since", view_of(clock_rfc3339(change->first, time)));
		json_string(
		    &json, "frank.last", view_of(clock_rfc3339(change->last, time)));
		if (is_over(change, now))
			json_string(&json, "frank.over",
			    view_of(clock_rfc3339(change->resumed, time)));
		json_number(&json, "frank.messages", (int64_t)change->messages);
		json_number(&json, "frank.deferred", (int64_t)change->put_off);
		json_number(&json, "frank.bounced", (int64_t)change->refused);
		json_number(&json, "frank.days_before", changes->days);
		json_string(&json, "message", change->said);
		cause_json(change->cause, &json);
		json_end(&json);
		buf_add_char(out, '\n');
	}
}
