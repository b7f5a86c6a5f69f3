/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "ctl/deliveries.h"
#include "ctl/group.h"

/* What an outcome counts under. */

enum { NAME_KEPT = 255 };

static const char *const kinds[] = {"domain", "code", "login", "relay"};

bool
deliveries_kind_of(const char *name, enum deliveries_kind *ret_kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (group_is_called(kinds[i], name)) {
			*ret_kind = (enum deliveries_kind)i;
			return true;
		}
	return false;
}

const char *
deliveries_kind_name(enum deliveries_kind kind)
{
	must((size_t)kind < ARRAY_LEN(kinds));
	return kinds[kind];
}

struct group_key {
	struct view name;
	bool has_name;
	const struct replies_entry *cause;
};

/* Known by whether it has a name, by its cause and by its name. */
static struct view
text_of_key(struct deliveries_count *count, const struct group_key *key)
{
	struct buf *text = &count->scratch;

	buf_reset(text);
	buf_add_char(text, key->has_name ? '+' : '-');
	if (key->cause != NULL)
		buf_add(text, key->cause->name);
	buf_add_char(text, '\0');
	buf_add(text, view_head(key->name, NAME_KEPT));
	return buf_view(text);
}

static struct deliveries_group *
group_of(struct deliveries_count *count, enum deliveries_kind kind, struct group_key key)
{
	struct map *map = &count->groups[kind];
	struct view text = text_of_key(count, &key);
	struct deliveries_group *group = map_get(map, text);

	if (group == NULL && count->n_groups[kind] >= DELIVERIES_NAMES_MAX) {
		key = (struct group_key){.name = VIEW("(others)")};
		text = text_of_key(count, &key);
		group = map_get(map, text);
	}
	if (group != NULL)
		return group;
	group = arena_alloc(count->arena, sizeof(*group));
	group->name = arena_view(count->arena, view_head(key.name, NAME_KEPT));
	group->has_name = key.has_name;
	group->cause = key.cause;
	(void)map_add(map, arena_view(count->arena, text), group);
	count->n_groups[kind]++;
	return group;
}

static struct group_key
key_of_name(struct view name, struct view otherwise)
{
	bool has_name = name.n > 0;

	return (struct group_key){
	    .name = has_name ? name : otherwise, .has_name = has_name};
}

struct view
deliveries_domain(struct view rcpt, char into[DELIVERIES_DOMAIN])
{
	size_t at = rcpt.n, n = 0;

	while (at > 0 && rcpt.p[at - 1] != '@')
		at--;
	for (; at > 0 && at < rcpt.n && n < DELIVERIES_DOMAIN; at++)
		into[n++] = rcpt.p[at] >= 'A' && rcpt.p[at] <= 'Z'
				? (char)(rcpt.p[at] + 'a' - 'A')
				: rcpt.p[at];
	return (struct view){into, n};
}

static struct group_key
key_of_domain(
    struct deliveries_count *count, struct view rcpt, char into[DELIVERIES_DOMAIN])
{
	if (view_starts(rcpt, VIEW("#"))) {
		count->n_hashed++;
		return key_of_name(VIEW(""), VIEW("(kept as hashes)"));
	}
	count->n_domains += view_starts(rcpt, VIEW("@"));
	return key_of_name(deliveries_domain(rcpt, into), VIEW("(no domain)"));
}

static struct group_key
key_of_code(const struct deliveries_count *count, const struct outcome *outcome)
{
	struct group_key key = key_of_name(outcome->dsn, VIEW("(no code)"));

	if (!view_is(outcome->what, VIEW("sent")))
		key.cause = replies_find(
		    count->replies, outcome->dsn, outcome->relay, outcome->text);
	return key;
}

/* "mx.example.com[198.51.100.7]:25" */
static struct group_key
key_of_relay(const struct outcome *outcome)
{
	size_t n = 0;

	if (view_is(outcome->relay, VIEW("none")))
		return key_of_name(VIEW(""), VIEW("(no connection)"));
	while (n < outcome->relay.n && outcome->relay.p[n] != '[')
		n++;
	return key_of_name(view_head(outcome->relay, n), VIEW("(not said)"));
}

static struct group_key
key_of_login(const struct deliveries_count *count, const struct outcome *outcome)
{
	const struct view *user = deliveries_login_of(count->logins, outcome);

	if (user == NULL)
		return key_of_name(VIEW(""), VIEW("(not in the journal)"));
	return key_of_name(*user, VIEW("(no login)"));
}

static struct group_key
key_of(struct deliveries_count *count, enum deliveries_kind kind,
    const struct outcome *outcome, char into[DELIVERIES_DOMAIN])
{
	switch (kind) {
	case DELIVERIES_BY_DOMAIN:
		return key_of_domain(count, outcome->rcpt, into);
	case DELIVERIES_BY_CODE:
		return key_of_code(count, outcome);
	case DELIVERIES_BY_LOGIN:
		return key_of_login(count, outcome);
	case DELIVERIES_BY_RELAY:
		return key_of_relay(outcome);
	case DELIVERIES_KINDS:
		break;
	}
	BUG("no kind");
}

void
deliveries_find_groups(struct deliveries_count *count, const struct outcome *outcome,
    struct deliveries_group *ret_groups[DELIVERIES_KINDS])
{
	for (unsigned i = 0; i < DELIVERIES_KINDS; i++) {
		enum deliveries_kind kind = (enum deliveries_kind)i;
		char text[DELIVERIES_DOMAIN];

		ret_groups[i] =
		    (count->kinds & 1U << i) == 0
			? NULL
			: group_of(count, kind, key_of(count, kind, outcome, text));
	}
}

/* Where there is most trouble first, then where there is most. */
static int
compare(const void *a, const void *b)
{
	const struct deliveries_group *x = *(const struct deliveries_group *const *)a,
				      *y = *(const struct deliveries_group *const *)b;
	uint64_t unsent = x->deferred + x->bounced, other_unsent = y->deferred + y->bounced;

	if (unsent != other_unsent)
		return unsent > other_unsent ? -1 : 1;
	if (x->sent != y->sent)
		return x->sent > y->sent ? -1 : 1;
	return view_compare(x->name, y->name);
}

const struct deliveries_group **
deliveries_groups(struct deliveries_count *count, enum deliveries_kind kind, size_t *ret_n)
{
	const struct deliveries_group **list = arena_array(
	    count->arena, count->n_groups[kind] + 1, sizeof(struct deliveries_group *));
	const struct deliveries_group *one;
	size_t at = 0, n = 0;

	while ((one = map_next(&count->groups[kind], &at, NULL)) != NULL)
		list[n++] = one;
	if (n > 0)
		qsort(list, n, sizeof(list[0]), compare);
	*ret_n = n;
	return list;
}
