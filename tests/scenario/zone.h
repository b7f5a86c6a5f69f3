/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_ZONE_H
#define TESTS_SCENARIO_ZONE_H

/*
 * All of DNS, as far as a scenario is concerned: what is not in it does not exist. Core
 * asks it directly, frankd through a name server in a thread of the runner's.
 */

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/lookup.h"
#include "lib/view.h"

enum { ZONE_TTL = 5 };

struct zone;

struct zone *zone_new(void);
void zone_free(struct zone *zone);

/* Lines "NAME TYPE DATA" (TXT in quotes, "NAME MX PREFERENCE HOST"). */
int zone_read(struct zone *zone, struct view lines, struct err *err);
/* The record of a key of the scenario's. */
void zone_add_key(struct zone *zone, struct view name, struct view text);
/* Is the one at NAME to be seen? False: there is none. */
bool zone_publish(struct zone *zone, struct view name, bool is_published);

/* That record, to be seen or not; empty: none. */
struct view zone_key(struct zone *zone, struct view name);

/* The answer, in ARENA. */
struct dns_answer *zone_answer(
    struct zone *zone, enum dns_type type, struct view name, struct arena *arena);

/* Answer from ZONE; NULL: from nothing. Returns the server's port on 127.0.0.1. */
unsigned zone_serve(struct zone *zone);

#endif
