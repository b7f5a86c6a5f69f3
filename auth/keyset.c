/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/keyset_private.h"

struct keyset_thread {
	struct keyset *set;
	struct key_signer **signers; /* one an item, from its first use on */
};

struct keyset *
keyset_new(uid_t owner)
{
	struct keyset *set = mem_zeroed(1, sizeof(*set));

	set->texts = arena_new(0);
	set->secrets = locked_new();
	set->trust = (struct file_trust){.owner = owner, .max_mode = 0600};
	buf_init(&set->scratch, KEY_FILE_MAX);
	must(pthread_mutex_init(&set->lock, NULL) == 0);
	return set;
}

void
keyset_free(struct keyset *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n_items; i++)
		key_free(atomic_load(&set->items[i].key));
	locked_free(set->secrets);
	arena_free(set->texts);
	buf_fini(&set->scratch);
	free(set->items);
	free(set->faults);
	must(pthread_mutex_destroy(&set->lock) == 0);
	free(set);
}

static int
compare_names(const struct keyset_entry *a, const struct keyset_entry *b)
{
	int order = strcmp(a->domain, b->domain);

	if (order == 0)
		order = strcmp(a->selector, b->selector);
	return order;
}

static int
compare(const void *a, const void *b)
{
	const struct keyset_entry *one = &((const struct keyset_item *)a)->entry;
	const struct keyset_entry *two = &((const struct keyset_item *)b)->entry;
	int order = compare_names(one, two);

	if (order == 0)
		order = strcmp(one->name, two->name);
	return order != 0 ? order : strcmp(one->path, two->path);
}

static void
blame_content(struct keyset *set, const struct keyset_item *item, const char *why)
{
	const struct keyset_entry *entry = &item->entry;

	if (strstr(why, "passphrase") != NULL)
		keyset_blame(set, false,
		    "%s: %s: openssl pkey -in %s -out %s.new && mv %s.new %s", entry->path,
		    why, entry->path, entry->path, entry->path, entry->path);
	else
		keyset_blame(set, false, "%s: %s; make another: frank key new %s",
		    entry->path, why, entry->domain);
}

/* Parse now, and forget the text. */
static int
parse_item(struct keyset_item *item, bool *ret_weak, struct err *err)
{
	struct key *key;

	if (key_parse(item->pem, &key, ret_weak, err) < 0)
		return -1;
	locked_wipe(item->pem);
	item->pem = VIEW_NONE;
	item->entry.algorithm = key_algorithm(key);
	atomic_store_explicit(&item->key, key, memory_order_release);
	return 0;
}

static bool
accept_item(struct keyset *set, struct keyset_item *item, bool eager)
{
	struct err err = ERR_INIT;
	bool weak = false;
	int result = eager ? parse_item(item, &weak, &err)
			   : key_sniff(item->pem, &item->entry.algorithm, &err);

	if (result < 0) {
		blame_content(set, item, err.text);
		locked_wipe(item->pem);
		return false;
	}
	if (weak)
		keyset_blame(set, true,
		    "%s: RSA of %d bits is too short, some receivers ignore it: frank key "
		    "new %s",
		    item->entry.path, key_bits(item->key), item->entry.domain);
	return true;
}

/*
 * Two keys of one name: only one can stand in DNS. The same key may well be named by a
 * 'key' statement and lie in a 'keys' directory too.
 */
static bool
is_duplicate(
    struct keyset *set, const struct keyset_item *item, const struct keyset_item *kept)
{
	if (kept == NULL || compare_names(&item->entry, &kept->entry) != 0)
		return false;
	if (item->entry.content_hash == kept->entry.content_hash &&
	    strcmp(item->entry.name, kept->entry.name) != 0)
		return false;
	keyset_blame(set, false,
	    "%s: a second key for selector %s of %s, and not used; the first is %s: keep "
	    "the "
	    "one that is in DNS",
	    item->entry.path, item->entry.selector, item->entry.domain, kept->entry.path);
	return true;
}

void
keyset_parse(struct keyset *set)
{
	bool eager = set->n_items <= KEYSET_EAGER;
	size_t n = 0;

	if (set->n_items > 0)
		qsort(set->items, set->n_items, sizeof(*set->items), compare);
	for (size_t i = 0; i < set->n_items; i++) {
		struct keyset_item *item = &set->items[i];

		if (is_duplicate(set, item, n > 0 ? &set->items[n - 1] : NULL)) {
			locked_wipe(item->pem);
			continue;
		}
		if (!accept_item(set, item, eager))
			continue;
		if (n != i)
			memcpy(&set->items[n], item, sizeof(*item));
		n++;
	}
	set->n_items = n;
}

size_t
keyset_count(const struct keyset *set)
{
	return set->n_items;
}

const struct keyset_entry *
keyset_at(const struct keyset *set, size_t i)
{
	must(i < set->n_items);
	return &set->items[i].entry;
}

size_t
keyset_faults(const struct keyset *set)
{
	return set->n_faults;
}

bool
keyset_has_denied(const struct keyset *set)
{
	return set->has_denied;
}

const char *
keyset_fault_at(const struct keyset *set, size_t i, bool *ret_is_warning)
{
	must(i < set->n_faults);
	*ret_is_warning = set->faults[i].is_warning;
	return set->faults[i].text;
}

/* The parsed key of ITEM; NULL and err when it is none after all. */
static struct key *
item_key(struct keyset *set, struct keyset_item *item, struct err *err)
{
	struct key *key = atomic_load_explicit(&item->key, memory_order_acquire);
	bool weak;

	if (key != NULL)
		return key;
	must(pthread_mutex_lock(&set->lock) == 0);
	key = atomic_load_explicit(&item->key, memory_order_acquire);
	if (key == NULL && parse_item(item, &weak, err) == 0)
		key = atomic_load_explicit(&item->key, memory_order_acquire);
	must(pthread_mutex_unlock(&set->lock) == 0);
	if (key == NULL)
		err_add(err, "%s", item->entry.path);
	return key;
}

struct keyset_thread *
keyset_thread_new(struct keyset *set)
{
	struct keyset_thread *thread = mem_zeroed(1, sizeof(*thread));

	thread->set = set;
	thread->signers = mem_zeroed(set->n_items + 1, sizeof(struct key_signer *));
	return thread;
}

void
keyset_thread_free(struct keyset_thread *thread)
{
	if (thread == NULL)
		return;
	for (size_t i = 0; i < thread->set->n_items; i++)
		key_signer_free(thread->signers[i]);
	free(thread->signers);
	free(thread);
}

int
keyset_sign(struct keyset_thread *thread, size_t i, const uint8_t digest[SIGN_DIGEST],
    uint8_t ret_signature[SIGN_SIGNATURE_MAX], size_t *ret_n, struct err *err)
{
	must(i < thread->set->n_items);
	if (thread->signers[i] == NULL) {
		struct key *key = item_key(thread->set, &thread->set->items[i], err);

		if (key == NULL)
			return -1;
		thread->signers[i] = key_signer_new(key);
	}
	return key_sign(thread->signers[i], digest, ret_signature, ret_n, err);
}

int
keyset_public(struct keyset *set, size_t i, struct buf *out, int *ret_bits, struct err *err)
{
	struct key *key;

	must(i < set->n_items);
	key = item_key(set, &set->items[i], err);
	if (key == NULL)
		return -1;
	key_public(key, out);
	*ret_bits = key_bits(key);
	return out->full ? err_set(err, ERR_LIMIT, "no room for a public key") : 0;
}
