/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_OWN_MAIL_H
#define MILTER_OWN_MAIL_H

/*
 * How frankd knows the mail that it sends itself, so that a notice is not metered and opens
 * no incident: a header field with a MAC over its Message-ID, its one recipient, its Date
 * and the time. The milter process judges such a message while it hands it over, so the
 * secret is its own, new at each start, and kept nowhere. Who repeats the field, which is
 * taken out again before the message leaves, can repeat that message to that recipient.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

#define OWN_MAIL_FIELD "X-Frank-Notice"

enum {
	OWN_MAIL_SECRET = 32,     /* bytes */
	OWN_MAIL_MARK = 96,       /* bytes of the field's value, with a NUL */
	OWN_MAIL_SECONDS = 86400, /* it holds no longer */
};

struct own_mail_secret {
	uint8_t bytes[OWN_MAIL_SECRET];
};

struct own_mail {
	struct view message_id; /* without angle brackets */
	struct view rcpt;
	struct view date; /* as the field has it */
};

void own_mail_secret_make(struct own_mail_secret *ret_secret);

/* The field's value for MAIL at NOW (wall, seconds). */
void own_mail_mark(const struct own_mail_secret *secret, const struct own_mail *mail,
    int64_t now, char into[OWN_MAIL_MARK]);

/* Is MARK what was made for MAIL, not long ago? */
bool own_mail_is(const struct own_mail_secret *secret, const struct own_mail *mail,
    struct view mark, int64_t now);

#endif
