/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_WATCH_LAB_H
#define TESTS_UNIT_WATCH_LAB_H

/*
 * What tests of the key watch share: a policy with three keys of example.org and one of
 * example.net, DNS and the key process in our hand, a clock that goes when it is told to,
 * and a state.db in a directory of its own.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "milter/key_watch.h"
#include "tests/unit/journal_lab.h"

enum { WATCH_LAB_KEYS = 4, WATCH_LAB_NOW = 1772442000 };

struct watch_lab {
	struct generation generation;
	_Atomic(struct key_state *) states[WATCH_LAB_KEYS + 1];
	struct key_watch *watch;
	const char *dir;
	int64_t now, mono;
	/* What DNS has, and whether it says t=y; the i-th in the policy's order. */
	bool is_published[WATCH_LAB_KEYS], is_testing;
	bool is_lagging, is_silent, keys_are_gone;
	bool was_published[WATCH_LAB_KEYS];
	unsigned asked, asked_public;
	struct buf said; /* a line each; "! " before what is bad */
};

int watch_lab_set_up(void **state); /* *state is a struct watch_lab */
int watch_lab_tear_down(void **state);
#define WATCH_TEST(test)                                                                   \
	cmocka_unit_test_setup_teardown(test, watch_lab_set_up, watch_lab_tear_down)

/* frankd begins, with what state.db has; the one before is the caller's to free. */
void watch_lab_begin(struct watch_lab *lab);
/* The policy with KEYS in place of its own, as a generation that comes after. */
void watch_lab_load(
    const struct watch_lab *lab, struct generation *generation, const char *keys);

void watch_lab_publish(struct watch_lab *lab, const char *selector, bool is_published);
/* The clock goes N seconds on, and the watch does its part in each. */
void watch_lab_seconds(struct watch_lab *lab, unsigned n);
/* An answer for SELECTOR comes, as DNS is now. */
void watch_lab_learn(struct watch_lab *lab, const char *selector);

/* The selectors in state.db, by name: "s2024 s2025 ". */
void watch_lab_expect_kept(struct watch_lab *lab, const char *when, const char *want);
/* SELECTOR signs for example.org, and SAID was said since this was last asked. */
void watch_lab_expect(
    struct watch_lab *lab, const char *when, const char *selector, const char *said);
/* In the list SELECTOR has WANT in its line. */
void watch_lab_expect_row(
    struct watch_lab *lab, const char *when, const char *selector, const char *want);

#endif
