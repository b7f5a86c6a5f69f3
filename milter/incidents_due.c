/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "milter/incidents_private.h"

/* What of the incidents is still to be said, told or written. */

enum { SECOND = 1000000 };

enum incident_news
incidents_take_news(struct incidents *incidents, struct state_incident *ret_row)
{
	enum incident_news news = INCIDENT_NO_NEWS;

	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n && news == INCIDENT_NO_NEWS; i++) {
		struct incident *incident = incidents->table[i];
		if (incident->has_opened) {
			incident->has_opened = false;
			news = INCIDENT_OPENED;
		} else if (incident->has_closed) {
			incident->has_closed = false;
			news = INCIDENT_CLOSED;
		}
		if (news != INCIDENT_NO_NEWS)
			*ret_row = incident->row;
	}
	incidents_unlock(incidents);
	return news;
}

/* Is it SECONDS since TIME? A clock that was set back since then does not make us wait. */
static bool
is_past(int64_t time, int64_t seconds, int64_t now)
{
	return now < time || now - time >= seconds * SECOND;
}

static enum incident_news
due(const struct state_incident *row, enum incident_way way, int64_t now)
{
	const struct incident_told *told = &row->told[way];

	if (!row->notify)
		return INCIDENT_NO_NEWS;
	if (row->closed != 0)
		return told->closed ? INCIDENT_NO_NEWS : INCIDENT_CLOSED;
	if (told->messages == 0)
		return is_past(row->began, INCIDENT_NOTICE_AFTER, now) ? INCIDENT_OPENED
								       : INCIDENT_NO_NEWS;
	return row->messages >= 2 * told->messages &&
		       is_past(told->time, INCIDENT_NOTICE_APART, now)
		   ? INCIDENT_DOUBLED
		   : INCIDENT_NO_NEWS;
}

enum incident_news
incidents_due(struct incidents *incidents, enum incident_way way, uint64_t after,
    int64_t now, struct state_incident *ret_row)
{
	enum incident_news found = INCIDENT_NO_NEWS;
	bool is_behind = false;

	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n && !is_behind; i++) {
		const struct state_incident *row = &incidents->table[i]->row;
		enum incident_news news = due(row, way, now);

		is_behind = news != INCIDENT_NO_NEWS && row->number > after;
		if (!is_behind && (news == INCIDENT_NO_NEWS || found != INCIDENT_NO_NEWS))
			continue;
		found = news;
		*ret_row = *row;
	}
	incidents_unlock(incidents);
	return found;
}

size_t
incidents_due_count(struct incidents *incidents, enum incident_way way, int64_t now)
{
	size_t n = 0;

	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n; i++)
		n += due(&incidents->table[i]->row, way, now) != INCIDENT_NO_NEWS;
	incidents_unlock(incidents);
	return n;
}

static struct incident *
find(struct incidents *incidents, uint64_t number)
{
	for (size_t i = 0; i < incidents->n; i++)
		if (incidents->table[i]->row.number == number)
			return incidents->table[i];
	return NULL;
}

void
incidents_told(struct incidents *incidents, enum incident_way way, enum incident_news news,
    const struct state_incident *told, int64_t now)
{
	incidents_lock(incidents);
	struct incident *incident = find(incidents, told->number);
	if (incident != NULL) {
		incident->row.told[way] = (struct incident_told){.time = now,
		    .messages = told->messages,
		    .closed = news == INCIDENT_CLOSED};
		incident->is_changed = true;
	}
	incidents_unlock(incidents);
}

size_t
incidents_take_changed(struct incidents *incidents, struct state_incident *rows, size_t max)
{
	size_t n = 0;

	incidents_lock(incidents);
	for (size_t i = 0; i < incidents->n && n < max; i++) {
		struct incident *incident = incidents->table[i];
		if (!incident->is_changed)
			continue;
		incident->is_changed = false;
		rows[n++] = incident->row;
	}
	incidents_unlock(incidents);
	return n;
}

size_t
incidents_take_gone(struct incidents *incidents, uint64_t *numbers, size_t max)
{
	size_t n = 0;

	incidents_lock(incidents);
	while (n < max && incidents->n_gone > 0)
		numbers[n++] = incidents->gone[--incidents->n_gone];
	incidents_unlock(incidents);
	return n;
}

void
incidents_give_back(
    struct incidents *incidents, const struct state_incidents_changes *changes)
{
	incidents_lock(incidents);
	for (size_t i = 0; i < changes->n; i++) {
		struct incident *incident = find(incidents, changes->rows[i].number);
		if (incident != NULL)
			incident->is_changed = true;
	}
	for (size_t i = 0; i < changes->n_gone && incidents->n_gone < INCIDENTS_MAX; i++)
		incidents->gone[incidents->n_gone++] = changes->gone[i];
	incidents_unlock(incidents);
}

void
incidents_status(struct incidents *incidents, struct incidents_status *ret_status)
{
	struct incidents_status status = {0};

	incidents_lock(incidents);
	status.kept = incidents->n;
	status.unkept = incidents->unkept;
	for (size_t i = 0; i < incidents->n; i++)
		status.open += incidents->table[i]->row.closed == 0;
	incidents_unlock(incidents);
	*ret_status = status;
}
