/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_REPLY_H
#define CTL_REPLY_H

/*
 * What the running frankd answers, where that is JSON lines (lib/json_line.h) that frank(1)
 * shows in its own way.
 */

#include <stddef.h>

#include "lib/arena.h"
#include "lib/json_line.h"
#include "lib/view.h"

#include "ctl/ctl.h"

/* All of the answer to WORDS, in ARENA. 0; else an exit code, and what is wrong was said.
 */
int reply_ask(struct ctl *ctl, const char *const *words, size_t n, struct arena *arena,
    struct view *ret_text);

#endif
