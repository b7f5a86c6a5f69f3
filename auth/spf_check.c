/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* check_host(): RFC 7208 4, and "include" and "redirect", which call it again. */

/* One record being evaluated. */
struct frame {
	unsigned depth;
	struct view domain;
	char text[SPF_DOMAIN_MAX + 1]; /* of the domain */
	struct spf_record record;
};

static enum spf_outcome frame_check(struct spf_run *run, struct frame *frame);

static void
step_say(struct spf_run *run, const struct frame *frame, const struct spf_step *step)
{
	const struct spf_asking *asking = run->asking;
	struct spf_step full = *step;

	if (asking->step == NULL)
		return;
	full.depth = frame->depth;
	full.domain = arena_view(asking->arena, frame->domain);
	full.text = arena_view(asking->arena, step->text);
	full.terms = run->terms;
	full.voids = run->voids;
	asking->step(asking->step_context, &full);
}

/* What decided: the term of the record that was asked for, or the one that is wrong. */
static void
term_decides(struct spf_run *run, const struct frame *frame, struct view term)
{
	if (run->term.p != NULL)
		return;
	run->term = term;
	memcpy(run->domain, frame->domain.p, frame->domain.n);
	run->domain_n = frame->domain.n;
}

static bool
is_error(enum spf_outcome outcome)
{
	return outcome == SPF_EVAL_TEMPERROR || outcome == SPF_EVAL_PERMERROR;
}

/* The one record that begins with v=spf1. PASS: it is in *ret_text. */
static enum spf_outcome
record_choose(struct spf_run *run, const struct dns_answer *answer, struct view *ret_text)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < answer->n; i++) {
		if (!spf_record_is(answer->records[i].data))
			continue;
		*ret_text = answer->records[i].data;
		n++;
	}
	if (n > 1) {
		spf_problem(run, "%.*s has %u SPF records", VIEW_ARG(answer->name), n);
		return SPF_EVAL_PERMERROR;
	}
	if (n == 1)
		return SPF_EVAL_PASS;
	if (!answer->is_cut)
		return SPF_EVAL_NONE;
	spf_problem(run, "TXT of %.*s: too much to read it all", VIEW_ARG(answer->name));
	run->is_unanswered = true;
	return SPF_EVAL_TEMPERROR;
}

