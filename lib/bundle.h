/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_BUNDLE_H
#define LIB_BUNDLE_H

/*
 * The files that make a policy (its text, includes, tables, maps, the list of keys), by the
 * names the policy uses for them. The supervisor reads them from disk once; the very same
 * bytes are then parsed by the milter process, hashed, kept in policies.db and parsed again
 * by 'frank explain'. So nobody can judge a message by a file that changed in between.
 */

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

struct bundle;

enum {
	BUNDLE_FILES_MAX = 4096,
	BUNDLE_FILE_MAX = 64 << 20, /* bytes of one file */
	BUNDLE_MAX = 128 << 20,     /* bytes of all */
};

/* DIR: where relative names are looked up on disk; NULL: nothing is read from disk. */
struct bundle *bundle_new(const char *dir);
void bundle_free(struct bundle *bundle);

/* The content of NAME: from the bundle, else from disk (and then kept). Valid as long as
 * the bundle. */
int bundle_read(
    struct bundle *bundle, struct view name, struct view *ret_content, struct err *err);

/* Add or replace NAME. The content is copied. */
int bundle_put(
    struct bundle *bundle, struct view name, struct view content, struct err *err);

/* All of it as one text, files in the order of their names, and back. Packing the same
 * files gives the same bytes. */
void bundle_pack(const struct bundle *bundle, struct buf *out);
int bundle_unpack(struct view packed, struct bundle **ret_bundle, struct err *err);

/* For walking, in the order of names; false at the end. */
bool bundle_at(
    const struct bundle *bundle, size_t i, struct view *ret_name, struct view *ret_content);

#endif
