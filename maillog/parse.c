/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "maillog/private.h"

/* Which program says what: the way of a message through Postfix. */

enum { ID_MIN = 5, ID_MAX = 20 };

/* The last part: of "postfix/submission/smtpd" it is "smtpd". */
static struct view
daemon_of(struct view program)
{
	size_t at = program.n;

	while (at > 0 && program.p[at - 1] != '/')
		at--;
	return at == 0 ? VIEW_NONE : view_from(program, at);
}

static bool
is_id(struct view id)
{
	if (id.n < ID_MIN || id.n > ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
			return false;
	}
	return true;
}

struct view
maillog_bare(struct view address)
{
	if (address.n >= 2 && address.p[0] == '<' && address.p[address.n - 1] == '>')
		return view_head(view_from(address, 1), address.n - 2);
	return address;
}

bool
maillog_take(struct view *rest, struct view head)
{
	if (!view_starts(*rest, head))
		return false;
	*rest = view_from(*rest, head.n);
	return true;
}

struct view
maillog_until(struct view *rest, struct view separator)
{
	const char *at =
	    rest->n == 0 ? NULL : memmem(rest->p, rest->n, separator.p, separator.n);
	size_t n = at == NULL ? rest->n : (size_t)(at - rest->p);
	struct view part = view_head(*rest, n);

	*rest = at == NULL ? VIEW("") : view_from(*rest, n + separator.n);
	return part;
}

bool
maillog_address(struct view *rest, struct view *ret_address)
{
	bool is_quoted = false;

	for (size_t i = 0; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (c == '>' && !is_quoted) {
			*ret_address = view_head(*rest, i);
			*rest = view_from(*rest, i + 1);
			(void)maillog_take(rest, VIEW(", "));
			return true;
		}
	}
	return false;
}

static uint64_t
number_of(struct view text)
{
	unsigned long long number;

	return view_number(text, INT64_MAX, &number) ? number : 0;
}

/* "client=unknown[127.0.0.1], sasl_method=PLAIN, sasl_username=alice@out.test". Behind
 * that may stand sasl_sender=, which is what the client says with MAIL FROM's AUTH=, logged
 * in or not: it can look like all the rest. */
static enum maillog_kind
parse_client(struct view rest, struct maillog_event *event)
{
	event->client = maillog_until(&rest, VIEW(", "));
	while (
	    rest.n > 0 && event->login.n == 0 && !view_starts(rest, VIEW("sasl_sender="))) {
		struct view part = maillog_until(&rest, VIEW(", "));
		if (maillog_take(&part, VIEW("sasl_username=")))
			event->login = part;
	}
	return MAILLOG_CLIENT;
}

/* "from=<alice@out.test>, size=455, nrcpt=2 (queue active)", "from=<...>, status=expired,
 * returned to sender" */
static enum maillog_kind
parse_from(struct view rest, struct maillog_event *event)
{
	if (!maillog_take(&rest, VIEW("<")) || !maillog_address(&rest, &event->sender))
		return MAILLOG_UNKNOWN;
	/* To its end: sendmail(1) takes a sender with that in its domain. */
	if (view_is(rest, VIEW("status=expired, returned to sender")) ||
	    view_is(rest, VIEW("status=force-expired, returned to sender")))
		return MAILLOG_EXPIRED;
	if (!maillog_take(&rest, VIEW("size=")))
		return MAILLOG_UNKNOWN;
	event->size = number_of(maillog_until(&rest, VIEW(", ")));
	if (!maillog_take(&rest, VIEW("nrcpt=")))
		return MAILLOG_UNKNOWN;
	event->rcpts = (uint32_t)number_of(maillog_until(&rest, VIEW(" ")));
	return MAILLOG_QUEUED;
}

/* "uid=0 from=<root>", "uid=0 from=<a@b> orig_id=4cXyZ71kq" */
static enum maillog_kind
parse_pickup(struct view rest, struct maillog_event *event)
{
	struct view head = maillog_until(&rest, VIEW(" from=<"));

	if (!view_starts(head, VIEW("uid=")) || !maillog_address(&rest, &event->sender))
		return MAILLOG_UNKNOWN;
	if (maillog_take(&rest, VIEW(" orig_id=")) && is_id(rest))
		event->other_id = rest;
	return MAILLOG_PICKUP;
}

