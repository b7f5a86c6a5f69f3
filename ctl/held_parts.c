/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "journal/state_incidents.h"
#include "lib/bug.h"

#include "ctl/held_join.h"

/* What belongs to a message besides its record: its incident, and domains it is for. */

enum {
	AT_ONCE = 5000000, /* by so much messages of one moment overtake each other */
	DOMAIN_MAX = 255,
};

struct known_incident {
	struct known_incident *older; /* of the same label and key */
	uint32_t number;
	int64_t began, last;
};

/* ---- incidents ---- */

/* As long as frankd keeps them. */
static struct view
name_of_incident(struct arena *arena, struct view label, struct view key)
{
	struct buf text = BUF_INIT(INCIDENT_LABEL + INCIDENT_NAME + 1);

	buf_add(&text, view_head(label, INCIDENT_LABEL));
	buf_add_char(&text, '\0');
	buf_add(&text, view_head(key, INCIDENT_NAME));
	struct view name = arena_view(arena, buf_view(&text));
	buf_fini(&text);
	return name;
}

void
held_join_incident(struct held_join *join, const struct incident *incident)
{
	struct view name = name_of_incident(join->arena, incident->label, incident->key);
	struct known_incident *known = arena_alloc(join->arena, sizeof(*known)), *head;

	*known = (struct known_incident){.number = (uint32_t)incident->number,
	    .began = incident->began,
	    .last = incident->last};
	head = map_add(&join->incidents, name, known);
	if (head == NULL)
		return;
	/* The first one stays where the map has it; the newest is what it says. */
	struct known_incident newest = *known;
	*known = *head;
	*head = newest;
	head->older = known;
}

uint32_t
held_join_incident_of(
    const struct held_join *join, struct view label, struct view key, int64_t time)
{
	uint32_t nearly = 0;

	if (key.n == 0)
		return 0;
	const struct known_incident *known =
	    map_get(&join->incidents, name_of_incident(join->arena, label, key));
	for (; known != NULL; known = known->older) {
		/* 'last' is told in whole milliseconds. */
		if (time >= known->last + 1000)
			continue;
		if (time >= known->began)
			return known->number;
		if (time >= known->began - AT_ONCE)
			nearly = known->number;
	}
	return nearly;
}

/* ---- domains ---- */

struct known_domain {
	struct view name;
	const struct held_message *last; /* that had it */
	uint32_t at;                     /* among that one's */
};

static struct known_domain *
domain_of(struct held_join *join, struct view domain)
{
	char text[DOMAIN_MAX];
	size_t n = domain.n < DOMAIN_MAX ? domain.n : DOMAIN_MAX;

	for (size_t i = 0; i < n; i++)
		text[i] = domain.p[i] >= 'A' && domain.p[i] <= 'Z'
			      ? (char)(domain.p[i] + 'a' - 'A')
			      : domain.p[i];
	struct known_domain *known = map_get(&join->domains, (struct view){text, n});
	if (known == NULL) {
		known = arena_alloc(join->arena, sizeof(*known));
		known->name = arena_view(join->arena, (struct view){text, n});
		(void)map_add(&join->domains, known->name, known);
	}
	return known;
}

void
held_join_domain(struct held_join *join, struct held_message *message, struct view domain)
{
	struct known_domain *known = domain_of(join, domain);

	if (known->last == message) {
		join->found[known->at].rcpts++;
		return;
	}
	known->last = message;
	known->at = message->n_domains;
	if (message->n_domains == join->n_found) {
		join->n_found = join->n_found > 0 ? 2 * join->n_found : 64;
		join->found = mem_resize(join->found, join->n_found, sizeof(*join->found));
	}
	join->found[message->n_domains++] =
	    (struct held_domain){.name = known->name, .rcpts = 1};
}

void
held_join_domains_end(struct held_join *join, struct held_message *message)
{
	struct held_domain *list;

	if (message->n_domains == 0)
		return;
	list = arena_array(join->arena, message->n_domains, sizeof(*list));
	for (uint32_t i = 0; i < message->n_domains; i++)
		list[i] = join->found[i];
	message->domains = list;
}
