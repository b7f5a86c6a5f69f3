/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "policy/value.h"

#include "ctl/hold.h"
#include "ctl/hold_change.h"
#include "ctl/incident.h"

enum {
	SHOWN = 10,
	NAMES_SHOWN = 3,
	WIDTH_ID = 16,
	WIDTH_RCPT = 50,
	WIDTH_LINE = 80,
	NAME_SHOWN = 60,
	TIME_SHOWN = 16, /* "2026-03-02 09:03" */
};

static const char *const done_words[POSTFIX_VERBS] = {
    [POSTFIX_RELEASE] = "released",
    [POSTFIX_BOUNCE] = "returned to the sender",
    [POSTFIX_DELETE] = "deleted",
};

static const char *const faults[HOLD_FAULTS] = {
    [HOLD_EXPIRED] = "their signature has expired (set signature-lifetime)",
    [HOLD_KEY_GONE] = "signed with a key that frankd does not have any more",
    [HOLD_KEY_RETIRED] = "signed with a key that is retired",
    [HOLD_KEY_UNPUBLISHED] = "signed with an older key whose record is not in DNS any more",
};

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void
add_message(
    const struct hold_change *change, const struct held_message *message, struct buf *out)
{
	struct buf rcpt = BUF_INIT(4 * ESCAPE_MAX);
	char age[HOLD_SHORT];

	buf_add_text(out, "  ");
	incident_cell(out, message->id, WIDTH_ID);
	buf_addf(out, "%4s  ", hold_age(change->now - message->arrival, age));
	if (message->rcpts > 1) {
		incident_cell(&rcpt, message->rcpt, WIDTH_RCPT - 14);
		buf_add(out, view_trim(buf_view(&rcpt)));
		buf_addf(out, " and %u more", message->rcpts - 1);
	} else {
		incident_cell(&rcpt, message->rcpt, WIDTH_RCPT);
		buf_add(out, view_trim(buf_view(&rcpt)));
	}
	buf_add_char(out, '\n');
	buf_fini(&rcpt);
}

static void
add_origins(const struct hold_change *change, struct buf *out)
{
	if (change->n_origins > NAMES_SHOWN) {
		buf_addf(out, " of %zu senders", change->n_origins);
		return;
	}
	for (size_t i = 0; i < change->n_origins; i++) {
		buf_add_text(out, i == 0 ? " of " : ", ");
		escape_add(out, change->origins[i].n > 0 ? change->origins[i] : VIEW("<>"),
		    NAME_SHOWN);
	}
}

/* "4990 messages of alice@example.org to 12043 recipients, held since 2026-03-02 09:03Z" */
static void
add_head(const struct hold_change *change, struct buf *out)
{
	struct buf tail = BUF_INIT(256);
	int64_t oldest = change->items[0].message->arrival;
	unsigned long long rcpts = 0;
	char time[CLOCK_TEXT];
	size_t at = out->n;

	for (size_t i = 0; i < change->n; i++) {
		rcpts += change->items[i].message->rcpts;
		if (change->items[i].message->arrival < oldest)
			oldest = change->items[i].message->arrival;
	}
	buf_addf(out, "%zu message%s", change->n, plural(change->n));
	add_origins(change, out);
	buf_addf(&tail, " to %llu recipient%s, held since %.*sZ", rcpts, plural(rcpts),
	    TIME_SHOWN, clock_text(oldest * INT64_C(1000000), time));
	/* Names can be long. */
	if (out->n - at + tail.n > WIDTH_LINE)
		buf_add_text(out, "\n ");
	buf_add(out, buf_view(&tail));
	buf_add_char(out, '\n');
	buf_fini(&tail);
}

static void
add_old(const struct hold_change *change, struct buf *out)
{
	if (change->n_old == 0)
		return;
	buf_addf(out, "%zu of them %s older than ", change->n_old,
	    change->n_old == 1 ? "is" : "are");
	value_add_duration(out, (uint64_t)change->lifetime);
	buf_add_text(out, " and will bounce after one attempt\n");
}

