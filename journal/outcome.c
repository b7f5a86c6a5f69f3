/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>
#include <string.h>

#include "lib/bug.h"

#include "journal/outcome.h"

#define TEXT_AT(name) offsetof(struct outcome, name),
static const size_t texts[] = {OUTCOME_TEXTS(TEXT_AT)};
#undef TEXT_AT

static struct view *
text_of(struct outcome *outcome, size_t i)
{
	return (struct view *)(void *)((char *)outcome + texts[i]);
}

static char *
put(char *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

int
outcome_add(struct buf *out, const struct outcome *outcome)
{
	struct outcome cut = *outcome;
	size_t n = sizeof(cut.time) + sizeof(cut.delay_ms) + sizeof(cut.delays_ms);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		*text_of(&cut, i) = view_head(*text_of(&cut, i), OUTCOME_TEXT_MAX);
		n += sizeof(uint16_t) + text_of(&cut, i)->n;
	}
	char *at = buf_reserve(out, n);
	if (at == NULL)
		return -1;
	at = put(at, &cut.time, sizeof(cut.time));
	at = put(at, &cut.delay_ms, sizeof(cut.delay_ms));
	at = put(at, cut.delays_ms, sizeof(cut.delays_ms));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct view text = *text_of(&cut, i);
		uint16_t length = (uint16_t)text.n;

		at = put(at, &length, sizeof(length));
		if (length > 0)
			at = put(at, text.p, length);
	}
	out->n += n;
	return 0;
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

int
outcome_take(struct view *batch, struct outcome *ret_outcome)
{
	struct outcome outcome;
	struct view rest = *batch;

	if (rest.n == 0)
		return 0;
	if (!take(&rest, &outcome.time, sizeof(outcome.time)) ||
	    !take(&rest, &outcome.delay_ms, sizeof(outcome.delay_ms)) ||
	    !take(&rest, outcome.delays_ms, sizeof(outcome.delays_ms)))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		uint16_t length;

		if (!take(&rest, &length, sizeof(length)) || length > OUTCOME_TEXT_MAX ||
		    length > rest.n)
			return -1;
		*text_of(&outcome, i) = view_head(rest, length);
		rest = view_from(rest, length);
	}
	*batch = rest;
	*ret_outcome = outcome;
	return 1;
}
