/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/words.h"

enum {
	GUESS_MAX = 40,  /* longer words are not compared */
	GUESS_NEAR = 2,  /* edits that still look like a slip */
	GUESS_NONE = 99, /* nothing tried yet */
};

struct row {
	const char *text;
	enum word_kind kind;
};

static const struct row words[] = {
    {"", KIND_CLAUSE}, /* WORD_NONE */
#define WORD(symbol, text, kind, section) {(text), KIND_##kind},
#include "policy/words.def"
};

static const struct {
	const char *text;
	enum argument argument;
	enum fact_class class;
} facts[] = {
    {"", ARGUMENT_METER, CLASS_ADVICE}, /* FACT_METER */
#define FACT(symbol, text, argument, class, section)                                       \
	{(text), ARGUMENT_##argument, CLASS_##class},
#include "policy/words.def"
};

static const char *const settings[] = {
#define SETTING(symbol, text, type, when, section) (text),
#include "policy/words.def"
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

enum word
word_find(struct view text, enum word_kind kind)
{
	for (unsigned i = 1; i < WORDS; i++)
		if (words[i].kind == kind && view_is(view_of(words[i].text), text))
			return (enum word)i;
	return WORD_NONE;
}

const char *
word_text(enum word word)
{
	return words[word].text;
}

bool
fact_find(struct view text, enum fact *ret_fact)
{
	for (unsigned i = FACT_METER + 1; i < FACTS; i++)
		if (view_is(view_of(facts[i].text), text)) {
			*ret_fact = (enum fact)i;
			return true;
		}
	return false;
}

const char *
fact_text(enum fact fact)
{
	return facts[fact].text;
}

enum argument
fact_argument(enum fact fact)
{
	return facts[fact].argument;
}

enum fact_class
fact_class(enum fact fact)
{
	return facts[fact].class;
}

static bool
kind_is_reserved(enum word_kind kind)
{
	return kind == KIND_STATEMENT || kind == KIND_EFFECT || kind == KIND_OPTION ||
	       kind == KIND_CLAUSE || kind == KIND_FACT;
}

bool
word_is_reserved(struct view text)
{
	enum fact fact;

	for (unsigned i = 1; i < WORDS; i++)
		if (kind_is_reserved(words[i].kind) &&
		    view_is(view_of(words[i].text), text))
			return true;
	return fact_find(text, &fact);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits between two short words; neighbours that changed places count as one. */
static unsigned
distance(struct view a, struct view b)
{
	unsigned rows[3][GUESS_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2], *free_row;

	for (unsigned j = 0; j <= b.n; j++)
		above[j] = before[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned change = a.p[i - 1] != b.p[j - 1];

			row[j] =
			    least(above[j - 1] + change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		free_row = before;
		before = above;
		above = row;
		row = free_row;
	}
	return above[b.n];
}

void
guess_begin(struct guess *guess, struct view wanted)
{
	*guess =
	    (struct guess){.wanted = wanted, .best = VIEW_NONE, .distance = GUESS_NONE};
}

void
guess_try(struct guess *guess, struct view candidate)
{
	unsigned far;

	if (guess->wanted.n == 0 || guess->wanted.n > GUESS_MAX || candidate.n == 0 ||
	    candidate.n > GUESS_MAX)
		return;
	far = distance(guess->wanted, candidate);
	if (far < guess->distance) {
		guess->distance = far;
		guess->best = candidate;
	}
}

void
guess_kind(struct guess *guess, enum word_kind kind)
{
	for (unsigned i = 1; i < WORDS; i++)
		if (words[i].kind == kind)
			guess_try(guess, view_of(words[i].text));
	for (unsigned i = 0; kind == KIND_FACT && i < FACTS; i++)
		guess_try(guess, view_of(facts[i].text));
	for (unsigned i = 0; kind == KIND_SETTING && i < SETTINGS; i++)
		guess_try(guess, view_of(settings[i]));
}

bool
guess_is_good(const struct guess *guess)
{
	return guess->distance <= GUESS_NEAR && guess->distance * 2 <= guess->best.n;
}
