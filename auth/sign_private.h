/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SIGN_PRIVATE_H
#define AUTH_SIGN_PRIVATE_H

/*
 * What a struct sign holds: sign.c collects the message into it, sign_value.c makes
 * signatures of it. Fields are kept raw and canonicalised once, for the first key; the
 * others hash the same text.
 */

#include "auth/canon.h"
#include "auth/digest.h"
#include "auth/sign.h"

struct sign_name {
	struct view name;
	bool over; /* over-signed */
};

enum { SIGN_NAMES = 14, SIGN_NAME_FROM = 0 };

extern const struct sign_name sign_names[SIGN_NAMES];

struct sign_field {
	uint32_t name_at, name_n; /* into raw */
	uint32_t value_at, value_n;
	uint32_t index; /* of sign_names */
};

struct sign {
	enum sign_canon header_canon;
	struct digest *digest; /* of headers */
	struct digest *body_digest;
	struct buf raw; /* names and values, one after the other */
	struct sign_field *fields;
	struct view *from; /* as many as fields; filled when asked for */
	size_t n_fields, size;
	bool long_line; /* in a field */
	bool body_done;
	uint8_t body_hash[SIGN_DIGEST];

	bool prepared;        /* the two below are valid */
	struct buf canonical; /* the fields as hashed */
	struct buf names;     /* the value of h= */
	struct buf scratch;   /* the new field, canonical */

	struct canon_body body;
};

#endif
