/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
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

size_t
key_network(struct addr addr, unsigned bits, char into[KEY_NETWORK_MAX])
{
	size_t n = 0;

	into[n++] = VALUE_NETWORK;
	into[n++] = addr.family == ADDR_IPV4 ? '4' : '6';
	into[n++] = (char)('0' + bits % 4);
	for (unsigned at = 0; at < bits; at += 4) {
		unsigned four = addr.bytes[at / 8] >> (4 - at % 8) & 0xFU;

		if (bits - at < 4)
			four &= 0xFU << (4 - (bits - at));
		into[n++] = (char)('A' + four);
	}
	return n;
}

void
table_note_network(struct table *table, const struct prefix *network)
{
	if (network->addr.family == ADDR_IPV4)
		table->has_ipv4[network->bits] = true;
	else
		table->has_ipv6[network->bits] = true;
	table->networks++;
}

/* What belongs to the smallest network that has ADDR; NULL: none has. */
static const char *
find_network(const struct table *table, struct addr addr)
{
	const bool *has = addr.family == ADDR_IPV4 ? table->has_ipv4 : table->has_ipv6;
	unsigned bits = addr.family == ADDR_IPV4 ? 32 : NETWORK_BITS_MAX;
	char key[KEY_NETWORK_MAX];

	if (addr.family == ADDR_NONE || table->networks == 0)
		return NULL;
	for (unsigned next = bits + 1; next-- > 0;) {
		const char *found;

		if (!has[next])
			continue;
		found = index_find(
		    &table->index, (struct view){key, key_network(addr, next, key)});
		if (found != NULL)
			return found;
	}
	return NULL;
}

/* The same for a key that is text; nobody's login is a network. */
static const char *
find_text(const struct table *table, struct view key)
{
	if (key.n > 0 && key.p[0] == VALUE_NETWORK)
		return NULL;
	return index_find(&table->index, key);
}

bool
table_has(const struct table *table, struct view key)
{
	return find_text(table, key) != NULL;
}

bool
table_has_network(const struct table *table, struct addr addr)
{
	return find_network(table, addr) != NULL;
}

const char *
table_network_values(const struct table *table, struct addr addr)
{
	return find_network(table, addr);
}

const char *
table_values(const struct table *table, struct view key)
{
	return find_text(table, key);
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
