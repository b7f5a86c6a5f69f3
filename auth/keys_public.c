/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "auth/digest.h"
#include "auth/keys.h"

/* Public keys that others published: hostile bytes. */

enum { ED25519_BYTES = 32 };

/* Either form must take up all of BYTES. */
static EVP_PKEY *
read_rsa(const uint8_t *bytes, size_t n)
{
	const uint8_t *at = bytes;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)n);

	if (key == NULL) {
		at = bytes;
		key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)n);
	}
	if (key != NULL && at == bytes + n && EVP_PKEY_is_a(key, "RSA"))
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static int
fingerprint_rsa(EVP_PKEY *key, uint8_t *ret_fingerprint)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	if (n <= 0)
		return -1;
	digest_of(der, (size_t)n, ret_fingerprint);
	OPENSSL_free(der);
	return 0;
}

int
key_public_read(enum sign_algorithm algorithm, const uint8_t *bytes, size_t n,
    uint8_t ret_fingerprint[SIGN_DIGEST], unsigned *ret_bits, struct err *err)
{
	EVP_PKEY *key;
	int done = -1;

	if (algorithm == SIGN_ED25519_SHA256) {
		if (n != ED25519_BYTES)
			return err_set(err, ERR_BAD_INPUT,
			    "an Ed25519 key has %d bytes, this one %zu", ED25519_BYTES, n);
		digest_of(bytes, n, ret_fingerprint);
		*ret_bits = 8 * ED25519_BYTES;
		return 0;
	}
	key = read_rsa(bytes, n);
	if (key != NULL && fingerprint_rsa(key, ret_fingerprint) == 0) {
		*ret_bits = (unsigned)EVP_PKEY_get_bits(key);
		done = 0;
	} else
		err_set(err, ERR_BAD_INPUT, "not an RSA public key");
	ERR_clear_error();
	EVP_PKEY_free(key);
	return done;
}
