/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_RECEIVER_LAB_H
#define TESTS_UNIT_RECEIVER_LAB_H

/* Messages that our own signer signed, for the tests of receiver/. */

#include "auth/sign.h"
#include "lib/buf.h"
#include "receiver/verify.h"

enum { LAB_FIELDS = 8 };

struct lab_message {
	const char *fields[LAB_FIELDS]; /* "Name:value"; NULL ends them */
	struct view body;
	enum sign_canon header, body_canon;
	enum sign_algorithm algorithm;
};

/* The DKIM-Signature's value, by d=example.org s=lab. */
void lab_sign(const struct lab_message *message, struct buf *value);

/* The key record that verifies it. */
const char *lab_record(enum sign_algorithm algorithm);

size_t lab_fields(const struct lab_message *message, struct view fields[LAB_FIELDS]);

#endif
