/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "lib/bug.h"

#include "auth/base64.h"
#include "auth/keys_private.h"

enum {
	ED25519_BYTES = 32,
	TXT_STRING_MAX = 255, /* RFC 1035 3.3 */
};

/* Enough base64 for the head of a PKCS#8 structure, where the algorithm stands. */
enum { SNIFF_DIGITS = 40, SNIFF_BYTES = SNIFF_DIGITS / 4 * 3 };

static struct view
first_digits(struct view pem, struct view begin, char into[SNIFF_DIGITS])
{
	const char *at = memmem(pem.p, pem.n, begin.p, begin.n);
	struct view rest;
	size_t n = 0;

	if (at == NULL)
		return VIEW_NONE;
	rest = view_from(pem, (size_t)(at - pem.p) + begin.n);
	for (size_t i = 0; i < rest.n && n < SNIFF_DIGITS && rest.p[i] != '-'; i++)
		if (rest.p[i] != '\n' && rest.p[i] != '\r' && rest.p[i] != ' ')
			into[n++] = rest.p[i];
	return (struct view){into, n};
}

int
key_sniff(struct view pem, enum sign_algorithm *ret_algorithm, struct err *err)
{
	static const uint8_t rsa[] = {
	    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1};
	static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
	char digits[SNIFF_DIGITS];
	uint8_t bytes[SNIFF_BYTES];
	struct view head;

	if (memmem(pem.p, pem.n, "-----BEGIN RSA PRIVATE KEY-----", 31) != NULL) {
		*ret_algorithm = SIGN_RSA_SHA256;
		return 0;
	}
	head = first_digits(pem, VIEW("-----BEGIN PRIVATE KEY-----"), digits);
	if (head.n < SNIFF_DIGITS || EVP_DecodeBlock(bytes, (const unsigned char *)head.p,
					 SNIFF_DIGITS) != SNIFF_BYTES) {
		ERR_clear_error();
		return err_set(err, ERR_BAD_INPUT, "not a private key in PEM");
	}
	if (memmem(bytes, sizeof(bytes), rsa, sizeof(rsa)) != NULL)
		*ret_algorithm = SIGN_RSA_SHA256;
	else if (memmem(bytes, sizeof(bytes), ed25519, sizeof(ed25519)) != NULL)
		*ret_algorithm = SIGN_ED25519_SHA256;
	else
		return err_set(err, ERR_BAD_INPUT, "neither an RSA nor an Ed25519 key");
	return 0;
}

static void
add_base64(struct buf *out, const uint8_t *bytes, size_t n)
{
	char *text = mem_zeroed(BASE64_SIZE(n), 1);

	buf_add(out, base64(bytes, n, text));
	free(text);
}

void
key_public(const struct key *key, struct buf *out)
{
	uint8_t raw[ED25519_BYTES], *der = NULL;
	size_t raw_n = sizeof(raw);
	int n;

	if (key_algorithm(key) == SIGN_ED25519_SHA256) {
		must(EVP_PKEY_get_raw_public_key(key_pkey(key), raw, &raw_n) == 1);
		add_base64(out, raw, raw_n);
		return;
	}
	n = i2d_PUBKEY(key_pkey(key), &der);
	must(n > 0);
	add_base64(out, der, (size_t)n);
	OPENSSL_free(der);
}

void
key_record(const struct key *key, struct buf *out)
{
	buf_add_text(out, "v=DKIM1; k=");
	buf_add_text(
	    out, key_algorithm(key) == SIGN_RSA_SHA256 ? "rsa; p=" : "ed25519; p=");
	key_public(key, out);
}

void
key_zone_record(
    struct view record, struct view domain, struct view selector, struct buf *out)
{
	struct view rest;

	buf_add(out, selector);
	buf_add_text(out, "._domainkey.");
	buf_add(out, domain);
	buf_add_text(out, ". IN TXT (");
	for (rest = record; rest.n > 0; rest = view_from(rest, TXT_STRING_MAX)) {
		buf_add_text(out, " \"");
		buf_add(out, view_head(rest, TXT_STRING_MAX));
		buf_add_char(out, '"');
	}
	buf_add_text(out, " )");
}

void
key_zone_line(
    const struct key *key, struct view domain, struct view selector, struct buf *out)
{
	struct buf record = BUF_INIT(KEY_RECORD_MAX);

	key_record(key, &record);
	must(!record.full);
	key_zone_record(buf_view(&record), domain, selector, out);
	buf_fini(&record);
}

static EVP_PKEY *
generate(enum key_type type)
{
	switch (type) {
	case KEY_RSA2048:
		return EVP_RSA_gen(2048U);
	case KEY_RSA4096:
		return EVP_RSA_gen(4096U);
	case KEY_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
	BUG("key type");
}

int
key_generate(enum key_type type, struct buf *out, struct err *err)
{
	EVP_PKEY *pkey = generate(type);
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem;
	long n;
	int done = -1;

	must(bio != NULL);
	if (pkey != NULL &&
	    PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		n = BIO_get_mem_data(bio, &pem);
		buf_add_bytes(out, pem, (size_t)n);
		OPENSSL_cleanse(pem, (size_t)n);
		done = out->full ? err_set(err, ERR_LIMIT, "no room for the key") : 0;
	} else
		err_set(err, ERR_TEMP, "OpenSSL could not make a key");
	ERR_clear_error();
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return done;
}
