/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdbool.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/advice.h"

#include "journal/address.h"
#include "journal/outcome.h"
#include "journal/record.h"

enum {
	KIND_AT = sizeof(uint32_t),
	HEAD = KIND_AT + 1,
};

/* The numbers of a decision. 'time' stands first in an action too. */
struct fixed {
	int64_t time;
	uint64_t size;
	int32_t local_date, local_minute, local_weekday;
	uint32_t path, fragile, micros, rcpts, n_sample, n_fits;
	struct addr client;
};

#define TEXT(member) offsetof(struct journal_row, member)

static const size_t row_texts[] = {
    TEXT(facts.user),
    TEXT(facts.helo),
    TEXT(facts.queue_id),
    TEXT(facts.message_id),
    TEXT(facts.sender.text),
    TEXT(facts.sender.domain),
    TEXT(facts.author.text),
    TEXT(facts.author.domain),
    TEXT(facts.unclear),
    TEXT(verdict),
    TEXT(place),
    TEXT(label),
    TEXT(reply),
    TEXT(on_error),
    TEXT(key),
    TEXT(signed_with),
    TEXT(unsigned_why),
    TEXT(dmarc_why),
    TEXT(tags),
    TEXT(notes),
    TEXT(watch),
    TEXT(policy),
    TEXT(advice),
};

#undef TEXT

static struct view *
text_of(struct journal_row *row, size_t i)
{
	return (struct view *)(void *)((char *)row + row_texts[i]);
}

static size_t
text_size(struct view text)
{
	return sizeof(uint32_t) + (text.n > RECORD_TEXT_MAX ? RECORD_TEXT_MAX : text.n);
}

