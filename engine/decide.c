/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "engine/deciding.h"
#include "lib/bug.h"
#include "policy/rule.h"

/* The phases of a decision. */

static const char *const names[] = {
    [VERDICT_ACCEPT] = "accept",
    [VERDICT_HOLD] = "hold",
    [VERDICT_DEFER] = "defer",
    [VERDICT_REJECT] = "reject",
};

const char *
verdict_name(enum verdict verdict)
{
	must(verdict < ARRAY_LEN(names));
	return names[verdict];
}

bool
verdict_of(struct view name, enum verdict *ret_verdict)
{
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(view_of(names[i]), name)) {
			*ret_verdict = (enum verdict)i;
			return true;
		}
	return false;
}

static enum verdict
verdict_by(const struct rule *rule)
{
	switch (rule->verdict) {
	case RULE_ACCEPT:
		return VERDICT_ACCEPT;
	case RULE_HOLD:
		return VERDICT_HOLD;
	case RULE_DEFER:
		return VERDICT_DEFER;
	case RULE_REJECT:
		return VERDICT_REJECT;
	case RULE_MATCH:
		break;
	}
	BUG("a match rule decides");
}

struct view
deciding_keep(struct deciding *deciding, const struct buf *text)
{
	struct view kept;

	if (text->n == 0)
		return VIEW("");
	kept = arena_view(deciding->arena, buf_view(text));
	if (kept.p == NULL)
		deciding->is_full = true;
	return kept.p != NULL ? kept : VIEW("");
}

/* TEXT with its facts; IS_WIRE: for SMTP or a header, where only ASCII may stand. */
static struct view
expand(struct deciding *deciding, struct view text, bool is_wire)
{
	char expanded[TEXT_EXPANDED_MAX + 1] = "";
	struct buf out = BUF_OVER(expanded);

	if (!view_has_char(text, '{'))
		return text;
	policy_expand(text, deciding->facts, &out);
	for (size_t i = 0; i < out.n && is_wire; i++)
		if ((unsigned char)expanded[i] >= 0x80)
			expanded[i] = '?';
	return deciding_keep(deciding, &out);
}

static void
decide_on_error(struct deciding *deciding, struct view why)
{
	enum policy_on_error how = policy_settings(deciding->policy)->on_error;

	*deciding->decision = (struct decision){
	    .verdict = how == ON_ERROR_REJECT ? VERDICT_REJECT : VERDICT_DEFER,
	    .on_error = why};
}

static void
apply_effects(struct deciding *deciding, const struct rule *rule)
{
	struct decision *decision = deciding->decision;

	for (size_t i = 0; i < rule->effects.n; i++) {
		const struct text_effect *effect = &rule->effects.at[i];

		if (!effect->is_tag && decision->n_notes < DECISION_TAGS_MAX)
			decision->notes[decision->n_notes++] =
			    expand(deciding, effect->text, false);
		if (effect->is_tag && decision->n_tags < DECISION_TAGS_MAX)
			decision->tags[decision->n_tags++] =
			    (struct decision_tag){.name = effect->name,
				.value = expand(deciding, effect->text, true)};
	}
}

enum { NOT_JUDGED = LINE_ON_ERROR + 1 };

/*
 * Judge a match rule once. False: an authority could not be asked, and the decision is
 * made.
 */
static bool
judge_match(struct deciding *deciding, const struct rule *rule, unsigned char *answer)
{
	size_t test;
	enum line_answer line;

	if (*answer != NOT_JUDGED)
		return true;
	line = line_judge(deciding, rule, &test);
	*answer = (unsigned char)line;
	if (line == LINE_ON_ERROR) {
		decide_on_error(deciding, VIEW("who owns an address could not be asked"));
		return false;
	}
	if (line == LINE_FITS)
		trace_decides(deciding);
	if (rule->signs && line == LINE_FITS)
		sign_by_rule(deciding, rule);
	else if (rule->signs)
		sign_missed(deciding, rule, test);
	return true;
}

