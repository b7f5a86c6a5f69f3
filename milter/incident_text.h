/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_INCIDENT_TEXT_H
#define MILTER_INCIDENT_TEXT_H

/*
 * An incident in words: a line for the log, members of a JSON object for 'frank incident'
 * and notify-command, a mail for who is told of it. Pure.
 */

#include <stdint.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "milter/alerts.h"
#include "milter/incidents.h"

/* "12 messages of alice@example.org held: account takeover?", escaped. */
void incident_summary(const struct state_incident *row, struct buf *out);

/* "incident 3 opened: ..." for log and journal. */
void incident_say(
    const struct state_incident *row, enum incident_news news, struct buf *out);

/*
 * Members of an object. WHOLE: the lists too.
 *
 *	frank.incident      its number
 *	event.reason        the label
 *	rule.id             where the rule stands
 *	frank.key           of the meter that decided, else the origin
 *	frank.meter, frank.reading, frank.usual
 *	                    what it read for the first message; not there: no meter decided,
 *	                    nothing was usual yet
 *	email.local_id      queue id of the first message
 *	source.ip           its client; frank.client_new: never seen for that origin before
 *	event.start, frank.last, event.end
 *	                    first and last message, closed: RFC 3339
 *	frank.messages, frank.rcpts
 *	                    that were held
 *	frank.notify        somebody wants to hear of it; frank.notified: when he was told
 *	frank.closed_by, frank.close_reason
 *	frank.origins, frank.origin_messages, frank.domains, frank.domain_rcpts
 *	                    names, and how often each came
 */
void incident_json(const struct state_incident *row, bool whole, struct json *json);

/* Who writes to whom, about an incident on which machine. */
struct notice_frame {
	const char *from_domain; /* postmaster@ that */
	const char *to;
	const char *host;       /* where frankd runs */
	const char *message_id; /* without angle brackets */
	const char *mark;       /* value of OWN_MAIL_FIELD */
	int64_t now;            /* wall, microseconds */
};

/* A whole message, ASCII only, lines ended by LF. */
void notice_mail(const struct state_incident *row, enum incident_news news,
    const struct notice_frame *frame, struct buf *out);

/* The same about Postfix's queue. */
void notice_alert_mail(
    const struct alert_news *news, const struct notice_frame *frame, struct buf *out);

#endif
