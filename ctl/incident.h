/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_INCIDENT_H
#define CTL_INCIDENT_H

/* frank incident: what the running frankd says of one, and whose mail it is about. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "policy/facts.h"
#include "policy/policy.h"

#include "ctl/ctl.h"
#include "ctl/load.h"

enum {
	INCIDENT_NAMES_MAX = 16,
	INCIDENT_BEFORE = 3600, /* seconds before it began that belong to its story */
};

struct incident {
	struct view line; /* as frankd said it */
	uint64_t number, messages, rcpts, reading, usual;
	bool has_usual, client_is_new, notify;
	struct view label, place, key, meter, queue_id, client, closed_by, reason;
	int64_t began, last, notified, closed; /* wall, microseconds; 0: not yet */
	struct view origins[INCIDENT_NAMES_MAX], domains[INCIDENT_NAMES_MAX];
	uint64_t origin_messages[INCIDENT_NAMES_MAX], domain_rcpts[INCIDENT_NAMES_MAX];
	size_t n_origins, n_domains;
};

/* Out of a line of frankd's; text lives in ARENA or in LINE. */
void incident_read(struct arena *arena, struct view line, struct incident *ret_incident);

/* NUMBER, as the running frankd has it. An exit code; what is wrong was said. */
int incident_ask(struct ctl *ctl, const char *number, struct arena *arena,
    struct incident *ret_incident);

/* The policy, which says what a login's name is. An exit code; load_fini() after CTL_FINE.
 */
int incident_policy(struct ctl *ctl, struct load *ret_load);

/* Is a message from one of its origins? */
bool incident_is_from(const struct incident *incident, const struct policy *policy,
    const struct facts *facts);

/* Whom root stands in for, by sudo(8) or doas(1); "": nobody is known. */
const char *incident_for_whom(void);

/* TEXT, escaped, in WIDTH columns: cut, or filled up with blanks. */
void incident_cell(struct buf *out, struct view text, size_t width);

/* The commands, argv[0] being "list" and so on. */
int incident_show(struct ctl *ctl, int argc, char **argv);
int incident_sweep(struct ctl *ctl, int argc, char **argv);

#endif
