/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/bug.h"

#include "auth/digest.h"
#include "auth/keys.h"

struct digest {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

struct digest *
digest_new(void)
{
	struct digest *digest = mem_zeroed(1, sizeof(*digest));

	digest->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(digest->algorithm != NULL);
	digest->context = EVP_MD_CTX_new();
	must(digest->context != NULL);
	return digest;
}

void
digest_free(struct digest *digest)
{
	if (digest == NULL)
		return;
	EVP_MD_CTX_free(digest->context);
	EVP_MD_free(digest->algorithm);
	free(digest);
}

void
digest_begin(struct digest *digest)
{
	must(EVP_DigestInit_ex2(digest->context, digest->algorithm, NULL) == 1);
}

void
digest_add(struct digest *digest, const void *bytes, size_t n)
{
	must(EVP_DigestUpdate(digest->context, bytes, n) == 1);
}

void
digest_end(struct digest *digest, uint8_t ret_bytes[DIGEST_BYTES])
{
	unsigned n = 0;

	must(EVP_DigestFinal_ex(digest->context, ret_bytes, &n) == 1);
	must(n == DIGEST_BYTES);
}

void
digest_of(const void *bytes, size_t n, uint8_t ret_bytes[DIGEST_BYTES])
{
	must(EVP_Q_digest(NULL, "SHA256", NULL, bytes, n, ret_bytes, NULL) == 1);
}

enum { MAC_BLOCK = 64 };

void
digest_mac(const uint8_t *key, size_t n_key, const void *bytes, size_t n,
    uint8_t ret_bytes[DIGEST_BYTES])
{
	struct digest *digest = digest_new();
	uint8_t block[MAC_BLOCK] = {0}, inner[DIGEST_BYTES];

	must(n_key <= sizeof(block));
	memcpy(block, key, n_key);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	digest_begin(digest);
	digest_add(digest, block, sizeof(block));
	digest_add(digest, bytes, n);
	digest_end(digest, inner);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5c;
	digest_begin(digest);
	digest_add(digest, block, sizeof(block));
	digest_add(digest, inner, sizeof(inner));
	digest_end(digest, ret_bytes);
	digest_free(digest);
}

void
digest_hex(struct view text, char into[65])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[DIGEST_BYTES];

	digest_of(text.p != NULL ? text.p : "", text.n, bytes);
	for (size_t i = 0; i < DIGEST_BYTES; i++) {
		into[2 * i] = digits[bytes[i] >> 4];
		into[2 * i + 1] = digits[bytes[i] & 15];
	}
	into[64] = '\0';
}
