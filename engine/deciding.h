/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef ENGINE_DECIDING_H
#define ENGINE_DECIDING_H

/* One decision while it is made. */

#include "engine/engine.h"
#include "policy/rule.h"

enum line_answer {
	LINE_NO,
	LINE_FITS,
	LINE_UNKNOWN,  /* advice is missing: it does not fit */
	LINE_ON_ERROR, /* an authority could not be asked */
};

/* A rule that fits, and did not sign. */
struct missing {
	const struct rule *rule;
	const struct signer *signer;  /* the one behind 'sign with'; NULL: 'sign' alone */
	const struct policy_key *key; /* one that there is, and that may not; NULL: none */
	bool has_no_room;             /* there are DECISION_SIGN_MAX already */
};

struct deciding {
	const struct policy *policy;
	const struct facts *facts;
	struct arena *arena;
	struct trace *trace; /* NULL: nobody wants to know */
	struct decision *decision;
	struct derived derived;
	bool is_full; /* the arena is: nothing that was made is complete */

	/* Why nothing signs. */
	struct view no_key;         /* a rule that fits found no key */
	struct missing missing;     /* that rule, once 'no_key' is not empty */
	const struct rule *nearest; /* the sign rule that came furthest */
	size_t nearest_test;        /* and its test that said no */
};

/* What ANSWER makes of a line, when SO_FAR is what the tests before it made of it. */
enum line_answer line_after(
    enum line_answer so_far, enum match_answer answer, enum fact_class class);

/* Judge all tests of RULE. *ret_test: the one that said no, or how many there are. */
enum line_answer line_judge(
    struct deciding *deciding, const struct rule *rule, size_t *ret_test);

/* Choose the keys of a sign rule that fits. */
void sign_by_rule(struct deciding *deciding, const struct rule *rule);
/* RULE did not fit because of its test number TEST. */
void sign_missed(struct deciding *deciding, const struct rule *rule, size_t test);
/* What keeps every rule from signing; empty: nothing does. */
struct view sign_obstacle(const struct deciding *deciding);
void sign_explain_none(struct deciding *deciding);
/* Nothing signs: what could be done about it, for the trace. */
void remedy_find(struct deciding *deciding);

/* What follows from the keys that sign; to be called when they are chosen. */
void derive(struct deciding *deciding);

void trace_test(struct deciding *deciding, const struct rule *rule, const struct test *test,
    enum match_answer answer);
void trace_line(struct deciding *deciding, const struct rule *rule,
    enum trace_answer answer, const char *why);
/* The last step is what its rule was applied for. */
void trace_decides(struct deciding *deciding);
void trace_reentry(struct deciding *deciding);
void trace_unsigned(struct deciding *deciding, struct view note);

/* A copy in the arena; empty when it is full. */
struct view deciding_keep(struct deciding *deciding, const struct buf *text);

/*
 * A buffer over an array of the caller's: nothing is allocated, what does not fit is left
 * out.
 */
#define BUF_OVER(array)                                                                    \
	{                                                                                  \
		.p = (array), .n = 0, .size = sizeof(array), .limit = sizeof(array) - 1,   \
		.full = false                                                              \
	}

#endif
