/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <poll.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/map.h"

#include "ctl/progress.h"
#include "ctl/send.h"

/* Waiting until the journal has what became of the message. */

enum {
	SECOND = 1000000,
	LOOK_MS = 100, /* at first, and from then on: */
	LOOK_LATER_MS = 1000,
	LATER_US = 5 * SECOND,
	SETTLED_US = 1 * SECOND, /* nothing new of other recipients in that time */
	UNSEEN_US = 3 * SECOND,  /* frankd's record would have come */
};

struct wait {
	struct send *send;
	size_t n_events;   /* that there were */
	int64_t since;     /* that there are so many; monotonic */
	struct view id;    /* of what may be it, in the log alone */
	bool is_ambiguous; /* there are several */
};

bool
send_is_final(struct view what)
{
	return view_is(what, VIEW("sent")) || view_is(what, VIEW("bounced")) ||
	       view_is(what, VIEW("expired"));
}

/* By the last event of each recipient. */
static struct send_rcpts
count_rcpts(const struct after *after)
{
	struct send_rcpts rcpts = {0};
	struct map map;

	map_init(&map, map_seed_random());
	for (size_t i = after->n; i-- > 0;) {
		struct after_event *event = &after->events[i];

		if (event->outcome.rcpt.n == 0 ||
		    map_add(&map, event->outcome.rcpt, event) != NULL)
			continue;
		rcpts.n++;
		if (view_is(event->outcome.what, VIEW("sent")))
			rcpts.n_sent++;
		else if (send_is_final(event->outcome.what))
			rcpts.n_failed++;
	}
	map_fini(&map);
	return rcpts;
}

/* The newest: what sendmail(1) hands over is tried again after a 'defer'. */
static int
note_decision(void *context, const struct journal_row *row)
{
	struct send *send = context;

	if (row->facts.time < send->began - SEND_SLACK_US ||
	    row->facts.time <= send->decided)
		return 0;
	send->decided = row->facts.time;
	send->verdict = arena_view(send->arena, row->verdict);
	if (row->facts.queue_id.n > 0)
		send->queue_id = arena_view(send->arena, row->facts.queue_id);
	return 0;
}

/* What Postfix's log has since then that may be about it. */
static int
note_unseen(void *context, const struct outcome *outcome)
{
	struct wait *wait = context;
	struct send *send = wait->send;

	if (outcome->queue_id.n == 0 && view_is(outcome->what, VIEW("milter"))) {
		send->milter_said = arena_view(send->arena, outcome->text);
	} else if (view_is(outcome->what, VIEW("picked-up")) &&
		   view_is_nocase(outcome->sender, send->from) &&
		   !view_is(outcome->queue_id, wait->id)) {
		wait->is_ambiguous = wait->id.n > 0;
		wait->id = arena_view(send->arena, outcome->queue_id);
	}
	return 0;
}

/* Is nothing new there for so long? */
static bool
is_quiet(struct wait *wait, int64_t microseconds)
{
	int64_t now = clock_mono();

	if (wait->n_events != wait->send->after.n) {
		wait->n_events = wait->send->after.n;
		wait->since = now;
	}
	return now - wait->since >= microseconds;
}

static bool
is_known_of_all(const struct send_rcpts *rcpts)
{
	return rcpts->n > 0 && rcpts->n == rcpts->n_sent + rcpts->n_failed;
}

static int
note_other(void *context, const struct journal_row *row)
{
	bool *is_other = context;

	(void)row;
	*is_other = true;
	return 1;
}

/* What frankd has decided about under another Message-ID is another message. */
static int
leave_out_others(struct wait *wait, struct err *err)
{
	const struct send *send = wait->send;
	bool is_other = wait->is_ambiguous;

	if (wait->id.n > 0 && !is_other &&
	    journal_find_since(send->reader, wait->id, send->began - SEND_SLACK_US,
		note_other, &is_other, err) == -1)
		return -1;
	if (is_other)
		wait->id = VIEW("");
	return 0;
}

/* No decision: perhaps Postfix has sent it all the same. */
static int
look_without_us(struct wait *wait, struct err *err)
{
	struct send *send = wait->send;
	struct journal_past past = {.since = send->began - SEND_SLACK_US};

	wait->id = send->queue_id;
	wait->is_ambiguous = false;
	if (journal_past_outcomes(send->reader, &past, note_unseen, wait, err) == -1)
		return -1;
	if (send->queue_id.n > 0)
		wait->id = send->queue_id;
	else if (leave_out_others(wait, err) == -1)
		return -1;
	if (wait->id.n == 0)
		return 0;
	if (after_read_since(&send->after, wait->id, send->began, err) == -1)
		return -1;
	send->rcpts = count_rcpts(&send->after);
	if (send->rcpts.n == 0 || !is_quiet(wait, UNSEEN_US))
		return 0;
	send->state = SEND_UNSEEN;
	send->queue_id = wait->id;
	return 0;
}

static int
look(struct wait *wait, struct err *err)
{
	struct send *send = wait->send;
	int64_t since = send->began - SEND_SLACK_US;

	if (journal_find_since(
		send->reader, send->message_id, since, note_decision, send, err) == -1)
		return -1;
	if (send->decided == 0)
		return send->is_taken ? look_without_us(wait, err) : 0;
	if (view_is(send->verdict, VIEW("hold")) ||
	    view_is(send->verdict, VIEW("reject")) ||
	    (view_is(send->verdict, VIEW("defer")) && send->is_submitted)) {
		send->state = SEND_STOPPED;
		return 0;
	}
	if (send->queue_id.n == 0)
		return 0;
	if (after_read(&send->after, send->queue_id, send->decided, err) == -1)
		return -1;
	send->rcpts = count_rcpts(&send->after);
	if (is_quiet(wait, SETTLED_US) && is_known_of_all(&send->rcpts))
		send->state = SEND_SETTLED;
	return 0;
}

/* It may take a while from 'sent' to the mailbox, if that is not on this machine. */
static bool
is_over(struct send *send)
{
	if (send->state == SEND_WAITING)
		return false;
	return send->order->send.mailbox == NULL || send->rcpts.n_sent == 0 ||
	       send_mailbox_look(send);
}

int
send_follow(struct send *send, int64_t deadline, struct err *err)
{
	struct wait wait = {.send = send};
	int64_t began = clock_mono(), now;
	struct progress progress;
	int result;

	progress_begin(&progress, (size_t)((deadline - began + SECOND - 1) / SECOND));
	while ((result = look(&wait, err)) == 0 && !is_over(send) &&
	       (now = clock_mono()) < deadline) {
		if (!send->ctl->json)
			progress_show(&progress, (size_t)((now - began) / SECOND));
		(void)poll(NULL, 0, now - began < LATER_US ? LOOK_MS : LOOK_LATER_MS);
	}
	progress_end(&progress);
	return result;
}