static enum maillog_kind
parse_postsuper(struct view rest)
{
	static const struct {
		const char *words;
		enum maillog_kind kind;
	} said[] = {
	    {"released from hold", MAILLOG_RELEASED},
	    {"placed on hold", MAILLOG_HELD},
	    {"removed", MAILLOG_DELETED},
	    {"requeued", MAILLOG_REQUEUED},
	    {"expired", MAILLOG_EXPIRED},
	};

	for (size_t i = 0; i < ARRAY_LEN(said); i++)
		if (view_starts(rest, view_of(said[i].words)))
			return said[i].kind;
	return MAILLOG_UNKNOWN;
}

/* "sender non-delivery notification: 4jX47j1VDBz1bYR3" */
static enum maillog_kind
parse_bounce(struct view rest, struct maillog_event *event)
{
	(void)maillog_until(&rest, VIEW(" notification: "));
	if (!is_id(rest))
		return MAILLOG_UNKNOWN;
	event->other_id = rest;
	return MAILLOG_BOUNCE;
}

/* "milter-hold: END-OF-MESSAGE from ...", "milter-reject: ...", "reject: RCPT from ...",
 * "hold: header ..." */
static enum maillog_kind
parse_judged(struct view rest, struct maillog_event *event)
{
	struct view head = maillog_until(&rest, VIEW(": "));

	event->by = maillog_take(&head, VIEW("milter-")) ? VIEW("milter") : VIEW("postfix");
	event->text = rest;
	if (view_is(head, VIEW("hold")))
		return MAILLOG_HELD;
	return view_is(head, VIEW("reject")) || view_is(head, VIEW("discard"))
		   ? MAILLOG_REJECTED
		   : MAILLOG_NOTHING;
}

/* What stands behind "ID: ", said by DAEMON. */
static enum maillog_kind
parse_about(struct view daemon, struct view rest, struct maillog_event *event)
{
	bool is_postsuper = view_is(daemon, VIEW("postsuper"));

	if (maillog_take(&rest, VIEW("to=<")))
		return maillog_delivery(daemon, rest, event);
	if (is_postsuper)
		return parse_postsuper(rest);
	if (view_is(daemon, VIEW("bounce")))
		return parse_bounce(rest, event);
	if (maillog_take(&rest, VIEW("client=")))
		return parse_client(rest, event);
	if (maillog_take(&rest, VIEW("from=")))
		return parse_from(rest, event);
	if (view_starts(rest, VIEW("uid=")))
		return parse_pickup(rest, event);
	if (maillog_take(&rest, VIEW("message-id="))) {
		event->message_id = maillog_bare(rest);
		return MAILLOG_ID;
	}
	if (view_is(rest, VIEW("removed")))
		return MAILLOG_REMOVED;
	return parse_judged(rest, event);
}

/* "warning: connect to Milter service inet:...: Connection refused", "warning: milter
 * unix:...: can't read SMFIC_BODYEOB reply packet header: ..." */
static enum maillog_kind
parse_warning(struct view rest, struct maillog_event *event)
{
	if (!maillog_take(&rest, VIEW("connect to Milter service ")) &&
	    !maillog_take(&rest, VIEW("milter ")))
		return MAILLOG_NOTHING;
	event->by = maillog_until(&rest, VIEW(": "));
	event->text = rest;
	return MAILLOG_MILTER;
}

void
maillog_parse(struct view program, struct view message, struct maillog_event *ret_event)
{
	struct maillog_event *event = ret_event;
	struct view daemon = daemon_of(program), rest = message, id;

	*event = (struct maillog_event){.kind = MAILLOG_NOTHING};
	if (daemon.n == 0)
		return;
	if (maillog_take(&rest, VIEW("warning: "))) {
		event->kind = parse_warning(rest, event);
		return;
	}
	id = maillog_until(&rest, VIEW(": "));
	if (view_is(id, VIEW("NOQUEUE"))) {
		event->kind = parse_judged(rest, event);
		return;
	}
	if (!is_id(id) || rest.n == 0)
		return;
	event->id = id;
	event->kind = parse_about(daemon, rest, event);
}
