/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/map.h"

#include "ctl/cause.h"
#include "ctl/send.h"

/* What the other side made of it. */

enum { RCPTS_SHOWN = 10, WORDS_SHOWN = 600, TEXT_MAX = 8192 };

static enum doctor_answer
answer_of(const struct outcome *outcome)
{
	if (view_is(outcome->what, VIEW("sent")))
		return DOCTOR_OK;
	return send_is_final(outcome->what) ? DOCTOR_BAD : DOCTOR_UNKNOWN;
}

/* What the words mean; NULL: it was sent, or nobody knows. */
static const struct replies_entry *
cause_of(const struct send *send, const struct outcome *outcome)
{
	if (send->replies == NULL || answer_of(outcome) == DOCTOR_OK)
		return NULL;
	return replies_find(send->replies, outcome->dsn, outcome->relay, outcome->text);
}

static void
add_remedy(
    struct send *send, struct doctor_finding *finding, const struct replies_entry *entry)
{
	if (entry == NULL) {
		send_remedy(send, finding, "frank explain %.*s", VIEW_ARG(send->queue_id));
		return;
	}
	/* Whoever wrote the table had people in mind. */
	finding->is_words = true;
	send_remedy(send, finding, "%.*s", VIEW_ARG(entry->remedy));
}

static void
say_rcpt(struct send *send, const struct outcome *outcome)
{
	const struct replies_entry *entry = cause_of(send, outcome);
	enum doctor_answer answer = answer_of(outcome);
	struct buf text = BUF_INIT(TEXT_MAX);

	buf_addf(&text, "%.*s: %.*s %.*s", VIEW_ARG(outcome->rcpt), VIEW_ARG(outcome->what),
	    VIEW_ARG(outcome->dsn));
	if (outcome->relay.n > 0 && !view_is(outcome->relay, VIEW("none")))
		buf_addf(&text, " by %.*s", VIEW_ARG(outcome->relay));
	buf_addf(&text, ": %.*s", VIEW_ARG(view_head(outcome->text, WORDS_SHOWN)));
	if (entry != NULL)
		buf_addf(&text, ". That means: %.*s", VIEW_ARG(entry->means));
	struct doctor_finding *finding =
	    send_say(send, "send-answer", answer, "%s", buf_text(&text));
	buf_fini(&text);
	if (answer != DOCTOR_OK)
		add_remedy(send, finding, entry);
}

/* The last of each recipient; who has not got it comes first. */
static void
say_rcpts(struct send *send, bool are_sent, size_t *left)
{
	struct map map;

	map_init(&map, map_seed_random());
	for (size_t i = send->after.n; i-- > 0 && *left > 0;) {
		struct after_event *event = &send->after.events[i];

		if (event->outcome.rcpt.n == 0 ||
		    map_add(&map, event->outcome.rcpt, event) != NULL ||
		    view_is(event->outcome.what, VIEW("sent")) != are_sent)
			continue;
		say_rcpt(send, &event->outcome);
		--*left;
	}
	map_fini(&map);
}

void
send_judge_outcomes(struct send *send)
{
	size_t left = RCPTS_SHOWN;

	if (send->state == SEND_STOPPED || send->queue_id.n == 0)
		return;
	say_rcpts(send, false, &left);
	say_rcpts(send, true, &left);
	if (send->rcpts.n == 0 && send->decided != 0)
		(void)send_say(send, "send-answer", DOCTOR_UNKNOWN,
		    "frankd has read nothing of it in Postfix's log: 'frank status' says "
		    "whether it follows that");
	else if (send->rcpts.n > RCPTS_SHOWN)
		(void)send_say(send, "send-answer", DOCTOR_OK,
		    "%zu recipients in all: %zu have it, %zu will not get it",
		    send->rcpts.n, send->rcpts.n_sent, send->rcpts.n_failed);
}
