/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/*
 * An incident is what one label says of one key (of the meter that decided, or else the
 * origin). It is true when that key counted a message of an attack within the meter's
 * window, and at least within the last hour. A day without a message held, and it is over;
 * a true one is over for the innocent a day after its last true one.
 */

enum { BUCKETS = 1 << 16, NAME = 480 };

struct entry {
	struct entry *next;
	char *name;
	int64_t last;      /* message, held or of an attack */
	int64_t last_true; /* that was held while the key was attacked */
	bool is_false;
};

struct sim_incidents {
	struct entry *buckets[BUCKETS];
};

struct sim_incidents *
incidents_new(void)
{
	return mem_zeroed(1, sizeof(struct sim_incidents));
}

void
incidents_free(struct sim_incidents *incidents)
{
	for (size_t i = 0; i < BUCKETS; i++)
		while (incidents->buckets[i] != NULL) {
			struct entry *entry = incidents->buckets[i];

			incidents->buckets[i] = entry->next;
			free(entry->name);
			free(entry);
		}
	free(incidents);
}

/* Made where there is none, and MAKE. */
static struct entry *
find(struct sim_incidents *incidents, const char *name, bool make)
{
	uint32_t hash = 2166136261;

	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619;
	struct entry **bucket = &incidents->buckets[hash % BUCKETS];
	for (struct entry *entry = *bucket; entry != NULL; entry = entry->next)
		if (strcmp(entry->name, name) == 0)
			return entry;
	if (!make)
		return NULL;
	struct entry *entry = mem_zeroed(1, sizeof(*entry));
	*entry = (struct entry){.next = *bucket, .name = mem_text(name)};
	*bucket = entry;
	return entry;
}

void
incidents_attacked(
    struct sim_incidents *incidents, struct view meter, struct view key, int64_t time)
{
	char name[NAME];

	snprintf(name, sizeof(name), "attack %.*s %.*s", VIEW_ARG(meter), VIEW_ARG(key));
	find(incidents, name, true)->last = time;
}

static bool
is_attacked(
    struct sim_incidents *incidents, const struct sim_verdict *verdict, int64_t time)
{
	int64_t within = verdict->within > SIM_HOUR ? verdict->within : SIM_HOUR;
	char name[NAME];

	snprintf(name, sizeof(name), "attack %.*s %.*s", VIEW_ARG(verdict->meter),
	    VIEW_ARG(verdict->key));
	const struct entry *entry = find(incidents, name, false);
	return entry != NULL && time - entry->last <= within;
}

enum sim_finding
incidents_held(struct sim_incidents *incidents, const struct sim_verdict *verdict,
    bool is_attack, int64_t time)
{
	bool is_true = is_attack || is_attacked(incidents, verdict, time);
	char name[NAME];

	snprintf(name, sizeof(name), "held %.*s %.*s", VIEW_ARG(verdict->label),
	    VIEW_ARG(verdict->key));
	struct entry *entry = find(incidents, name, true);
	bool is_open = entry->last != 0 && time - entry->last < SIM_DAY;
	entry->last = time;
	if (is_true) {
		/* One that was false stays so, until it is over. */
		if (!is_open)
			entry->is_false = false;
		entry->last_true = time;
		return is_attack ? FOUND_TRUE : FOUND_COLLATERAL;
	}
	if (is_open && entry->is_false)
		return FOUND_FALSE_AGAIN;
	if (is_open && time - entry->last_true < SIM_DAY)
		return FOUND_COLLATERAL;
	entry->is_false = true;
	return FOUND_FALSE;
}
