/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_CONFIG_H
#define MILTER_CONFIG_H

/*
 * The configuration as the supervisor reads it from disk, once for each start and reload:
 * files that nobody but root can have written, parsed and checked; then, with the list of
 * keys that the key process found, packed into the text that everybody else works from.
 */

#include <stdint.h>

#include "lib/buf.h"
#include "lib/bundle.h"
#include "lib/err.h"
#include "lib/map.h"
#include "policy/policy.h"

struct config {
	char *dir;       /* "/etc/frank" */
	char *main_name; /* "frank.conf" */
	struct map_seed seed;
	struct bundle *bundle;
	struct policy *policy;
	struct buf diagnostics; /* warnings, until the keys are there */
	struct buf keys;        /* POLICY_KEYS_FILE */
	uint64_t *key_hashes;   /* a key each */
	bool has_keys;          /* config_set_keys was here */
	struct buf packed;
	char hash[65];
};

/*
 * Read and check PATH, as far as that goes without knowing the keys. NULL when it cannot be
 * used, and MESSAGES says why.
 */
struct config *config_read(
    const char *path, struct map_seed seed, int today, struct buf *messages);

/*
 * Take over the key process's list (both are copied), check again with it and pack. All
 * diagnostics, warnings too, are appended to MESSAGES. -1: the policy does not fit the
 * keys.
 */
int config_set_keys(
    struct config *config, struct view list, struct view hashes, struct buf *messages);

/* "1 key, 2 before: example.org/s2026 is gone": what became of the keys by a reload. */
void config_add_keys(const struct policy *before, const struct policy *after,
    struct map_seed seed, struct buf *out);

void config_free(struct config *config); /* NULL is fine */

#endif
