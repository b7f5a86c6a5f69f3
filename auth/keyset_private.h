/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYSET_PRIVATE_H
#define AUTH_KEYSET_PRIVATE_H

/* A key set from the inside: keyset_load.c fills it, keyset.c parses and signs. */

#include <pthread.h>
#include <stdatomic.h>

#include "lib/arena.h"
#include "lib/file.h"

#include "auth/keyset.h"
#include "auth/locked.h"

struct keyset_item {
	struct keyset_entry entry;
	struct view pem;           /* in the locked store; wiped once parsed */
	_Atomic(struct key *) key; /* NULL until its first use */
};

struct keyset_fault {
	const char *text;
	bool is_warning;
};

struct keyset {
	struct arena *texts;
	struct locked *secrets;
	struct file_trust trust;
	struct keyset_item *items;
	size_t n_items, items_size;
	struct keyset_fault *faults;
	size_t n_faults, faults_size;
	bool has_denied;
	struct buf scratch;   /* one file; wiped after each */
	pthread_mutex_t lock; /* while a key is parsed */
};

/* Remember that PATH is not good (is_warning: not as good as it should be). */
void keyset_blame(struct keyset *set, bool is_warning, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
