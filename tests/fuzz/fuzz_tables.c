/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The file of a table, of a map or of a map of numbers, as the first byte says. What loads
 * must answer as a text does that is read again from its beginning for every question: for
 * each of its keys and for texts near them, for its networks and the addresses beside them.
 */

#include <stdint.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/ascii.h"
#include "policy/table.h"
#include "policy/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { JOINT = 1 }; /* in place of a line end that is continued; no text has it */

struct entry {
	bool is_network;
	struct prefix network;
	char bytes[KEY_MAX];
	struct view key, values; /* the values as they are written */
};

static bool
is_separator(char c)
{
	return ascii_is_blank(c) || c == ',' || c == JOINT;
}

/* One entry a line: without comments, and with what continues it. */
static void
join_lines(const struct table *table, struct view text, struct buf *out)
{
	struct view line;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		struct view trimmed = view_trim(line);

		if (trimmed.n == 0 || trimmed.p[0] == '#')
			continue;
		if (out->n > 0)
			buf_add_char(
			    out, table->is_map && ascii_is_blank(line.p[0]) ? JOINT : '\n');
		buf_add(out, trimmed);
	}
}

static void
read_entry(const struct table *table, struct view line, struct entry *entry)
{
	bool is_quoted = false;
	struct view key;
	size_t n = 0;

	for (;
	     n < line.n && line.p[n] != JOINT && (is_quoted || !ascii_is_blank(line.p[n]));
	     n++)
		if (line.p[n] == '"')
			is_quoted = !is_quoted;
		else if (is_quoted && line.p[n] == '\\' && n + 1 < line.n)
			n++;
	key = view_head(line, n);
	entry->values = view_from(line, n);
	if (!table->is_map && n > 2 && key.p[0] == '"' && key.p[n - 1] == '"')
		key = view_from(view_head(key, n - 1), 1);
	entry->key = VIEW_NONE;
	entry->is_network = (!table->is_map || table->is_numbers) &&
			    prefix_parse(key, &entry->network, NULL) == 0;
	if (entry->is_network)
		return;
	must(key_normalise(key, entry->bytes, &n) == NULL);
	entry->key = (struct view){entry->bytes, n};
}

static bool
next_entry(const struct table *table, struct view *rest, struct entry *entry)
{
	struct view line;

	if (rest->n == 0 || !view_cut(rest, '\n', &line))
		return false;
	read_entry(table, line, entry);
	return true;
}

static void
same_value(const struct table *table, const char **got, struct view written)
{
	unsigned long long number;
	struct prefix prefix;
	struct view value;
	bool is_network;
	uint64_t want;

	must(value_next(got, &is_network, &value));
	if (table->is_numbers) {
		must(value_size(written, &want));
		must(view_number(value, UINT64_MAX, &number) && number == want);
		return;
	}
	must(view_is_nocase(value, written));
	must(is_network == (prefix_parse(value, &prefix, NULL) == 0));
}

/* The values that TABLE gave, against those of ENTRY; both NULL: there is none. */
static void
same_values(const struct table *table, const char *got, const struct entry *entry)
{
	struct view rest;
	size_t n;

	must((got == NULL) == (entry == NULL));
	if (entry == NULL || !table->is_map)
		return;
	for (rest = entry->values; rest.n > 0; rest = view_from(rest, n > 0 ? n : 1)) {
		for (n = 0; n < rest.n && !is_separator(rest.p[n]);)
			n++;
		if (n > 0)
			same_value(table, &got, view_head(rest, n));
	}
	must(*got == '\0');
}

static void
ask_text(const struct table *table, struct view text, struct view key)
{
	struct entry entry;
	bool is_there = false;

	while (!is_there && next_entry(table, &text, &entry))
		is_there = !entry.is_network && view_is(entry.key, key);
	must(table_has(table, key) == is_there);
	same_values(table, table_values(table, key), is_there ? &entry : NULL);
}

static void
ask_address(const struct table *table, struct view text, struct addr addr)
{
	struct entry entry, best;
	bool is_there = false;

	while (next_entry(table, &text, &entry)) {
		if (!entry.is_network || !prefix_has(entry.network, addr))
			continue;
		if (!is_there || entry.network.bits > best.network.bits)
			best = entry;
		is_there = true;
	}
	must(table_has_network(table, addr) == is_there);
	same_values(table, table_network_values(table, addr), is_there ? &best : NULL);
}

static void
ask_around(const struct table *table, struct view text, const struct entry *entry)
{
	const struct addr addr = entry->network.addr;
	char near[KEY_MAX + 1];

	if (!entry->is_network) {
		memcpy(near, entry->key.p, entry->key.n);
		near[entry->key.n] = '1';
		ask_text(table, text, (struct view){near, entry->key.n + 1});
		ask_text(table, text, view_head(entry->key, entry->key.n - 1));
		ask_text(table, text, view_from(entry->key, 1));
		ask_text(table, text, entry->key);
		return;
	}
	ask_address(table, text, addr);
	for (unsigned bit = 0; bit < (addr.family == ADDR_IPV4 ? 32 : 128); bit++) {
		struct addr other = addr;

		other.bytes[bit / 8] ^= (uint8_t)(0x80U >> bit % 8);
		ask_address(table, text, other);
	}
}

static void
ask_all(const struct table *table, struct view text)
{
	struct buf joined = BUF_INIT(1 << 20);
	struct view rest;
	struct entry entry;

	join_lines(table, text, &joined);
	for (rest = buf_view(&joined); next_entry(table, &rest, &entry);)
		ask_around(table, buf_view(&joined), &entry);
	ask_text(table, buf_view(&joined), VIEW(""));
	ask_text(table, buf_view(&joined),
	    VIEW("\x02"
		 "40"));
	ask_address(table, buf_view(&joined), (struct addr){.family = ADDR_IPV4});
	ask_address(table, buf_view(&joined), (struct addr){.family = ADDR_IPV6});
	ask_address(table, buf_view(&joined), (struct addr){.family = ADDR_NONE});
	buf_fini(&joined);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned kind = size > 0 ? data[0] % 3 : 0;
	struct table table = {.is_map = kind > 0, .is_numbers = kind > 1};
	struct source source = {.name = VIEW("t")};
	struct arena *arena = arena_new(0);
	struct diag diag;
	struct table_load load = {
	    .arena = arena, .diag = &diag, .seed = {.k0 = 3, .k1 = 4}};
	struct span where;

	diag_init(&diag);
	source.text = view_from((struct view){(const char *)data, size}, 1);
	if (source_fault(&source, &where) == NULL) {
		table_load_file(&table, &source, &load);
		must((diag.errors + diag.warnings > 0) == (diag.out.n > 0));
		if (diag.errors == 0)
			ask_all(&table, source.text);
	}
	diag_fini(&diag);
	arena_free(arena);
	return 0;
}
