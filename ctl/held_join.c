/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/net.h"

#include "ctl/held_join.h"

enum {
	SECOND = 1000000,
	AHEAD = 2, /* seconds that Postfix's clock may be ahead of the record */
};

struct held_item {
	struct held_item *next;
	struct held_message message;
	struct view key;
};

const char *
held_state_name(enum held_state state)
{
	switch (state) {
	case HELD_OURS:
		return "held";
	case HELD_OTHERS:
		return "others";
	case HELD_GONE:
		return "gone";
	}
	BUG("a state of held mail without a name");
}

void
held_join_init(
    struct held_join *join, struct arena *arena, const struct held_filter *filter)
{
	*join = (struct held_join){.arena = arena, .filter = filter};
	map_init(&join->ids, map_seed_random());
	map_init(&join->waiting, map_seed_random());
	map_init(&join->incidents, map_seed_random());
	map_init(&join->domains, map_seed_random());
	for (size_t i = 0; i < filter->n_ids; i++)
		(void)map_add(&join->ids, view_of(filter->ids[i]), join);
}

void
held_join_fini(struct held_join *join)
{
	map_fini(&join->ids);
	map_fini(&join->waiting);
	map_fini(&join->incidents);
	map_fini(&join->domains);
	free(join->found);
}

static bool
is_asked_for(const struct held_join *join, struct view id)
{
	return join->filter->n_ids == 0 || map_get(&join->ids, id) != NULL;
}

static void
link_item(struct held_join *join, struct held_item *item)
{
	item->next = join->first;
	join->first = item;
	join->n++;
}

static void
take_domains(
    struct held_join *join, struct held_item *item, const struct queue_entry *entry)
{
	struct view rest = entry->rcpts_text, domain;

	while (queue_entry_next_domain(entry, &rest, &domain))
		held_join_domain(join, &item->message, domain);
	held_join_domains_end(join, &item->message);
}

void
held_join_entry(void *context, const struct queue_entry *entry)
{
	struct held_join *join = context;
	const struct view to = join->filter->to;

	if (!view_is(entry->queue, VIEW("hold")) || !is_asked_for(join, entry->id) ||
	    join->n == HELD_MAX || map_get(&join->waiting, entry->id) != NULL)
		return;
	/* Also one for somebody else: the journal's record of it is not of one that is
	 * gone. */
	struct held_item *item = arena_alloc(join->arena, sizeof(*item));
	item->message = (struct held_message){.state = HELD_OTHERS,
	    .id = arena_view(join->arena, entry->id),
	    .sender = arena_view(join->arena, entry->sender),
	    .rcpt = arena_view(join->arena, entry->rcpt),
	    .rcpts = entry->rcpts,
	    .size = entry->size,
	    .arrival = entry->arrival};
	(void)map_add(&join->waiting, item->message.id, item);
	if (join->filter->with_domains)
		take_domains(join, item, entry);
	if (to.n > 0 && !queue_entry_has(entry, to))
		return;
	link_item(join, item);
	join->n_waiting++;
	if (join->oldest == 0 || entry->arrival < join->oldest)
		join->oldest = entry->arrival;
}

/* ---- what the journal knows ---- */

static struct view
origin_of(struct arena *arena, const struct facts *facts)
{
	char text[ADDR_TEXT];

	if (facts->user.n > 0)
		return arena_view(arena, facts->user);
	if (facts->client.family != ADDR_NONE)
		return arena_view(arena, view_of(addr_text(facts->client, text)));
	return VIEW("local");
}

static void
take_row(struct held_join *join, struct held_item *item, const struct journal_row *row)
{
	struct held_message *message = &item->message;
	const struct facts *facts = &row->facts;
	struct arena *arena = join->arena;
	bool is_held = view_is(row->verdict, VIEW("hold"));

	message->decided = facts->time;
	message->client = facts->client;
	message->origin = origin_of(arena, facts);
	message->user = arena_view(arena, facts->user);
	message->author = arena_view(arena, facts->author.text);
	message->message_id = arena_view(arena, facts->message_id);
	message->signed_with = arena_view(arena, row->signed_with);
	message->label = is_held ? arena_view(arena, row->label) : VIEW("");
	message->place = is_held ? arena_view(arena, row->place) : VIEW("");
	item->key = is_held ? arena_view(arena, row->key) : VIEW("");
}

