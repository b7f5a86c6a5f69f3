/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "policy/ascii.h"
#include "policy/table.h"
#include "policy/value.h"

/*
 * Filling tables and maps: from the items of a statement, or from a file in Postfix's
 * source format.
 */

enum { NUMBER_TEXT = 24 };

struct loading {
	struct table *table;
	const struct table_load *load;
	char *block; /* the records */
	size_t n;
	size_t record;         /* where the open one begins */
	struct prefix network; /* its key, or */
	bool is_network;       /* its key is text */
	bool is_open;
	bool is_skipped; /* its key was wrong: what continues it is not looked at */
	unsigned values; /* of the open one */
	struct span key; /* of the open one */
};

/* Looks like an address or a network, right or wrong. */
static bool
looks_like_network(struct view text)
{
	bool has_dot = false;

	if (view_has_char(text, '@') ||
	    (!ascii_is_digit(text.p[0]) && !view_has_char(text, ':')))
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = ascii_lower(text.p[i]);

		if (!ascii_is_digit(c) && c != '.' && c != ':' && c != '/' &&
		    (c < 'a' || c > 'f'))
			return false;
		has_dot = has_dot || c == '.' || c == ':' || c == '/';
	}
	return has_dot;
}

/* 1: a network, 0: something else, -1: looks like one but is none, and was reported. */
static int
take_network(const struct table_load *load, struct span item, struct view text,
    struct prefix *ret_prefix)
{
	struct err err = ERR_INIT;

	if (!looks_like_network(text))
		return 0;
	if (prefix_parse(text, ret_prefix, &err) == 0)
		return 1;
	/* 12.example and dead.beef are names: only what has no letters outside hexadecimal
	 * IPv6 is wrong. */
	for (size_t i = 0; i < text.n; i++)
		if (ascii_is_letter(text.p[i]) && !view_has_char(text, ':'))
			return 0;
	diag_error(load->diag, item, "%s", err.text);
	return -1;
}

/* Put the key at ITEM as a record into the block; false: it is wrong. */
static bool
put_key(struct loading *loading, struct span item, struct view text)
{
	const struct table *table = loading->table;
	const char *fault = NULL;
	char key[KEY_MAX];
	int network = 0;
	size_t n = 0;

	if (!table->is_map || table->is_numbers)
		network = take_network(loading->load, item, text, &loading->network);
	if (network < 0)
		return false;
	loading->is_network = network > 0;
	if (loading->is_network)
		n = key_network(loading->network.addr, loading->network.bits, key);
	else
		fault = key_normalise(text, key, &n);
	if (fault != NULL) {
		diag_error(loading->load->diag, item, "%s", fault);
		return false;
	}
	loading->record = loading->n;
	memcpy(loading->block + loading->n, key, n);
	loading->n += n;
	loading->block[loading->n++] = '\0';
	return true;
}

/* Find the record by its key from now on; false: another has this key. */
static bool
add_record(struct loading *loading)
{
	if (!index_add(&loading->table->index, loading->record))
		return false;
	if (loading->is_network)
		table_note_network(loading->table, &loading->network);
	return true;
}

void
table_load_items(struct table *table, const struct table_load *load)
{
	struct loading loading = {.table = table, .load = load};
	size_t size = 1;

	for (size_t i = 0; i < table->items.n; i++)
		size += table->items.at[i].n + KEY_NETWORK_MAX + 1;
	loading.block = arena_alloc(load->arena, size);
	index_init(&table->index, load->seed, load->arena, loading.block, table->items.n);
	for (size_t i = 0; i < table->items.n; i++) {
		struct view *item = &table->items.at[i];
		char text[ADDR_TEXT];

		if (!put_key(&loading, table->item_spans.at[i], *item))
			continue;
		add_record(&loading);
		*item = loading.is_network
			    ? arena_view(
				  load->arena, view_of(prefix_text(loading.network, text)))
			    : view_of(loading.block + loading.record);
	}
}

/* End the open record of a map. */
static void
close_record(struct loading *loading)
{
	if (!loading->is_open)
		return;
	loading->is_open = false;
	loading->block[loading->n++] = '\0';
	if (loading->values == 0)
		diag_error(loading->load->diag, loading->key,
		    loading->table->is_numbers
			? "this key has no value: key  number"
			: "this key has no value: key  login[, login]...");
	else if (add_record(loading))
		return;
	else
		diag_warn(loading->load->diag, loading->key,
		    "this key stands above already, and the first entry counts");
	loading->n = loading->record;
}

static bool
is_separator(char c)
{
	return ascii_is_blank(c) || c == ',';
}

