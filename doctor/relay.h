/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_RELAY_H
#define DOCTOR_RELAY_H

/* Where mail goes first, by relayhost: "[mail.example.org]:587", "relay.example.org". */

#include <stdbool.h>

#include "lib/arena.h"
#include "lib/view.h"
#include "postfix/conf.h"

struct relay {
	struct view host;
	unsigned port; /* 0: it is not understood */
	bool has_mx;   /* Postfix asks for MX of it: there are no brackets */
};

/* Of one of the places in relayhost; borrowed from it. Pure. */
struct relay relay_parse(struct view text);

enum { RELAYS_MAX = 6 };

/* The places in relayhost, of which mail takes the first that can be reached. */
struct relays {
	struct relay at[RELAYS_MAX];
	size_t n;
	bool is_part; /* there are more */
};

/* Those of CONF, in ARENA. 1; 0: there are none, mail goes to MXs; -1: it cannot be told,
 * CONF is NULL for one. */
int relay_read(
    const struct postfix_conf *conf, struct arena *arena, struct relays *ret_relays);
/* The port of all of them; 0: they have different ones, or not all are known. */
unsigned relay_port(const struct relays *relays);

#endif
