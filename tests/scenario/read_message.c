/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/bug.h"

#include "tests/scenario/read.h"

enum option_kind { OPTION_TEXT, OPTION_NUMBER, OPTION_FLAG };

static const struct option {
	const char *word;
	enum option_kind kind;
	size_t offset;
} options[] = {
    {"from", OPTION_TEXT, offsetof(struct sending, sender)},
    {"author", OPTION_TEXT, offsetof(struct sending, author)},
    {"user", OPTION_TEXT, offsetof(struct sending, user)},
    {"helo", OPTION_TEXT, offsetof(struct sending, helo)},
    {"without", OPTION_TEXT, offsetof(struct sending, without)},
    {"port", OPTION_NUMBER, offsetof(struct sending, port)},
    {"rcpts", OPTION_NUMBER, offsetof(struct sending, rcpts)},
    {"size", OPTION_NUMBER, offsetof(struct sending, size)},
    {"x", OPTION_NUMBER, offsetof(struct sending, times)},
    {"local", OPTION_FLAG, offsetof(struct sending, is_local)},
    {"again", OPTION_FLAG, offsetof(struct sending, is_again)},
    {"aborted", OPTION_FLAG, offsetof(struct sending, is_aborted)},
    {"macros-lost", OPTION_FLAG, offsetof(struct sending, has_lost_macros)},
};

static void
append(struct arena *arena, struct item **list, struct view text)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = arena_alloc(arena, sizeof(**list));
	(*list)->text = text;
}

static int
read_option(struct words *words, const struct option *option, struct sending *message,
    struct err *err)
{
	char *field = (char *)message + option->offset;
	void *at = field;

	switch (option->kind) {
	case OPTION_TEXT:
		return words_take(words, option->word, at, err);
	case OPTION_NUMBER:
		return words_take_number(words, option->word, at, err);
	case OPTION_FLAG:
		break;
	}
	*(bool *)at = true;
	return 0;
}

static int
read_next(
    struct arena *arena, struct words *words, struct sending *message, struct err *err)
{
	struct view word;

	if (words_take_if(words, "client")) {
		if (words_take(words, "the client's address", &word, err) != 0)
			return -1;
		return addr_parse(word, &message->client, err);
	}
	if (words_take_if(words, "rcpt")) {
		if (words_take(words, "a recipient", &word, err) != 0)
			return -1;
		append(arena, &message->rcpt, word);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (words_take_if(words, options[i].word))
			return read_option(words, &options[i], message, err);
	return err_set(err, ERR_BAD_INPUT, "unknown word '%.*s' in a message",
	    VIEW_ARG(words->at[words->next]));
}

int
read_message(
    struct arena *arena, struct words *words, struct sending **ret_message, struct err *err)
{
	struct sending *message = arena_alloc(arena, sizeof(*message));

	message->times = 1;
	while (words_are_left(words))
		if (read_next(arena, words, message, err) != 0)
			return -1;
	if (message->sender.n == 0)
		return err_set(
		    err, ERR_BAD_INPUT, "a message has 'from ADDRESS', or 'from <>'");
	if (view_is(message->sender, VIEW("<>")))
		message->sender = VIEW("");
	*ret_message = message;
	return 0;
}

static const struct {
	const char *word;
	enum expect_kind kind;
	bool of_reload;
	bool may_be_negated;
	bool has_text; /* "TEXT" must follow; else it may */
} kinds[] = {
    {"accept", EXPECT_ACCEPT, false, false, false},
    {"hold", EXPECT_HOLD, false, false, true},
    {"defer", EXPECT_DEFER, false, false, false},
    {"reject", EXPECT_REJECT, false, false, false},
    {"reply", EXPECT_REPLY, false, false, true},
    {"header", EXPECT_HEADER, false, true, false},
    {"signed", EXPECT_SIGNED, false, false, false},
    {"unsigned", EXPECT_UNSIGNED, false, false, false},
    {"log", EXPECT_LOG, false, true, false},
    {"explain", EXPECT_EXPLAIN, false, true, true},
    {"refused", EXPECT_REFUSED, true, false, true},
    {"says", EXPECT_SAYS, true, true, true},
};

/* What stands behind the kind's word. */
static int
read_expect_text(struct words *words, struct expect *expect, bool has_text, struct err *err)
{
	if (expect->kind == EXPECT_HEADER) {
		if (words_take(words, "the field's name", &expect->name, err) != 0)
			return -1;
		if (!words_take_if(words, "has"))
			return 0;
		has_text = true;
	}
	if (expect->kind == EXPECT_SIGNED)
		return words_take(words, "DOMAIN/SELECTOR", &expect->text, err);
	if (expect->kind == EXPECT_LOG && words_are_left(words))
		return words_take(words, "KEY=VALUE", &expect->text, err);
	if (expect->kind == EXPECT_LOG && !expect->is_negated)
		return err_set(err, ERR_BAD_INPUT, "KEY=VALUE is missing");
	bool is_plain = expect->kind <= EXPECT_REJECT && expect->kind != EXPECT_HOLD;
	if (!has_text && (is_plain || !words_are_left(words)))
		return 0;
	return words_take_text(words, "a text", &expect->text, err);
}

static int
read_expect(
    struct arena *arena, struct words *words, struct step *step, int line, struct err *err)
{
	struct expect *expect = arena_alloc(arena, sizeof(*expect)), **end = &step->expects;

	expect->line = line;
	expect->is_negated = words_take_if(words, "no");
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].of_reload != (step->kind == STEP_RELOAD) ||
		    !words_take_if(words, kinds[i].word))
			continue;
		if (expect->is_negated && !kinds[i].may_be_negated)
			return err_set(err, ERR_BAD_INPUT, "'no' has no sense with '%s'",
			    kinds[i].word);
		expect->kind = kinds[i].kind;
		while (*end != NULL)
			end = &(*end)->next;
		*end = expect;
		return read_expect_text(words, expect, kinds[i].has_text, err);
	}
	struct view word;
	if (words_take(words, "what is expected", &word, err) != 0)
		return -1;
	return err_set(
	    err, ERR_BAD_INPUT, "'%.*s' cannot be expected here", VIEW_ARG(word));
}

int
read_below(
    struct arena *arena, struct words *words, struct step *step, int line, struct err *err)
{
	struct sending *message = step->message;
	struct view text;

	if (words_take_if(words, "expect"))
		return read_expect(arena, words, step, line, err);
	bool is_header = message != NULL && words_take_if(words, "header");
	if (!is_header && (message == NULL || !words_take_if(words, "body")))
		return err_set(err, ERR_BAD_INPUT,
		    "unknown word '%.*s' below this statement",
		    VIEW_ARG(words->at[words->next]));
	if (words_take_text(words, "its text", &text, err) != 0)
		return -1;
	if (is_header && !view_has_char(text, ':'))
		return err_set(err, ERR_BAD_INPUT, "a header field has a colon");
	append(arena, is_header ? &message->header : &message->body, text);
	return 0;
}
