/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "journal/day_private.h"
#include "journal/more.h"
#include "journal/schema.h"

/* Rows of a day's file, within a transaction. */

int
day_step(struct day *day, sqlite3_stmt *stmt, struct err *err)
{
	int code = sqlite3_step(stmt);

	/* The reset repeats the code of a failed step. */
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : db_fail(day->db, err);
}

void
day_keep_address(const struct fact_address *address, const struct day_privacy *privacy,
    struct day_address *ret_kept)
{
	*ret_kept = (struct day_address){.text = VIEW_NONE};
	switch (privacy->recipients) {
	case JOURNAL_RCPT_FULL:
		ret_kept->text = address->text;
		ret_kept->domain = address->domain;
		break;
	case JOURNAL_RCPT_DOMAIN:
		ret_kept->domain = address->domain;
		break;
	case JOURNAL_RCPT_HASH:
		snprintf(ret_kept->hash, sizeof(ret_kept->hash), "#%016llx",
		    (unsigned long long)siphash(privacy->seed,
			address->text.p != NULL ? address->text.p : "", address->text.n));
		ret_kept->text = view_of(ret_kept->hash);
		break;
	}
}

static int
add_recipient(struct day *day, uint32_t n, const struct fact_address *address,
    const struct day_privacy *privacy, struct err *err)
{
	sqlite3_stmt *stmt = day->add_recipient;
	struct day_address kept;

	day_keep_address(address, privacy, &kept);
	db_bind_number(stmt, 1, day->next_id);
	db_bind_number(stmt, 2, n);
	db_bind_text(stmt, 3, kept.text);
	db_bind_text(stmt, 4, kept.domain);
	return day_step(day, stmt, err);
}

static int
add_decision(
    struct day *day, const struct journal_row *row, struct view host, struct err *err)
{
	const struct facts *facts = &row->facts;
	sqlite3_stmt *stmt = day->add_decision;
	char client[ADDR_TEXT] = "";

	if (facts->client.family != ADDR_NONE)
		addr_text(facts->client, client);
	buf_reset(&day->json);
	more_write(row, &day->json);

	const struct {
		enum schema_decision column;
		struct view text;
	} texts[] = {
	    {DECISION_HOST, host},
	    {DECISION_QUEUE_ID, facts->queue_id},
	    {DECISION_MESSAGE_ID, facts->message_id},
	    {DECISION_VERDICT, row->verdict},
	    {DECISION_PLACE, row->place},
	    {DECISION_LABEL, row->label},
	    {DECISION_PATH, view_of(fact_path_name(facts->path))},
	    {DECISION_USER, facts->user},
	    {DECISION_CLIENT, view_of(client)},
	    {DECISION_SENDER, facts->sender.text},
	    {DECISION_AUTHOR, facts->author.text},
	    {DECISION_SIGNED, row->signed_with},
	    {DECISION_POLICY, row->policy},
	    {DECISION_MORE, buf_view(&day->json)},
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		db_bind_text(stmt, (int)texts[i].column + 1, texts[i].text);
	db_bind_number(stmt, DECISION_ID + 1, day->next_id);
	db_bind_number(stmt, DECISION_TIME + 1, facts->time);
	db_bind_number(stmt, DECISION_RCPTS + 1, facts->rcpts);
	db_bind_number(stmt, DECISION_SIZE + 1, (int64_t)facts->size);
	return day_step(day, stmt, err);
}

static int
add_action(struct day *day, const struct record_action *action, struct err *err)
{
	db_bind_number(day->add_action, 1, action->time);
	db_bind_text(day->add_action, 2, action->what);
	db_bind_text(day->add_action, 3, action->who);
	db_bind_text(day->add_action, 4, action->text);
	return day_step(day, day->add_action, err);
}

static int
add_sample(struct day *day, const struct journal_sample *sample, struct err *err)
{
	for (unsigned i = 0; i < SAMPLE_QUEUES; i++) {
		const struct sample_count *queue = &sample->queues[i];

		db_bind_number(day->add_queue, 1, sample->time);
		db_bind_text(day->add_queue, 2, view_of(sample_queue_name(i)));
		db_bind_number(day->add_queue, 3, (int64_t)queue->messages);
		db_bind_number(day->add_queue, 4, (int64_t)queue->bytes);
		db_bind_number(day->add_queue, 5, queue->oldest);
		if (day_step(day, day->add_queue, err) == -1)
			return -1;
	}
	return 0;
}

int
day_add(struct day *day, const struct record *record, const struct day_privacy *privacy,
    struct view host, struct err *err)
{
	const struct facts *facts = &record->row.facts;

	if (record->kind == RECORD_ACTION)
		return add_action(day, &record->action, err);
	if (record->kind == RECORD_SAMPLE)
		return add_sample(day, &record->census, err);
	if (record->kind == RECORD_OUTCOMES)
		return day_add_outcomes(day, &record->outcomes, privacy, host, err);
	if (add_decision(day, &record->row, host, err) == -1)
		return -1;
	for (uint32_t i = 0; i < facts->n_rcpt_sample; i++) {
		if (add_recipient(day, i, &facts->rcpt_sample[i], privacy, err) == -1)
			return -1;
	}
	day_remember_key(day, facts->queue_id, day->next_id);
	day_remember_key(day, facts->message_id, day->next_id);
	day->next_id++;
	return day->n_keys + 2 > DAY_KEYS_MAX ? day_index_rows(day, clock_mono(), err) : 0;
}

int
day_add_dropped(
    struct day *day, int64_t time, uint64_t count, const char *why, struct err *err)
{
	db_bind_number(day->add_dropped, 1, time);
	db_bind_number(day->add_dropped, 2, (int64_t)count);
	db_bind_text(day->add_dropped, 3, view_of(why));
	return day_step(day, day->add_dropped, err);
}
