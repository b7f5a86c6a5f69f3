/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"
#include "ctl/deliveries_change.h"

enum { SAID_KEPT = 512, KEY_MAX = 512 };

#define DAY_US (86400 * INT64_C(1000000))

void
changes_init(struct changes *changes, const struct replies *replies)
{
	*changes = (struct changes){
	    .arena = arena_new(0), .replies = replies, .seed = map_seed_random()};
	map_init(&changes->places, changes->seed);
	map_init(&changes->messages, changes->seed);
}

void
changes_fini(struct changes *changes)
{
	map_fini(&changes->places);
	map_fini(&changes->messages);
	arena_free(changes->arena);
}

/* ---- causes ---- */

/* What a receiver says of one recipient, or of one message, is nothing that has begun. */
static bool
is_of_receiver(const struct replies_entry *cause, struct view code)
{
	static const char *const others[] = {
	    "no-such-user", "mailbox-full", "mailbox-disabled", "too-big"};
	struct view subject;

	for (size_t i = 0; cause != NULL && i < ARRAY_LEN(others); i++)
		if (view_is(cause->class, view_of(others[i])))
			return false;
	if (cause != NULL || !view_cut(&code, '.', &subject) ||
	    !view_cut(&code, '.', &subject))
		return true;
	/* RFC 3463: x.1.x is about addresses, x.2.x about mailboxes */
	return !view_is(subject, VIEW("1")) && !view_is(subject, VIEW("2"));
}

static struct change *
find_change(
    const struct change_place *place, const struct replies_entry *cause, struct view code)
{
	for (struct change *change = place->first; change != NULL; change = change->next)
		if (change->cause == cause && view_is(change->code, code))
			return change;
	return NULL;
}

static struct change_place *
place_of(struct changes *changes, struct view domain)
{
	struct change_place *place = map_get(&changes->places, domain);

	if (place != NULL)
		return place;
	place = arena_alloc(changes->arena, sizeof(*place));
	place->domain = arena_view(changes->arena, domain);
	(void)map_add(&changes->places, place->domain, place);
	return place;
}

static struct change *
change_of(struct changes *changes, const struct outcome *outcome, struct view domain,
    const struct replies_entry *cause)
{
	struct change_place *place = map_get(&changes->places, domain);
	struct change *change =
	    place != NULL ? find_change(place, cause, outcome->dsn) : NULL;

	if (change != NULL)
		return change;
	if (changes->n == CHANGES_MAX) {
		changes->n_left_out++;
		return NULL;
	}
	place = place_of(changes, domain);
	change = arena_alloc(changes->arena, sizeof(*change));
	change->place = place;
	change->cause = cause;
	change->code = arena_view(changes->arena, outcome->dsn);
	change->said = arena_view(changes->arena, view_head(outcome->text, SAID_KEPT));
	change->first = outcome->time;
	change->next = place->first;
	place->first = change;
	changes->n++;
	return change;
}

/* ---- the time that is looked at ---- */

/* A message is tried again and again, and counts once. */
static bool
is_new_message(
    struct changes *changes, const struct change *change, const struct outcome *outcome)
{
	char text[KEY_MAX];
	struct view id = view_head(outcome->queue_id, sizeof(text) - sizeof(change));
	uint64_t *key;

	memcpy(text, &change, sizeof(change));
	if (id.n > 0)
		memcpy(text + sizeof(change), id.p, id.n);
	const uint64_t hash = siphash(changes->seed, text, sizeof(change) + id.n);
	const struct view name = {(const char *)&hash, sizeof(hash)};
	if (map_get(&changes->messages, name) != NULL)
		return false;
	if (changes->n_messages == CHANGE_MESSAGES_MAX)
		return true;
	key = arena_alloc(changes->arena, sizeof(*key));
	*key = hash;
	(void)map_add(
	    &changes->messages, (struct view){(const char *)key, sizeof(*key)}, key);
	changes->n_messages++;
	return true;
}

void
changes_failed(struct changes *changes, const struct outcome *outcome, struct view domain,
    const struct replies_entry *cause)
{
	struct change *change;

	if (!is_of_receiver(cause, outcome->dsn))
		return;
	change = change_of(changes, outcome, domain, cause);
	if (change == NULL)
		return;
	if (is_new_message(changes, change, outcome))
		change->messages++;
	if (view_is(outcome->what, VIEW("deferred")))
		change->put_off++;
	else
		change->refused++;
	change->last = outcome->time;
	change->resumed = 0;
}

void
changes_sent(struct changes *changes, const struct outcome *outcome, struct view domain)
{
	const struct change_place *place =
	    changes->n > 0 ? map_get(&changes->places, domain) : NULL;

	for (struct change *change = place != NULL ? place->first : NULL; change != NULL;
	     change = change->next)
		if (change->resumed == 0)
			change->resumed = outcome->time;
}

/* ---- the days before ---- */

size_t
changes_narrow(struct changes *changes)
{
	struct change_place *place;
	struct map places;
	size_t at = 0;

	map_init(&places, changes->seed);
	while ((place = map_next(&changes->places, &at, NULL)) != NULL) {
		struct change **link = &place->first;

		while (*link != NULL) {
			if ((*link)->messages < CHANGE_LEAST)
				*link = (*link)->next;
			else
				link = &(*link)->next;
		}
		if (place->first != NULL)
			(void)map_add(&places, place->domain, place);
	}
	map_fini(&changes->places);
	changes->places = places;
	return places.count;
}

/* To find out what words mean takes its time: only where it makes a difference. */
static bool
may_be_new(const struct change_place *place, struct view code)
{
	for (const struct change *change = place->first; change != NULL;
	     change = change->next)
		if (change->before == 0 && view_is(change->code, code))
			return true;
	return false;
}

int
changes_before(void *context, const struct outcome *outcome)
{
	struct changes *changes = context;
	char text[DELIVERIES_DOMAIN];
	struct change_place *place =
	    map_get(&changes->places, deliveries_domain(outcome->rcpt, text));
	struct change *change;

	if (place == NULL)
		return 0;
	if (view_is(outcome->what, VIEW("sent"))) {
		place->sent_before++;
		return 0;
	}
	if (!may_be_new(place, outcome->dsn))
		return 0;
	change = find_change(place,
	    replies_find(changes->replies, outcome->dsn, outcome->relay, outcome->text),
	    outcome->dsn);
	if (change != NULL)
		change->before++;
	return 0;
}

/* ---- the result ---- */

static int
compare(const void *a, const void *b)
{
	const struct change *x = *(const struct change *const *)a,
			    *y = *(const struct change *const *)b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return x->first != y->first ? (x->first < y->first ? -1 : 1)
				    : view_compare(x->place->domain, y->place->domain);
}

void
changes_end(struct changes *changes, int64_t begin, int64_t since)
{
	const struct change_place *place;
	size_t at = 0;

	changes->days = begin < since ? (since - begin) / DAY_US : 0;
	if (changes->days > CHANGE_DAYS)
		changes->days = CHANGE_DAYS;
	changes->list =
	    arena_array(changes->arena, changes->n + 1, sizeof(struct change *));
	if (changes->days == 0)
		return;
	while ((place = map_next(&changes->places, &at, NULL)) != NULL)
		for (struct change *change = place->first; change != NULL;
		     change = change->next)
			if (change->before == 0 && place->sent_before > 0)
				changes->list[changes->n_list++] = change;
	if (changes->n_list > 0)
		qsort(changes->list, changes->n_list, sizeof(changes->list[0]), compare);
}
