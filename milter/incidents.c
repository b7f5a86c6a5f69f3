/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/map.h"

#include "milter/incidents_private.h"

enum { SECOND = 1000000 };

struct incidents *
incidents_new(void)
{
	struct incidents *incidents = mem_zeroed(1, sizeof(*incidents));

	must(pthread_mutex_init(&incidents->lock, NULL) == 0);
	return incidents;
}

void
incidents_free(struct incidents *incidents)
{
	if (incidents == NULL)
		return;
	for (size_t i = 0; i < incidents->n; i++)
		free(incidents->table[i]);
	must(pthread_mutex_destroy(&incidents->lock) == 0);
	free(incidents);
}

void
incidents_lock(struct incidents *incidents)
{
	must(pthread_mutex_lock(&incidents->lock) == 0);
}

void
incidents_unlock(struct incidents *incidents)
{
	must(pthread_mutex_unlock(&incidents->lock) == 0);
}

static void
copy_text(char *into, size_t size, struct view text)
{
	text = view_head(text, size - 1);
	if (text.n > 0)
		memcpy(into, text.p, text.n);
	into[text.n] = '\0';
}

/* Only to look at few of them: equal hashes are compared. */
static uint64_t
hash_of(const char *label, const char *key)
{
	const struct map_seed seed = {0};

	return siphash(seed, label, strlen(label)) ^
	       siphash((struct map_seed){1, 1}, key, strlen(key));
}

/* ---- the table ---- */

static void
forget_at(struct incidents *incidents, size_t at)
{
	struct incident *incident = incidents->table[at];

	/* What does not fit is dropped when the file is read. */
	if (incidents->n_gone < INCIDENTS_MAX)
		incidents->gone[incidents->n_gone++] = incident->row.number;
	free(incident);
	incidents->n--;
	memmove(&incidents->table[at], &incidents->table[at + 1],
	    (incidents->n - at) * sizeof(incidents->table[0]));
}

/* Nobody still has to be told of it. */
static bool
is_settled(const struct state_incident *row)
{
	return !row->notify || row->told[INCIDENT_BY_MAIL].closed;
}

/* Closed, and of less use than OTHER (NULL: there is none). */
static bool
goes_before(const struct state_incident *row, const struct state_incident *other)
{
	if (row->closed == 0)
		return false;
	if (other == NULL || is_settled(row) != is_settled(other))
		return other == NULL || is_settled(row);
	return row->closed < other->closed;
}

/* Room for one more: the one that was closed first goes. */
static bool
make_room(struct incidents *incidents)
{
	const struct state_incident *first = NULL;
	size_t at = 0;

	if (incidents->n < INCIDENTS_MAX)
		return true;
	for (size_t i = 0; i < incidents->n; i++)
		if (goes_before(&incidents->table[i]->row, first)) {
			first = &incidents->table[i]->row;
			at = i;
		}
	if (first == NULL)
		return false;
	forget_at(incidents, at);
	return true;
}

static struct incident *
add(struct incidents *incidents)
{
	struct incident *incident = mem_zeroed(1, sizeof(*incident));

	must(incidents->n < INCIDENTS_MAX);
	incidents->table[incidents->n++] = incident;
	return incident;
}

void
incidents_restore(struct incidents *incidents, const struct state_incident *row)
{
	incidents_lock(incidents);
	if (row->number > incidents->last && make_room(incidents)) {
		struct incident *incident = add(incidents);
		incident->row = *row;
		incident->hash = hash_of(row->label, row->key);
		incidents->last = row->number;
	}
	incidents_unlock(incidents);
}

void
incidents_restored(struct incidents *incidents, uint64_t last)
{
	incidents_lock(incidents);
	if (last > incidents->last)
		incidents->last = last;
	incidents_unlock(incidents);
}

/* ---- what happens ---- */

/* NAME came once more, or N times. */
static void
count_name(
    struct incident_count counts[INCIDENT_TOP], uint32_t *n, struct view name, uint64_t by)
{
	uint32_t least = 0;

	name = view_head(name, INCIDENT_NAME);
	for (uint32_t i = 0; i < *n; i++) {
		if (view_is(view_of(counts[i].name), name)) {
			counts[i].n += by;
			return;
		}
		if (counts[i].n < counts[least].n)
			least = i;
	}
	if (*n < INCIDENT_TOP)
		least = (*n)++;
	copy_text(counts[least].name, sizeof(counts[least].name), name);
	counts[least].n += by;
}

static void
take_first(struct state_incident *row, const struct incident_held *held)
{
	const struct facts *facts = held->facts;
	const struct policy_meter *meter = held->decision->meter;
	const struct fact_meter *read =
	    meter != NULL ? fact_meter_find(facts, meter->name, meter->index) : NULL;

	copy_text(row->place, sizeof(row->place), held->decision->place);
	copy_text(row->queue_id, sizeof(row->queue_id), facts->queue_id);
	if (facts->client.family != ADDR_NONE)
		(void)addr_text(facts->client, row->client);
	row->client_is_new = held->client_is_new;
	row->began = facts->time;
	if (read == NULL || read->state != READING_KNOWN)
		return;
	copy_text(row->meter, sizeof(row->meter), meter->name);
	row->reading = read->reading;
	row->has_usual = read->usual_of != USUAL_UNKNOWN;
	row->usual = read->usual;
}

