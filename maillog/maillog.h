/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MAILLOG_MAILLOG_H
#define MAILLOG_MAILLOG_H

/*
 * What a line of Postfix's log says: a pure function of the line. Everything in it may come
 * from outside (addresses, the words of a remote server), and is borrowed from the line as
 * it stands there; Postfix has replaced control characters by '?'.
 *
 * A line that is not Postfix's, or that says nothing about a message's way, is no event.
 * One of a kind that should be known and is not as it should be is counted by the caller,
 * and never fatal.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

enum { MAILLOG_LINE_MAX = 16384 }; /* bytes; a longer line is cut there */

/* "Nov 21 20:31:01 mx postfix/smtp[15300]: ..." or with an RFC 3339 time in front, taken
 * apart. */
struct maillog_line {
	/* UTC microseconds when the line has a year and a zone; else 0, and 'month' to
	 * 'second' are local time. */
	int64_t time;
	unsigned month, day, hour, minute, second;
	struct view host;
	struct view program; /* "postfix/submission/smtpd" */
	struct view message; /* behind "[15300]: " */
};

/* False: it is no line of a log. */
bool maillog_split(struct view line, struct maillog_line *ret_line);

enum maillog_kind {
	MAILLOG_NOTHING,  /* no event */
	MAILLOG_UNKNOWN,  /* begins as one does, and goes on otherwise */
	MAILLOG_CLIENT,   /* smtpd: who brought the message */
	MAILLOG_PICKUP,   /* from sendmail(1), or requeued */
	MAILLOG_ID,       /* its Message-ID */
	MAILLOG_QUEUED,   /* qmgr: it is active */
	MAILLOG_DELIVERY, /* one recipient: sent, deferred, bounced, expired ... */
	MAILLOG_EXPIRED,  /* qmgr: given up */
	MAILLOG_REMOVED,  /* qmgr: done with */
	MAILLOG_HELD,     /* put on hold, by a milter, an access table or an admin */
	MAILLOG_RELEASED, /* from hold, by an admin */
	MAILLOG_DELETED,  /* by an admin */
	MAILLOG_REQUEUED, /* by an admin: it comes back under another id */
	MAILLOG_BOUNCE,   /* a notification about it was made */
	MAILLOG_REJECTED, /* refused, or put off, before it was taken */
	MAILLOG_MILTER,   /* trouble with a milter */
};

enum maillog_status {
	STATUS_SENT,
	STATUS_DEFERRED,
	STATUS_BOUNCED,
	STATUS_EXPIRED,
	STATUS_DELIVERABLE, /* probes: sendmail -bv and address verification */
	STATUS_UNDELIVERABLE,
};

enum { MAILLOG_DELAYS = 4 };

/* What is not said is empty or 0. Addresses stand without their angle brackets. */
struct maillog_event {
	enum maillog_kind kind;
	struct view id;       /* queue id; empty: NOQUEUE */
	struct view other_id; /* of the notification; of a requeued message what it was */
	struct view client, login;
	struct view message_id;
	struct view sender;
	uint64_t size;
	uint32_t rcpts;
	/* MAILLOG_DELIVERY */
	struct view rcpt, orig_rcpt, relay, dsn, text;
	enum maillog_status status;
	uint32_t delay_ms;
	uint32_t delays_ms[MAILLOG_DELAYS]; /* its parts: delays=a/b/c/d */
	/* MAILLOG_HELD, MAILLOG_REJECTED: "milter", "header" ...; MAILLOG_MILTER: its name
	 */
	struct view by;
};

/* PROGRAM as in struct maillog_line: "postfix/smtp", "postfix/submission/smtpd". */
void maillog_parse(
    struct view program, struct view message, struct maillog_event *ret_event);

const char *maillog_status_name(enum maillog_status status); /* "deferred" ... */
bool maillog_status_of(struct view name, enum maillog_status *ret_status);

#endif
