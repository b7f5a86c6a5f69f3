/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "replies/private.h"

enum { PIECE_LEAST = 3, PIECES_MAX = 16 };

struct cursor {
	struct arena *arena;
	struct view value;
	size_t at;
	struct err *err;
};

static void
skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->value.n &&
	       (cursor->value.p[cursor->at] == ' ' || cursor->value.p[cursor->at] == '\t'))
		cursor->at++;
}

/* What stands there up to a blank; empty at the end. */
static struct view
peek_word(struct cursor *cursor)
{
	skip_blanks(cursor);
	struct view rest = view_from(cursor->value, cursor->at);
	size_t n = 0;

	while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\t')
		n++;
	return view_head(rest, n);
}

static struct view
lower(struct arena *arena, struct view text)
{
	char *copy = arena_text(arena, text);

	for (size_t i = 0; i < text.n; i++)
		copy[i] = text_lower(copy[i]);
	return (struct view){copy, text.n};
}

/* ---- words ---- */

static void
ask_grams(struct pattern *pattern, struct view piece)
{
	/* Spread over the piece: its ends alone are common ones. */
	size_t step = piece.n > 8 ? piece.n / 4 : 2;

	for (size_t i = 0; i + GRAM <= piece.n && pattern->n_grams < GRAMS_ASKED; i += step)
		pattern->grams[pattern->n_grams++] = gram_of(piece.p + i);
}

/* Blanks are as in a text that was made comparable: one at a time. */
static struct view
make_piece(struct arena *arena, struct view raw)
{
	char *piece = arena_alloc(arena, raw.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i] == '\t' ? ' ' : text_lower(raw.p[i]);

		if (c != ' ' || n == 0 || piece[n - 1] != ' ')
			piece[n++] = c;
	}
	piece[n] = '\0';
	return (struct view){piece, n};
}

/* One star is between two pieces: it takes the blanks at both of its sides with it. */
static struct view
without_star_blanks(struct view raw, bool is_first, bool is_last)
{
	while (!is_first && raw.n > 0 && raw.p[0] == ' ')
		raw = view_from(raw, 1);
	while (!is_last && raw.n > 0 && raw.p[raw.n - 1] == ' ')
		raw = view_head(raw, raw.n - 1);
	return raw;
}

static int
take_pieces(struct cursor *cursor, struct view words, struct pattern *pattern)
{
	const char **pieces = arena_array(cursor->arena, PIECES_MAX + 1, sizeof(*pieces));
	struct view raw;
	size_t n = 0, longest = 0;
	bool is_first = true;

	while (view_cut(&words, '*', &raw)) {
		raw = without_star_blanks(raw, is_first, words.p == NULL);
		is_first = false;
		struct view piece = make_piece(cursor->arena, raw);
		if (piece.n == 0)
			continue;
		if (n == PIECES_MAX)
			return err_set(cursor->err, ERR_CONFIG,
			    "more than %d parts between stars: leave some out", PIECES_MAX);
		pieces[n++] = piece.p;
		ask_grams(pattern, piece);
		longest = piece.n > longest ? piece.n : longest;
	}
	if (longest < PIECE_LEAST)
		return err_set(cursor->err, ERR_CONFIG,
		    "words that short fit nearly everything: write at least %d characters",
		    PIECE_LEAST);
	pattern->pieces = pieces;
	return 0;
}

static int
take_words(struct cursor *cursor, struct pattern *pattern)
{
	struct view rest = view_from(cursor->value, cursor->at + 1), words;

	if (pattern->pieces != NULL)
		return err_set(cursor->err, ERR_CONFIG,
		    "words for the second time: put a * between them, or write a second "
		    "match");
	if (!view_cut(&rest, '"', &words) || rest.p == NULL)
		return err_set(
		    cursor->err, ERR_CONFIG, "the quotes are not closed: write \"words\"");
	if (take_pieces(cursor, words, pattern) == -1)
		return -1;
	cursor->at += words.n + 2;
	return 0;
}

/* ---- the others ---- */

static int
take_domain(struct cursor *cursor, struct pattern *pattern)
{
	cursor->at += strlen("from");
	struct view domain = peek_word(cursor);

	if (view_starts(domain, VIEW("*.")))
		domain = view_from(domain, 2);
	if (domain.n == 0 || domain.p[0] == '"')
		return err_set(cursor->err, ERR_CONFIG,
		    "'from' needs a domain, like: from example.net");
	if (pattern->domain.n > 0)
		return err_set(cursor->err, ERR_CONFIG,
		    "'from' for the second time: write a second match");
	pattern->domain = lower(cursor->arena, domain);
	cursor->at += peek_word(cursor).n;
	return 0;
}

static int
take_code_word(struct cursor *cursor, struct view word, struct pattern *pattern)
{
	if (pattern->code.part[0] != 0)
		return err_set(cursor->err, ERR_CONFIG,
		    "a code for the second time: write a second match");
	if (!code_parse(word, true, &pattern->code))
		return err_set(cursor->err, ERR_CONFIG,
		    "'%.*s' is no code, like 5.7.26 or x.7.26, and no 'from', and words "
		    "are in quotes",
		    VIEW_ARG(word));
	cursor->at += word.n;
	return 0;
}

int
pattern_parse(struct arena *arena, struct view value, struct pattern *ret_pattern,
    size_t *ret_at, struct err *err)
{
	struct cursor cursor = {.arena = arena, .value = value, .err = err};
	struct pattern pattern = {.code = {{0, 0, 0}}, .domain = VIEW_NONE};
	struct view word;
	int result = 0;

	while (result == 0 && (word = peek_word(&cursor)).n > 0) {
		if (word.p[0] == '"')
			result = take_words(&cursor, &pattern);
		else if (view_is(word, VIEW("from")))
			result = take_domain(&cursor, &pattern);
		else
			result = take_code_word(&cursor, word, &pattern);
	}
	*ret_at = cursor.at;
	if (result == 0 && pattern.code.part[0] == 0 && pattern.pieces == NULL)
		result = err_set(err, ERR_CONFIG,
		    "this fits everything: write a code, or words in quotes");
	if (result == 0)
		*ret_pattern = pattern;
	return result;
}
