/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_DIFFERENTIAL_MESSAGE_H
#define TESTS_DIFFERENTIAL_MESSAGE_H

/* Messages with something odd about them, different each time but the same in every run. */

#include "lib/buf.h"

enum { MESSAGE_HEADERS = 10, MESSAGE_BODIES = 14, MESSAGE_FIELDS = 64 };

struct message {
	struct {
		struct buf name, value; /* the value raw, folds as LF */
	} fields[MESSAGE_FIELDS];
	size_t n_fields;
	struct buf body;
};

enum message_tamper { TAMPER_NONE, TAMPER_FROM, TAMPER_SUBJECT, TAMPER_BODY };

/* 0 .. below-1. */
unsigned message_random(size_t below);

void message_make(struct message *message, unsigned header, unsigned body);
const char *message_header_class(unsigned header);
const char *message_body_class(unsigned body);
const char *message_tampering(enum message_tamper tamper);

#endif
