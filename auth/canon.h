/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_CANON_H
#define AUTH_CANON_H

/*
 * Canonicalisation (RFC 6376 3.4): a header field into a buffer; the body, in any pieces,
 * into a digest. What is gathered is hashed a block at a time. A CR without LF and an LF
 * without CR in the body are bytes like any other.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"

#include "auth/digest.h"
#include "auth/sign.h"

/*
 * "name:value" as a verifier hashes it, without a CRLF at its end. VALUE as in sign.h: an
 * LF without a CR before it is the fold that Postfix made of CRLF.
 */
void canon_header(
    enum sign_canon canon, struct view name, struct view value, struct buf *out);

enum {
	CANON_BLOCK = 4096,   /* bytes gathered before they are hashed */
	CANON_LINE_MAX = 998, /* octets of a line without its CRLF (RFC 5321 4.5.3.1.6) */
};

struct canon_body {
	struct digest *digest;
	enum sign_canon canon;
	struct sign_seen seen;
	uint64_t
	    crlfs; /* line ends not written yet: at the end of the body they are dropped */
	uint64_t line; /* octets of this line so far */
	bool cr;       /* the last chunk ended in CR */
	bool blank;    /* relaxed: white space not written yet */
	bool any;      /* something was written */
	size_t n;
	char block[CANON_BLOCK];
};

/* DIGEST is begun here and must not be used elsewhere until canon_body_end. */
void canon_body_begin(
    struct canon_body *body, enum sign_canon canon, struct digest *digest);
void canon_body_add(struct canon_body *body, struct view chunk);
void canon_body_end(struct canon_body *body, uint8_t ret_digest[DIGEST_BYTES]);

#endif
