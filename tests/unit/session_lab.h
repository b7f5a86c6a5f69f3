/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_SESSION_LAB_H
#define TESTS_UNIT_SESSION_LAB_H

/*
 * What tests of a session share: a world in which the clock stands still, with a policy,
 * nothing behind it, and a client that connects.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "milter/session.h"

enum { SESSION_LAB_MONO = 5000000 };

/* The first member of a test's world. */
struct session_lab {
	struct generation generation;
	struct message_pool pool;
	struct session_world calls; /* sign, record and the rest are the test's; context is
				       the lab */
	int held;                   /* policies that were not given back */
	bool no_policy;
};

/* frank.conf is POLICY, and KEYS the list of keys. */
void session_lab_begin(struct session_lab *lab, const char *policy, const char *keys);
void session_lab_end(struct session_lab *lab);

void session_lab_connect(
    struct session *session, const char *address, unsigned client_port, unsigned port);

#endif
