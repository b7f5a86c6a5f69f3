/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/replay.h"

/* What a replay came to, for a person and for a program. */

enum { ORIGINS_SHOWN = 5, NAME_SHOWN = 34 };

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
add_origins(const struct replay_group *group, struct buf *out)
{
	uint64_t shown = 0, messages = group->others;
	const struct replay_origin *origin = group->origins;

	for (; origin != NULL && shown < ORIGINS_SHOWN; origin = origin->next, shown++) {
		size_t at = out->n;

		buf_add_text(out, "  ");
		escape_add(out, view_of(origin->name), NAME_SHOWN);
		while (out->n - at < NAME_SHOWN + 2)
			buf_add_char(out, ' ');
		buf_addf(out, "%7llu  %s\n", (unsigned long long)origin->messages,
		    origin->example);
	}
	for (; origin != NULL; origin = origin->next)
		messages += origin->messages;
	if (messages > 0)
		buf_addf(out, "  and %llu more of %llu others\n",
		    (unsigned long long)messages,
		    (unsigned long long)(group->n_origins - shown));
}

static void
add_group(const struct replay_group *group, struct buf *out)
{
	if (group->is_watch)
		buf_addf(out, "\nwatch: would %s", group->after);
	else
		buf_addf(out, "\n%s -> %s", group->before, group->after);
	buf_addf(out, "   %s\n%llu message%s of %zu origin%s\n", group->place,
	    (unsigned long long)group->messages, plural(group->messages), group->n_origins,
	    plural(group->n_origins));
	add_origins(group, out);
}

static void
add_totals(const struct replay *replay, struct buf *out)
{
	static const char *const words[] = {
	    [VERDICT_ACCEPT] = "accepted",
	    [VERDICT_HOLD] = "held",
	    [VERDICT_DEFER] = "deferred",
	    [VERDICT_REJECT] = "rejected",
	};
	bool is_first = true;

	for (unsigned i = 0; i <= VERDICT_REJECT; i++) {
		if (replay->more[i] + replay->fewer[i] == 0)
			continue;
		buf_addf(out, "%s %s: %llu more, %llu fewer", is_first ? "would be" : ";",
		    words[i], (unsigned long long)replay->more[i],
		    (unsigned long long)replay->fewer[i]);
		is_first = false;
	}
	buf_add_text(out, is_first ? "no verdict would change\n" : "\n");
	if (replay->relabelled > 0)
		buf_addf(out, "%llu with another label\n",
		    (unsigned long long)replay->relabelled);
	if (replay->signed_more + replay->signed_fewer > 0)
		buf_addf(out, "would be signed: %llu more, %llu fewer\n",
		    (unsigned long long)replay->signed_more,
		    (unsigned long long)replay->signed_fewer);
}

static void
add_unknown(const struct replay *replay, struct buf *out)
{
	size_t n;
	const struct policy_meter *meters = policy_meters(replay->policy, &n);

	for (unsigned fact = 0; fact < FACTS; fact++)
		if (replay->unknown[fact] > 0)
			buf_addf(out, "not known: %s, in %llu record%s\n",
			    fact_text((enum fact)fact),
			    (unsigned long long)replay->unknown[fact],
			    plural(replay->unknown[fact]));
	for (size_t i = 0; i < n; i++)
		if (replay->unknown_meters[i] > 0)
			buf_addf(out,
			    "not known: %.*s or what is usual of it, in %llu record%s\n",
			    VIEW_ARG(meters[i].name),
			    (unsigned long long)replay->unknown_meters[i],
			    plural(replay->unknown_meters[i]));
	if (replay->cut_rcpts > 0)
		buf_addf(out,
		    "not all recipients are known of %llu record%s: meters of domains and "
		    "new recipients read less\n",
		    (unsigned long long)replay->cut_rcpts, plural(replay->cut_rcpts));
	if (replay->damaged > 0)
		buf_addf(out, "damaged: %llu record%s, left out\n",
		    (unsigned long long)replay->damaged, plural(replay->damaged));
	if (replay->without_group > 0)
		buf_addf(out, "more than %d kinds of change: %llu messages are in none\n",
		    REPLAY_GROUPS_MAX, (unsigned long long)replay->without_group);
}

void
replay_text(struct replay *replay, const char *name, struct buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	size_t n;
	struct replay_group **groups = replay_sorted(replay, &n);

	if (replay->records == 0) {
		buf_add_text(out, "no decision was recorded in that time\n");
		return;
	}
	buf_addf(out, "%llu decisions from %.16s to %.16s, by %s\n",
	    (unsigned long long)replay->records, clock_text(replay->first, from),
	    clock_text(replay->last, to), name);
	if (replay->warming > 0)
		buf_addf(out, "%llu before them, for the meters\n",
		    (unsigned long long)replay->warming);
	for (size_t i = 0; i < n; i++)
		add_group(groups[i], out);
	buf_add_char(out, '\n');
	add_totals(replay, out);
	add_unknown(replay, out);
}

static void
json_counts(const struct replay *replay, struct json *json)
{
	static const char *const more[] = {
	    "accept.more", "hold.more", "defer.more", "reject.more"};
	static const char *const fewer[] = {
	    "accept.fewer", "hold.fewer", "defer.fewer", "reject.fewer"};

	for (unsigned i = 0; i <= VERDICT_REJECT; i++) {
		json_number(json, more[i], (int64_t)replay->more[i]);
		json_number(json, fewer[i], (int64_t)replay->fewer[i]);
	}
	json_number(json, "signed.more", (int64_t)replay->signed_more);
	json_number(json, "signed.fewer", (int64_t)replay->signed_fewer);
	json_number(json, "relabelled", (int64_t)replay->relabelled);
}

void
replay_json(struct replay *replay, struct buf *out)
{
	struct json json;
	size_t n;
	const struct policy_meter *meters = policy_meters(replay->policy, &n);

	json_begin(&json, out);
	json_object(&json, NULL);
	json_number(&json, "decisions", (int64_t)replay->records);
	json_number(&json, "warming", (int64_t)replay->warming);
	json_number(&json, "damaged", (int64_t)replay->damaged);
	json_number(&json, "cut_recipients", (int64_t)replay->cut_rcpts);
	json_counts(replay, &json);
	json_object(&json, "unknown");
	for (unsigned fact = 0; fact < FACTS; fact++)
		if (replay->unknown[fact] > 0)
			json_number(&json, fact_text((enum fact)fact),
			    (int64_t)replay->unknown[fact]);
	for (size_t i = 0; i < n; i++) {
		char name[64];

		if (replay->unknown_meters[i] == 0)
			continue;
		snprintf(name, sizeof(name), "%.*s", VIEW_ARG(meters[i].name));
		json_number(&json, name, (int64_t)replay->unknown_meters[i]);
	}
	json_end(&json);
	json_end(&json);
	buf_add_char(out, '\n');
}
