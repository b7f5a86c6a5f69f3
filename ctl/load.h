/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_LOAD_H
#define CTL_LOAD_H

/*
 * A configuration from disk as frankd would load it: files, policy, and the keys if this
 * user may see them. frankd's own copy is never asked.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/bundle.h"
#include "lib/err.h"
#include "policy/diag.h"
#include "policy/policy.h"

enum load_keys {
	LOAD_NO_KEYS,
	LOAD_KEYS, /* where they can be looked at: key_notes says where not */
};

struct load {
	struct bundle *bundle;
	struct policy *policy; /* NULL: it has errors, and diag has them */
	struct diag diag;
	struct buf key_notes; /* lines: bad keys, or why none were looked at */
	size_t key_errors;    /* of these: frankd would refuse to load them */
	bool has_keys;        /* the policy knows its keys */
};

/* -1: the file itself cannot be read. Otherwise load_fini() after use. */
int load_policy(struct load *load, const char *path, enum load_keys keys, struct err *err);
void load_fini(struct load *load);

#endif
