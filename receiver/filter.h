/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_FILTER_H
#define RECEIVER_FILTER_H

/* What libopendkim is not given, and where its word does not count. Pure. */

#include <stdbool.h>

#include "receiver/verify.h"

/*
 * A field of this name goes with every message. No signature may name it, so that there is
 * always one field that h= has not used up: libopendkim writes behind its list otherwise.
 */
#define FILTER_PAD "Frank-Pad"

/* NULL, or why libopendkim must not see it. */
const char *filter_message(const struct verify_message *message);
const char *filter_value(struct view value);
const char *filter_key(const struct verify_key *key);

/* NULL, or why libopendkim gets the hash of such a body wrong. */
const char *filter_body(struct view body, bool relaxed);

#endif
