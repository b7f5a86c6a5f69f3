/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "auth/keys.h"
#include "lib/bug.h"

/* RFC 8463 A.2, as PKCS#8. */
static const char rfc8463_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
static const char rfc8463_public[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

enum form { PKCS8, TRADITIONAL, ENCRYPTED, OLD_ENCRYPTED, PUBLIC };

static void
write_pem(EVP_PKEY *pkey, enum form form, struct buf *out)
{
	static unsigned char pass[] = "secret";
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	int done = 0;

	switch (form) {
	case PKCS8:
		done = PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
		break;
	case TRADITIONAL:
		done = PEM_write_bio_PrivateKey_traditional(
		    bio, pkey, NULL, NULL, 0, NULL, NULL);
		break;
	case ENCRYPTED:
		done = PEM_write_bio_PKCS8PrivateKey(
		    bio, pkey, EVP_aes_128_cbc(), (char *)pass, 6, NULL, NULL);
		break;
	case OLD_ENCRYPTED:
		done = PEM_write_bio_PrivateKey_traditional(
		    bio, pkey, EVP_aes_128_cbc(), pass, 6, NULL, NULL);
		break;
	case PUBLIC:
		done = PEM_write_bio_PUBKEY(bio, pkey);
		break;
	}
	assert_int_equal(done, 1);
	buf_add_bytes(out, pem, (size_t)BIO_get_mem_data(bio, &pem));
	BIO_free(bio);
}

static void
make_rsa(unsigned bits, enum form form, struct buf *out)
{
	EVP_PKEY *pkey = EVP_RSA_gen(bits);

	assert_non_null(pkey);
	buf_reset(out);
	write_pem(pkey, form, out);
	EVP_PKEY_free(pkey);
}

static void
make_ec(struct buf *out)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	assert_non_null(pkey);
	buf_reset(out);
	write_pem(pkey, PKCS8, out);
	EVP_PKEY_free(pkey);
}

static void
expect_good(struct view pem, enum sign_algorithm algorithm, int bits, bool weak)
{
	struct key *key = NULL;
	struct err err = ERR_INIT;
	bool is_weak = !weak;
	enum sign_algorithm sniffed;

	if (key_parse(pem, &key, &is_weak, &err) < 0)
		fail_msg("%d bits: got '%s', want a key", bits, err.text);
	assert_int_equal(key_algorithm(key), algorithm);
	assert_int_equal(key_bits(key), bits);
	assert_int_equal(is_weak, weak);
	assert_int_equal(key_sniff(pem, &sniffed, &err), 0);
	assert_int_equal(sniffed, algorithm);
	key_free(key);
}

static void
expect_bad(struct view pem, const char *want)
{
	struct key *key = NULL;
	struct err err = ERR_INIT;
	bool weak;

	if (key_parse(pem, &key, &weak, &err) != -1)
		fail_msg("got a key, want '%s'", want);
	if (strcmp(err.text, want) != 0)
		fail_msg("got '%s', want '%s'", err.text, want);
}

static void
test_good_keys(void **state)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);

	(void)state;
	expect_good(view_of(rfc8463_key), SIGN_ED25519_SHA256, 256, false);
	make_rsa(2048, PKCS8, &pem);
	expect_good(buf_view(&pem), SIGN_RSA_SHA256, 2048, false);
	make_rsa(2048, TRADITIONAL, &pem);
	expect_good(buf_view(&pem), SIGN_RSA_SHA256, 2048, false);
	make_rsa(1024, PKCS8, &pem);
	expect_good(buf_view(&pem), SIGN_RSA_SHA256, 1024, true);
	buf_fini(&pem);
}

