/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "milter/tables_client_private.h"

enum { MILLISECOND = 1000, SECOND = 1000000, TICK_MS = 1000 };

/* ---- answers ---- */

/* From a process that reads what databases say: nothing in it is taken on trust. */
static bool
frame_is_good(const struct tables_answer_frame *frame, size_t n)
{
	const struct tables_answer_head *head = &frame->head;

	return n >= sizeof(*head) && head->answer <= ANSWER_FOUND &&
	       head->n_values <= TABLES_VALUES_MAX && head->n_words <= TABLES_WORDS_MAX &&
	       n == sizeof(*head) + head->n_values + head->n_words;
}

static void
trouble_note(struct tables_client *client, const struct helper_entry *entry,
    const struct tables_answer_frame *frame)
{
	struct view words = {frame->payload + frame->head.n_values, frame->head.n_words};

	snprintf(client->status.trouble, sizeof(client->status.trouble), "%.800s: %.*s",
	    entry->key, VIEW_ARG(words));
	client->trouble_at = helper_now(&client->helper);
}

static int64_t
ttl_of(uint32_t answer)
{
	return answer == ANSWER_FOUND  ? TABLES_TTL_FOUND
	       : answer == ANSWER_NONE ? TABLES_TTL_NONE
				       : TABLES_TTL_FAILED;
}

/* The answer of SLOT has come. */
static void
answer_take(struct tables_client *client, struct tables_open *slot,
    const struct tables_answer_frame *frame)
{
	const struct tables_answer_head *head = &frame->head;
	size_t n = head->answer == ANSWER_FOUND ? head->n_values : 0;
	struct helper_entry *entry = slot->entry;
	char reply[1 + TABLES_VALUES_MAX];

	client->status.answered++;
	if (head->answer == ANSWER_UNKNOWN)
		client->status.failed++;
	if (head->n_words > 0)
		trouble_note(client, entry, frame);
	if (slot->is_void) {
		/* From before a reload: it is asked again. */
		slot->is_void = slot->is_sent = false;
		tables_client_send(client);
		return;
	}
	reply[0] = (char)head->answer;
	memcpy(reply + 1, frame->payload, n);
	helper_cache_set_reply(&client->cache, entry, (struct view){reply, 1 + n});
	entry->expires = helper_now(&client->helper) + ttl_of(head->answer) * SECOND;
	entry->is_late = false;
	tables_client_close(client, slot);
}

void
tables_client_take(void *context, char *bytes, size_t n)
{
	struct tables_client *client = context;
	const struct tables_answer_frame *frame = (const void *)bytes;

	if (!frame_is_good(frame, n))
		return;
	pthread_mutex_lock(&client->helper.lock);
	client->pinged = 0;
	client->helper.is_hung = false;
	struct tables_open *slot = &client->open[frame->head.id % TABLES_OPEN_MAX];
	/* Others are late, double or made up. */
	if (frame->head.kind == TABLES_ASK && slot->entry != NULL &&
	    slot->id == frame->head.id && slot->is_sent)
		answer_take(client, slot, frame);
	pthread_mutex_unlock(&client->helper.lock);
}

/* ---- as time goes by ---- */

/* As long as something is open, whoever should answer it is asked whether he lives. */
static void
ping(struct tables_client *client, int64_t now)
{
	const struct tables_question_head head = {.kind = TABLES_PING};

	if (client->helper.fd < 0 || client->pinged != 0 || client->n_open == 0 ||
	    now - client->last_ping < TICK_MS * (int64_t)MILLISECOND)
		return;
	client->pinged = client->last_ping = now;
	/* One whose socket is full does not answer either. */
	(void)send(client->helper.fd, &head, sizeof(head), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
tables_client_tick(void *context)
{
	struct tables_client *client = context;

	pthread_mutex_lock(&client->helper.lock);
	int64_t now = helper_now(&client->helper);
	tables_client_send(client);
	for (unsigned i = 0; i < TABLES_OPEN_MAX && client->n_open > 0; i++) {
		struct tables_open *slot = &client->open[i];
		if (slot->entry != NULL &&
		    now - slot->since >= TABLES_GIVEN_UP_MS * (int64_t)MILLISECOND)
			tables_client_close(client, slot);
	}
	ping(client, now);
	bool is_silent = client->pinged != 0 &&
			 now - client->pinged >= TABLES_HUNG_MS * (int64_t)MILLISECOND;
	bool is_hung = helper_look(&client->helper, is_silent, now);
	pthread_mutex_unlock(&client->helper.lock);
	if (is_hung && client->calls.hung != NULL)
		client->calls.hung(client->calls.context);
}
