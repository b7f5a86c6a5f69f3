/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "engine/lists.h"
#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/map.h"
#include "policy/diag.h"
#include "policy/policy.h"

#include "ctl/rerun.h"

enum { NAME_MAX_BYTES = 1024, HASH_MAX = 128 };

void
rerun_init(struct rerun *rerun, struct journal_reader *reader, const char *main_name)
{
	*rerun = (struct rerun){.reader = reader, .main_name = main_name};
	buf_init(&rerun->hash, HASH_MAX);
	rerun->arena = arena_new(0);
}

void
rerun_fini(struct rerun *rerun)
{
	policy_free(rerun->policy);
	bundle_free(rerun->bundle);
	arena_free(rerun->arena);
	buf_fini(&rerun->hash);
}

static struct policy *
try_main(struct bundle *bundle, struct view name)
{
	char text[NAME_MAX_BYTES];
	struct view content;
	struct policy *policy;
	struct diag diag;

	if (name.n == 0 || name.n >= sizeof(text) ||
	    bundle_read(bundle, name, &content, NULL) == -1)
		return NULL;
	snprintf(text, sizeof(text), "%.*s", VIEW_ARG(name));
	diag_init(&diag);
	policy = policy_load(bundle, text, map_seed_random(), 0, &diag);
	diag_fini(&diag);
	return policy;
}

/* "frank.conf:41" -> "frank.conf" */
static struct view
file_of(struct view place)
{
	while (place.n > 0 && place.p[place.n - 1] != ':')
		place.n--;
	return view_head(place, place.n > 0 ? place.n - 1 : 0);
}

/* The bundle says which of its files is read first. */
static struct view
main_of(const struct bundle *bundle)
{
	struct view name, content;

	for (size_t i = 0; bundle_at(bundle, i, &name, &content); i++)
		if (view_is(name, VIEW(POLICY_MAIN_FILE)))
			return content;
	return VIEW_NONE;
}

/* A record made by hand may lack that: then the file in use now, or the one whose rule
 * decided. */
static struct policy *
load_main(struct rerun *rerun, struct view place)
{
	struct view main_name = main_of(rerun->bundle);
	struct policy *policy;

	if (main_name.n > 0)
		return try_main(rerun->bundle, main_name);
	policy = try_main(rerun->bundle, view_of(rerun->main_name));
	return policy != NULL ? policy : try_main(rerun->bundle, file_of(place));
}

int
rerun_policy(struct rerun *rerun, const struct journal_row *row, struct err *err)
{
	struct buf packed = BUF_INIT((size_t)2 * BUNDLE_MAX);

	if (rerun->policy != NULL && view_is(buf_view(&rerun->hash), row->policy))
		return 1;
	policy_free(TAKE(rerun->policy));
	bundle_free(TAKE(rerun->bundle));
	int result = journal_policy_read(rerun->reader, row->policy, &packed, err);
	if (result == 1 && bundle_unpack(buf_view(&packed), &rerun->bundle, err) == -1)
		result = -1;
	if (result == 1) {
		rerun->policy = load_main(rerun, row->place);
		if (rerun->policy == NULL)
			result = err_set(err, ERR_BAD_INPUT,
			    "this version of frank cannot read policy %.6s any more",
			    row->policy.n >= 6 ? row->policy.p : "");
	}
	buf_reset(&rerun->hash);
	buf_add(&rerun->hash, row->policy);
	buf_fini(&packed);
	return result;
}

int
rerun_row(struct rerun *rerun, const struct journal_row *row, struct err *err)
{
	int result;

	if (row->is_damaged)
		return err_set(err, ERR_BAD_INPUT,
		    "this record is damaged: some facts are lost, and nothing can be "
		    "decided "
		    "from the others");
	result = rerun_policy(rerun, row, err);
	if (result != 1)
		return result;
	arena_reset(rerun->arena);
	rerun->trace = (struct trace){.n_steps = 0};
	engine_decide(
	    rerun->policy, &row->facts, rerun->arena, &rerun->trace, &rerun->decision);
	return 1;
}

bool
rerun_was_trouble(const struct rerun *rerun, const struct journal_row *row)
{
	return row->on_error.n > 0 && rerun->decision.on_error.n == 0;
}

/* On one line, whatever is in it. */
static void
add_flat(struct buf *out, struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		buf_add_char(out, text.p[i] == '\n' ? ' ' : text.p[i]);
}

static void
compare(const char *what, struct view recorded, struct view again, struct buf *out)
{
	if (view_is(recorded, again))
		return;
	buf_addf(out, "%s: recorded '", what);
	add_flat(out, recorded);
	buf_add_text(out, "', now '");
	add_flat(out, again);
	buf_add_text(out, "'\n");
}

void
rerun_differences(const struct rerun *rerun, const struct journal_row *row, struct buf *out)
{
	static const struct {
		const char *name;
		void (*list)(const struct decision *, struct buf *);
	} lists[] = {
	    {"signatures", engine_list_signed},
	    {"tags", engine_list_tags},
	    {"notes", engine_list_notes},
	    {"watch rules", engine_list_watch},
	};
	const struct view recorded[] = {
	    row->signed_with, row->tags, row->notes, row->watch};
	struct decision decision = rerun->decision;
	struct buf text = BUF_INIT(ENGINE_LIST_MAX);

	if (rerun_was_trouble(rerun, row))
		return;
	/* What does not leave is not signed, whatever would have signed it. */
	if (decision.verdict != VERDICT_ACCEPT && decision.verdict != VERDICT_HOLD)
		decision.n_sign = 0;
	compare("verdict", row->verdict, view_of(verdict_name(decision.verdict)), out);
	compare("rule", row->place, decision.place, out);
	compare("label", row->label, decision.label, out);
	compare("reply", row->reply, decision.reply, out);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		buf_reset(&text);
		lists[i].list(&decision, &text);
		compare(lists[i].name, recorded[i], buf_view(&text), out);
	}
	buf_fini(&text);
}