static struct incident *
find_open(struct incidents *incidents, const char *label, const char *key)
{
	uint64_t hash = hash_of(label, key);

	for (size_t i = incidents->n; i > 0; i--) {
		struct incident *incident = incidents->table[i - 1];
		if (incident->hash == hash && incident->row.closed == 0 &&
		    strcmp(incident->row.label, label) == 0 &&
		    strcmp(incident->row.key, key) == 0)
			return incident;
	}
	return NULL;
}

/* NULL: there is no room. */
static struct incident *
open_new(struct incidents *incidents, const char *label, const char *key,
    const struct incident_held *held)
{
	if (!make_room(incidents)) {
		incidents->unkept++;
		return NULL;
	}
	struct incident *incident = add(incidents);
	incident->hash = hash_of(label, key);
	incident->has_opened = true;
	incident->row.number = ++incidents->last;
	copy_text(incident->row.label, sizeof(incident->row.label), view_of(label));
	copy_text(incident->row.key, sizeof(incident->row.key), view_of(key));
	take_first(&incident->row, held);
	return incident;
}

static void
join(struct incident *incident, const struct incident_held *held)
{
	struct state_incident *row = &incident->row;
	const struct facts *facts = held->facts;

	row->messages++;
	row->rcpts += facts->rcpts;
	if (facts->time > row->last)
		row->last = facts->time;
	row->notify = row->notify || held->decision->notify;
	count_name(row->origins, &row->n_origins, held->origin, 1);
	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++)
		if (facts->rcpt_sample[i].domain.n > 0)
			count_name(
			    row->domains, &row->n_domains, facts->rcpt_sample[i].domain, 1);
	incident->is_changed = true;
}

void
incidents_held(struct incidents *incidents, const struct incident_held *held)
{
	char label[INCIDENT_LABEL + 1], key[INCIDENT_NAME + 1];

	copy_text(label, sizeof(label), held->decision->label);
	copy_text(key, sizeof(key), held->decision->key);
	incidents_lock(incidents);
	struct incident *incident = find_open(incidents, label, key);
	if (incident == NULL)
		incident = open_new(incidents, label, key, held);
	if (incident != NULL)
		join(incident, held);
	incidents_unlock(incidents);
}

static struct incident *
find_number(struct incidents *incidents, uint64_t number)
{
	for (size_t i = 0; i < incidents->n; i++)
		if (incidents->table[i]->row.number == number)
			return incidents->table[i];
	return NULL;
}

static void
close_one(struct incident *incident, const char *who, struct view reason, int64_t now)
{
	incident->row.closed = now;
	copy_text(incident->row.closed_by, sizeof(incident->row.closed_by), view_of(who));
	copy_text(incident->row.reason, sizeof(incident->row.reason), reason);
	incident->is_changed = true;
	incident->has_closed = true;
}

int
incidents_close(struct incidents *incidents, uint64_t number, const char *who,
    struct view reason, int64_t now, struct err *err)
{
	char time[CLOCK_TEXT];
	int result = 0;

	incidents_lock(incidents);
	struct incident *incident = find_number(incidents, number);
	if (incident != NULL && incident->row.closed == 0) {
		close_one(incident, who, reason, now);
		result = 1;
	} else if (incident != NULL) {
		result = err_set(err, ERR_BAD_INPUT, "incident %llu was closed %s by %s",
		    (unsigned long long)number, clock_text(incident->row.closed, time),
		    incident->row.closed_by);
	}
	incidents_unlock(incidents);
	return result;
}

void
incidents_close_idle(struct incidents *incidents, int64_t now)
{
	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n; i++) {
		struct incident *incident = incidents->table[i];
		if (incident->row.closed == 0 &&
		    now - incident->row.last >= (int64_t)INCIDENT_IDLE_SECONDS * SECOND)
			close_one(
			    incident, "frankd", VIEW("no message held for a day"), now);
	}
	incidents_unlock(incidents);
}

bool
incidents_get(struct incidents *incidents, uint64_t number, struct state_incident *ret_row)
{
	incidents_lock(incidents);
	const struct incident *incident = find_number(incidents, number);
	if (incident != NULL)
		*ret_row = incident->row;
	incidents_unlock(incidents);
	return incident != NULL;
}

bool
incidents_next(
    struct incidents *incidents, uint64_t after, bool all, struct state_incident *ret_row)
{
	bool found = false;

	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n && !found; i++) {
		const struct state_incident *row = &incidents->table[i]->row;
		found = row->number > after && (all || row->closed == 0);
		if (found)
			*ret_row = *row;
	}
	incidents_unlock(incidents);
	return found;
}
