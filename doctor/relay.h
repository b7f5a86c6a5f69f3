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

/* The first place in relayhost of CONF, in ARENA. 1; 0: there is none, mail goes to MXs;
 * -1: it cannot be told, CONF is NULL for one. *ret_is_one: others, if there are, have the
 * same port. */
int relay_read(const struct postfix_conf *conf, struct arena *arena,
    struct relay *ret_relay, bool *ret_is_one);

#endif