/* Both phases of the match rules: those that sign, then what all of them add. */
static bool
run_matches(struct deciding *deciding)
{
	const struct policy *policy = deciding->policy;
	size_t n = policy_n_matches(policy);
	unsigned char *answers = arena_array(deciding->arena, n + 1, 1);
	bool is_inbound = deciding->facts->path == PATH_INBOUND;

	if (answers == NULL) {
		deciding->is_full = true;
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = policy_match_at(policy, i);

		answers[i] = NOT_JUDGED;
		if (rule->signs && !is_inbound && !judge_match(deciding, rule, &answers[i]))
			return false;
	}
	if (deciding->decision->n_sign == 0)
		sign_explain_none(deciding);
	derive(deciding);
	for (size_t i = 0; i < n; i++) {
		const struct rule *rule = policy_match_at(policy, i);

		if (rule->effects.n == 0)
			continue;
		if (!judge_match(deciding, rule, &answers[i]))
			return false;
		if (answers[i] == LINE_FITS)
			apply_effects(deciding, rule);
	}
	return true;
}

static bool
has_ended(const struct deciding *deciding, const struct rule *rule)
{
	return rule->until != 0 && deciding->facts->local_date > rule->until;
}

static void
add_watch(struct decision *decision, const struct rule *rule)
{
	if (decision->n_watch < DECISION_WATCH_MAX)
		decision->watch[decision->n_watch++] =
		    (struct decision_watch){.verdict = verdict_by(rule),
			.place = rule->place,
			.label = rule->label};
}

/* The meters that RULE asks, unless it lets pass. */
static uint64_t
flagged_by(const struct rule *rule)
{
	uint64_t meters = 0;

	if (rule->verdict == RULE_ACCEPT)
		return 0;
	for (size_t i = 0; i < rule->tests.n; i++)
		if (rule->tests.at[i]->fact == FACT_METER)
			meters |= UINT64_C(1) << rule->tests.at[i]->meter->index;
	return meters;
}

static const struct policy_meter *
meter_of(const struct rule *rule)
{
	for (size_t i = 0; i < rule->tests.n; i++)
		if (rule->tests.at[i]->fact == FACT_METER)
			return rule->tests.at[i]->meter;
	return NULL;
}

/* True: the decision is made. */
static bool
run_verdict(struct deciding *deciding, const struct rule *rule)
{
	struct decision *decision = deciding->decision;
	enum line_answer line;
	size_t test;

	if (has_ended(deciding, rule)) {
		trace_line(deciding, rule, TRACE_NO, "this rule has ended");
		return false;
	}
	line = line_judge(deciding, rule, &test);
	if (line == LINE_ON_ERROR && !rule->watch) {
		decide_on_error(deciding, VIEW("who owns an address could not be asked"));
		return true;
	}
	if (line != LINE_FITS)
		return false;
	if (rule->tests.n == 0)
		trace_line(deciding, rule, TRACE_YES, "");
	trace_decides(deciding);
	decision->flagged |= flagged_by(rule);
	if (rule->watch) {
		add_watch(decision, rule);
		return false;
	}
	decision->verdict = verdict_by(rule);
	decision->place = rule->place;
	decision->label = rule->label;
	decision->reply = expand(deciding, rule->reply, true);
	decision->notify = rule->notify;
	decision->meter = meter_of(rule);
	return true;
}

static void
run_verdicts(struct deciding *deciding)
{
	size_t n = policy_n_verdicts(deciding->policy);

	if (deciding->facts->path == PATH_REENTRY) {
		deciding->decision->verdict = VERDICT_ACCEPT;
		trace_reentry(deciding);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (run_verdict(deciding, policy_verdict_at(deciding->policy, i)))
			return;
	BUG("no line of the policy decided");
}

void
engine_decide(const struct policy *policy, const struct facts *facts, struct arena *arena,
    struct trace *trace, struct decision *ret_decision)
{
	struct deciding deciding = {.policy = policy,
	    .facts = facts,
	    .arena = arena,
	    .trace = trace,
	    .decision = ret_decision};

	*ret_decision = (struct decision){0};
	if (run_matches(&deciding))
		run_verdicts(&deciding);
	if (deciding.is_full)
		decide_on_error(
		    &deciding, VIEW("the message needs more memory than it may have"));
}
