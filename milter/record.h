/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RECORD_H
#define MILTER_RECORD_H

/*
 * A decision as the journal's record and as the one log line of a message.
 */

#include <stdint.h>

#include "engine/engine.h"
#include "journal/journal.h"
#include "lib/err.h"

/* As journal_append: 0, or -1 under 'set journal required'. */
int record_write(struct journal *journal, const struct facts *facts,
    const struct decision *decision, struct view policy_hash, uint32_t micros,
    struct err *err);

void record_log(
    const struct facts *facts, const struct decision *decision, uint32_t micros);

#endif
