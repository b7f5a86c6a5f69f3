/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_KEY_H
#define CTL_KEY_H

/* What 'frank key' is made of: key.c (the command, list), key_new.c, key_source.c. */

#include "lib/arena.h"

#include "auth/keys.h"
#include "auth/keyset.h"

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

ctl_command key_new;

#endif
