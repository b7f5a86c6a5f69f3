/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "replies/private.h"

/* Sorted; each stands in frank-replies(5). */
static const char *const classes[] = {"authentication", "blocklist", "connection",
    "content", "dns", "expired", "greylisting", "local", "loop", "mailbox-disabled",
    "mailbox-full", "no-such-host", "no-such-user", "policy", "protocol", "ptr",
    "rate-limit", "receiver", "relaying", "reputation", "tls", "too-big"};

const char *
replies_class(size_t i)
{
	return i < ARRAY_LEN(classes) ? classes[i] : NULL;
}

/* ---- the table ---- */

struct replies *
replies_new(void)
{
	struct replies *replies = mem_zeroed(1, sizeof(*replies));

	replies->arena = arena_new(0);
	return replies;
}

void
replies_free(struct replies *replies)
{
	if (replies == NULL)
		return;
	arena_free(replies->arena);
	free(replies->entries);
	free(replies->patterns);
	free(replies->tests);
	free(replies);
}

size_t
replies_count(const struct replies *replies)
{
	return replies->n_entries;
}

const struct replies_entry *
replies_at(const struct replies *replies, size_t i)
{
	must(i < replies->n_entries);
	return &replies->entries[i];
}

/* Room for one more of N; the new array. */
static void *
grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room > 0 ? 2 * *room : 64;
	return mem_resize(array, *room, size);
}

/* ---- lines ---- */

struct reader {
	struct replies *replies;
	struct view file, rest;
	unsigned line; /* of what was taken from REST last */
	struct err *err;
	/* A statement: its word, and its value with continued lines. */
	struct view word, value;
	unsigned at_line;
	size_t at_column;
	bool is_continued;
	struct buf joined;
	/* The entry that is open. */
	bool is_open, has_match, has_test;
};

static int
fail(struct reader *reader, unsigned line, size_t column, const char *why)
{
	return err_set(reader->err, ERR_CONFIG, "%.*s:%u:%zu: %s", VIEW_ARG(reader->file),
	    line, column, why);
}

static int
take_line(struct reader *reader, struct view *ret_line)
{
	reader->line++;
	(void)view_cut(&reader->rest, '\n', ret_line);
	for (size_t i = 0; i < ret_line->n; i++)
		if ((unsigned char)ret_line->p[i] < ' ' && ret_line->p[i] != '\t')
			return fail(reader, reader->line, i + 1,
			    "a control character: take it out (lines end in LF alone)");
	return 0;
}

static bool
is_blank_or_comment(struct view line)
{
	line = view_trim(line);
	return line.n == 0 || line.p[0] == '#';
}

/* The next line is one that goes on with this statement. */
static bool
goes_on(const struct reader *reader)
{
	struct view rest = reader->rest, line;

	return rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t') &&
	       view_cut(&rest, '\n', &line) && view_trim(line).n > 0;
}

static int
take_continued(struct reader *reader)
{
	struct view line;

	buf_reset(&reader->joined);
	buf_add(&reader->joined, reader->value);
	for (reader->is_continued = false; goes_on(reader); reader->is_continued = true) {
		if (take_line(reader, &line) == -1)
			return -1;
		buf_add_char(&reader->joined, ' ');
		buf_add(&reader->joined, view_trim(line));
	}
	if (reader->joined.full)
		return fail(reader, reader->at_line, reader->at_column,
		    "longer than 4000 bytes: shorten it");
	reader->value = buf_view(&reader->joined);
	return 0;
}

/* 1: a statement; 0: that was all; -1: an error. */
static int
next_statement(struct reader *reader)
{
	struct view line;
	size_t n = 0;

	do {
		if (reader->rest.n == 0)
			return 0;
		if (take_line(reader, &line) == -1)
			return -1;
	} while (is_blank_or_comment(line));
	reader->at_line = reader->line;
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return fail(reader, reader->line, 1,
		    "this line goes on with none: begin it with a word, or in front of it "
		    "take out the empty line");
	while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	reader->word = view_head(line, n);
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	reader->value = view_trim(view_from(line, n));
	reader->at_column = n + 1;
	return take_continued(reader) == -1 ? -1 : 1;
}

/* ---- statements ---- */

static struct replies_entry *
open_entry(struct reader *reader)
{
	return &reader->replies->entries[reader->replies->n_entries - 1];
}

static int
close_entry(struct reader *reader)
{
	const struct replies_entry *entry;
	const char *lacks = NULL;
	char why[128];

	if (!reader->is_open)
		return 0;
	entry = open_entry(reader);
	if (!reader->has_match)
		lacks = "match";
	else if (entry->class.n == 0)
		lacks = "class";
	else if (entry->means.n == 0)
		lacks = "means";
	else if (entry->remedy.n == 0)
		lacks = "do";
	else if (entry->source.n == 0)
		lacks = "source";
	else if (!reader->has_test)
		lacks = "test";
	if (lacks == NULL)
		return 0;
	snprintf(why, sizeof(why), "%.*s has no '%s': add that line",
	    (int)(entry->name.n < 60 ? entry->name.n : 60), entry->name.p, lacks);
	return fail(reader, entry->line, 1, why);
}

