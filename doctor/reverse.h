/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_REVERSE_H
#define DOCTOR_REVERSE_H

/* An address as DNS has it, backwards. */

#include "lib/arena.h"
#include "lib/net.h"
#include "lib/view.h"

/* "25.2.0.192.in-addr.arpa" (RFC 1035 3.5, 3596 2.5); with a ZONE, of a blocklist,
 * "25.2.0.192.ZONE" (RFC 5782 2.1, 2.4). In ARENA. */
struct view reverse_name(struct addr addr, struct view zone, struct arena *arena);

#endif
