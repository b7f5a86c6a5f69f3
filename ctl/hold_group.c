/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"

#include "ctl/group.h"
#include "ctl/hold.h"
#include "ctl/incident.h"

enum {
	SECOND = 1000000,
	NAME_SHOWN = 40,
	NAME_LEAST = 12,
	WIDTH_FIXED = 52, /* of a line, besides the name */
	LABELS_SHOWN = 4, /* in the summary */
	NUMBER_TEXT = 16,
};

static const char *const kinds[HOLD_KINDS] = {"label", "user", "domain", "incident"};
/* What has no name of that kind. */
static const char *const nameless[HOLD_KINDS] = {
    "(held without a label)", "(no login)", "(no domain)", "(no incident)"};

bool
hold_kind_of(const char *name, enum hold_kind *ret_kind)
{
	for (int i = 0; i < HOLD_KINDS; i++)
		if (group_is_called(kinds[i], name)) {
			*ret_kind = (enum hold_kind)i;
			return true;
		}
	return false;
}

struct groups {
	const struct held *held;
	enum hold_kind kind;
	struct map by_name;
	size_t n;
};

static void
count(struct groups *groups, struct view name, uint32_t rcpts,
    const struct held_message *message)
{
	static const char none[] = "";
	/* A name and none are two things: one byte is before each. */
	struct buf text = BUF_INIT(name.n + 2);

	buf_add_char(&text, name.n > 0 ? '+' : '-');
	buf_add(&text, name);
	struct hold_group *group = map_get(&groups->by_name, buf_view(&text));
	if (group == NULL) {
		group = arena_alloc(groups->held->arena, sizeof(*group));
		*group = (struct hold_group){.name = name.n > 0 ? name : view_of(none),
		    .has_name = name.n > 0,
		    .oldest = message->arrival,
		    .newest = message->arrival,
		    .example = message};
		(void)map_add(&groups->by_name,
		    arena_view(groups->held->arena, buf_view(&text)), group);
		groups->n++;
	}
	buf_fini(&text);
	group->messages++;
	group->rcpts += rcpts;
	group->bytes += message->size;
	/* The list is sorted. */
	group->newest = message->arrival;
}

static void
count_message(struct groups *groups, const struct held_message *message)
{
	const struct view others = VIEW("(by others)");
	char number[NUMBER_TEXT];

	switch (groups->kind) {
	case HOLD_BY_LABEL:
		count(groups, message->state == HELD_OTHERS ? others : message->label,
		    message->rcpts, message);
		return;
	case HOLD_BY_USER:
		count(groups, message->user, message->rcpts, message);
		return;
	case HOLD_BY_DOMAIN:
		for (uint32_t i = 0; i < message->n_domains; i++)
			count(groups, message->domains[i].name, message->domains[i].rcpts,
			    message);
		return;
	case HOLD_BY_INCIDENT:
		number[0] = '\0';
		if (message->incident != 0)
			snprintf(number, sizeof(number), "%u", message->incident);
		count(groups, arena_view(groups->held->arena, view_of(number)),
		    message->rcpts, message);
		return;
	case HOLD_KINDS:
		break;
	}
	BUG("a kind of groups that there is not");
}

static int
compare(const void *a, const void *b)
{
	const struct hold_group *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	if (x->oldest != y->oldest)
		return x->oldest < y->oldest ? -1 : 1;
	return view_compare(x->name, y->name);
}

struct hold_group *
hold_group(const struct held *held, enum hold_kind kind, size_t *ret_n)
{
	struct groups groups = {.held = held, .kind = kind};
	struct hold_group *list, *one;
	size_t at = 0, n = 0;

	map_init(&groups.by_name, map_seed_random());
	for (size_t i = 0; i < held->n; i++)
		count_message(&groups, &held->list[i]);
	list = arena_array(held->arena, groups.n + 1, sizeof(*list));
	while ((one = map_next(&groups.by_name, &at, NULL)) != NULL)
		list[n++] = *one;
	map_fini(&groups.by_name);
	qsort(list, n, sizeof(*list), compare);
	*ret_n = n;
	return list;
}

