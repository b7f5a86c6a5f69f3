/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_VERIFY_H
#define TESTS_SCENARIO_VERIFY_H

/*
 * The receiver's eye: libopendkim, which shares no code with us, verifies what was sent
 * with the keys that the lab published.
 */

#include "tests/scenario/driver.h"

/* Does the inserted field I verify in the message as it left? If not, WHY says so. */
bool verify(struct lab *lab, const struct mail *mail, const struct outcome *outcome,
    unsigned i, struct buf *why);

/* The tag ("d") of a DKIM-Signature; empty: it has none. */
struct view signature_tag(const char *value, char tag);

#endif