static void
add_refused(const struct hold_change *change, struct buf *out)
{
	size_t n[HOLD_FAULTS] = {0};

	for (size_t i = 0; i < change->n_refused; i++)
		n[change->refused[i].fault]++;
	for (int i = 0; i < HOLD_FAULTS; i++)
		if (n[i] > 0)
			buf_addf(out, "%zu %s: %s\n", n[i],
			    change->force ? "would fail DKIM" : "refused", faults[i]);
	for (size_t i = 0; i < change->n_refused && i < SHOWN; i++)
		add_message(change, change->refused[i].message, out);
	if (change->n_refused > SHOWN)
		buf_addf(out, "  and %zu more\n", change->n_refused - SHOWN);
	if (change->n_refused > 0 && !change->force)
		buf_add_text(out, "  --force releases them all the same; bounce lets the "
				  "sender send them anew\n");
}

static void
add_trust(const struct hold_change *change, struct buf *out)
{
	if (change->trust == 0)
		return;
	buf_add_text(out, "meters will not count mail");
	add_origins(change, out);
	buf_add_text(out, " for ");
	value_add_duration(out, change->trust);
	buf_add_char(out, '\n');
}

void
hold_about(const struct hold_change *change, struct buf *out)
{
	if (change->n > 0)
		add_head(change, out);
	for (size_t i = 0; i < change->n && i < SHOWN; i++)
		add_message(change, change->items[i].message, out);
	if (change->n > SHOWN)
		buf_addf(out, "  and %zu more\n", change->n - SHOWN);
	if (change->n > 0) {
		add_old(change, out);
		add_trust(change, out);
	}
	add_refused(change, out);
	if (change->n_others > 0)
		buf_addf(out,
		    "%zu more %s put on hold by somebody else: --others takes %s, too\n",
		    change->n_others, change->n_others == 1 ? "was" : "were",
		    change->n_others == 1 ? "it" : "them");
	if (change->n_gone > 0)
		buf_addf(out,
		    "%zu of those named %s not on hold: 'frank explain ID' has what became "
		    "of %s\n",
		    change->n_gone, change->n_gone == 1 ? "is" : "are",
		    change->n_gone == 1 ? "it" : "one");
	if (change->n == 0 && change->n_refused == 0 && change->filter.n_ids == 0)
		buf_add_text(out, "nothing on hold fits that\n");
}

void
hold_question(const struct hold_change *change, struct buf *out)
{
	const char *it = change->n == 1 ? "it" : "them";

	switch (change->verb) {
	case POSTFIX_RELEASE:
		buf_addf(out, "release %s? [y/N] ", it);
		break;
	case POSTFIX_BOUNCE:
		buf_addf(out, "return %s to the sender? [y/N] ", it);
		break;
	case POSTFIX_DELETE:
		buf_addf(out, "delete %s? Nobody will be told. [y/N] ", it);
		break;
	case POSTFIX_SWEEP:
	case POSTFIX_VERBS:
		BUG("not of a hold");
	}
}

void
hold_came_of_it(
    const struct hold_change *change, const struct hold_result *result, struct buf *out)
{
	/* Few of them: each in Postfix's own words. */
	for (size_t i = 0; i < change->n && change->n <= SHOWN; i++)
		if (change->items[i].is_done)
			buf_addf(out, "%.*s: %s%s\n",
			    VIEW_ARG(change->items[i].message->id),
			    change->verb == POSTFIX_BOUNCE ? "expired, " : "",
			    postfix_verb_words(change->verb));
	buf_addf(out, "%zu %s, %zu gone meanwhile\n", result->n_done,
	    done_words[change->verb], result->n_gone);
	if (result->n_left > 0)
		buf_addf(out, "%zu %s on hold still: run this again\n", result->n_left,
		    result->n_left == 1 ? "is" : "are");
	if (result->n_late > 0)
		buf_addf(out, "%zu will leave when Postfix next runs its queue\n",
		    result->n_late);
}
