/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_RECEIVER_CLIENT_LAB_H
#define TESTS_UNIT_RECEIVER_CLIENT_LAB_H

/* A receiver client whose receiver process is a socket in our hand, with a policy that
 * signs for example.org and shows every third message. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "milter/receiver_client.h"

struct receiver_client_lab {
	bool is_unsigned; /* no key signs */
	struct generation generation;
	atomic_uint opinions[2];
	struct receiver_client *client;
	int receiver; /* the other end */
	atomic_int shared, disagreed, hung;
};

/* A lab for each test, as cmocka wants it. */
int receiver_client_lab_set_up(void **state);
int receiver_client_lab_tear_down(void **state);

void receiver_client_lab_attach(struct receiver_client_lab *lab); /* a new process */
struct receiver_ticket receiver_client_lab_open(
    struct receiver_client_lab *lab, const char *domain);
/* The type of the next frame that it gets; 0: none came within a second. */
uint32_t receiver_client_lab_next(struct receiver_client_lab *lab);

#endif
