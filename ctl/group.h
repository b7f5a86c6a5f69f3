/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_GROUP_H
#define CTL_GROUP_H

/* What was counted by something: its kinds, and in JSON. */

#include <stdbool.h>

#include "lib/json.h"
#include "lib/view.h"

/* Into the object that is open: BY what ("domain"), and which. Without HAS_NAME the group
 * is null, and NAME says what it stands for ("(no login)"), unless it is empty. */
void group_json(const char *by, struct view name, bool has_name, struct json *json);

/* Does WORD name this kind of group? "user" is "login", and "domain" is "destination",
 * whichever of them a command calls it. */
bool group_is_called(const char *kind, const char *word);

#endif