static void
test_bad_keys(void **state)
{
	struct buf pem = BUF_INIT(2 * KEY_FILE_MAX);

	(void)state;
	expect_bad(VIEW(""), "the file is empty");
	expect_bad(VIEW("hello\n"), "not a private key in PEM");
	expect_bad(
	    VIEW("-----BEGIN CERTIFICATE-----\n"), "a certificate, not a private key");
	expect_bad(VIEW("-----BEGIN OPENSSH PRIVATE KEY-----\n"),
	    "an OpenSSH key, not a PEM private key");
	expect_bad(VIEW("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
	    "the private key is damaged");
	make_rsa(512, PKCS8, &pem);
	expect_bad(
	    buf_view(&pem), "RSA of 512 bits: receivers ignore signatures below 1024");
	make_rsa(1024, PUBLIC, &pem);
	expect_bad(buf_view(&pem), "the public half of a key, not a private key");
	make_rsa(1024, ENCRYPTED, &pem);
	expect_bad(buf_view(&pem),
	    "the key is protected by a passphrase, which nobody could type here");
	make_rsa(1024, OLD_ENCRYPTED, &pem);
	expect_bad(buf_view(&pem),
	    "the key is protected by a passphrase, which nobody could type here");
	make_rsa(1024, PKCS8, &pem);
	expect_bad(
	    view_head(buf_view(&pem), pem.n / 2), "the file is cut short: no END line");
	make_ec(&pem);
	expect_bad(buf_view(&pem), "a key of type EC: DKIM knows RSA and Ed25519 only");
	while (pem.n <= KEY_FILE_MAX)
		buf_add_text(&pem, "# padding\n");
	expect_bad(buf_view(&pem), "larger than 32768 bytes");
	buf_fini(&pem);
}

/* Every byte of a small key changed, one at a time: it is either refused or still the same.
 */
static void
test_damaged_key(void **state)
{
	char pem[sizeof(rfc8463_key)];
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	struct err err = ERR_INIT;
	struct key *key;
	bool weak;

	(void)state;
	for (size_t i = 0; i < sizeof(pem) - 1; i++) {
		memcpy(pem, rfc8463_key, sizeof(pem));
		pem[i] ^= 1;
		if (key_parse((struct view){pem, sizeof(pem) - 1}, &key, &weak, &err) < 0) {
			assert_true(err.text[0] != '\0');
			continue;
		}
		buf_reset(&public);
		key_public(key, &public);
		assert_int_equal(public.n, sizeof(rfc8463_public) - 1);
		key_free(key);
	}
	buf_fini(&public);
}

static void
test_sniff(void **state)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	enum sign_algorithm algorithm;

	(void)state;
	make_ec(&pem);
	assert_int_equal(key_sniff(buf_view(&pem), &algorithm, NULL), -1);
	assert_int_equal(key_sniff(VIEW(""), &algorithm, NULL), -1);
	assert_int_equal(
	    key_sniff(VIEW("-----BEGIN PRIVATE KEY-----"), &algorithm, NULL), -1);
	assert_int_equal(
	    key_sniff(
		VIEW("-----BEGIN PRIVATE KEY-----\n????????????????????????????????????"
		     "????"),
		&algorithm, NULL),
	    -1);
	buf_fini(&pem);
}

static void
test_records(void **state)
{
	struct buf out = BUF_INIT(2 * KEY_RECORD_MAX), pem = BUF_INIT(KEY_FILE_MAX);
	struct key *key;
	struct view line, part;
	bool weak;

	(void)state;
	assert_int_equal(key_parse(view_of(rfc8463_key), &key, &weak, NULL), 0);
	key_record(key, &out);
	assert_string_equal(buf_text(&out),
	    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	buf_reset(&out);
	key_zone_line(key, VIEW("example.org"), VIEW("brisbane"), &out);
	assert_string_equal(buf_text(&out),
	    "brisbane._domainkey.example.org. IN TXT ( \"v=DKIM1; k=ed25519; "
	    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\" )");
	key_free(key);
	make_rsa(4096, PKCS8, &pem);
	assert_int_equal(key_parse(buf_view(&pem), &key, &weak, NULL), 0);
	buf_reset(&out);
	key_zone_line(key, VIEW("example.org"), VIEW("s"), &out);
	line = buf_view(&out);
	assert_false(out.full);
	/* Quotes cut the line into strings and what stands between them. */
	for (int i = 0; view_cut(&line, '"', &part); i++)
		assert_true(i == 0 || part.n <= 255);
	key_free(key);
	buf_fini(&pem);
	buf_fini(&out);
}

static void
expect_generated(enum key_type type, enum sign_algorithm algorithm, int bits, size_t size)
{
	const uint8_t digest[SIGN_DIGEST] = {1, 2, 3};
	uint8_t first[SIGN_SIGNATURE_MAX], second[SIGN_SIGNATURE_MAX];
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	struct key_signer *signer;
	struct key *key;
	size_t n;
	bool weak;

	assert_int_equal(key_generate(type, &pem, NULL), 0);
	expect_good(buf_view(&pem), algorithm, bits, false);
	assert_int_equal(key_parse(buf_view(&pem), &key, &weak, NULL), 0);
	signer = key_signer_new(key);
	assert_int_equal(key_sign(signer, digest, first, &n, NULL), 0);
	assert_int_equal(n, size);
	/* Both algorithms are deterministic: the kept context leaves nothing behind. */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(key_sign(signer, digest, second, &n, NULL), 0);
		assert_int_equal(n, size);
		assert_memory_equal(first, second, size);
	}
	key_signer_free(signer);
	key_free(key);
	buf_fini(&pem);
}

static void
test_generated(void **state)
{
	(void)state;
	expect_generated(KEY_RSA2048, SIGN_RSA_SHA256, 2048, 256);
	expect_generated(KEY_ED25519, SIGN_ED25519_SHA256, 256, 64);
}

static void
test_digest(void **state)
{
	char hex[65];

	(void)state;
	digest_hex(VIEW("abc"), hex);
	assert_string_equal(
	    hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	digest_hex(VIEW_NONE, hex);
	assert_string_equal(
	    hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_keys),
	    cmocka_unit_test(test_bad_keys),
	    cmocka_unit_test(test_damaged_key),
	    cmocka_unit_test(test_sniff),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_generated),
	    cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
