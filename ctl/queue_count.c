/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/group.h"
#include "ctl/held_join.h"
#include "ctl/queue.h"

enum { DOMAIN_MAX = 255, REASON_KEPT = 512 };

static const char *const kinds[] = {"queue", "destination", "cause", "login"};

bool
queue_kind_of(const char *name, enum queue_kind *ret_kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (group_is_called(kinds[i], name)) {
			*ret_kind = (enum queue_kind)i;
			return true;
		}
	return false;
}

const char *
queue_kind_name(enum queue_kind kind)
{
	must((size_t)kind < ARRAY_LEN(kinds));
	return kinds[kind];
}

/* A message whose login is looked up. */
struct waiting {
	struct view id, sender, user;
	uint64_t bytes, rcpts;
	int64_t arrival;
	bool is_known; /* to the journal */
};

void
queue_count_init(struct queue_count *count, const struct replies *replies, bool with_logins)
{
	*count = (struct queue_count){
	    .arena = arena_new(0), .replies = replies, .with_logins = with_logins};
	for (int i = 0; i < QUEUE_KINDS; i++)
		map_init(&count->groups[i], map_seed_random());
	map_init(&count->waiting, map_seed_random());
}

void
queue_count_fini(struct queue_count *count)
{
	for (int i = 0; i < QUEUE_KINDS; i++)
		map_fini(&count->groups[i]);
	map_fini(&count->waiting);
	arena_free(count->arena);
}

/* ---- groups ---- */

/* What a group is known by; the text of names that stand for none is constant. */
struct group_key {
	enum queue_kind kind;
	struct view name;
	bool has_name;
	const struct replies_entry *cause;
};

static struct view
name_of_key(const struct group_key *key, char *into, size_t size)
{
	struct view cause = key->cause != NULL ? key->cause->name : VIEW("");
	struct view name = view_head(key->name, DOMAIN_MAX);
	size_t n = 0;

	must(cause.n + name.n + 2 <= size);
	into[n++] = key->has_name ? '+' : '-';
	if (cause.n > 0)
		memcpy(into + n, cause.p, cause.n);
	n += cause.n;
	into[n++] = '\0';
	if (name.n > 0)
		memcpy(into + n, name.p, name.n);
	return (struct view){into, n + name.n};
}

static struct queue_group *
group_of(struct queue_count *count, struct group_key key)
{
	char text[2 * DOMAIN_MAX];
	struct map *map = &count->groups[key.kind];
	struct view name = name_of_key(&key, text, sizeof(text));
	struct queue_group *group = map_get(map, name);

	if (group == NULL && count->n_groups[key.kind] >= QUEUE_NAMES_MAX) {
		key.name = VIEW("(others)");
		key.has_name = false;
		name = name_of_key(&key, text, sizeof(text));
		group = map_get(map, name);
	}
	if (group != NULL)
		return group;
	group = arena_alloc(count->arena, sizeof(*group));
	*group = (struct queue_group){
	    .name = arena_view(count->arena, view_head(key.name, DOMAIN_MAX)),
	    .has_name = key.has_name,
	    .cause = key.cause};
	(void)map_add(map, arena_view(count->arena, name), group);
	count->n_groups[key.kind]++;
	return group;
}

/* One message, or one more recipient of it. */
struct counted {
	uint64_t number; /* of the message */
	uint64_t rcpts, bytes;
	int64_t arrival;
	struct view id;
};

static void
add(struct queue_count *count, struct queue_group *group, const struct counted *counted)
{
	group->rcpts += counted->rcpts;
	if (group->last == counted->number)
		return;
	group->last = counted->number;
	group->messages++;
	group->bytes += counted->bytes;
	if (group->oldest_id.n > 0 && group->oldest <= counted->arrival)
		return;
	group->oldest = counted->arrival;
	/* A list is often in the order of age: then this is one id. */
	group->oldest_id = arena_view(count->arena, counted->id);
}

/* ---- the queue ---- */

/* Why one of its recipients waits. */
static struct group_key
cause_of(const struct queue_count *count, struct view queue, struct view reason)
{
	struct group_key key = {.kind = QUEUE_BY_CAUSE};

	if (reason.n > 0) {
		key.cause = replies_find(count->replies, VIEW(""), VIEW(""), reason);
		/* It is tried again: that much is known. */
		if (key.cause == NULL)
			key.cause =
			    replies_find(count->replies, VIEW("4.0.0"), VIEW(""), reason);
		key.has_name = key.cause != NULL;
		key.name =
		    key.has_name ? key.cause->name : VIEW("(words nobody explained)");
	} else if (view_is(queue, VIEW("hold"))) {
		key.name = VIEW("(on hold)");
	} else if (view_is(queue, VIEW("deferred"))) {
		key.name = VIEW("(Postfix kept no reason)");
	} else {
		key.name = VIEW("(not tried yet)");
	}
	return key;
}

static struct view
lower_domain(struct view rcpt, char into[DOMAIN_MAX])
{
	size_t at = rcpt.n, n = 0;

	while (at > 0 && rcpt.p[at - 1] != '@')
		at--;
	if (at == 0)
		return VIEW("");
	for (; at < rcpt.n && n < DOMAIN_MAX; at++)
		into[n++] = rcpt.p[at] >= 'A' && rcpt.p[at] <= 'Z'
				? (char)(rcpt.p[at] + 'a' - 'A')
				: rcpt.p[at];
	return (struct view){into, n};
}