/* A domain of several labels, and no address literal: only such are asked (4.3). */
static bool
is_domain(struct view domain)
{
	if (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain.n--;
	return domain.n <= SPF_DOMAIN_MAX && view_has_char(domain, '.') &&
	       domain.p[0] != '[';
}

static enum spf_outcome
record_find(struct spf_run *run, struct view domain, struct view *ret_text)
{
	char normal[SPF_NAME_SIZE];
	struct view name;
	const struct dns_answer *answer = NULL;
	enum spf_got got;

	if (!is_domain(domain) || !spf_name(domain, normal, &name))
		return SPF_EVAL_NONE;
	got = spf_ask(run, DNS_TXT, name, &answer);
	if (got == SPF_GOT_FOUND)
		return record_choose(run, answer, ret_text);
	if (got == SPF_GOT_VOID)
		return SPF_EVAL_NONE;
	return spf_match_failed(run, got) == SPF_MATCH_PENDING ? SPF_EVAL_PENDING
							       : SPF_EVAL_TEMPERROR;
}

/* One more term that looks up. False: too many. */
static bool
term_count(struct spf_run *run)
{
	if (run->terms++ < SPF_TERMS_MAX)
		return true;
	spf_problem(run, "more than %d terms that look up", SPF_TERMS_MAX);
	return false;
}

/* What "include" makes of the result of its record (5.2). */
static enum spf_match
include_result(struct spf_run *run, const struct frame *inner, enum spf_outcome outcome)
{
	switch (outcome) {
	case SPF_EVAL_PENDING:
		return SPF_MATCH_PENDING;
	case SPF_EVAL_PASS:
		return SPF_MATCH_YES;
	case SPF_EVAL_FAIL:
	case SPF_EVAL_SOFTFAIL:
	case SPF_EVAL_NEUTRAL:
		return SPF_MATCH_NO;
	case SPF_EVAL_TEMPERROR:
		return SPF_MATCH_TEMPERROR;
	case SPF_EVAL_NONE:
		spf_problem(run, "%.*s has no SPF record", VIEW_ARG(inner->domain));
		break;
	case SPF_EVAL_PERMERROR:
		break;
	}
	return SPF_MATCH_PERMERROR;
}

/* The frame of the record that a domain-spec of FRAME's names. VOID: there is no such. */
static enum spf_got
frame_below(struct spf_run *run, const struct frame *frame, struct view spec,
    unsigned depth, struct frame *ret_inner)
{
	ret_inner->depth = depth;
	return spf_domain_expand(
	    run, spec, frame->domain, ret_inner->text, &ret_inner->domain);
}

/*
 * A record leads to the next one: as deep as there are terms that look up, of which
 * term_count lets ten pass.
 */
/* NOLINTBEGIN(misc-no-recursion) */
static enum spf_match
include_match(struct spf_run *run, const struct frame *frame, const struct spf_term *term)
{
	struct frame inner;
	enum spf_got got = frame_below(run, frame, term->spec, frame->depth + 1, &inner);

	if (got == SPF_GOT_VOID) {
		spf_problem(
		    run, "%.*s: no such domain can be asked for", VIEW_ARG(term->text));
		return SPF_MATCH_PERMERROR;
	}
	if (got != SPF_GOT_FOUND)
		return spf_match_failed(run, got);
	return include_result(run, &inner, frame_check(run, &inner));
}

static enum spf_match
term_match(struct spf_run *run, const struct frame *frame, const struct spf_term *term)
{
	if (term->kind == SPF_KIND_ALL)
		return SPF_MATCH_YES;
	if (spf_kind_looks_up(term->kind) && !term_count(run))
		return SPF_MATCH_PERMERROR;
	if (term->kind == SPF_KIND_INCLUDE)
		return include_match(run, frame, term);
	return spf_mech_match(run, term, frame->domain);
}

static enum spf_outcome
match_outcome(enum spf_match match, enum spf_outcome of_term)
{
	switch (match) {
	case SPF_MATCH_PENDING:
		return SPF_EVAL_PENDING;
	case SPF_MATCH_TEMPERROR:
		return SPF_EVAL_TEMPERROR;
	case SPF_MATCH_PERMERROR:
		return SPF_EVAL_PERMERROR;
	case SPF_MATCH_YES:
	case SPF_MATCH_NO:
		break;
	}
	return of_term;
}

/* The mechanisms from left to right. False: none matched, and none failed. */
static bool
mechanisms_check(
    struct spf_run *run, const struct frame *frame, enum spf_outcome *ret_outcome)
{
	struct view rest = frame->record.terms, text;
	struct spf_term term;
	const char *why;

	while (spf_term_next(&rest, &text)) {
		if (!spf_term_parse(text, &term, &why))
			BUG("a term that had been checked");
		if (term.kind >= SPF_KIND_REDIRECT)
			continue;
		enum spf_match match = term_match(run, frame, &term);
		enum spf_outcome outcome = match_outcome(match, term.outcome);

		step_say(run, frame,
		    &(struct spf_step){.what = SPF_STEP_TERM,
			.text = text,
			.matched = match == SPF_MATCH_YES,
			.outcome = match == SPF_MATCH_NO ? SPF_EVAL_NEUTRAL : outcome});
		if (match == SPF_MATCH_NO)
			continue;
		if (is_error(outcome) || frame->depth == 0)
			term_decides(run, frame, text);
		*ret_outcome = outcome;
		return true;
	}
	return false;
}

/* "redirect": the other record's result is this one's (6.1). */
static enum spf_outcome
redirect_check(struct spf_run *run, const struct frame *frame)
{
	struct frame next;
	enum spf_outcome outcome = SPF_EVAL_PERMERROR;
	enum spf_got got;

	if (!term_count(run))
		return SPF_EVAL_PERMERROR;
	got = frame_below(run, frame, frame->record.redirect, frame->depth, &next);
	if (got == SPF_GOT_FOUND)
		outcome = frame_check(run, &next);
	else if (got != SPF_GOT_VOID)
		return match_outcome(spf_match_failed(run, got), SPF_EVAL_PERMERROR);
	if (got == SPF_GOT_VOID || outcome == SPF_EVAL_NONE) {
		spf_problem(run, "redirect=%.*s: no SPF record there",
		    VIEW_ARG(frame->record.redirect));
		return SPF_EVAL_PERMERROR;
	}
	return outcome;
}

static enum spf_outcome
record_check(struct spf_run *run, struct frame *frame, struct view text)
{
	struct view bad = VIEW_NONE;
	const char *why = "";
	enum spf_outcome outcome = SPF_EVAL_NEUTRAL;

	if (!spf_record_parse(text, &frame->record, &bad, &why)) {
		spf_problem(run, "%.*s in the record of %.*s: %s",
		    (int)(bad.n < 80 ? bad.n : 80), bad.p, VIEW_ARG(frame->domain), why);
		term_decides(run, frame, bad);
		return SPF_EVAL_PERMERROR;
	}
	if (mechanisms_check(run, frame, &outcome)) {
		if (outcome == SPF_EVAL_FAIL && frame->depth == 0 &&
		    frame->record.exp.p != NULL &&
		    !spf_explain(run, frame->record.exp, frame->domain))
			return SPF_EVAL_PENDING;
		return outcome;
	}
	return frame->record.redirect.p != NULL ? redirect_check(run, frame) : outcome;
}

static enum spf_outcome
frame_check(struct spf_run *run, struct frame *frame)
{
	struct view text = VIEW_NONE;
	enum spf_outcome outcome = record_find(run, frame->domain, &text);

	if (outcome != SPF_EVAL_PASS)
		return outcome;
	step_say(run, frame, &(struct spf_step){.what = SPF_STEP_RECORD, .text = text});
	outcome = record_check(run, frame, text);
	step_say(run, frame, &(struct spf_step){.what = SPF_STEP_END, .outcome = outcome});
	return outcome;
}

/* NOLINTEND(misc-no-recursion) */

enum spf_outcome
spf_check(struct spf_run *run, struct view domain)
{
	struct frame frame = {.depth = 0, .domain = domain};

	return frame_check(run, &frame);
}
