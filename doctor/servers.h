/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_SERVERS_H
#define DOCTOR_SERVERS_H

/* The authoritative servers of a domain, for checks. */

#include "auth/everywhere.h"

#include "doctor/ask.h"

/* Those of the zone that DOMAIN is in. False: it is not known which, and it was said why.
 */
bool servers_find(struct ask *ask, struct view domain, struct everywhere_found *ret_found);

/* What each of them says; everywhere_free it. */
struct everywhere *servers_ask(const struct ask *ask, const struct doctor_world *world,
    const struct everywhere_found *found, enum dns_type type, struct view name);

#endif
