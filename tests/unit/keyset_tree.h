/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_KEYSET_TREE_H
#define TESTS_UNIT_KEYSET_TREE_H

/* A tree of keys in a directory of its own, new for each test and removed behind it. */

#include <sys/types.h>

#include <stdbool.h>

#include "auth/keyset.h"

extern char tree_top[64];

int tree_set_up(void **state);
int tree_tear_down(void **state);

/* NAME below the top; valid until the call after the next. */
const char *tree_path(const char *name);

void tree_make_dir(const char *name, mode_t mode);
void tree_make_file(const char *name, mode_t mode, const char *content);

/* The tree as a parsed set. */
struct keyset *tree_load(void);

/* There must be a fault, or a warning, that holds both texts. */
void tree_expect(const struct keyset *set, bool warning, const char *one, const char *two);
void tree_expect_fault(const struct keyset *set, const char *one, const char *two);

#endif
