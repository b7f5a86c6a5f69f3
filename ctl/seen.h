/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_SEEN_H
#define CTL_SEEN_H

/*
 * What DNS said when a message was decided, of the facts that were recorded: for explain
 * and for --json.
 */

#include "lib/buf.h"
#include "lib/json.h"
#include "policy/facts.h"

/* "  spf pass from 203.0.113.25 (ip4:203.0.113.25 of example.org)   dmarc-policy reject
 * ...", a line; nothing when nothing is known. */
void seen_text(const struct facts *facts, struct buf *out);
void seen_json(const struct facts *facts, struct json *json);

#endif
