/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_ADVICE_H
#define POLICY_ADVICE_H

/*
 * Advice as text, in words that a case has too, with one blank between them; what is not
 * known is left out:
 *
 *	spf=fail spf-from=203.0.113.25 dmarc-policy=reject aspf=s age=1036800s
 *	key.s2026/example.org=ready,1772441100 meter.sent=64 usual.sent=5 map.plan=found:500
 *
 * Text from outside has blanks, controls, non-ASCII bytes and the characters that words are
 * made of as %XX (spf-term=-all%20of%20example.org), so that no content can end a word.
 *
 * The journal keeps this text, so that a decision can be made again from it.
 */

#include "lib/arena.h"
#include "lib/buf.h"
#include "policy/facts.h"

enum { ADVICE_TEXT_MAX = 8000 };

/* Append the advice of FACTS to OUT; a word that no longer fits is left out, and so
 * unknown. */
void advice_print(const struct facts *facts, struct buf *out);

/* One word of it. 1; 0: this is no word of advice; -1: its value is wrong, and nothing
 * changed. */
struct advice {
	struct facts *facts;
	struct arena *arena; /* for lists; text is borrowed */
	struct fact_key *keys;
	struct fact_meter *meters;
	struct fact_lookup *lookups;
};
void advice_begin(struct advice *advice, struct facts *facts, struct arena *arena);
int advice_read(struct advice *advice, struct view name, struct view value);
/* The same for meter NAME ("64", "unknown", "none") and its usual level ("5", "5,site"). */
int advice_read_meter(struct advice *advice, struct view name, struct view value);
int advice_read_usual(struct advice *advice, struct view name, struct view value);
/* Room for one more; NULL: there are too many. */
struct fact_key *advice_add_key(struct advice *advice);
struct fact_meter *advice_add_meter(struct advice *advice);
struct fact_lookup *advice_add_lookup(struct advice *advice);

/* All words of TEXT, as advice_print gave them; words that cannot be read are passed over.
 */
void advice_read_text(struct view text, struct arena *arena, struct facts *facts);

#endif