static struct view
name_of(const struct hold_group *group, enum hold_kind kind)
{
	return group->has_name ? group->name : view_of(nameless[kind]);
}

void
hold_groups_text(const struct hold_group *groups, size_t n, enum hold_kind kind,
    int64_t now, int width, struct buf *out)
{
	size_t name = NAME_SHOWN;
	char text[HOLD_SHORT];

	if (width > 0 && (size_t)width < WIDTH_FIXED + NAME_SHOWN)
		name = (size_t)width - WIDTH_FIXED;
	if (name < NAME_LEAST)
		name = NAME_LEAST;
	incident_cell(out, view_of(kinds[kind]), name);
	buf_addf(out, " %7s %8s %6s  %6s  %6s  %s\n", "held", "rcpts", "size", "oldest",
	    "newest", "example");
	for (size_t i = 0; i < n; i++) {
		const struct hold_group *group = &groups[i];

		incident_cell(out, name_of(group, kind), name);
		buf_addf(out, " %7" PRIu64 " %8" PRIu64 " %6s", group->messages,
		    group->rcpts, hold_size(group->bytes, text));
		buf_addf(out, "  %6s", hold_age(now - group->oldest, text));
		buf_addf(out, "  %6s  ", hold_age(now - group->newest, text));
		escape_add(out, group->example->id, ESCAPE_MAX);
		buf_add_char(out, '\n');
	}
}

void
hold_group_json(const struct hold_group *group, enum hold_kind kind, struct json *json)
{
	char text[CLOCK_TEXT];

	group_json(kinds[kind], group->name, group->has_name, json);
	if (kind == HOLD_BY_LABEL)
		json_string(
		    json, "frank.state", view_of(held_state_name(group->example->state)));
	json_number(json, "frank.messages", (int64_t)group->messages);
	json_number(json, "frank.rcpts", (int64_t)group->rcpts);
	json_number(json, "frank.size", (int64_t)group->bytes);
	json_string(
	    json, "frank.oldest", view_of(clock_rfc3339(group->oldest * SECOND, text)));
	json_string(
	    json, "frank.newest", view_of(clock_rfc3339(group->newest * SECOND, text)));
	json_string(json, "email.local_id", group->example->id);
}

/* "4990 \"account takeover?\", " and so on of what waits, as frankd held it. */
static void
add_labels(const struct hold_group *groups, size_t n, struct buf *out)
{
	uint64_t rest = 0;
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < n; i++) {
		if (groups[i].example->state != HELD_OURS)
			continue;
		if (shown == LABELS_SHOWN) {
			rest += groups[i].messages;
			more++;
			continue;
		}
		buf_addf(
		    out, "%s%" PRIu64 " ", shown++ > 0 ? ", " : " ", groups[i].messages);
		if (groups[i].has_name)
			buf_add_char(out, '"');
		escape_add(out, name_of(&groups[i], HOLD_BY_LABEL), ESCAPE_MAX);
		if (groups[i].has_name)
			buf_add_char(out, '"');
	}
	if (more > 0)
		buf_addf(out, ", %" PRIu64 " under %zu more labels", rest, more);
}

void
hold_summary(const struct held *held, int64_t now, struct buf *out)
{
	/* What waits. */
	struct held waiting = {.arena = held->arena};
	struct hold_group *groups;
	char text[HOLD_SHORT];
	size_t n;

	waiting.list = arena_array(held->arena, held->n + 1, sizeof(*waiting.list));
	for (size_t i = 0; i < held->n; i++)
		if (held->list[i].state != HELD_GONE)
			waiting.list[waiting.n++] = held->list[i];
	buf_addf(out, "%zu held", waiting.n);
	if (waiting.n > 0) {
		buf_add_char(out, ':');
		groups = hold_group(&waiting, HOLD_BY_LABEL, &n);
		add_labels(groups, n, out);
		if (held->others > 0)
			buf_addf(out, "%s%zu put there by somebody else",
			    held->others < waiting.n ? ", " : " ", held->others);
		buf_addf(out, "; oldest %s", hold_age(now - waiting.list[0].arrival, text));
	}
	if (held->gone > 0)
		buf_addf(out, "; %zu gone", held->gone);
	buf_add_char(out, '\n');
}