static bool
is_name(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!(text.p[i] >= 'a' && text.p[i] <= 'z') &&
		    !(text.p[i] >= '0' && text.p[i] <= '9') && text.p[i] != '-')
			return false;
	return text.n > 0 && text.n <= 40;
}

static int
begin_entry(struct reader *reader)
{
	struct replies *replies = reader->replies;

	if (close_entry(reader) == -1)
		return -1;
	if (!is_name(reader->value))
		return fail(reader, reader->at_line, reader->at_column,
		    "a name has up to 40 of a-z, 0-9 and -");
	for (size_t i = 0; i < replies->n_entries; i++)
		if (view_is(replies->entries[i].name, reader->value))
			return fail(reader, reader->at_line, reader->at_column,
			    "there is one of this name already: give it another one");
	if (replies->n_entries == REPLIES_ENTRIES_MAX)
		return fail(reader, reader->at_line, 1, "more than 4096 entries");
	replies->entries = grow(replies->entries, replies->n_entries,
	    &replies->room_entries, sizeof(*replies->entries));
	replies->entries[replies->n_entries++] =
	    (struct replies_entry){.name = arena_view(replies->arena, reader->value),
		.file = reader->file,
		.line = reader->at_line};
	reader->is_open = true;
	reader->has_match = reader->has_test = false;
	return 0;
}

static int
add_match(struct reader *reader)
{
	struct replies *replies = reader->replies;
	struct pattern pattern;
	struct err why = ERR_INIT;
	size_t at;

	if (reader->is_continued)
		return fail(reader, reader->at_line, reader->at_column,
		    "a match is one line: write a second match for other words");
	if (pattern_parse(replies->arena, reader->value, &pattern, &at, &why) == -1)
		return fail(reader, reader->at_line, reader->at_column + at, why.text);
	pattern.entry = replies->n_entries - 1;
	pattern.line = reader->at_line;
	replies->patterns = grow(replies->patterns, replies->n_patterns,
	    &replies->room_patterns, sizeof(*replies->patterns));
	replies->patterns[replies->n_patterns++] = pattern;
	reader->has_match = true;
	return 0;
}

static int
add_test(struct reader *reader)
{
	struct replies *replies = reader->replies;

	replies->tests = grow(replies->tests, replies->n_tests, &replies->room_tests,
	    sizeof(*replies->tests));
	replies->tests[replies->n_tests++] =
	    (struct test_line){.entry = replies->n_entries - 1,
		.line = reader->at_line,
		.text = arena_view(replies->arena, reader->value)};
	reader->has_test = true;
	return 0;
}

static int
set_value(struct reader *reader, struct view *value)
{
	if (value->n > 0)
		return fail(reader, reader->at_line, 1,
		    "this word for the second time in one entry: take one of them out");
	*value = arena_view(reader->replies->arena, reader->value);
	return 0;
}

static int
set_class(struct reader *reader)
{
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (view_is(reader->value, view_of(classes[i])))
			return set_value(reader, &open_entry(reader)->class);
	return fail(reader, reader->at_line, reader->at_column,
	    "there is no such class: frank-replies(5) lists those that there are");
}

static int
take_statement(struct reader *reader)
{
	if (view_is(reader->word, VIEW("reply")))
		return begin_entry(reader);
	if (!reader->is_open)
		return fail(reader, reader->at_line, 1,
		    "no entry is open: begin with 'reply NAME'");
	if (reader->value.n == 0)
		return fail(reader, reader->at_line, 1, "nothing stands behind this word");
	if (view_is(reader->word, VIEW("match")))
		return add_match(reader);
	if (view_is(reader->word, VIEW("class")))
		return set_class(reader);
	if (view_is(reader->word, VIEW("means")))
		return set_value(reader, &open_entry(reader)->means);
	if (view_is(reader->word, VIEW("do")))
		return set_value(reader, &open_entry(reader)->remedy);
	if (view_is(reader->word, VIEW("source")))
		return set_value(reader, &open_entry(reader)->source);
	if (view_is(reader->word, VIEW("test")))
		return add_test(reader);
	return fail(reader, reader->at_line, 1,
	    "no such word: an entry has reply, match, class, means, do, source, test");
}

int
replies_read(struct replies *replies, const char *name, struct view text, struct err *err)
{
	struct reader reader = {.replies = replies,
	    .file = arena_view(replies->arena, view_of(name)),
	    .rest = text,
	    .err = err};
	int result;

	if (text.n > REPLIES_FILE_MAX)
		return err_set(err, ERR_LIMIT, "%s: larger than 1 MB", name);
	buf_init(&reader.joined, REPLIES_VALUE_MAX);
	while ((result = next_statement(&reader)) == 1)
		if (take_statement(&reader) == -1) {
			result = -1;
			break;
		}
	if (result == 0)
		result = close_entry(&reader);
	buf_fini(&reader.joined);
	return result;
}
