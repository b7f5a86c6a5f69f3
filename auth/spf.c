/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

const char *
spf_outcome_name(enum spf_outcome outcome)
{
	static const char *const names[] = {[SPF_EVAL_PENDING] = "pending",
	    [SPF_EVAL_NONE] = "none",
	    [SPF_EVAL_NEUTRAL] = "neutral",
	    [SPF_EVAL_PASS] = "pass",
	    [SPF_EVAL_FAIL] = "fail",
	    [SPF_EVAL_SOFTFAIL] = "softfail",
	    [SPF_EVAL_TEMPERROR] = "temperror",
	    [SPF_EVAL_PERMERROR] = "permerror"};

	return (size_t)outcome < ARRAY_LEN(names) ? names[outcome] : "?";
}

void
spf_problem(struct spf_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(run->problem, sizeof(run->problem), format, args);
	va_end(args);
}

/* ::ffff:a.b.c.d is an IPv4 client (RFC 7208 5). */
static struct addr
client_fold(struct addr client)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct addr folded = {.family = ADDR_IPV4};

	if (client.family != ADDR_IPV6 || memcmp(client.bytes, mapped, 12) != 0)
		return client;
	memcpy(folded.bytes, client.bytes + 12, 4);
	return folded;
}

/* No local part is "postmaster" (4.3); no domain is the one that is asked. */
static void
sender_split(struct spf_run *run)
{
	static const struct view postmaster = {"postmaster", 10};
	struct view sender = run->question->sender;
	const char *at = sender.n > 0 ? memrchr(sender.p, '@', sender.n) : NULL;
	int n;

	run->local = postmaster;
	run->sender_domain = sender.n > 0 ? sender : run->question->domain;
	if (at != NULL) {
		run->sender_domain = view_from(sender, (size_t)(at - sender.p) + 1);
		if (at > sender.p)
			run->local = view_head(sender, (size_t)(at - sender.p));
	}
	if (at != NULL && at > sender.p) {
		run->sender = sender;
		return;
	}
	n = snprintf(run->sender_text, sizeof(run->sender_text), "postmaster@%.*s",
	    VIEW_ARG(view_head(run->sender_domain, SPF_DOMAIN_MAX)));
	run->sender = (struct view){run->sender_text, (size_t)n};
}

static enum spf_outcome
run_eval(struct spf_run *run, const struct spf_question *question,
    const struct spf_asking *asking, struct spf_asked *asked, struct addr client)
{
	run->question = question;
	run->asking = asking;
	run->asked = asked;
	run->client = client_fold(client);
	run->helo = question->helo;
	run->receiver = question->receiver.n > 0 ? question->receiver : VIEW("unknown");
	run->is_unanswered = run->is_per_message = false;
	run->terms = run->voids = 0;
	run->ttl = UINT32_MAX;
	run->term = VIEW_NONE;
	run->domain_n = run->explanation_n = 0;
	run->problem[0] = '\0';
	sender_split(run);
	if (run->client.family != ADDR_IPV4 && run->client.family != ADDR_IPV6) {
		spf_problem(run, "the client's address is not known");
		run->is_unanswered = true;
		return SPF_EVAL_TEMPERROR;
	}
	return spf_check(run, question->domain);
}

static bool
keep(struct arena *arena, struct view text, struct view *ret_kept)
{
	if (text.n == 0)
		return true;
	*ret_kept = arena_view(arena, text);
	return ret_kept->p != NULL;
}

/* What the run came to, as the caller's own. */
static void
result_keep(
    const struct spf_run *run, enum spf_outcome outcome, struct spf_result *ret_result)
{
	struct arena *arena = run->asking->arena;
	struct spf_result result = {.outcome = outcome,
	    .is_unanswered = outcome == SPF_EVAL_TEMPERROR && run->is_unanswered,
	    .is_per_message = run->is_per_message,
	    .terms = run->terms,
	    .voids = run->voids,
	    .queries = run->asked->n,
	    .ttl = run->ttl == UINT32_MAX ? 0 : run->ttl};
	bool is_error = outcome == SPF_EVAL_TEMPERROR || outcome == SPF_EVAL_PERMERROR;
	bool is_kept =
	    outcome == SPF_EVAL_PENDING ||
	    (keep(arena, run->term, &result.term) &&
		keep(arena, (struct view){run->domain, run->domain_n}, &result.domain) &&
		keep(
		    arena, is_error ? view_of(run->problem) : VIEW_NONE, &result.problem) &&
		keep(arena, (struct view){run->explanation, run->explanation_n},
		    &result.explanation));

	if (!is_kept) {
		result.outcome = SPF_EVAL_PERMERROR;
		result.is_unanswered = false;
		result.problem = VIEW("there is no room for the result");
	}
	*ret_result = result;
}

void
spf_eval(const struct spf_question *question, const struct spf_asking *asking,
    struct spf_result *ret_result)
{
	struct spf_asked asked;
	struct spf_run run;

	asked.n = asked.pending = 0;
	enum spf_outcome outcome =
	    run_eval(&run, question, asking, &asked, question->client);
	result_keep(&run, outcome, ret_result);
}

/* Higher is worse. */
static unsigned
badness(enum spf_outcome outcome, bool is_unanswered)
{
	static const unsigned of[] = {[SPF_EVAL_PASS] = 0,
	    [SPF_EVAL_TEMPERROR] = 2,
	    [SPF_EVAL_NEUTRAL] = 3,
	    [SPF_EVAL_NONE] = 4,
	    [SPF_EVAL_SOFTFAIL] = 5,
	    [SPF_EVAL_PERMERROR] = 6,
	    [SPF_EVAL_FAIL] = 7};

	return outcome == SPF_EVAL_TEMPERROR && is_unanswered ? 1 : of[outcome];
}

void
spf_eval_worst(const struct spf_question *question, const struct addr *egress, uint32_t n,
    const struct spf_asking *asking, struct spf_result *ret_result, struct addr *ret_egress)
{
	struct spf_asked asked;
	struct spf_run runs[2]; /* the worst so far, and the one at hand */
	enum spf_outcome outcome, worst = SPF_EVAL_PENDING;
	unsigned at = 0;
	uint32_t ttl = UINT32_MAX;
	bool is_per_message = false;

	asked.n = asked.pending = 0;
	must(n > 0);
	*ret_egress = egress[0];
	for (uint32_t i = 0; i < n; i++) {
		struct spf_run *run = &runs[i == 0 ? at : !at];

		outcome = run_eval(run, question, asking, &asked, egress[i]);
		ttl = run->ttl < ttl ? run->ttl : ttl;
		is_per_message = is_per_message || run->is_per_message;
		/*
		 * The next address would ask before it is known how much the others
		 * have asked, and all of them together have one limit.
		 */
		if (outcome == SPF_EVAL_PENDING) {
			result_keep(run, outcome, ret_result);
			return;
		}
		if (i > 0 && badness(outcome, run->is_unanswered) <=
				 badness(worst, runs[at].is_unanswered))
			continue;
		at = (unsigned)(run - runs);
		worst = outcome;
		*ret_egress = egress[i];
	}
	runs[at].ttl = ttl;
	runs[at].is_per_message = is_per_message;
	result_keep(&runs[at], worst, ret_result);
}