static void
count_rcpt(struct queue_count *count, const struct queue_entry *entry,
    const struct queue_rcpt *rcpt, const struct counted *counted)
{
	char text[DOMAIN_MAX];
	struct view domain = lower_domain(rcpt->address, text);
	bool has_domain = domain.n > 0;
	struct group_key cause = cause_of(count, entry->queue, rcpt->delay_reason);
	struct queue_group *group = group_of(count, cause);

	if (!has_domain)
		domain = VIEW("(no domain)");
	add(count, group, counted);
	if (group->reason.n == 0 && rcpt->delay_reason.n > 0)
		group->reason =
		    arena_view(count->arena, view_head(rcpt->delay_reason, REASON_KEPT));
	add(count,
	    group_of(count,
		(struct group_key){
		    .kind = QUEUE_BY_DESTINATION, .name = domain, .has_name = has_domain}),
	    counted);
	if (cause.cause != NULL)
		add(count,
		    group_of(count, (struct group_key){.kind = QUEUE_BY_PLACE,
					.name = domain,
					.has_name = has_domain,
					.cause = cause.cause}),
		    counted);
}

static void
remember(struct queue_count *count, const struct queue_entry *entry)
{
	struct waiting *waiting;

	if (count->n_waiting == QUEUE_MESSAGES_MAX)
		return;
	waiting = arena_alloc(count->arena, sizeof(*waiting));
	*waiting = (struct waiting){.id = arena_view(count->arena, entry->id),
	    .sender = arena_view(count->arena, entry->sender),
	    .bytes = entry->size,
	    .rcpts = entry->rcpts,
	    .arrival = entry->arrival};
	if (map_add(&count->waiting, waiting->id, waiting) == NULL)
		count->n_waiting++;
}

void
queue_count_entry(void *context, const struct queue_entry *entry)
{
	struct queue_count *count = context;
	struct counted counted = {.number = count->total.messages + 1,
	    .rcpts = entry->rcpts,
	    .bytes = entry->size,
	    .arrival = entry->arrival,
	    .id = entry->id};
	struct view rest = entry->rcpts_text;
	struct queue_rcpt rcpt;

	add(count, &count->total, &counted);
	add(count,
	    group_of(count,
		(struct group_key){
		    .kind = QUEUE_BY_QUEUE, .name = entry->queue, .has_name = true}),
	    &counted);
	counted.rcpts = 1;
	while (queue_entry_next_rcpt(entry, &rest, &rcpt))
		count_rcpt(count, entry, &rcpt, &counted);
	if (count->with_logins)
		remember(count, entry);
}

/* ---- the journal ---- */

int
queue_count_row(void *context, const struct journal_row *row)
{
	struct queue_count *count = context;
	struct waiting *waiting = map_get(&count->waiting, row->facts.queue_id);

	if (waiting == NULL ||
	    !held_join_is_of(waiting->sender, waiting->arrival, &row->facts))
		return 0;
	waiting->is_known = true;
	waiting->user = arena_view(count->arena, row->facts.user);
	return 0;
}

void
queue_count_logins(struct queue_count *count)
{
	struct waiting *waiting;
	uint64_t number = 0;
	size_t at = 0;

	while ((waiting = map_next(&count->waiting, &at, NULL)) != NULL) {
		struct group_key key = {.kind = QUEUE_BY_LOGIN,
		    .name = waiting->user,
		    .has_name = waiting->user.n > 0};
		struct counted counted = {.number = number + 1,
		    .rcpts = waiting->rcpts,
		    .bytes = waiting->bytes,
		    .arrival = waiting->arrival,
		    .id = waiting->id};

		if (!key.has_name)
			key.name = waiting->is_known ? VIEW("(no login)")
						     : VIEW("(not in the journal)");
		add(count, group_of(count, key), &counted);
		number++;
	}
}

/* ---- the result ---- */

static int
compare(const void *a, const void *b)
{
	const struct queue_group *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	if (x->oldest != y->oldest)
		return x->oldest < y->oldest ? -1 : 1;
	return view_compare(x->name, y->name);
}

struct queue_group *
queue_groups(struct queue_count *count, enum queue_kind kind, size_t *ret_n)
{
	struct queue_group *list =
	    arena_array(count->arena, count->n_groups[kind] + 1, sizeof(*list));
	struct queue_group *one;
	size_t at = 0, n = 0;

	while ((one = map_next(&count->groups[kind], &at, NULL)) != NULL)
		list[n++] = *one;
	if (n > 0)
		qsort(list, n, sizeof(*list), compare);
	*ret_n = n;
	return list;
}

size_t
queue_places(struct queue_count *count, const struct replies_entry *cause,
    struct queue_group *into, size_t n)
{
	const struct queue_group *one;
	size_t at = 0, found = 0, used = 0;

	while ((one = map_next(&count->groups[QUEUE_BY_PLACE], &at, NULL)) != NULL) {
		if (one->cause != cause)
			continue;
		found++;
		if (used == n && compare(one, &into[n - 1]) > 0)
			continue;
		used += used < n;
		into[used - 1] = *one;
		qsort(into, used, sizeof(*into), compare);
	}
	return found;
}
