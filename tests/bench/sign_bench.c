/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What canonicalisation and hashing cost, beside SHA-256 over the same bytes; and what a
 * signature costs, beside OpenSSL with a context kept. Medians of rounds that take turns,
 * in microseconds.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "auth/digest.h"
#include "auth/keys_private.h"
#include "auth/sign.h"
#include "lib/bug.h"

enum { ROUNDS = 31 };

static const char *const header[][2] = {
    {"Received",
	" from client.example.org (client.example.org [192.0.2.1])\n\tby mx.example.org"},
    {"From", " Alice Example <alice@example.org>"},
    {"To", " Bob <bob@example.net>, Carol <carol@example.com>,\n\tDave <dave@example.edu>"},
    {"Cc", " team@example.org"},
    {"Subject", " The figures for the third quarter, as discussed on Monday"},
    {"Date", " Mon, 02 Mar 2026 09:03:00 +0000"},
    {"Message-ID", " <20260302090300.12345@client.example.org>"},
    {"In-Reply-To", " <20260301120000.54321@mail.example.net>"},
    {"References",
	" <1.2@example.net> <3.4@example.net>\n\t<20260301120000.54321@mail.example.net>"},
    {"MIME-Version", " 1.0"},
    {"Content-Type", " text/plain; charset=utf-8; format=flowed"},
    {"X-Mailer", " Example Mail 12.1"},
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	const double *one = a, *two = b;

	return *one < *two ? -1 : *one > *two;
}

static double
median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), compare);
	return times[ROUNDS / 2];
}

static void
make_text(char *text, size_t n)
{
	static const char words[] =
	    "the quick brown fox jumps over a lazy dog, and then it ";
	size_t column = 0;

	for (size_t i = 0; i < n; i++, column++) {
		text[i] = words[i % (sizeof(words) - 1)];
		if (column >= 72 && i + 1 < n) {
			text[i] = '\r';
			text[++i] = '\n';
			column = 0;
		}
	}
}

static void
one_message(struct sign *sign, enum sign_canon canon, struct view body, struct buf *value)
{
	const struct sign_key key = {VIEW("example.org"), VIEW("s2026"), SIGN_RSA_SHA256};
	uint8_t hash[SIGN_DIGEST];

	sign_begin(sign, SIGN_RELAXED, canon);
	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		must(sign_header(
			 sign, view_of(header[i][0]), view_of(header[i][1]), NULL) == 0);
	for (; body.n > 0; body = view_from(body, 65535))
		sign_body(sign, view_head(body, 65535));
	sign_body_end(sign);
	must(sign_prepare(sign, &key, 1772442180, 0, value, hash, NULL) == 0);
}

static void
bench_messages(const char *name, size_t size, int count)
{
	double raw[ROUNDS], simple[ROUNDS], relaxed[ROUNDS];
	char *text = mem_zeroed(size, 1);
	struct view body = {text, size};
	struct sign *sign = sign_new();
	struct digest *digest = digest_new();
	struct buf value = BUF_INIT(64 << 10);
	uint8_t hash[SIGN_DIGEST];

	make_text(text, size);
	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		for (int i = 0; i < count; i++) {
			digest_begin(digest);
			digest_add(digest, text, size);
			digest_end(digest, hash);
		}
		raw[round] = (now() - start) / count;
		start = now();
		for (int i = 0; i < count; i++)
			one_message(sign, SIGN_SIMPLE, body, &value);
		simple[round] = (now() - start) / count;
		start = now();
		for (int i = 0; i < count; i++)
			one_message(sign, SIGN_RELAXED, body, &value);
		relaxed[round] = (now() - start) / count;
	}
	printf("%-8s sha256 %8.1f  relaxed/simple %8.1f  relaxed/relaxed %8.1f\n", name,
	    median(raw), median(simple), median(relaxed));
	buf_fini(&value);
	digest_free(digest);
	sign_free(sign);
	free(text);
}

static struct key *
make_key(enum key_type type)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	struct key *key;
	bool weak;

	must(key_generate(type, &pem, NULL) == 0);
	must(key_parse(buf_view(&pem), &key, &weak, NULL) == 0);
	buf_fini(&pem);
	return key;
}

static void
bench_rsa(void)
{
	enum { COUNT = 100 };
	double raw[ROUNDS], ours[ROUNDS];
	struct key *key = make_key(KEY_RSA2048);
	struct key_signer *signer = key_signer_new(key);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key_pkey(key), NULL);
	uint8_t hash[SIGN_DIGEST] = {1}, signature[SIGN_SIGNATURE_MAX];
	size_t n;

	must(EVP_PKEY_sign_init(context) == 1);
	must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1);
	must(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		for (int i = 0; i < COUNT; i++) {
			n = sizeof(signature);
			must(
			    EVP_PKEY_sign(context, signature, &n, hash, sizeof(hash)) == 1);
		}
		raw[round] = (now() - start) / COUNT;
		start = now();
		for (int i = 0; i < COUNT; i++)
			must(key_sign(signer, hash, signature, &n, NULL) == 0);
		ours[round] = (now() - start) / COUNT;
	}
	printf("RSA-2048 raw %.1f  key_sign %.1f\n", median(raw), median(ours));
	EVP_PKEY_CTX_free(context);
	key_signer_free(signer);
	key_free(key);
}

static void
bench_ed25519(void)
{
	enum { COUNT = 500 };
	double fresh[ROUNDS], ours[ROUNDS];
	struct key *key = make_key(KEY_ED25519);
	struct key_signer *signer = key_signer_new(key);
	uint8_t hash[SIGN_DIGEST] = {1}, signature[SIGN_SIGNATURE_MAX];
	size_t n;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		for (int i = 0; i < COUNT; i++) {
			EVP_MD_CTX *context = EVP_MD_CTX_new();

			n = sizeof(signature);
			must(EVP_DigestSignInit(context, NULL, NULL, NULL, key_pkey(key)) ==
			     1);
			must(EVP_DigestSign(context, signature, &n, hash, sizeof(hash)) ==
			     1);
			EVP_MD_CTX_free(context);
		}
		fresh[round] = (now() - start) / COUNT;
		start = now();
		for (int i = 0; i < COUNT; i++)
			must(key_sign(signer, hash, signature, &n, NULL) == 0);
		ours[round] = (now() - start) / COUNT;
	}
	printf("Ed25519 new context %.1f  key_sign %.1f\n", median(fresh), median(ours));
	key_signer_free(signer);
	key_free(key);
}

int
main(void)
{
	bench_messages("4 KB", 4 << 10, 200);
	bench_messages("50 KB", 50 << 10, 40);
	bench_messages("1 MB", 1 << 20, 3);
	bench_rsa();
	bench_ed25519();
	return 0;
}
