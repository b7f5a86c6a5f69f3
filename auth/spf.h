/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

/*
 * Sender Policy Framework, RFC 7208: check_host() as a pure function of a question and of
 * DNS answers. No state, no globals, any thread.
 *
 * Beyond the RFC's limits (10 terms that look up, 2 void look-ups, 10 names per mx and ptr,
 * 4.6.4) there is one of 120 queries over all, those for several egress addresses together;
 * whoever runs the evaluator bounds the time. What exceeds it, and what an answer that is
 * cut would have had to say, nobody knows: temperror, is_unanswered.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/lookup.h"
#include "lib/net.h"
#include "lib/view.h"

enum {
	SPF_TERMS_MAX = 10, /* RFC 7208 4.6.4: include, a, mx, ptr, exists, redirect */
	SPF_VOID_MAX = 2,   /* look-ups without an answer */
	SPF_NAMES_MAX = 10, /* of one mx or ptr */
	SPF_QUERIES_MAX = 120,
	SPF_RECORD_MAX = DNS_TXT_MAX,
	SPF_EXPLANATION_MAX = 512, /* bytes */
	SPF_EGRESS_MAX = 64,
};

enum spf_outcome {
	SPF_EVAL_PENDING, /* an answer is missing: fetch it and evaluate again */
	SPF_EVAL_NONE,
	SPF_EVAL_NEUTRAL,
	SPF_EVAL_PASS,
	SPF_EVAL_FAIL,
	SPF_EVAL_SOFTFAIL,
	SPF_EVAL_TEMPERROR,
	SPF_EVAL_PERMERROR,
};
const char *spf_outcome_name(enum spf_outcome outcome); /* "softfail" */

struct spf_question {
	struct addr client; /* the address that receivers see */
	struct view domain; /* that is asked for its record: the sender's, else HELO's */
	struct view sender; /* local@domain; for the null sender postmaster@HELO (2.4) */
	struct view helo;
	struct view receiver; /* %{r}; empty: "unknown" */
	int64_t now;          /* %{t}: wall, seconds */
};

/* What a term did, for 'frank spf'. Views live in the arena of the evaluation. */
enum spf_step_what {
	SPF_STEP_RECORD, /* a record is evaluated: 'text' is the record */
	SPF_STEP_TERM,   /* 'text' is the term; 'matched', and 'terms' after it */
	SPF_STEP_END,    /* of that record: 'outcome' */
};
struct spf_step {
	enum spf_step_what what;
	unsigned depth; /* 0: the domain itself */
	struct view domain, text;
	bool matched;
	unsigned terms; /* that looked up, so far */
	unsigned voids;
	enum spf_outcome outcome;
};
typedef void (*spf_step_fn)(void *context, const struct spf_step *step);

struct spf_asking {
	lookup_fn lookup;
	void *context;
	struct arena
	    *arena; /* for the result's text; capped by its owner: full is permerror */
	spf_step_fn step; /* NULL: nobody wants to know */
	void *step_context;
};

struct spf_result {
	enum spf_outcome outcome;
	bool is_unanswered; /* temperror, but not DNS said so: we do not know more */
	/* It hangs on the sender's local part, HELO, or time, so it is this message's only.
	 * %{o} is taken for the domain that is asked. */
	bool is_per_message;
	struct view term; /* that decided: "-all", "include:example.net"; empty: none did */
	struct view domain;  /* whose record that term stands in */
	struct view problem; /* of temperror and permerror, in words: "more than 10 terms
				that look up" */
	struct view explanation;        /* of fail: exp=, expanded (6.2); empty: none */
	unsigned terms, voids, queries; /* each name and type once */
	uint32_t ttl; /* seconds: the least of the answers; without any 0 */
};

void spf_eval(const struct spf_question *question, const struct spf_asking *asking,
    struct spf_result *ret_result);

/*
 * For each of N egress addresses, and the worst of them: fail, permerror, softfail, none,
 * neutral, temperror, pass. What could not be answered at all comes out only where none is
 * worse than pass. *ret_egress is the address that gave it. question->client is ignored.
 * One address is evaluated after the other, so that what is known of one helps the next. N
 * is not 0.
 */
void spf_eval_worst(const struct spf_question *question, const struct addr *egress,
    uint32_t n, const struct spf_asking *asking, struct spf_result *ret_result,
    struct addr *ret_egress);

/*
 * What an admin should know of a record although it is valid: near the limit of terms, ptr,
 * +all, terms behind "all", void look-ups, records over 450 bytes, several strings, cases
 * in which widely used software differs (libspf2: /0, over 511 bytes compiled). One
 * sentence a line, appended to OUT. RESULT is what the evaluation of the same question came
 * to. Records that the evaluation did not need are looked up as well; for the whole truth
 * fetch what is wanted afterwards, empty OUT and ask again. The sentences hold names and
 * terms as they are published: escape them where they are shown.
 */
void spf_warn(const struct spf_question *question, const struct spf_asking *asking,
    const struct spf_result *result, struct buf *out);

#endif
