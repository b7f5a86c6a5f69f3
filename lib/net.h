/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_NET_H
#define LIB_NET_H

/*
 * IP addresses and prefixes as values. ::ffff:a.b.c.d is folded to the IPv4 address
 * wherever one comes in. Pure; the sockets are in lib/listen.h.
 */

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"

enum { ADDR_NONE = 0, ADDR_IPV4 = 4, ADDR_IPV6 = 6, ADDR_TEXT = 64 };

struct addr {
	uint8_t family;    /* ADDR_NONE: not known */
	uint8_t bytes[16]; /* network order; the first 4 for IPv4 */
};

struct prefix {
	struct addr addr;
	uint8_t bits;
};

/* 0, or -1 with a reason ("host bits are set: did you mean 192.0.2.0/28"). No names, no
 * scopes. */
int addr_parse(struct view text, struct addr *ret_addr, struct err *err);
int prefix_parse(struct view text, struct prefix *ret_prefix, struct err *err);

struct addr addr_of_sockaddr(const struct sockaddr *sa); /* ADDR_NONE for other families */
const char *addr_text(struct addr addr, char into[ADDR_TEXT]);
const char *prefix_text(struct prefix prefix, char into[ADDR_TEXT]);

bool addr_is(struct addr a, struct addr b);
bool addr_is_loopback(struct addr addr);
bool prefix_has(struct prefix prefix, struct addr addr);

#endif