bool
held_join_is_of(struct view sender, int64_t arrival, const struct facts *facts)
{
	return view_is_nocase(sender, facts->sender.text) &&
	       facts->time / SECOND >= arrival - AHEAD &&
	       facts->time / SECOND <= arrival + HELD_SLACK;
}

/* TO, as far as the journal has recipients at all. */
static bool
was_for(const struct facts *facts, struct view to)
{
	struct view domain = view_starts(to, VIEW("@")) ? view_from(to, 1) : to;

	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++)
		if (view_is_nocase(facts->rcpt_sample[i].text, to) ||
		    view_is_nocase(facts->rcpt_sample[i].domain, domain))
			return true;
	return to.n == 0;
}

static void
take_gone(struct held_join *join, const struct journal_row *row)
{
	const struct facts *facts = &row->facts;

	if (!is_asked_for(join, facts->queue_id) || !was_for(facts, join->filter->to) ||
	    join->n == HELD_MAX)
		return;
	struct held_item *item = arena_alloc(join->arena, sizeof(*item));
	link_item(join, item);
	item->message = (struct held_message){.state = HELD_GONE,
	    .id = arena_view(join->arena, facts->queue_id),
	    .sender = arena_view(join->arena, facts->sender.text),
	    .rcpts = facts->rcpts,
	    .size = facts->size,
	    .arrival = facts->time / SECOND};
	if (facts->n_rcpt_sample > 0)
		item->message.rcpt = arena_view(join->arena, facts->rcpt_sample[0].text);
	for (uint32_t i = 0; join->filter->with_domains && i < facts->n_rcpt_sample; i++)
		held_join_domain(join, &item->message, facts->rcpt_sample[i].domain);
	held_join_domains_end(join, &item->message);
	take_row(join, item, row);
}

int
held_join_row(void *context, const struct journal_row *row)
{
	struct held_join *join = context;
	struct held_item *item = map_get(&join->waiting, row->facts.queue_id);
	bool is_held = view_is(row->verdict, VIEW("hold"));

	if (!is_held && !view_is(row->verdict, VIEW("accept")))
		return 0;
	if (item != NULL &&
	    held_join_is_of(item->message.sender, item->message.arrival, &row->facts)) {
		take_row(join, item, row);
		item->message.state = is_held ? HELD_OURS : HELD_OTHERS;
	} else if (join->takes_gone && is_held) {
		take_gone(join, row);
	}
	return 0;
}

/* ---- what is asked for ---- */

static bool
fits(const struct held_filter *filter, const struct held_message *message, int64_t now)
{
	if (filter->user.n > 0 && !view_is_nocase(message->user, filter->user))
		return false;
	if (filter->label.n > 0 && !view_is_nocase(message->label, filter->label))
		return false;
	if (filter->state.n > 0 &&
	    !view_is_nocase(view_of(held_state_name(message->state)), filter->state))
		return false;
	if (filter->client != NULL && (message->client.family == ADDR_NONE ||
					  !prefix_has(*filter->client, message->client)))
		return false;
	if (filter->incident != 0 && message->incident != filter->incident)
		return false;
	return filter->older == 0 || now - message->arrival >= filter->older;
}

static int
compare(const void *a, const void *b)
{
	const struct held_message *x = a, *y = b;
	int64_t of_x = x->decided != 0 ? x->decided : x->arrival * SECOND;
	int64_t of_y = y->decided != 0 ? y->decided : y->arrival * SECOND;

	if (x->arrival != y->arrival)
		return x->arrival < y->arrival ? -1 : 1;
	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	return view_compare(x->id, y->id);
}

void
held_join_finish(struct held_join *join, int64_t now, struct held *ret_held)
{
	struct held_message *list = arena_array(join->arena, join->n, sizeof(*list));
	struct held held = {.arena = join->arena, .list = list};

	for (struct held_item *item = join->first; item != NULL; item = item->next) {
		struct held_message *message = &item->message;

		message->incident = held_join_incident_of(
		    join, message->label, item->key, message->decided);
		if (!fits(join->filter, message, now))
			continue;
		held.others += message->state == HELD_OTHERS;
		held.gone += message->state == HELD_GONE;
		list[held.n++] = *message;
	}
	if (held.n > 0)
		qsort(list, held.n, sizeof(*list), compare);
	*ret_held = held;
}

void
held_fini(struct held *held)
{
	arena_free(held->arena);
	*held = (struct held){.arena = NULL};
}
