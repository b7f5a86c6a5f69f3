/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_RUNNING_H
#define CTL_RUNNING_H

/*
 * Which policy is in force: frankd says so; when it is not there, the newest that was
 * recorded.
 */

#include <stdbool.h>

#include "journal/read.h"
#include "lib/buf.h"
#include "lib/json.h"

struct running {
	char hash[128];  /* "": not known */
	bool is_running; /* frankd said so itself */
};

void running_find(
    struct running *running, const char *control, struct journal_reader *reader);

/* ", the one running now" behind the hash of a policy. */
void running_add(const struct running *running, struct view hash, struct buf *out);
void running_json(const struct running *running, struct view hash, struct json *json);

#endif
