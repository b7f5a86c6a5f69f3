/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SIGN_H
#define AUTH_SIGN_H

/*
 * Making a DKIM-Signature (RFC 6376; 8301 for algorithms and key sizes; 8463 for Ed25519),
 * but for the private-key operation, which happens in another process: a digest goes out, a
 * signature comes back.
 *
 * The life of one message: sign_begin, sign_header for every field in order, sign_body for
 * every chunk, sign_body_end; then for each key sign_prepare -> (key process) ->
 * sign_finish. Several keys share the one body pass. Nothing of the body is kept, of the
 * header only fields that a signature covers. A struct sign belongs to one connection and
 * is used again for the next message.
 *
 * Signed: From To Cc Subject Date Reply-To Message-ID In-Reply-To References MIME-Version
 * Content-Type Content-Transfer-Encoding List-Unsubscribe List-Unsubscribe-Post (all
 * instances). Over-signed (named once more than present, so that none can be added): From
 * To Cc Subject Date Reply-To Message-ID MIME-Version Content-Type
 * Content-Transfer-Encoding.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum sign_canon { SIGN_RELAXED, SIGN_SIMPLE };
enum sign_algorithm { SIGN_RSA_SHA256, SIGN_ED25519_SHA256 };

enum {
	SIGN_DIGEST = 32,          /* bytes of SHA-256 */
	SIGN_SIGNATURE_MAX = 512,  /* bytes: RSA-4096 */
	SIGN_HEADER_MAX = 1 << 20, /* bytes of header fields kept for one message */
	SIGN_FIELDS_MAX = 1000,    /* header fields that signatures cover */
};

/* What a key made of a digest. */
struct sign_signature {
	uint8_t bytes[SIGN_SIGNATURE_MAX];
	size_t n;
};

/* Does a signature cover fields of this name; *ret_over: over-signed, so that one more
 * breaks it, too? */
bool sign_covers(struct view name, bool *ret_over);

struct sign;

struct sign *sign_new(void);
void sign_free(struct sign *sign); /* NULL is fine */

void sign_begin(struct sign *sign, enum sign_canon header, enum sign_canon body);

/*
 * One header field in the order of the message. VALUE is raw as a milter with
 * SMFIP_HDR_LEADSPC gets it: what stood behind the colon, with its leading space, folds as
 * LF (or CRLF), no final line end. -1 (ERR_LIMIT): more than SIGN_HEADER_MAX or
 * SIGN_FIELDS_MAX.
 */
int sign_header(struct sign *sign, struct view name, struct view value, struct err *err);

/* The body in any pieces; a CRLF may be split between two. */
void sign_body(struct sign *sign, struct view chunk);
void sign_body_end(struct sign *sign);

/* All raw values of the From fields, in order, and of one other named field (its last
 * instance); until sign_begin. */
const struct view *sign_from_values(const struct sign *sign, size_t *ret_n);
struct view sign_header_value(const struct sign *sign, struct view name);

/* The kept fields one by one, in the order of the message; false behind the last. Until
 * sign_begin. */
bool sign_field_at(
    const struct sign *sign, size_t i, struct view *ret_name, struct view *ret_value);

/* What the body pass saw, for the fact 'fragile'. */
struct sign_seen {
	uint64_t body_bytes;
	bool long_line; /* over 998 octets without CRLF, in the body or in a signed field */
	bool eight_bit; /* in the body */
	bool bare_cr, nul;
};
struct sign_seen sign_seen(const struct sign *sign);

struct sign_key {
	struct view domain, selector; /* checked: no character that could end a tag */
	enum sign_algorithm algorithm;
};

/*
 * The field's value up to "b=" into VALUE (with its leading space, folds LF TAB, lines
 * below 78 where possible), and the digest that the key must sign. TIME and EXPIRE are
 * seconds since 1970 (t=, x=); EXPIRE 0: no x=. After sign_body_end.
 */
int sign_prepare(struct sign *sign, const struct sign_key *key, int64_t time,
    int64_t expire, struct buf *value, uint8_t ret_digest[SIGN_DIGEST], struct err *err);

/* Append the signature in base64, folded. VALUE is then what
 * smfi_insheader("DKIM-Signature") is given. */
void sign_finish(struct buf *value, const uint8_t *signature, size_t n);

#endif
