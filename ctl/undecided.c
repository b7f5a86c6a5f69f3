/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/map.h"

#include "journal/address.h"

#include "ctl/undecided.h"

enum {
	IDS_MAX = 100000, /* what comes after these is not looked at */
	IDS_SHOWN = 3,
};

/* A decision is made before its message is delivered; mail may wait for a week. */
static const int64_t BEFORE = (int64_t)7 * 86400 * 1000000;

struct undecided {
	struct arena *arena;
	struct map ids; /* what Postfix had to this recipient, oldest first */
	struct map
	    known; /* about these there is a decision, under this id or an older one */
	struct view to;
	struct view *list;
	size_t n;
	bool has_hashes, has_domains; /* instead of addresses */
};

static int
keep_outcome(void *context, const struct outcome *outcome)
{
	struct undecided *undecided = context;
	const struct view to = undecided->to;

	if (view_is(outcome->what, VIEW("picked-up"))) {
		if (outcome->other_id.n > 0)
			(void)map_add(&undecided->known,
			    arena_view(undecided->arena, outcome->queue_id), undecided);
		return 0;
	}
	undecided->has_hashes |= view_starts(outcome->rcpt, VIEW("#"));
	undecided->has_domains |= view_starts(outcome->rcpt, VIEW("@"));
	if (undecided->n == IDS_MAX || outcome->rcpt.n == 0 ||
	    (!address_is_to(to, outcome->rcpt, VIEW_NONE) &&
		!address_is_to(to, outcome->orig_rcpt, VIEW_NONE)) ||
	    map_get(&undecided->ids, outcome->queue_id) != NULL)
		return 0;
	struct view id = arena_view(undecided->arena, outcome->queue_id);
	(void)map_add(&undecided->ids, id, undecided);
	undecided->list[undecided->n++] = id;
	return 0;
}

static int
keep_decision(void *context, const struct journal_brief *brief)
{
	struct undecided *undecided = context;

	if (map_get(&undecided->ids, brief->queue_id) != NULL)
		(void)map_add(&undecided->known,
		    arena_view(undecided->arena, brief->queue_id), undecided);
	return 0;
}

/* How many there are; a line about them. */
static int64_t
add_report(const struct undecided *undecided, struct buf *out)
{
	struct buf ids = BUF_INIT((size_t)8 * IDS_SHOWN * ESCAPE_MAX);
	int64_t n = 0;

	for (size_t i = 0; i < undecided->n; i++) {
		if (map_get(&undecided->known, undecided->list[i]) != NULL)
			continue;
		if (n < IDS_SHOWN) {
			buf_add_text(&ids, n > 0 ? ", " : "");
			escape_add(&ids, undecided->list[i], ESCAPE_MAX);
		}
		n++;
	}
	if (n > 0) {
		buf_addf(out, "no decision about %s%lld message%s to ",
		    undecided->n == IDS_MAX ? "at least " : "", (long long)n,
		    n == 1 ? "" : "s");
		escape_add(out, undecided->to, ESCAPE_MAX);
		buf_addf(out,
		    ": %s%s\n'frank explain ID' has what became of %s, 'frank coverage' "
		    "why there is none\n",
		    buf_text(&ids), n > IDS_SHOWN ? " ..." : "", n == 1 ? "it" : "one");
	} else if (undecided->has_hashes) {
		buf_add_text(out, "recipients are kept as hashes ('set recipients'): "
				  "nobody can be found by his address\n");
	}
	if (undecided->has_domains && view_has_char(view_from(undecided->to, 1), '@'))
		buf_add_text(out, "of recipients the domains alone are kept ('set "
				  "recipients'): others in it are meant as well\n");
	buf_fini(&ids);
	return n;
}

int64_t
undecided_report(struct journal_reader *reader, struct view to, int64_t since,
    int64_t until, struct buf *out, struct err *err)
{
	const struct journal_past outcomes = {.since = since,
	    .until = until,
	    .words = VIEW(" picked-up sent deferred bounced expired ")};
	const struct journal_past decisions = {
	    .since = since > BEFORE ? since - BEFORE : 0, .until = until};
	struct undecided undecided = {.arena = arena_new(0), .to = to};
	int64_t n = -1;

	undecided.list = mem_zeroed(IDS_MAX, sizeof(undecided.list[0]));
	map_init(&undecided.ids, map_seed_random());
	map_init(&undecided.known, map_seed_random());
	if (journal_past_outcomes(reader, &outcomes, keep_outcome, &undecided, err) == 0 &&
	    (undecided.n == 0 || journal_past_decisions(reader, &decisions, keep_decision,
				     &undecided, err) == 0))
		n = add_report(&undecided, out);
	map_fini(&undecided.ids);
	map_fini(&undecided.known);
	free(undecided.list);
	arena_free(undecided.arena);
	return n;
}
