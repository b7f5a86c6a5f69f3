/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "policy/ascii.h"
#include "policy/table.h"
#include "policy/value.h"

/* What tables are asked while messages are judged; table_load.c fills them. */

static bool
is_literal(struct view domain)
{
	return domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']';
}

size_t
key_local(struct view local, char *into)
{
	bool is_quoted = local.n >= 2 && local.p[0] == '"' && local.p[local.n - 1] == '"';
	size_t n = 0;

	if (is_quoted)
		local = view_from(view_head(local, local.n - 1), 1);
	for (size_t i = 0; i < local.n; i++) {
		if (is_quoted && local.p[i] == '\\' && i + 1 < local.n)
			i++;
		into[n++] = ascii_lower(local.p[i]);
	}
	return n;
}

size_t
key_lower(struct view text, char *into)
{
	for (size_t i = 0; i < text.n; i++)
		into[i] = ascii_lower(text.p[i]);
	return text.n;
}

/* Where the domain begins: behind the last '@'; 0: there is no '@'. */
static size_t
domain_at(struct view key)
{
	for (size_t i = key.n; i > 0; i--)
		if (key.p[i - 1] == '@')
			return i;
	return 0;
}

static const char *
word_fault(struct view key)
{
	bool is_domain = view_has_char(key, '.');

	for (size_t i = 0; i < key.n; i++)
		if (is_domain && ascii_is_eight_bit(key.p[i]))
			return "write this domain in its xn-- form";
	return NULL;
}

const char *
key_normalise(struct view key, char into[KEY_MAX], size_t *ret_n)
{
	size_t at = domain_at(key), n;
	struct view domain = view_from(key, at);
	const char *fault = NULL;

	if (key.n == 0)
		return "this is empty";
	if (key.n >= KEY_MAX)
		return "this is longer than 511 bytes";
	if (at == 0 && key.p[0] == '.')
		fault = domain_fault(view_from(key, 1));
	else if (at == 0)
		fault = word_fault(key);
	else if (!is_literal(domain))
		fault = domain_fault(domain);
	if (fault != NULL)
		return fault;
	n = at == 0 ? 0 : key_local(view_head(key, at - 1), into);
	if (at > 1 && n == 0)
		return "this address has nothing before its @";
	if (at > 0)
		into[n++] = '@';
	*ret_n = n + key_lower(domain, into + n);
	return NULL;
}

bool
table_has(const struct table *table, struct view key)
{
	return index_find(&table->index, key) != NULL;
}

static struct addr
masked(struct addr addr, unsigned bits)
{
	for (unsigned i = 0; i < sizeof(addr.bytes); i++) {
		unsigned keep = bits > i * 8 ? bits - i * 8 : 0;

		if (keep < 8)
			addr.bytes[i] = (uint8_t)(addr.bytes[i] & ~(0xFFU >> keep));
	}
	return addr;
}

static int
compare_addr(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	return memcmp(x->addr.bytes, y->addr.bytes, sizeof(x->addr.bytes));
}

static int
compare_prefix(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	if (x->addr.family != y->addr.family)
		return x->addr.family < y->addr.family ? -1 : 1;
	if (x->bits != y->bits)
		return x->bits < y->bits ? -1 : 1;
	return compare_addr(a, b);
}

void
table_sort_networks(struct table *table, struct arena *arena)
{
	struct prefix_run *run = NULL;

	if (table->prefixes.n == 0)
		return;
	qsort(table->prefixes.at, table->prefixes.n, sizeof(*table->prefixes.at),
	    compare_prefix);
	for (size_t i = 0; i < table->prefixes.n; i++) {
		const struct prefix *prefix = &table->prefixes.at[i];

		if (run == NULL || run->family != prefix->addr.family ||
		    run->bits != prefix->bits) {
			run = LIST_ADD(arena, &table->runs);
			*run = (struct prefix_run){.family = prefix->addr.family,
			    .bits = prefix->bits,
			    .first = (uint32_t)i};
		}
		run->n++;
	}
}

bool
table_has_network(const struct table *table, struct addr addr)
{
	for (size_t i = 0; i < table->runs.n; i++) {
		const struct prefix_run *run = &table->runs.at[i];
		struct prefix wanted = {.addr = masked(addr, run->bits), .bits = run->bits};

		if (run->family == addr.family &&
		    bsearch(&wanted, &table->prefixes.at[run->first], run->n,
			sizeof(wanted), compare_addr) != NULL)
			return true;
	}
	return false;
}

const char *
table_network_values(const struct table *table, struct addr addr)
{
	char text[ADDR_TEXT];

	for (size_t i = table->runs.n; i-- > 0;) {
		const struct prefix_run *run = &table->runs.at[i];
		struct prefix wanted = {.addr = masked(addr, run->bits), .bits = run->bits};
		const char *values;

		if (run->family != addr.family)
			continue;
		values = table_values(table, view_of(prefix_text(wanted, text)));
		if (values != NULL)
			return values;
	}
	return NULL;
}

const char *
table_values(const struct table *table, struct view key)
{
	return index_find(&table->index, key);
}

bool
value_next(const char **rest, bool *ret_is_network, struct view *ret_value)
{
	const char *p = *rest;
	size_t n = 1;

	if (*p == '\0')
		return false;
	while ((unsigned char)p[n] > VALUE_NETWORK)
		n++;
	*ret_is_network = p[0] == VALUE_NETWORK;
	*ret_value = (struct view){p + 1, n - 1};
	*rest = p + n;
	return true;
}
