/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DIGEST_H
#define AUTH_DIGEST_H

/*
 * SHA-256 over OpenSSL, with the algorithm looked up once and the context kept: looking it
 * up for every message would cost as much as hashing a kilobyte. One thread at a time.
 */

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32 };

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest *digest); /* NULL is fine */

void digest_begin(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t n);
void digest_end(struct digest *digest, uint8_t ret_bytes[DIGEST_BYTES]);

/* All at once. */
void digest_of(const void *bytes, size_t n, uint8_t ret_bytes[DIGEST_BYTES]);

/* HMAC-SHA256 (RFC 2104) with a key of at most 64 bytes. */
void digest_mac(const uint8_t *key, size_t n_key, const void *bytes, size_t n,
    uint8_t ret_bytes[DIGEST_BYTES]);

#endif
