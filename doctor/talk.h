/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_TALK_H
#define DOCTOR_TALK_H

/* SMTP with every reply looked at. One thread. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/view.h"

#include "doctor/tls.h"

enum { TALK_LINE_MAX = 2048, TALK_LINES_MAX = 64 };

enum talk_end {
	TALK_REPLY,
	TALK_LATE,   /* nothing until the deadline */
	TALK_CLOSED, /* the connection has ended */
	TALK_FOREIGN /* this is no SMTP; 'text' has its line */
};

struct talk {
	int fd;          /* borrowed */
	struct tls *tls; /* NULL: without; borrowed */
	struct arena *arena;
	int64_t deadline;
	int code;          /* of the last reply */
	struct view text;  /* its lines without their codes, LF between them */
	struct view shown; /* the beginning of that, on one line */
	char in[TALK_LINE_MAX];
	size_t n;
};

/* The next reply. */
enum talk_end talk_read(struct talk *talk);
/* TEXT as it is, without waiting for a reply. False: it did not get there. */
bool talk_send(struct talk *talk, struct view text);
/* LINE, with CRLF behind it, and the reply to that. */
enum talk_end talk_say(struct talk *talk, struct view line);

/* Is WORD the first of a line of the last reply, without regard to case? */
bool talk_offers(const struct talk *talk, struct view word);
/* And is VALUE among the words behind it? */
bool talk_offers_with(const struct talk *talk, struct view word, struct view value);

/* For people: "says nothing", "closes the connection", "does not speak SMTP". */
const char *talk_end_text(enum talk_end end);

#endif
