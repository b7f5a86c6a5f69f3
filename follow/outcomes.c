/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "follow/outcomes.h"

/* "postfix/submission/smtpd" -> "submission/smtpd" */
static struct view
service_of(struct view program)
{
	const char *slash = program.n > 0 ? memchr(program.p, '/', program.n) : NULL;

	return slash == NULL ? program
			     : view_from(program, (size_t)(slash - program.p) + 1);
}

/*
 * Before Postfix has taken a message it has no id. What a milter refused may be ours, and a
 * service of another name than smtpd is there for our own users; what the world is refused
 * at port 25 is no concern of ours, and is most of the log of some.
 */
static bool
is_kept_without_id(const struct maillog_event *event, struct view service)
{
	if (event->kind == MAILLOG_MILTER)
		return true;
	return event->kind == MAILLOG_REJECTED &&
	       (view_is(event->by, VIEW("milter")) || view_has_char(service, '/'));
}

static const char *
word_of(const struct maillog_event *event)
{
	static const char *const words[] = {
	    [MAILLOG_CLIENT] = "arrived",
	    [MAILLOG_PICKUP] = "picked-up",
	    [MAILLOG_EXPIRED] = "given-up",
	    [MAILLOG_HELD] = "held",
	    [MAILLOG_RELEASED] = "released",
	    [MAILLOG_DELETED] = "deleted",
	    [MAILLOG_REQUEUED] = "requeued",
	    [MAILLOG_BOUNCE] = "notified",
	    [MAILLOG_REJECTED] = "rejected",
	    [MAILLOG_MILTER] = "milter",
	};

	if (event->kind == MAILLOG_DELIVERY)
		return maillog_status_name(event->status);
	return event->kind < ARRAY_LEN(words) ? words[event->kind] : NULL;
}

bool
outcome_of(const struct maillog_event *event, struct view program, int64_t time,
    struct outcome *ret_outcome)
{
	const struct view service = service_of(program);
	const char *word = word_of(event);

	if (word == NULL || (event->id.n == 0 && !is_kept_without_id(event, service)))
		return false;
	*ret_outcome = (struct outcome){.time = time,
	    .delay_ms = event->delay_ms,
	    .what = view_of(word),
	    .queue_id = event->id,
	    .other_id = event->other_id,
	    .rcpt = event->rcpt,
	    .orig_rcpt = event->orig_rcpt,
	    .relay = event->relay,
	    .dsn = event->dsn,
	    .user = event->login,
	    .client = event->kind == MAILLOG_MILTER ? event->by : event->client,
	    .sender = event->sender,
	    .program = service,
	    .text = event->text};
	_Static_assert(
	    sizeof(ret_outcome->delays_ms) == sizeof(event->delays_ms), "the same parts");
	memcpy(ret_outcome->delays_ms, event->delays_ms, sizeof(event->delays_ms));
	return true;
}
