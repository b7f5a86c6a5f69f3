/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "tests/scenario/words.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The character behind a backslash at the beginning of *REST, which moves behind it. */
static int
unescape(struct view *rest, char *ret_c)
{
	static const char names[] = "nrt\\\"", values[] = "\n\r\t\\\"";

	if (rest->n == 0)
		return -1;
	for (size_t i = 0; i < sizeof(names) - 1; i++)
		if (rest->p[0] == names[i]) {
			*ret_c = values[i];
			*rest = view_from(*rest, 1);
			return 0;
		}
	if (rest->n < 3 || rest->p[0] != 'x' || hex_digit(rest->p[1]) < 0 ||
	    hex_digit(rest->p[2]) < 0)
		return -1;
	*ret_c = (char)(hex_digit(rest->p[1]) * 16 + hex_digit(rest->p[2]));
	*rest = view_from(*rest, 3);
	return 0;
}

/* The text behind an opening quote; *REST moves behind the closing one. */
static int
take_quoted(struct view *rest, struct arena *arena, struct view *ret_text, struct err *err)
{
	char *text = arena_alloc(arena, rest->n + 1);
	size_t n = 0;

	while (rest->n > 0 && rest->p[0] != '"') {
		char c = rest->p[0];
		*rest = view_from(*rest, 1);
		if (c == '\\' && unescape(rest, &c) != 0)
			return err_set(
			    err, ERR_BAD_INPUT, "behind '\\' stands n r t \\ \" or xHH");
		text[n++] = c;
	}
	if (rest->n == 0)
		return err_set(err, ERR_BAD_INPUT, "a quote that does not end");
	*rest = view_from(*rest, 1);
	if (rest->n > 0 && rest->p[0] != ' ' && rest->p[0] != '\t')
		return err_set(err, ERR_BAD_INPUT, "a blank is missing behind a quote");
	*ret_text = (struct view){text, n};
	return 0;
}

/* Up to a blank that is not between quotes: rule="account takeover?" is one word. */
static size_t
plain_length(struct view text)
{
	bool is_inside = false;
	size_t n = 0;

	for (; n < text.n && (is_inside || (text.p[n] != ' ' && text.p[n] != '\t')); n++)
		is_inside ^= text.p[n] == '"';
	return n;
}

int
words_split(struct view line, struct arena *arena, struct words *ret_words, struct err *err)
{
	*ret_words = (struct words){.n = 0};
	for (struct view rest = view_trim(line); rest.n > 0; rest = view_trim(rest)) {
		unsigned i = ret_words->n++;
		size_t n;

		if (i == WORDS_MAX)
			return err_set(err, ERR_BAD_INPUT, "more than %d words", WORDS_MAX);
		ret_words->is_quoted[i] = rest.p[0] == '"';
		if (ret_words->is_quoted[i]) {
			rest = view_from(rest, 1);
			if (take_quoted(&rest, arena, &ret_words->at[i], err) != 0)
				return -1;
			continue;
		}
		n = plain_length(rest);
		ret_words->at[i] = view_head(rest, n);
		rest = view_from(rest, n);
	}
	return 0;
}

bool
words_are_left(const struct words *words)
{
	return words->next < words->n;
}

bool
words_take_if(struct words *words, const char *word)
{
	if (!words_are_left(words) || words->is_quoted[words->next] ||
	    !view_is(words->at[words->next], view_of(word)))
		return false;
	words->next++;
	return true;
}

int
words_take(struct words *words, const char *what, struct view *ret_word, struct err *err)
{
	if (!words_are_left(words))
		return err_set(err, ERR_BAD_INPUT, "%s is missing", what);
	*ret_word = words->at[words->next++];
	return 0;
}

int
words_take_number(
    struct words *words, const char *what, unsigned *ret_number, struct err *err)
{
	unsigned long long number;
	struct view word = VIEW_NONE;

	if (words_take(words, what, &word, err) != 0)
		return -1;
	if (!view_number(word, 100000000, &number))
		return err_set(
		    err, ERR_BAD_INPUT, "%s: '%.*s' is no number", what, VIEW_ARG(word));
	*ret_number = (unsigned)number;
	return 0;
}

int
words_take_text(
    struct words *words, const char *what, struct view *ret_text, struct err *err)
{
	if (words_are_left(words) && !words->is_quoted[words->next])
		return err_set(err, ERR_BAD_INPUT, "%s stands in double quotes", what);
	return words_take(words, what, ret_text, err);
}

int
words_end(const struct words *words, struct err *err)
{
	if (!words_are_left(words))
		return 0;
	return err_set(err, ERR_BAD_INPUT, "'%.*s' is too much here",
	    VIEW_ARG(words->at[words->next]));
}