static char *
put(char *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

static char *
put_text(char *at, struct view text)
{
	uint32_t n = (uint32_t)(text_size(text) - sizeof(n));

	at = put(at, &n, sizeof(n));
	return n > 0 ? put(at, text.p, n) : at;
}

static char *
put_head(char *at, size_t bytes, enum record_kind kind)
{
	uint32_t n = (uint32_t)bytes;
	uint8_t byte = (uint8_t)kind;

	at = put(at, &n, sizeof(n));
	return put(at, &byte, sizeof(byte));
}

static void
row_of(const struct journal_record *decision, struct journal_row *ret_row)
{
	*ret_row = (struct journal_row){
	    .facts = *decision->facts,
	    .verdict = decision->verdict,
	    .place = decision->place,
	    .label = decision->label,
	    .reply = decision->reply,
	    .on_error = decision->on_error,
	    .key = decision->key,
	    .signed_with = decision->signed_with,
	    .unsigned_why = decision->unsigned_why,
	    .dmarc_why = decision->dmarc_why,
	    .tags = decision->tags,
	    .notes = decision->notes,
	    .watch = decision->watch,
	    .policy = decision->policy,
	    .micros = decision->micros,
	};
	if (ret_row->facts.n_rcpt_sample > FACTS_RCPT_SAMPLE)
		ret_row->facts.n_rcpt_sample = FACTS_RCPT_SAMPLE;
	if (ret_row->facts.n_rcpt_fits > POLICY_RCPT_TESTS_MAX)
		ret_row->facts.n_rcpt_fits = 0;
}

static char *
put_fixed(char *at, const struct journal_row *row)
{
	const struct facts *facts = &row->facts;
	struct fixed fixed;

	memset(&fixed, 0, sizeof(fixed));
	fixed.time = facts->time;
	fixed.size = facts->size;
	fixed.local_date = facts->local_date;
	fixed.local_minute = facts->local_minute;
	fixed.local_weekday = facts->local_weekday;
	fixed.path = (uint32_t)facts->path;
	fixed.fragile = facts->fragile;
	fixed.micros = row->micros;
	fixed.rcpts = facts->rcpts;
	fixed.n_sample = facts->n_rcpt_sample;
	fixed.n_fits = facts->n_rcpt_fits;
	fixed.client = facts->client;
	return put(at, &fixed, sizeof(fixed));
}

int
record_add_decision(struct buf *out, const struct journal_record *decision)
{
	struct journal_row row;
	size_t n = HEAD + sizeof(struct fixed);
	char text[RECORD_TEXT_MAX];
	struct buf advice = {
	    .p = text, .n = 0, .size = sizeof(text), .limit = sizeof(text) - 1};

	row_of(decision, &row);
	advice_print(&row.facts, &advice);
	row.advice = buf_view(&advice);
	for (size_t i = 0; i < ARRAY_LEN(row_texts); i++)
		n += text_size(*text_of(&row, i));
	for (uint32_t i = 0; i < row.facts.n_rcpt_sample; i++)
		n += text_size(row.facts.rcpt_sample[i].text) +
		     text_size(row.facts.rcpt_sample[i].domain);
	n += row.facts.n_rcpt_fits * sizeof(uint32_t);

	char *begin = buf_reserve(out, n);
	if (begin == NULL)
		return -1;
	char *at = put_fixed(put_head(begin, n, RECORD_DECISION), &row);
	for (size_t i = 0; i < ARRAY_LEN(row_texts); i++)
		at = put_text(at, *text_of(&row, i));
	for (uint32_t i = 0; i < row.facts.n_rcpt_sample; i++) {
		at = put_text(at, row.facts.rcpt_sample[i].text);
		at = put_text(at, row.facts.rcpt_sample[i].domain);
	}
	if (row.facts.n_rcpt_fits > 0)
		at = put(at, row.facts.rcpt_fits, row.facts.n_rcpt_fits * sizeof(uint32_t));
	must(at == begin + n);
	out->n += n;
	return 0;
}

int
record_add_action(struct buf *out, const struct record_action *action)
{
	size_t n = HEAD + sizeof(action->time) + text_size(action->what) +
		   text_size(action->who) + text_size(action->text);
	char *begin = buf_reserve(out, n);

	if (begin == NULL)
		return -1;
	char *at = put_head(begin, n, RECORD_ACTION);
	at = put(at, &action->time, sizeof(action->time));
	at = put_text(at, action->what);
	at = put_text(at, action->who);
	at = put_text(at, action->text);
	must(at == begin + n);
	out->n += n;
	return 0;
}

int
record_add_outcomes(struct buf *out, const struct record_outcomes *outcomes)
{
	size_t n = HEAD + sizeof(outcomes->time) + sizeof(outcomes->number) +
		   text_size(outcomes->place) + outcomes->batch.n;
	char *begin = buf_reserve(out, n);

	if (begin == NULL)
		return -1;
	char *at = put_head(begin, n, RECORD_OUTCOMES);
	at = put(at, &outcomes->time, sizeof(outcomes->time));
	at = put(at, &outcomes->number, sizeof(outcomes->number));
	at = put_text(at, outcomes->place);
	if (outcomes->batch.n > 0)
		at = put(at, outcomes->batch.p, outcomes->batch.n);
	must(at == begin + n);
	out->n += n;
	return 0;
}

int
record_add_sample(struct buf *out, const struct journal_sample *sample)
{
	size_t n = HEAD + sizeof(*sample);
	char *begin = buf_reserve(out, n);

	if (begin == NULL)
		return -1;
	(void)put(put_head(begin, n, RECORD_SAMPLE), sample, sizeof(*sample));
	out->n += n;
	return 0;
}

void
record_drop(char *bytes)
{
	bytes[KIND_AT] = RECORD_GONE;
}

static bool
take(struct view *rest, void *into, size_t n)
{
	if (rest->n < n)
		return false;
	memcpy(into, rest->p, n);
	*rest = view_from(*rest, n);
	return true;
}

static bool
take_text(struct view *rest, struct view *ret_text)
{
	uint32_t n;

	if (!take(rest, &n, sizeof(n)) || n > RECORD_TEXT_MAX || n > rest->n)
		return false;
	*ret_text = view_head(*rest, n);
	*rest = view_from(*rest, n);
	return true;
}

static bool
take_fixed(struct view *rest, struct journal_row *row)
{
	struct facts *facts = &row->facts;
	struct fixed fixed;

	if (!take(rest, &fixed, sizeof(fixed)) || fixed.path > PATH_INBOUND ||
	    fixed.n_sample > FACTS_RCPT_SAMPLE || fixed.n_fits > POLICY_RCPT_TESTS_MAX)
		return false;
	facts->time = fixed.time;
	facts->size = fixed.size;
	facts->local_date = fixed.local_date;
	facts->local_minute = fixed.local_minute;
	facts->local_weekday = fixed.local_weekday;
	facts->path = (enum fact_path)fixed.path;
	facts->fragile = fixed.fragile;
	row->micros = fixed.micros;
	facts->rcpts = fixed.rcpts;
	facts->n_rcpt_sample = fixed.n_sample;
	facts->n_rcpt_fits = fixed.n_fits;
	facts->client = fixed.client;
	return true;
}

static bool
take_sample(struct view *rest, struct record *record)
{
	for (uint32_t i = 0; i < record->row.facts.n_rcpt_sample; i++) {
		struct view text, domain;

		if (!take_text(rest, &text) || !take_text(rest, &domain))
			return false;
		record->sample[i] = address_split(text, domain);
	}
	return true;
}

static bool
take_decision(struct view rest, struct record *record)
{
	struct journal_row *row = &record->row;

	*row = (struct journal_row){.id = 0};
	if (!take_fixed(&rest, row))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(row_texts); i++) {
		if (!take_text(&rest, text_of(row, i)))
			return false;
	}
	if (!take_sample(&rest, record))
		return false;
	if (!take(&rest, record->fits, row->facts.n_rcpt_fits * sizeof(uint32_t)))
		return false;
	row->facts.sender = address_split(row->facts.sender.text, row->facts.sender.domain);
	row->facts.author = address_split(row->facts.author.text, row->facts.author.domain);
	row->facts.rcpt_sample = record->sample;
	row->facts.rcpt_fits = record->fits;
	return rest.n == 0;
}

