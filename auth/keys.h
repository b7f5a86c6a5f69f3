/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

/*
 * One private key: parse, sign, describe, generate. The only place that uses OpenSSL's
 * EVP_PKEY. Runs in the key process and in frank(1), never where mail is parsed; but for
 * public keys (key_public_read), which anybody may have.
 */

#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum { KEY_FILE_MAX = 32 << 10, KEY_RECORD_MAX = 2048 };

struct key;

/*
 * Parse PEM (PKCS#8 or PKCS#1, no passphrase), refuse RSA below 1024 bits and above 4096,
 * and sign once and verify. *ret_weak says that it works but is below 2048 bits (RFC
 * 8301 3.2).
 */
int key_parse(struct view pem, struct key **ret_key, bool *ret_weak, struct err *err);
void key_free(struct key *key);

/* The algorithm without parsing the key: from the PEM's type or its first bytes. */
int key_sniff(struct view pem, enum sign_algorithm *ret_algorithm, struct err *err);

enum sign_algorithm key_algorithm(const struct key *key);
int key_bits(const struct key *key);

/* The public half: base64 as in "p=" (SubjectPublicKeyInfo for RSA, the raw 32 bytes for
 * Ed25519: RFC 8463 4). */
void key_public(const struct key *key, struct buf *out);

/*
 * The same from outside: BYTES are what stood in p=, decoded. RSA comes as
 * SubjectPublicKeyInfo or as PKCS#1; the fingerprint is SHA-256 of the former, of Ed25519's
 * 32 bytes as they are. Any process, any thread.
 */
int key_public_read(enum sign_algorithm algorithm, const uint8_t *bytes, size_t n,
    uint8_t ret_fingerprint[SIGN_DIGEST], unsigned *ret_bits, struct err *err);

/*
 * Sign DIGEST. A key_signer belongs to one thread (contexts are set up once and kept); the
 * key may be shared by any number of them and must outlive them.
 */
struct key_signer;
struct key_signer *key_signer_new(struct key *key);
void key_signer_free(struct key_signer *signer);
int key_sign(struct key_signer *signer, const uint8_t digest[SIGN_DIGEST],
    uint8_t ret_signature[SIGN_SIGNATURE_MAX], size_t *ret_n, struct err *err);

enum key_type { KEY_RSA2048, KEY_RSA4096, KEY_ED25519 };

/* A new private key as PEM (PKCS#8). OUT is wiped by the caller. */
int key_generate(enum key_type type, struct buf *out, struct err *err);

/* "v=DKIM1; k=rsa; p=..." (RFC 6376 3.6.1): the single string that DNS panels want. */
void key_record(const struct key *key, struct buf *out);
/* The same as a zone-file line: SELECTOR._domainkey.DOMAIN. IN TXT ( "..." "..." ), strings
 * of at most 255 bytes. */
void key_zone_line(
    const struct key *key, struct view domain, struct view selector, struct buf *out);
/* The same of a record that is there as text. */
void key_zone_record(
    struct view record, struct view domain, struct view selector, struct buf *out);

/* SHA-256 of TEXT as 64 lower-case hex digits and a NUL: a policy's hash. */
void digest_hex(struct view text, char into[65]);

#endif
