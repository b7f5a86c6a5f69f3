/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/replay.h"

/* What changes, grouped by what it was and would be, and by login. */

enum { NAME_MAX_BYTES = 1024, SHOWN = 200 };

/* "hold \"over plan\"" */
static void
add_outcome(struct buf *out, struct view verdict, struct view label)
{
	buf_add(out, verdict);
	if (label.n > 0) {
		buf_add_text(out, " \"");
		escape_add(out, label, SHOWN);
		buf_add_char(out, '"');
	}
}

static struct view
place_of(const struct replay_change *change)
{
	return change->watch != NULL ? change->watch->place : change->decision->place;
}

static struct replay_group *
group_make(struct replay *replay, const struct replay_change *change, struct view name,
    const char *before, const char *after)
{
	struct replay_group *group;

	if (replay->n_groups == REPLAY_GROUPS_MAX)
		return NULL;
	replay->n_groups++;
	group = arena_alloc(replay->kept, sizeof(*group));
	group->before = arena_text(replay->kept, view_of(before));
	group->after = arena_text(replay->kept, view_of(after));
	group->place = arena_text(replay->kept, place_of(change));
	group->is_watch = change->watch != NULL;
	(void)verdict_of(change->row->verdict, &group->was);
	group->is =
	    change->watch != NULL ? change->watch->verdict : change->decision->verdict;
	map_add(&replay->groups, arena_view(replay->kept, name), group);
	return group;
}

static struct replay_group *
group_of(struct replay *replay, const struct replay_change *change)
{
	const struct decision *decision = change->decision;
	struct buf before = BUF_INIT(NAME_MAX_BYTES), after = BUF_INIT(NAME_MAX_BYTES),
		   name = BUF_INIT((size_t)3 * NAME_MAX_BYTES);
	struct replay_group *group;

	if (change->watch != NULL) {
		buf_add_text(&before, "watch");
		add_outcome(&after, view_of(verdict_name(change->watch->verdict)),
		    change->watch->label);
	} else {
		add_outcome(&before, change->row->verdict, change->row->label);
		add_outcome(
		    &after, view_of(verdict_name(decision->verdict)), decision->label);
	}
	buf_addf(&name, "%s\n%s\n", buf_text(&before), buf_text(&after));
	buf_add(&name, place_of(change));
	group = map_get(&replay->groups, buf_view(&name));
	if (group == NULL)
		group = group_make(
		    replay, change, buf_view(&name), buf_text(&before), buf_text(&after));
	buf_fini(&before);
	buf_fini(&after);
	buf_fini(&name);
	return group;
}

static struct replay_origin *
origin_of(struct replay *replay, struct replay_group *group, struct view name)
{
	struct buf key = BUF_INIT(NAME_MAX_BYTES);
	struct replay_origin *origin;

	buf_addf(&key, "%p ", (void *)group);
	buf_add(&key, name);
	origin = map_get(&replay->origins, buf_view(&key));
	if (origin == NULL && replay->n_origins < REPLAY_ORIGINS_MAX) {
		replay->n_origins++;
		origin = arena_alloc(replay->kept, sizeof(*origin));
		origin->name = arena_text(replay->kept, name);
		origin->next = group->origins;
		group->origins = origin;
		group->n_origins++;
		map_add(&replay->origins, arena_view(replay->kept, buf_view(&key)), origin);
	}
	buf_fini(&key);
	return origin;
}

/* What the meter that decided would have read. */
static void
add_reading(struct buf *out, const struct replay_change *change)
{
	const struct policy_meter *meter = change->decision->meter;
	const struct fact_meter *fact;

	if (change->watch != NULL || meter == NULL)
		return;
	fact = fact_meter_find(&change->row->facts, meter->name, meter->index);
	if (fact != NULL && fact->state == READING_KNOWN)
		buf_addf(out, "  %.*s %llu", VIEW_ARG(meter->name),
		    (unsigned long long)fact->reading);
}

