/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What the machine itself can do just now, as CPU time and not by the wall clock, so that
 * `make bench` can give ratios: one RSA-2048 and one Ed25519 signature with a warm key, and
 * SHA-256 over 4 KB and 50 KB. Prints one JSON object with microseconds.
 *
 * rawref RSA.pem ED25519.pem [SECONDS]
 */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUND 20

struct work {
	EVP_PKEY_CTX *rsa;
	EVP_PKEY *edwards;
	EVP_MD_CTX *digest;
	size_t size;
	unsigned char hash[EVP_MAX_MD_SIZE];
};

static unsigned char input[51200];

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
need(int fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "rawref: %s\n", what);
	exit(1);
}

static EVP_PKEY *
key_read(const char *path)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key;

	need(file != NULL, "a key file cannot be opened");
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	need(key != NULL, "a key file cannot be read");
	return key;
}

static void
rsa_sign(struct work *work)
{
	unsigned char signature[1024];
	size_t length = sizeof(signature);

	work->hash[0]++;
	need(EVP_PKEY_sign(work->rsa, signature, &length, work->hash, 32) == 1, "RSA");
}

static void
edwards_sign(struct work *work)
{
	unsigned char signature[64];
	size_t length = sizeof(signature);

	work->hash[0]++;
	need(EVP_DigestSignInit(work->digest, NULL, NULL, NULL, work->edwards) == 1 &&
		 EVP_DigestSign(work->digest, signature, &length, work->hash, 32) == 1,
	    "Ed25519");
	EVP_MD_CTX_reset(work->digest);
}

static void
sha_hash(struct work *work)
{
	need(EVP_DigestInit_ex(work->digest, EVP_sha256(), NULL) == 1 &&
		 EVP_DigestUpdate(work->digest, input, work->size) == 1 &&
		 EVP_DigestFinal_ex(work->digest, work->hash, NULL) == 1,
	    "SHA-256");
}

/* Microseconds of CPU for one go, over at least SECONDS of CPU. */
static double
measure(void (*go)(struct work *), struct work *work, double seconds)
{
	double began, used;
	long count = 0;

	for (int i = 0; i < ROUND; i++)
		go(work);
	began = cpu_seconds();
	do {
		for (int i = 0; i < ROUND; i++)
			go(work);
		count += ROUND;
	} while ((used = cpu_seconds() - began) < seconds);
	return used / (double)count * 1e6;
}

int
main(int argc, char **argv)
{
	struct work work = {.hash = {1}};
	EVP_PKEY *rsa;
	double seconds;

	need(argc >= 3, "usage: rawref RSA.pem ED25519.pem [SECONDS]");
	seconds = argc > 3 ? strtod(argv[3], NULL) : 0.3;
	rsa = key_read(argv[1]);
	work.edwards = key_read(argv[2]);
	work.digest = EVP_MD_CTX_new();
	work.rsa = EVP_PKEY_CTX_new(rsa, NULL);
	need(work.digest != NULL && work.rsa != NULL && EVP_PKEY_sign_init(work.rsa) == 1 &&
		 EVP_PKEY_CTX_set_rsa_padding(work.rsa, RSA_PKCS1_PADDING) == 1 &&
		 EVP_PKEY_CTX_set_signature_md(work.rsa, EVP_sha256()) == 1,
	    "RSA cannot be set up");
	printf("{\"rsa2048_us\":%.2f", measure(rsa_sign, &work, seconds));
	printf(",\"ed25519_us\":%.2f", measure(edwards_sign, &work, seconds / 2));
	work.size = 4096;
	printf(",\"sha256_4k_us\":%.2f", measure(sha_hash, &work, seconds / 4));
	work.size = 51200;
	printf(",\"sha256_50k_us\":%.2f}\n", measure(sha_hash, &work, seconds / 4));
	EVP_PKEY_CTX_free(work.rsa);
	EVP_MD_CTX_free(work.digest);
	EVP_PKEY_free(work.edwards);
	EVP_PKEY_free(rsa);
	return 0;
}
