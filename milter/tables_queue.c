/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/tables_queue.h"

struct tables_waiting {
	struct tables_waiting *next;
	uint64_t id;
	int64_t since; /* monotonic */
	size_t n;
	char key[];
};

void
tables_queue_init(struct tables_queue *queue)
{
	memset(queue, 0, sizeof(*queue));
	queue->known = mem_zeroed(TABLES_KNOWN_MAX, sizeof(struct tables_known *));
}

static void
known_free(struct tables_known *table)
{
	struct tables_waiting *waiting;

	while ((waiting = table->first) != NULL) {
		table->first = waiting->next;
		free(waiting);
	}
	free(table->name);
	free(table);
}

void
tables_queue_fini(struct tables_queue *queue)
{
	for (unsigned i = 0; i < queue->n_known; i++)
		known_free(queue->known[i]);
	free(queue->known);
}

static struct tables_known *
known_find(const struct tables_queue *queue, struct view name)
{
	for (unsigned i = 0; i < queue->n_known; i++)
		if (view_is(view_of(queue->known[i]->name), name))
			return queue->known[i];
	return NULL;
}

/* Messages may still be judged by the policy before. */
static bool
is_old(const struct tables_queue *queue, const struct tables_known *table)
{
	return table->generation + 1 < queue->generation;
}

static void
forget_old(struct tables_queue *queue)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < queue->n_known; i++) {
		struct tables_known *table = queue->known[i];

		if (is_old(queue, table) && !table->is_asked && table->first == NULL)
			known_free(table);
		else
			queue->known[kept++] = table;
	}
	queue->n_known = kept;
}

void
tables_queue_allow(struct tables_queue *queue, struct view name, uint64_t generation)
{
	struct tables_known *table = known_find(queue, name);

	if (generation > queue->generation)
		queue->generation = generation;
	if (table != NULL)
		table->generation = generation;
	forget_old(queue);
	if (table == NULL && queue->n_known < TABLES_KNOWN_MAX &&
	    name.n <= TABLES_NAME_MAX) {
		table = mem_zeroed(1, sizeof(*table));
		table->name = mem_zeroed(name.n + 1, 1);
		memcpy(table->name, name.p, name.n);
		table->end = &table->first;
		table->generation = generation;
		queue->known[queue->n_known++] = table;
	}
}

bool
tables_queue_add(struct tables_queue *queue, struct view table, struct view key,
    uint64_t id, int64_t now)
{
	struct tables_known *known = known_find(queue, table);

	if (known == NULL || is_old(queue, known) || !tables_key_is_safe(key) ||
	    queue->n_waiting >= TABLES_WAITING_MAX)
		return false;
	struct tables_waiting *waiting = mem_zeroed(1, sizeof(*waiting) + key.n);
	waiting->id = id;
	waiting->since = now;
	waiting->n = key.n;
	memcpy(waiting->key, key.p, key.n);
	*known->end = waiting;
	known->end = &waiting->next;
	queue->n_waiting++;
	return true;
}

static void
item_take(struct tables_queue *queue, struct tables_batch *batch, int64_t now)
{
	struct tables_waiting *waiting = batch->table->first;

	batch->table->first = waiting->next;
	if (waiting->next == NULL)
		batch->table->end = &batch->table->first;
	queue->n_waiting--;
	if (now - waiting->since > TABLES_STALE_MS * INT64_C(1000)) {
		batch->stale[batch->n_stale++] = waiting->id;
	} else {
		struct tables_item *item = &batch->items[batch->n++];
		item->id = waiting->id;
		item->n_key = waiting->n;
		item->n_values = 0;
		item->answer = ANSWER_UNKNOWN;
		memcpy(item->key, waiting->key, waiting->n);
	}
	free(waiting);
}

bool
tables_queue_take(struct tables_queue *queue, int64_t now, struct tables_batch *ret_batch)
{
	struct tables_batch *batch = ret_batch;

	for (unsigned i = 0; i < queue->n_known; i++) {
		unsigned at = (queue->next + i) % queue->n_known;
		struct tables_known *table = queue->known[at];

		if (table->is_asked || table->first == NULL)
			continue;
		queue->next = at + 1;
		batch->table = table;
		batch->n = batch->n_stale = 0;
		while (table->first != NULL && batch->n < TABLES_BATCH_MAX &&
		       batch->n_stale < TABLES_BATCH_MAX)
			item_take(queue, batch, now);
		table->is_asked = true;
		return true;
	}
	return false;
}

void
tables_queue_done(struct tables_known *table)
{
	must(table->is_asked);
	table->is_asked = false;
}