/* A number, or a size; kept in digits. */
static void
put_number(struct loading *loading, struct span where)
{
	char digits[NUMBER_TEXT];
	uint64_t number;

	if (loading->values++ > 0) {
		diag_error(loading->load->diag, where, "a key has one number");
		return;
	}
	if (!value_size(where.text, &number)) {
		diag_error(loading->load->diag, where, "this is not a number");
		return;
	}
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	loading->block[loading->n++] = VALUE_LOGIN;
	loading->n += key_lower(view_of(digits), loading->block + loading->n);
}

static void
put_value(struct loading *loading, struct span where)
{
	struct view value = where.text;
	struct diag *diag = loading->load->diag;
	struct prefix prefix;
	int network = take_network(loading->load, where, value, &prefix);

	loading->values++;
	if (network < 0)
		return;
	if (value.n > VALUE_MAX) {
		diag_error(diag, where, "this is longer than %d bytes", VALUE_MAX);
		return;
	}
	if (network == 0 && value.p[0] == '@') {
		diag_error(
		    diag, where, "a login should stand here, and this is a whole domain");
		return;
	}
	loading->block[loading->n++] = network > 0 ? VALUE_NETWORK : VALUE_LOGIN;
	loading->n += key_lower(value, loading->block + loading->n);
}

static void
put_values(struct loading *loading, struct span line)
{
	struct view rest = line.text;

	while (rest.n > 0) {
		size_t n = 0;

		while (n < rest.n && !is_separator(rest.p[n]))
			n++;
		if (n > 0 && loading->table->is_numbers)
			put_number(loading, span_of(line, view_head(rest, n)));
		else if (n > 0)
			put_value(loading, span_of(line, view_head(rest, n)));
		rest = view_from(rest, n + 1);
	}
}

/* The length of the key at the head of LINE: up to a blank outside quotes. */
static size_t
key_length(struct view line)
{
	bool is_quoted = false;
	size_t n = 0;

	while (n < line.n && (is_quoted || !ascii_is_blank(line.p[n]))) {
		if (line.p[n] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && line.p[n] == '\\' && n + 1 < line.n)
			n++;
		n++;
	}
	return n;
}

static void
put_map_line(struct loading *loading, struct span line)
{
	size_t n;

	if (ascii_is_blank(line.text.p[0])) {
		if (loading->is_open)
			put_values(loading, line);
		else if (!loading->is_skipped)
			diag_error(loading->load->diag,
			    span_of(line, view_head(line.text, 1)),
			    "a line that begins with white space continues one, but there "
			    "is none");
		return;
	}
	close_record(loading);
	n = key_length(line.text);
	loading->key = span_of(line, view_head(line.text, n));
	loading->is_skipped = !put_key(loading, loading->key, loading->key.text);
	if (loading->is_skipped)
		return;
	loading->is_open = true;
	loading->values = 0;
	put_values(loading, span_of(line, view_from(line.text, n)));
}

static void
put_table_line(struct loading *loading, struct span line)
{
	struct view text = view_trim(line.text);
	size_t n = key_length(text);

	if (ascii_is_blank(line.text.p[0]) || n < text.n) {
		diag_error(loading->load->diag,
		    span_of(line, view_from(text, n < text.n ? n : 0)),
		    "a table has one item on each line, from its first column on");
		return;
	}
	/* A login with blanks or '#' stands in quotes; an address keeps those of its local
	 * part. */
	if (text.n > 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = view_from(view_head(text, text.n - 1), 1);
	if (put_key(loading, span_of(line, text), text))
		add_record(loading);
}

static bool
says_nothing(struct view line)
{
	while (line.n > 0 && ascii_is_blank(line.p[0]))
		line = view_from(line, 1);
	return line.n == 0 || line.p[0] == '#';
}

/* Lines that may have a key. */
static size_t
count_keys(struct view text)
{
	struct view line;
	size_t n = 0;

	while (text.n > 0 && view_cut(&text, '\n', &line))
		n += line.n > 0 && line.p[0] != '#' && !ascii_is_blank(line.p[0]);
	return n;
}

void
table_load_file(
    struct table *table, const struct source *source, const struct table_load *load)
{
	struct loading loading = {.table = table, .load = load};
	struct lines lines;
	struct span line, where;
	size_t n = count_keys(source->text);
	/* A record is its line and at most one byte more; but for networks, which may be
	 * written shorter than their keys are, and for 1G in digits. */
	size_t more = table->is_map && !table->is_numbers ? 2 : KEY_NETWORK_MAX + 16;

	loading.block = arena_alloc(load->arena, source->text.n + more * n + 2);
	index_init(&table->index, load->seed, load->arena, loading.block, n);
	lines_begin(&lines, source);
	while (!diag_is_full(load->diag) && lines_next(&lines, &line)) {
		const char *fault = line_fault(line, &where);

		if (fault != NULL)
			diag_error(load->diag, where, "%s", fault);
		else if (says_nothing(line.text))
			continue;
		else if (table->is_map)
			put_map_line(&loading, line);
		else
			put_table_line(&loading, line);
	}
	close_record(&loading);
}
