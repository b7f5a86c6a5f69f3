/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef REPLIES_PRIVATE_H
#define REPLIES_PRIVATE_H

#include <stdint.h>

#include "lib/arena.h"
#include "replies/replies.h"

/* RFC 3463 2: class, subject, detail. */
enum { CODE_PARTS = 3, CODE_ANY = -1 };

struct code {
	int16_t part[CODE_PARTS]; /* CODE_ANY in a pattern: whatever; part[0] 0: none */
};

/*
 * Which runs of three bytes a text has, as bits under a hash. What a pattern needs and a
 * text does not have cannot be in it: nearly all patterns are ruled out by that alone.
 */
enum { GRAM = 3, GRAM_BITS = 4096, GRAM_WORDS = GRAM_BITS / 64, GRAMS_ASKED = 8 };

struct grams {
	uint64_t bits[GRAM_WORDS];
};

/* One 'match' line. */
struct pattern {
	size_t entry; /* whose it is */
	unsigned line;
	struct code code;
	struct view domain;        /* of the relay, in lower case; empty: any */
	const char *const *pieces; /* in lower case, in this order; NULL behind the last */
	uint16_t grams[GRAMS_ASKED];
	size_t n_grams;
};

struct test_line {
	size_t entry;
	unsigned line;
	struct view text;
};

struct replies {
	struct arena *arena;
	struct replies_entry *entries;
	struct pattern *patterns; /* in the order of the entries */
	struct test_line *tests;
	size_t n_entries, n_patterns, n_tests;
	size_t room_entries, room_patterns, room_tests;
};

/* A reply, made comparable. */
struct said {
	struct code code;
	struct view relay; /* name only */
	struct grams grams;
	size_t n;
	char text[REPLIES_TEXT_MAX + 3]; /* lower case, single blanks, one at either end */
};

/* text.c */
void said_make(struct said *said, struct view dsn, struct view relay, struct view text);
char text_lower(char c);
uint16_t gram_of(const char *at);
/* "5.7.26"; with MAY_ANY "x" for any part. False: it is none. */
bool code_parse(struct view text, bool may_any, struct code *ret_code);

/* pattern.c: "4.7.28 from google.com \"words * words\"". *RET_AT is where the error is. */
int pattern_parse(struct arena *arena, struct view value, struct pattern *ret_pattern,
    size_t *ret_at, struct err *err);

/* find.c: the pattern that fits; n_patterns: none. */
size_t pattern_find(const struct replies *replies, const struct said *said);

#endif
