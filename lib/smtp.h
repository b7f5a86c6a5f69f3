/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_SMTP_H
#define LIB_SMTP_H

/*
 * One message over SMTP (RFC 5321) to one server: greeting, EHLO (HELO where that is not
 * known), MAIL, RCPT, DATA, QUIT. No TLS, no login, no queue: whoever calls tries again.
 * Any thread.
 */

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	SMTP_LINE_MAX = 2048,  /* bytes of a line of a reply */
	SMTP_REPLY_LINES = 64, /* of one reply */
};

struct smtp_mail {
	const char *server; /* "127.0.0.1:25", "[::1]:25", "localhost:25" */
	struct view helo;
	struct view sender,
	    rcpt;         /* addresses without angle brackets; sender may be empty */
	struct view text; /* header and body; lines end in LF or CRLF */
};

/*
 * Hand MAIL over within MILLISECONDS (a name in 'server' is looked up besides). 0: the
 * server took it, and REPLY (or NULL) has what it said to that. -1: it did not, and ERR has
 * its words: ERR_CONFIG when it refused for good (5yz), ERR_BAD_INPUT when MAIL cannot be
 * said in SMTP, else ERR_TEMP.
 */
int smtp_send(
    const struct smtp_mail *mail, int milliseconds, struct buf *reply, struct err *err);

#endif
