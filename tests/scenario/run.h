/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_RUN_H
#define TESTS_SCENARIO_RUN_H

/* One scenario through one driver. */

#include "tests/scenario/driver.h"
#include "tests/scenario/scenario.h"

struct run {
	const struct driver *driver;
	const char *build;
	char dir[LAB_PATH / 4];
	struct key_pool pool;
	unsigned count; /* of results printed */
	bool is_verbose;
};

/* True: all was as expected. NOTES has what was not, and the transcript. */
bool run_scenario(
    struct run *run, const struct scenario *scenario, const char *name, struct buf *notes);

#endif
