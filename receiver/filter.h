/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_FILTER_H
#define RECEIVER_FILTER_H

/* What libopendkim is not given, and where its word does not count. Pure. */

#include <stdbool.h>

#include "receiver/verify.h"

/*
 * NULL, or why libopendkim must not see it. No signature may name DKIM-Signature: the one
 * field of that name is then the one that h= has not used up. Where h= names all there are
 * and one more, libopendkim writes behind its list.
 */
const char *filter_message(const struct verify_message *message);
const char *filter_value(struct view value);
const char *filter_key(const struct verify_key *key);

/* NULL, or why libopendkim gets the hash of such a body wrong. */
const char *filter_body(struct view body, bool relaxed);

#endif
