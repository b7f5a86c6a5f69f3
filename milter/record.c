/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/net.h"

#include "engine/lists.h"

#include "milter/record.h"

int
record_write(struct journal *journal, const struct facts *facts,
    const struct decision *decision, struct view policy_hash, uint32_t micros,
    struct err *err)
{
	struct buf signed_with = BUF_INIT(ENGINE_LIST_MAX),
		   tags = BUF_INIT(ENGINE_LIST_MAX);
	struct buf notes = BUF_INIT(ENGINE_LIST_MAX), watch = BUF_INIT(ENGINE_LIST_MAX);

	engine_list_signed(decision, &signed_with);
	engine_list_tags(decision, &tags);
	engine_list_notes(decision, &notes);
	engine_list_watch(decision, &watch);
	struct journal_record record = {
	    .facts = facts,
	    .verdict = view_of(verdict_name(decision->verdict)),
	    .place = decision->place,
	    .label = decision->label,
	    .reply = decision->reply,
	    .on_error = decision->on_error,
	    .key = decision->key,
	    .signed_with = buf_view(&signed_with),
	    .unsigned_why = decision->unsigned_why,
	    .dmarc_why = decision->dmarc_why,
	    .tags = buf_view(&tags),
	    .notes = buf_view(&notes),
	    .watch = buf_view(&watch),
	    .policy = policy_hash,
	    .micros = micros,
	};
	int result = journal_append(journal, &record, err);
	buf_fini(&signed_with);
	buf_fini(&tags);
	buf_fini(&notes);
	buf_fini(&watch);
	return result;
}

/* sign=s2026,e2026 or sign=none */
static void
add_sign_field(struct buf *line, const struct decision *decision)
{
	if (decision->n_sign == 0) {
		log_field(line, "sign", VIEW("none"));
		if (decision->unsigned_why.n > 0)
			log_field(line, "unsigned", decision->unsigned_why);
		return;
	}
	buf_add_text(line, " sign=");
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		if (i > 0)
			buf_add_char(line, ',');
		buf_add(line, decision->sign[i]->selector);
	}
}

/* sent=64 usual=5: what decided. */
static void
add_meter_fields(
    struct buf *line, const struct facts *facts, const struct policy_meter *meter)
{
	const struct fact_meter *fact;
	char name[64];

	if (meter == NULL)
		return;
	fact = fact_meter_find(facts, meter->name, meter->index);
	if (fact == NULL || fact->state != READING_KNOWN)
		return;
	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(meter->name));
	log_field_number(line, name, (long long)fact->reading);
	if (fact->usual_of != USUAL_UNKNOWN)
		log_field_number(line, "usual", (long long)fact->usual);
}

void
record_log(const struct facts *facts, const struct decision *decision, uint32_t micros)
{
	struct buf line = BUF_INIT(LOG_LINE_MAX);
	char text[ADDR_TEXT];

	buf_addf(&line, "%.*s: verdict=%s",
	    facts->queue_id.n > 0 ? (int)facts->queue_id.n : 7,
	    facts->queue_id.n > 0 ? facts->queue_id.p : "NOQUEUE",
	    verdict_name(decision->verdict));
	if (decision->on_error.n > 0)
		log_field(&line, "error", decision->on_error);
	if (decision->label.n > 0)
		log_field(&line, "rule", decision->label);
	if (decision->place.n > 0)
		log_field(&line, "at", decision->place);
	log_field(&line, "path", view_of(fact_path_name(facts->path)));
	if (facts->user.n > 0)
		log_field(&line, "user", facts->user);
	if (facts->client.family != ADDR_NONE)
		log_field(&line, "client", view_of(addr_text(facts->client, text)));
	log_field(&line, "sender", facts->sender.text);
	if (facts->unclear.n > 0)
		log_field(&line, "author-unclear", facts->unclear);
	else
		log_field(&line, "author", facts->author.text);
	log_field_number(&line, "rcpts", facts->rcpts);
	log_field_number(&line, "size", (long long)facts->size);
	add_meter_fields(&line, facts, decision->meter);
	add_sign_field(&line, decision);
	if (decision->dmarc_why.n > 0)
		log_field(&line, "dmarc-fails", decision->dmarc_why);
	for (uint32_t i = 0; i < decision->n_watch; i++)
		log_field(&line, "watch", decision->watch[i].label);
	log_field_number(&line, "ms", micros / 1000);
	log_line(&line);
	buf_fini(&line);
}
