/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_CASES_H
#define CTL_CASES_H

/*
 * A file of cases: facts that an admin wrote down, and the decision that they should get.
 *
 *	user=alice path=submission author=alice@example.org  ->  accept, sign s2026
 *	user=eve   author=alice@example.org  rcpt=a@example.net,b@example.net  ->  reject
 *
 * One case a line; comments begin with '#', a line that begins with white space continues
 *the one before, values with blanks or commas in them stand in double quotes. What a case
 *leaves out: frank(1).
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/view.h"
#include "policy/facts.h"
#include "policy/policy.h"

enum { CASES_FILE_MAX = 16 << 20, CASES_LIST_MAX = 16 };

/* What should come out. A list that is not asked for is not compared. */
struct case_want {
	enum verdict verdict;
	struct view label;
	bool has_label;
	bool has_sign; /* with no names: no signature at all */
	struct view sign[CASES_LIST_MAX];
	uint32_t n_sign;
	struct view tag, note, reply, at, watch; /* empty: not asked */
};

struct one_case {
	unsigned line; /* in its file, from 1 */
	struct view text;
	struct facts facts;
	struct case_want want;
};

struct cases {
	struct arena *arena;
	const char *name; /* of the file */
	struct view rest;
	unsigned line;
};

/* TEXT must live as long as CASES. */
void cases_init(struct cases *cases, const char *name, struct view text);
void cases_fini(struct cases *cases);

/*
 * The next case: 1; 0 at the end; -1: the line is not a case, and ERRORS has a line
 * "name:line: what is wrong" (reading may go on). POLICY answers the rcpt tests.
 */
int cases_next(struct cases *cases, const struct policy *policy, struct one_case *ret_case,
    struct buf *errors);

#endif
