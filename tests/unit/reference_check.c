/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/policy_lab.h"

#include <string.h>

#include "engine/engine.h"
#include "lib/bug.h"
#include "policy/advice.h"
#include "tests/unit/reference.h"

enum { TEXT_MAX = 1 << 16 };

static void
show(const struct decision *decision, struct buf *out)
{
	buf_addf(out, "%s%s", verdict_name(decision->verdict),
	    decision->on_error.n > 0 ? " on-error" : "");
	/* Labels are the lines of the first text; places are those of what was loaded. */
	buf_addf(
	    out, " %.*s", VIEW_ARG(decision->label.n > 0 ? decision->label : VIEW("0")));
	buf_addf(out, decision->is_signed ? "; signed" : "; not signed");
	for (uint32_t i = 0; i < decision->n_sign; i++)
		buf_addf(out, " %.*s", VIEW_ARG(decision->sign[i]->selector));
	buf_add_text(out, "; tags");
	for (uint32_t i = 0; i < decision->n_tags; i++)
		buf_addf(out, " %.*s,", VIEW_ARG(decision->tags[i].value));
	buf_add_text(out, "; notes");
	for (uint32_t i = 0; i < decision->n_notes; i++)
		buf_addf(out, " %.*s", VIEW_ARG(decision->notes[i]));
	buf_add_text(out, "; watch");
	for (uint32_t i = 0; i < decision->n_watch; i++)
		buf_addf(out, " %.*s", VIEW_ARG(decision->watch[i].label));
}

static void
show_reference(
    const struct ref_decision *decision, const struct facts *facts, struct buf *out)
{
	buf_addf(out, "%s%s %d", decision->verdict, decision->on_error ? " on-error" : "",
	    decision->line);
	buf_addf(out, decision->is_signed ? "; signed" : "; not signed");
	for (int i = 0; i < decision->n_sign; i++)
		buf_addf(out, " %s", decision->sign[i]);
	buf_add_text(out, "; tags");
	for (int i = 0; i < decision->n_tags; i++)
		buf_addf(out, " %d %u,", decision->tags[i], facts->rcpts);
	buf_add_text(out, "; notes");
	for (int i = 0; i < decision->n_notes; i++)
		buf_addf(out, " %d", decision->notes[i]);
	buf_add_text(out, "; watch");
	for (int i = 0; i < decision->n_watch; i++)
		buf_addf(out, " %d", decision->watch[i]);
}

static void
decide(const struct policy *policy, const struct facts *facts, struct trace *trace,
    struct buf *out)
{
	struct arena *arena = arena_new(0);
	struct decision decision;

	buf_reset(out);
	engine_decide(policy, facts, arena, trace, &decision);
	show(&decision, out);
	arena_free(arena);
}

/* The same facts, their advice taken from text. */
static struct facts
reread(const struct facts *facts, struct buf *text, struct arena *arena)
{
	struct facts again = *facts;

	buf_reset(text);
	advice_print(facts, text);
	again.is_signed_already = again.is_strict_spf = again.is_strict_dkim = false;
	again.spf = SPF_UNKNOWN;
	again.spf_opinion = SEEN_UNKNOWN;
	again.spf_term = again.dmarc_domain = VIEW("");
	again.dmarc_record = DMARC_RECORD_UNKNOWN;
	again.tree = (struct fact_dmarc_tree){.record = DMARC_RECORD_UNKNOWN};
	again.has_age = false;
	again.n_keys = again.n_meters = again.n_lookups = 0;
	advice_read_text(buf_view(text), arena, &again);
	return again;
}

static void
compare(const char *what, const char *policy, const struct buf *got, const struct buf *want)
{
	if (strcmp(buf_text(got), buf_text(want)) != 0)
		fail_msg("%s\ngot  %s\nwant %s\n%s", what, buf_text(got), buf_text(want),
		    policy);
}

static void
try_message(const struct ref_policy *reference, const struct policy *policy,
    const struct policy *again, const char *text)
{
	struct buf got = BUF_INIT(TEXT_MAX), want = BUF_INIT(TEXT_MAX);
	struct buf advice = BUF_INIT(TEXT_MAX);
	struct arena *arena = arena_new(0);
	struct facts facts, reread_facts;
	struct ref_decision decision;
	struct trace trace = {0};

	ref_make_facts(&facts);
	ref_decide(reference, &facts, &decision);
	show_reference(&decision, &facts, &want);
	decide(policy, &facts, NULL, &got);
	advice_print(&facts, &advice);
	compare(buf_text(&advice), text, &got, &want);
	decide(policy, &facts, &trace, &got);
	compare("with a trace", text, &got, &want);
	decide(again, &facts, NULL, &got);
	compare("in canonical form", text, &got, &want);
	reread_facts = reread(&facts, &advice, arena);
	decide(policy, &reread_facts, NULL, &got);
	compare("from the journal's text", text, &got, &want);
	arena_free(arena);
	buf_fini(&advice);
	buf_fini(&got);
	buf_fini(&want);
}

void
ref_check(unsigned messages)
{
	struct buf text = BUF_INIT(TEXT_MAX), canonical = BUF_INIT(TEXT_MAX);
	struct policy *policy, *again;
	struct ref_policy reference;

	ref_make_policy(&reference);
	ref_print_policy(&reference, &text);
	policy = lab_policy(buf_text(&text), ref_owners, ref_keys);
	policy_print(policy, &canonical);
	again = lab_policy(buf_text(&canonical), ref_owners, ref_keys);
	for (unsigned i = 0; i < messages; i++)
		try_message(&reference, policy, again, buf_text(&text));
	policy_free(again);
	policy_free(policy);
	buf_fini(&canonical);
	buf_fini(&text);
}
