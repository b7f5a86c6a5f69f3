/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_WIRE_H
#define MILTER_KEY_WIRE_H

/*
 * Between the milter process and the key process. One socket carries the requests of
 * everybody to whichever key thread is free; the answer comes back on the slot's own pair.
 * (Measured: 5 % on top of the RSA operation, and the load balances itself; a pair and a
 * thread for each caller costs 8 %.)
 */

#include <stdint.h>

#include "auth/sign.h"

enum {
	KEY_SLOTS = 32, /* requests under way at once */
	KEY_DOMAIN_MAX = 255,
	KEY_ERROR_MAX = 256,
	KEY_REPLY_MAX = 1024, /* bytes: RSA-4096's public half in base64 has 736 */
};

enum key_operation {
	KEY_SIGN,
	KEY_PUBLIC, /* the public half, as in "p="; the digest is not used */
};

struct key_request {
	uint32_t operation;
	uint32_t slot;
	uint32_t sequence; /* echoed, so that a late answer is recognised */
	uint32_t key;      /* index in the generation's list of keys */
	uint8_t digest[SIGN_DIGEST];
	/* d=: must be the key's own domain, or nothing is signed. */
	char domain[KEY_DOMAIN_MAX + 1];
};

struct key_reply {
	uint32_t sequence;
	int32_t status; /* 0, or -1 and 'bytes' is a text */
	uint32_t n;
	uint8_t bytes[KEY_REPLY_MAX];
};

#endif
