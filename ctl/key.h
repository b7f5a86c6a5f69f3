/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_KEY_H
#define CTL_KEY_H

/* What 'frank key' is made of: key.c (the command), key_check.c, key_list.c, key_new.c,
 * key_running.c and key_source.c. */

#include "lib/arena.h"

#include "auth/keys.h"
#include "auth/keyset.h"
#include "lib/buf.h"

#include "ctl/ctl.h"

/* Fill SET from DIR; from what the configuration says when DIR is NULL. */
int key_sources_add(struct ctl *ctl, const char *dir, struct keyset *set, struct err *err);

/*
 * Where a new key belongs, as an absolute path in ARENA; NULL: err. It is the first 'keys'
 * directory of the configuration, or "keys" beside a configuration that is not there yet.
 */
const char *key_sources_dir(struct ctl *ctl, struct arena *arena, struct err *err);

/* DIR/NAME, or NAME alone when it is absolute. */
const char *key_join(struct arena *arena, const char *dir, const char *name);

const char *key_algorithm_name(enum sign_algorithm algorithm);

/* The faults of SET: on stderr, or as JSON lines in OUT. The exit code: a key that cannot
 * be used is a finding. */
int key_faults(const struct ctl *ctl, const struct keyset *set, struct buf *out);

ctl_command key_check, key_list, key_new;

#endif
