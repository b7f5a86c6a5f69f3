/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include <openssl/crypto.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "auth/address.h"

#include "ctl/import.h"

/* KeyTable, "name domain:selector:file", and the files of keys. */

struct fields {
	struct view domain, selector, path;
};

static bool
split(struct view value, struct fields *ret_fields)
{
	struct view rest = value;

	return view_cut(&rest, ':', &ret_fields->domain) &&
	       view_cut(&rest, ':', &ret_fields->selector) &&
	       view_cut(&rest, ':', &ret_fields->path) && rest.p == NULL &&
	       ret_fields->domain.n > 0 && ret_fields->selector.n > 0 &&
	       ret_fields->path.n > 0;
}

/* Anything else in the third field is a key. */
static bool
is_path(struct view path)
{
	return view_starts(path, VIEW("/")) || view_starts(path, VIEW("./")) ||
	       view_starts(path, VIEW("../"));
}

static void
check_row(struct import *import, struct import_keytable *table, struct import_row *row)
{
	const struct import_row *other;
	struct fields fields;

	if (!split(row->value, &fields)) {
		import_error(import, row->place,
		    "'%.*s' should have three fields behind its name, "
		    "domain:selector:/path/of/key: OpenDKIM defers mail because of it",
		    VIEW_ARG(row->key));
		return;
	}
	if (!is_path(fields.path))
		import_error(import, row->place,
		    "'%.*s' has a key itself and no path: write the key into a file of its "
		    "own, and the whole path of that here",
		    VIEW_ARG(row->key));
	other = map_add(&table->by_name, row->key, row);
	if (other != NULL && !view_is(other->value, row->value))
		import_error(import, row->place,
		    "'%.*s' stands already in line %u, with another key: OpenDKIM takes "
		    "that one, so delete one of the two",
		    VIEW_ARG(row->key), other->place.line);
}

int
import_keytable_index(struct import *import, struct import_keytable *table)
{
	size_t before = import->n_errors;

	map_init(&table->by_name, map_seed_random());
	for (size_t i = 0; i < table->set.rows.n; i++)
		check_row(import, table, &table->set.rows.at[i]);
	return import->n_errors > before ? -1 : 0;
}

int
import_keytable_read(struct import *import, const struct import_setting *setting,
    struct import_keytable *table)
{
	int result = import_dataset_read(import, setting, &table->set);

	if (table->set.form == IMPORT_PATTERNS) {
		import_error(import, setting->place,
		    "KeyTable is looked up by names: 'file:' and not 'refile:'");
		result = -1;
	}
	return import_keytable_index(import, table) < 0 ? -1 : result;
}

void
import_keytable_fini(struct import_keytable *table)
{
	map_fini(&table->by_name);
}

bool
import_keytable_any(const struct import_row *row)
{
	return view_starts(row->value, VIEW("%:"));
}

/* Is PEM a key? Then KEY has it. */
static int
take_key(struct import *import, struct import_key *key, const struct buf *pem)
{
	struct err err = ERR_INIT;
	struct key *parsed = NULL;
	bool is_weak;

	if (key_parse(buf_view(pem), &parsed, &is_weak, &err) < 0) {
		import_error(import, key->place, "%.*s: %s", VIEW_ARG(key->path), err.text);
		return -1;
	}
	key->algorithm = key_algorithm(parsed);
	buf_init(&key->pem, pem->n);
	must(buf_reserve(&key->pem, pem->n) != NULL);
	buf_add(&key->pem, buf_view(pem));
	if (is_weak)
		import_find(import, key->place, key->path, IMPORT_LOOK,
		    import_text(import,
			"%d bits are few, and receivers will stop taking them: frank key "
			"new makes a key of 2048",
			key_bits(parsed)));
	key_free(parsed);
	return 0;
}

static int
read_key(struct import *import, struct import_key *key)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	struct err err = ERR_INIT;
	int result = -1;

	/* In one piece from the start, so that growing leaves no copies behind. */
	must(buf_reserve(&pem, KEY_FILE_MAX) != NULL);
	if (file_read(arena_text(import->arena, key->path), &pem, &err) < 0)
		import_error_file(import, key->place, &err);
	else
		result = take_key(import, key, &pem);
	OPENSSL_cleanse(pem.p, pem.size);
	buf_fini(&pem);
	return result;
}

static struct import_key *
add_key(struct import *import, const struct import_key *like, struct view record)
{
	struct import_key *key = arena_alloc(import->arena, sizeof(*key));

	*key = *like;
	*LIST_ADD(import->arena, &import->keys) = key;
	(void)map_add(&import->by_record, record, key);
	return read_key(import, key) < 0 ? NULL : key;
}

/* The same selector of the same domain is one key: DNS has one there. */
static struct import_key *
find_or_add(struct import *import, const struct import_key *like)
{
	struct import_key *key, new = *like;
	struct err err = ERR_INIT;
	struct view record;

	if (address_parse_domain(like->domain, import->arena, &new.domain, &err) < 0 ||
	    address_parse_selector(like->selector, import->arena, &new.selector, &err) <
		0) {
		import_error(import, like->place,
		    "'%.*s' with selector '%.*s' cannot be in DNS: %s",
		    VIEW_ARG(like->domain), VIEW_ARG(like->selector), err.text);
		return NULL;
	}
	record = view_of(import_text(
	    import, "%.*s._domainkey.%.*s", VIEW_ARG(new.selector), VIEW_ARG(new.domain)));
	key = map_get(&import->by_record, record);
	if (key == NULL && import->keys.n < IMPORT_KEYS_MAX)
		return add_key(import, &new, record);
	if (key == NULL)
		import_error(import, like->place, "more than %d keys", IMPORT_KEYS_MAX);
	else if (view_is(key->path, new.path))
		return key;
	else
		import_error(import, like->place,
		    "%.*s has another key at %s:%u: one of them is in DNS, so delete the "
		    "other",
		    VIEW_ARG(record), key->place.file, key->place.line);
	return NULL;
}

/* PATH with DOMAIN for each '%'. */
static struct view
fill_in(struct import *import, struct view path, struct view domain)
{
	struct buf text = BUF_INIT(4096);

	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '%')
			buf_add(&text, domain);
		else
			buf_add_char(&text, path.p[i]);
	}
	path = arena_view(import->arena, buf_view(&text));
	buf_fini(&text);
	return path;
}

struct import_key *
import_keytable_key(struct import *import, const struct import_row *row, struct view domain)
{
	struct fields fields;
	const char *path;

	must(split(row->value, &fields));
	if (!import_keytable_any(row))
		domain = fields.domain;
	path = import_path(import, row->place, fill_in(import, fields.path, domain));
	if (path == NULL)
		return NULL;
	const struct import_key like = {
	    .place = row->place,
	    .domain = domain,
	    .selector = fields.selector,
	    .path = view_of(path),
	    .name = row->key,
	};
	return find_or_add(import, &like);
}
