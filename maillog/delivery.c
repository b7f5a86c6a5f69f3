/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "maillog/private.h"

/* What became of one recipient. */

static const char *const names[] = {
    [STATUS_SENT] = "sent",
    [STATUS_DEFERRED] = "deferred",
    [STATUS_BOUNCED] = "bounced",
    [STATUS_EXPIRED] = "expired",
    [STATUS_DELIVERABLE] = "deliverable",
    [STATUS_UNDELIVERABLE] = "undeliverable",
};

const char *
maillog_status_name(enum maillog_status status)
{
	must(status < ARRAY_LEN(names));
	return names[status];
}

bool
maillog_status_of(struct view name, enum maillog_status *ret_status)
{
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(name, view_of(names[i]))) {
			*ret_status = (enum maillog_status)i;
			return true;
		}
	return false;
}

/* "0.06", "345" (seconds) in milliseconds. */
static uint32_t
delay_of(struct view text)
{
	uint64_t ms = 0;
	unsigned unit = 1000;
	bool is_behind = false;

	for (size_t i = 0; i < text.n && unit > 0; i++) {
		char c = text.p[i];

		if (c == '.' && !is_behind) {
			is_behind = true;
			continue;
		}
		if (c < '0' || c > '9')
			return 0;
		if (is_behind) {
			unit /= 10;
			ms += (uint64_t)(c - '0') * unit;
		} else if (ms < UINT32_MAX) {
			ms = ms * 10 + (uint64_t)(c - '0') * 1000;
		}
	}
	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}

/* "0.06/0/0.02/1.1" */
static void
take_delays(struct view text, uint32_t ret_ms[MAILLOG_DELAYS])
{
	struct view part;

	for (size_t i = 0; i < MAILLOG_DELAYS && view_cut(&text, '/', &part); i++)
		ret_ms[i] = delay_of(part);
}

/* "sent (250 2.0.0 Ok)": status, and the words in the outermost brackets. */
static enum maillog_kind
take_status(struct view rest, struct maillog_event *event)
{
	struct view name = maillog_until(&rest, VIEW(" "));

	if (!maillog_status_of(name, &event->status))
		return MAILLOG_UNKNOWN;
	if (rest.n >= 2 && rest.p[0] == '(' && rest.p[rest.n - 1] == ')')
		rest = view_head(view_from(rest, 1), rest.n - 2);
	event->text = rest;
	return MAILLOG_DELIVERY;
}

/*
 * sendmail(1) takes an address with anything in its domain, also what looks like the rest
 * of such a line. error(8) bounces it, in words of its own to the line's end, and that is
 * how we know it: the address ends where the last fields begin. Other programs are not
 * given such an address, and end with words of others.
 */
static bool
take_malformed(struct view daemon, struct view *rest, struct maillog_event *event)
{
	const struct view fields = VIEW(">, relay=none, delay=");

	if (!view_is(daemon, VIEW("error")) ||
	    !view_ends(*rest, VIEW(", dsn=5.1.3, status=bounced (bad address syntax)")))
		return false;
	for (size_t at = rest->n; at-- > 0;) {
		if (!view_starts(view_from(*rest, at), fields))
			continue;
		event->rcpt = view_head(*rest, at);
		*rest = view_from(*rest, at + strlen(">, "));
		return true;
	}
	return false;
}

enum maillog_kind
maillog_delivery(struct view daemon, struct view rest, struct maillog_event *event)
{
	if (!take_malformed(daemon, &rest, event) && !maillog_address(&rest, &event->rcpt))
		return MAILLOG_UNKNOWN;
	if (maillog_take(&rest, VIEW("orig_to=<")) &&
	    !maillog_address(&rest, &event->orig_rcpt))
		return MAILLOG_UNKNOWN;
	while (rest.n > 0) {
		struct view part;

		if (maillog_take(&rest, VIEW("status=")))
			return take_status(rest, event);
		part = maillog_until(&rest, VIEW(", "));
		if (maillog_take(&part, VIEW("relay=")))
			event->relay = part;
		else if (maillog_take(&part, VIEW("delay=")))
			event->delay_ms = delay_of(part);
		else if (maillog_take(&part, VIEW("delays=")))
			take_delays(part, event->delays_ms);
		else if (maillog_take(&part, VIEW("dsn=")))
			event->dsn = part;
	}
	return MAILLOG_UNKNOWN;
}