static bool
take_action(struct view rest, struct record_action *action)
{
	return take(&rest, &action->time, sizeof(action->time)) &&
	       take_text(&rest, &action->what) && take_text(&rest, &action->who) &&
	       take_text(&rest, &action->text) && rest.n == 0;
}

static bool
take_outcomes(struct view rest, struct record_outcomes *outcomes)
{
	struct outcome outcome;
	int got;

	if (!take(&rest, &outcomes->time, sizeof(outcomes->time)) ||
	    !take(&rest, &outcomes->number, sizeof(outcomes->number)) ||
	    !take_text(&rest, &outcomes->place))
		return false;
	outcomes->batch = rest;
	while ((got = outcome_take(&rest, &outcome)) == 1)
		continue;
	return got == 0;
}

int
record_head(const char *bytes, size_t n, struct record_head *ret_head)
{
	uint32_t all;
	int64_t time;
	uint8_t kind;

	if (n < HEAD + sizeof(time))
		return -1;
	memcpy(&all, bytes, sizeof(all));
	memcpy(&kind, bytes + KIND_AT, sizeof(kind));
	memcpy(&time, bytes + HEAD, sizeof(time));
	if (all < HEAD + sizeof(time) || all > n || kind > RECORD_SAMPLE)
		return -1;
	*ret_head = (struct record_head){
	    .kind = (enum record_kind)kind,
	    .bytes = all,
	    .time = time,
	};
	return 0;
}

int
record_decode(const char *bytes, size_t n, struct record *ret_record)
{
	struct record_head head;
	bool fine = true;

	if (record_head(bytes, n, &head) == -1)
		return -1;
	struct view rest = {bytes + HEAD, head.bytes - HEAD};
	switch (head.kind) {
	case RECORD_GONE:
		break;
	case RECORD_DECISION:
		fine = take_decision(rest, ret_record);
		break;
	case RECORD_ACTION:
		fine = take_action(rest, &ret_record->action);
		break;
	case RECORD_OUTCOMES:
		fine = take_outcomes(rest, &ret_record->outcomes);
		break;
	case RECORD_SAMPLE:
		fine = take(&rest, &ret_record->census, sizeof(ret_record->census)) &&
		       rest.n == 0;
		break;
	}
	if (!fine)
		return -1;
	ret_record->kind = head.kind;
	ret_record->bytes = head.bytes;
	return 0;
}