static void
example_make(struct replay_origin *origin, const struct replay_change *change)
{
	const struct facts *facts = &change->row->facts;
	struct buf text = BUF_INIT(REPLAY_EXAMPLE - 1);
	char time[CLOCK_TEXT];

	escape_add(&text, facts->queue_id.n > 0 ? facts->queue_id : VIEW("-"), 32);
	buf_addf(&text, "  %.16s  %u rcpt%s", clock_text(facts->time, time), facts->rcpts,
	    facts->rcpts == 1 ? "" : "s");
	add_reading(&text, change);
	snprintf(origin->example, sizeof(origin->example), "%s", buf_text(&text));
	buf_fini(&text);
}

static void
add_json(struct replay *replay, const struct replay_change *change, struct view name)
{
	const struct facts *facts = &change->row->facts;
	const struct decision *decision = change->decision;
	const struct decision_watch *watch = change->watch;
	struct json json;
	char time[CLOCK_TEXT];

	json_begin(&json, replay->json);
	json_object(&json, NULL);
	json_string(&json, "@timestamp", view_of(clock_rfc3339(facts->time, time)));
	json_string(&json, "email.local_id", facts->queue_id);
	json_string(&json, "user.name", name);
	json_string(&json, "event.action", change->row->verdict);
	json_string(&json, "frank.label", change->row->label);
	json_string(&json, watch != NULL ? "replay.watch" : "replay.action",
	    view_of(verdict_name(watch != NULL ? watch->verdict : decision->verdict)));
	json_string(&json, "replay.label", watch != NULL ? watch->label : decision->label);
	json_string(&json, "replay.place", place_of(change));
	json_end(&json);
	buf_add_char(replay->json, '\n');
}

void
replay_add(struct replay *replay, const struct replay_change *change)
{
	struct replay_group *group = group_of(replay, change);
	struct view name = change->origin.n > 0            ? change->origin
			   : change->row->facts.user.n > 0 ? change->row->facts.user
							   : VIEW("(nobody's)");

	if (replay->json != NULL)
		add_json(replay, change, name);
	if (group == NULL) {
		replay->without_group++;
		return;
	}
	group->messages++;
	struct replay_origin *origin = origin_of(replay, group, name);
	if (origin == NULL) {
		group->others++;
		return;
	}
	origin->messages++;
	example_make(origin, change);
}

static int
by_messages(const void *left, const void *right)
{
	const struct replay_group *const *a = left, *const *b = right;

	if ((*a)->is_watch != (*b)->is_watch)
		return (*a)->is_watch - (*b)->is_watch;
	if ((*a)->messages != (*b)->messages)
		return (*a)->messages < (*b)->messages ? 1 : -1;
	int order = strcmp((*a)->before, (*b)->before);
	return order != 0 ? order : strcmp((*a)->after, (*b)->after);
}

static int
by_origin(const void *left, const void *right)
{
	const struct replay_origin *const *a = left, *const *b = right;

	if ((*a)->messages != (*b)->messages)
		return (*a)->messages < (*b)->messages ? 1 : -1;
	return strcmp((*a)->name, (*b)->name);
}

static void
sort_origins(struct replay *replay, struct replay_group *group)
{
	struct replay_origin **list =
	    arena_array(replay->kept, group->n_origins + 1, sizeof(struct replay_origin *));
	struct replay_origin **at = &group->origins;
	size_t n = 0;

	for (struct replay_origin *origin = group->origins; origin != NULL;
	     origin = origin->next)
		list[n++] = origin;
	if (n > 0)
		qsort(list, n, sizeof(struct replay_origin *), by_origin);
	for (size_t i = 0; i < n; i++) {
		*at = list[i];
		at = &list[i]->next;
	}
	*at = NULL;
}

struct replay_group **
replay_sorted(struct replay *replay, size_t *ret_n)
{
	struct replay_group **list =
	    arena_array(replay->kept, replay->n_groups + 1, sizeof(struct replay_group *));
	struct replay_group *group;
	size_t at = 0, n = 0;

	while ((group = map_next(&replay->groups, &at, NULL)) != NULL) {
		sort_origins(replay, group);
		list[n++] = group;
	}
	if (n > 0)
		qsort(list, n, sizeof(struct replay_group *), by_messages);
	*ret_n = n;
	return list;
}
