/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYSET_H
#define AUTH_KEYSET_H

/*
 * All keys of one load: walk the key tree, open every file in a way that nobody else can
 * have tampered with (lib/file.h), remember what was wrong with which. Opening needs the
 * rights (root); parsing does not, so the key process opens, drops its privileges and then
 * parses.
 *
 * Parsed and test-signed at load while there are at most KEYSET_EAGER keys; with more, each
 * at its first use (the file's bytes are kept, locked in memory, and wiped after).
 *
 * Thread use: load in one thread; keyset_sign from any number, each with its own struct
 * keyset_thread.
 */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "auth/keys.h"
#include "auth/sign.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum { KEYSET_EAGER = 100, KEYSET_MAX = 200000 };

struct keyset_entry {
	const char *name; /* of the 'key' statement; "" for one from a 'keys' directory */
	const char *domain, *selector;
	const char *path; /* for messages */
	enum sign_algorithm algorithm;
	int64_t mtime;         /* seconds */
	uint64_t content_hash; /* changes when the file does */
};

struct keyset;

struct keyset *keyset_new(uid_t owner); /* who may own key files besides root */
void keyset_free(struct keyset *set);   /* wipes */

/*
 * Add every DOMAIN/SELECTOR.pem below DIR (absolute), or the one FILE. -1 only when the
 * place as a whole is unusable; a single bad file is a fault (below). Other names in the
 * tree (a file without .pem, dot files) are passed over.
 */
int keyset_add_dir(struct keyset *set, const char *dir, struct err *err);
int keyset_add_file(struct keyset *set, const char *name, const char *domain,
    const char *selector, const char *file, struct err *err);

/* Parse what was read (see above). Bad ones become faults and leave the list. Entries are
 * then sorted: domain, selector, name. */
void keyset_parse(struct keyset *set);

size_t keyset_count(const struct keyset *set);
const struct keyset_entry *keyset_at(const struct keyset *set, size_t i);

/* What was wrong: one text a bad file: path, reason, and the command that mends it.
 * Warnings are for keys that are used all the same. */
size_t keyset_faults(const struct keyset *set);
const char *keyset_fault_at(const struct keyset *set, size_t i, bool *ret_is_warning);
/* Was there anything that this user may not read? */
bool keyset_has_denied(const struct keyset *set);

struct keyset_thread;
struct keyset_thread *keyset_thread_new(struct keyset *set);
void keyset_thread_free(struct keyset_thread *thread);
int keyset_sign(struct keyset_thread *thread, size_t i, const uint8_t digest[SIGN_DIGEST],
    uint8_t ret_signature[SIGN_SIGNATURE_MAX], size_t *ret_n, struct err *err);

/* The public half of key I, parsing it if need be. */
int keyset_public(
    struct keyset *set, size_t i, struct buf *out, int *ret_bits, struct err *err);

#endif
