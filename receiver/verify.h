/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_VERIFY_H
#define RECEIVER_VERIFY_H

/*
 * What libopendkim says of a signature. The only place that calls it (tests excepted), and
 * only in a process that holds nothing and reaches nothing: it has crashed on input before.
 * What has crashed it, and what it is known to judge wrongly, is kept from it or from the
 * answer: then there is no opinion, and the reason says why.
 *
 * Each signature is verified by itself, with no other DKIM-Signature beside it. Keys are
 * handed over; nothing is looked up. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/view.h"

#include "receiver/wire.h"

enum {
	VERIFY_NAME_MAX = 1000,   /* bytes of a field's name; more smashed its stack */
	VERIFY_FIELD_MAX = 60000, /* bytes of a field; libopendkim's own buffer is 64 KB */
	VERIFY_FIELDS = 2000,     /* in a message */
	VERIFY_HEADER_MAX = 1 << 20, /* bytes of all fields */
	VERIFY_VALUE_MAX = 8192,     /* bytes of a DKIM-Signature */
	VERIFY_NAMES_MAX = 4000,     /* bytes of h=; libopendkim cuts it at 4095 */
	VERIFY_RECORD_MAX = 1023,    /* bytes of a key record; libopendkim cuts it there */
};

/* A public key and the names under which it is published. */
struct verify_key {
	struct view domain, selector, record;
};

struct verify_message {
	const struct view *fields; /* "Name:value", folds LF or CRLF, no final line end */
	size_t n_fields;           /* in the order of the message, no DKIM-Signature */
	struct view body;          /* with CRLF */
};

struct verify_answer {
	enum receiver_opinion opinion;
	int why;        /* for verify_hint() */
	bool lacks_key; /* none was handed over, or not that of the signature */
	char reason[RECEIVER_REASON_MAX];
};

struct verify;

struct verify *verify_new(void);
void verify_free(struct verify *verify); /* NULL is fine */

/*
 * VALUE is the DKIM-Signature's, folds LF or CRLF. KEY NULL: none is known. Warming up:
 * once before the process loses its file system, so that all that is loaded late is there.
 */
void verify_signature(struct verify *verify, const struct verify_message *message,
    struct view value, const struct verify_key *key, struct verify_answer *ret_answer);
void verify_warm_up(struct verify *verify);

/* What an answer usually means, a sentence; NULL when the reason says it all. */
const char *verify_hint(int why);

#endif
