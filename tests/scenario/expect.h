/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_EXPECT_H
#define TESTS_SCENARIO_EXPECT_H

/* What came of one message or reload, held against what was expected. */

#include "tests/scenario/driver.h"

struct result {
	struct lab *lab;
	const struct mail *mail; /* NULL: a reload */
	struct outcome outcome;
	struct buf log;     /* its line in the log; empty: none */
	struct buf explain; /* asked once, when it is needed */
	bool has_explain;

	bool was_refused; /* a reload */
	struct buf said;
};

void result_init(struct result *result, struct lab *lab, const struct mail *mail);
void result_fini(struct result *result);

/* What frank explain says of the message. */
const struct buf *result_explain(struct result *result);

/* True: it is so. Otherwise WHY says what is instead. */
bool expect_holds(struct result *result, const struct expect *expect, struct buf *why);

/* Of every message: its signatures verify, and frank explain agrees with frankd. */
bool expect_sound(struct result *result, struct buf *why);

#endif
