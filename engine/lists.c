/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "engine/lists.h"

static void
separate(struct buf *out, char separator)
{
	if (out->n > 0)
		buf_add_char(out, separator);
}

void
engine_list_signed(const struct decision *decision, struct buf *out)
{
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		const struct policy_key *key = decision->sign[i];

		separate(out, ' ');
		buf_add(out, key->domain);
		buf_add_char(out, '/');
		buf_add(out, key->selector);
		buf_add_text(out,
		    key->algorithm == ALGORITHM_RSA ? ":rsa-sha256" : ":ed25519-sha256");
	}
}

void
engine_list_tags(const struct decision *decision, struct buf *out)
{
	for (uint32_t i = 0; i < decision->n_tags; i++) {
		separate(out, '\n');
		buf_add(out, decision->tags[i].name);
		buf_add_text(out, ": ");
		buf_add(out, decision->tags[i].value);
	}
}

void
engine_list_notes(const struct decision *decision, struct buf *out)
{
	for (uint32_t i = 0; i < decision->n_notes; i++) {
		separate(out, '\n');
		buf_add(out, decision->notes[i]);
	}
}

void
engine_list_watch(const struct decision *decision, struct buf *out)
{
	for (uint32_t i = 0; i < decision->n_watch; i++) {
		separate(out, '\n');
		buf_add_text(out, verdict_name(decision->watch[i].verdict));
		buf_add_char(out, ' ');
		buf_add(out, decision->watch[i].place);
		buf_add_char(out, ' ');
		buf_add(out, decision->watch[i].label);
	}
}
