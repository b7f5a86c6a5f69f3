/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_TABLE_H
#define POLICY_TABLE_H

/*
 * Tables (items) and maps (keys with values), inline or from a file. Keys are kept as they
 * are looked up: ASCII in lower case, quotes of a local part taken off. A network is a key
 * too, one that no text can be; an address is looked up with each length that there is.
 *
 * A value of a map is a login or a network, told apart when the map is loaded: each begins
 * with VALUE_LOGIN or VALUE_NETWORK, so that no login can pass for a network.
 */

#include <stdbool.h>

#include "lib/net.h"
#include "policy/diag.h"
#include "policy/index.h"
#include "policy/list.h"
#include "policy/source.h"

enum {
	VALUE_LOGIN = 1,
	VALUE_NETWORK = 2,
	VALUE_MAX = 320,
	KEY_MAX = 512,
	KEY_NETWORK_MAX = 35,
	NETWORK_BITS_MAX = 128,
};

struct table {
	struct view name;
	struct view file; /* empty: inline */
	bool is_map;
	bool is_postmap; /* file: "type:name"; nothing of it is here */
	bool is_numbers; /* its values are numbers, its keys may be networks */
	bool is_used;
	bool is_faulty; /* what it lacks was said already */
	struct span span, file_span;
	struct view place;       /* "frank.conf:12" */
	LIST(struct view) items; /* of an inline one, in canonical form, for printing */
	LIST(struct span) item_spans;
	struct index index;
	uint32_t networks;                                     /* of the keys */
	bool has_ipv4[32 + 1], has_ipv6[NETWORK_BITS_MAX + 1]; /* by their length */
};

struct table_load {
	struct arena *arena;
	struct diag *diag;
	struct map_seed seed;
};

/* Fill TABLE from its items, or from the content of its file. Errors go to the diag. */
void table_load_items(struct table *table, const struct table_load *load);
void table_load_file(
    struct table *table, const struct source *source, const struct table_load *load);

/*
 * Normalise KEY (an address, @domain, .domain, domain or login) into INTO. NULL, or what is
 * wrong with it.
 */
const char *key_normalise(struct view key, char into[KEY_MAX], size_t *ret_n);

/*
 * The parts of it: a local part without quotes and in lower case; any text in lower case.
 * Both give the length.
 */
size_t key_local(struct view local, char *into);
size_t key_lower(struct view text, char *into);

/* The key of the network of BITS that has ADDR. */
size_t key_network(struct addr addr, unsigned bits, char into[KEY_NETWORK_MAX]);

/* For table_load.c: the record at OFFSET is such a key. */
void table_note_network(struct table *table, const struct prefix *network);

bool table_has(const struct table *table, struct view key);
bool table_has_network(const struct table *table, struct addr addr);
/* The values of the smallest network in a map of numbers that has ADDR. NULL: no entry. */
const char *table_network_values(const struct table *table, struct addr addr);
/*
 * The values of KEY in a map: VALUE_LOGIN or VALUE_NETWORK, text, and so on, ended by NUL.
 * NULL: no entry.
 */
const char *table_values(const struct table *table, struct view key);
/* The next value of *rest; false at the end. */
bool value_next(const char **rest, bool *ret_is_network, struct view *ret_value);

#endif
