/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

/* The words of the language (words.def) as C sees them, and guessing which one was meant.
 */

#include <stdbool.h>

#include "lib/view.h"

enum word {
	WORD_NONE,
#define WORD(symbol, text, kind, section) WORD_##symbol,
#include "policy/words.def"
};

enum word_kind {
	KIND_STATEMENT,
	KIND_EFFECT,
	KIND_OPTION,
	KIND_CLAUSE,
	KIND_PATH,
	KIND_DAY,
	KIND_FRAGILE,
	KIND_YES_NO,
	KIND_SPF,
	KIND_DMARC,
	KIND_DMARC_POLICY,
	KIND_KEY_STATE,
	KIND_WHAT,
	KIND_WHOM,
	KIND_FACT,
	KIND_SETTING,
};

enum fact {
	FACT_METER, /* its word is the meter's own name */
#define FACT(symbol, text, argument, class, section) FACT_##symbol,
#include "policy/words.def"
	FACTS
};

/* What stands behind a fact. */
enum argument {
	ARGUMENT_PATHS,
	ARGUMENT_LOGIN,
	ARGUMENT_NETWORK,
	ARGUMENT_SENDER,
	ARGUMENT_AUTHOR,
	ARGUMENT_RCPT,
	ARGUMENT_WHOM,
	ARGUMENT_NUMBER,
	ARGUMENT_SIZE,
	ARGUMENT_HOURS,
	ARGUMENT_DAYS,
	ARGUMENT_YES_NO,
	ARGUMENT_FRAGILE,
	ARGUMENT_AGE,
	ARGUMENT_SPF,
	ARGUMENT_DMARC,
	ARGUMENT_DMARC_POLICY,
	ARGUMENT_KEY_STATE,
	ARGUMENT_RECEIVER,
	ARGUMENT_METER,
};

/* What an unknown answer means, and when a fact is there (policy-language.md, "Tests"). */
enum fact_class { CLASS_KNOWN, CLASS_AUTHORITY, CLASS_ADVICE, CLASS_DERIVED };

enum setting {
#define SETTING(symbol, text, type, when, section) SETTING_##symbol,
#include "policy/words.def"
	SETTINGS
};

/* WORD_NONE: TEXT is no word of this kind (WORD rows only). */
enum word word_find(struct view text, enum word_kind kind);
const char *word_text(enum word word);
bool fact_find(struct view text, enum fact *ret_fact);
const char *fact_text(enum fact fact);
enum argument fact_argument(enum fact fact);
enum fact_class fact_class(enum fact fact);

/* Statements, effects, options, clauses and facts: as a name they stand in quotes. */
bool word_is_reserved(struct view text);

/* The known word nearest to what was written. */
struct guess {
	struct view wanted, best;
	unsigned distance;
};
void guess_begin(struct guess *guess, struct view wanted);
void guess_try(struct guess *guess, struct view candidate);
void guess_kind(struct guess *guess, enum word_kind kind);
bool guess_is_good(const struct guess *guess);

#endif
