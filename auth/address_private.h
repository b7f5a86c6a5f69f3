/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_ADDRESS_PRIVATE_H
#define AUTH_ADDRESS_PRIVATE_H

/* The pieces of an address that the envelope and the From field have in common. */

#include "auth/address.h"

enum { ADDRESS_MAX = 320, ADDRESS_DOMAIN_MAX = 255, ADDRESS_LABEL_MAX = 63 };

/* May stand in an unquoted word: atext (RFC 5322 3.2.3) and every byte of UTF-8 (RFC
 * 6532 3.2). */
bool address_is_atext(char c);

/* Well-formed UTF-8 without C1 controls. */
bool address_is_utf8(struct view text);

/*
 * Take a local part off the front of *rest: a dot-atom or one quoted string, without white
 * space or comments. *ret_local is its normal form: what can stand without quotes does. LAX
 * also takes dots where RFC 5321 wants quotes ("a..b"), which mail providers give out; they
 * come out quoted.
 */
int address_take_local(struct view *rest, bool lax, struct arena *arena,
    struct view *ret_local, struct err *err);

/* LOCAL and DOMAIN as one address. */
int address_join(struct view local, struct view domain, struct arena *arena,
    struct address *ret_address, struct err *err);

#endif
