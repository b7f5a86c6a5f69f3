/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "lib/bug.h"

#include "auth/keys_private.h"

enum { RSA_LEAST = 1024, RSA_MOST = 4096, RSA_GOOD = 2048 };

struct key {
	EVP_PKEY *pkey;
	enum sign_algorithm algorithm;
	int bits;
};

struct key_signer {
	EVP_PKEY_CTX *rsa;
	EVP_MD_CTX *ed25519;
};

/* OpenSSL's queue of errors is of no use to an admin, and must not grow. */
static int
fail(struct err *err, enum err_code code, const char *text)
{
	ERR_clear_error();
	return err_set(err, code, "%s", text);
}

/* Why PEM is not a key, as far as its first lines tell. */
static int
not_a_key(struct view pem, struct err *err)
{
	struct view head = view_head(pem, 512);

	if (pem.n == 0)
		return fail(err, ERR_BAD_INPUT, "the file is empty");
	if (view_has(head, VIEW("BEGIN ENCRYPTED PRIVATE KEY")) ||
	    view_has(head, VIEW("Proc-Type: 4,ENCRYPTED")))
		return fail(err, ERR_BAD_INPUT,
		    "the key is protected by a passphrase, which nobody could type here");
	if (view_has(head, VIEW("BEGIN OPENSSH PRIVATE KEY")))
		return fail(err, ERR_BAD_INPUT, "an OpenSSH key, not a PEM private key");
	if (view_has(head, VIEW("PUBLIC KEY-----")))
		return fail(
		    err, ERR_BAD_INPUT, "the public half of a key, not a private key");
	if (view_has(head, VIEW("BEGIN CERTIFICATE")))
		return fail(err, ERR_BAD_INPUT, "a certificate, not a private key");
	if (!view_has(head, VIEW("PRIVATE KEY-----")))
		return fail(err, ERR_BAD_INPUT, "not a private key in PEM");
	if (!view_has(pem, VIEW("-----END ")))
		return fail(err, ERR_BAD_INPUT, "the file is cut short: no END line");
	return fail(err, ERR_BAD_INPUT, "the private key is damaged");
}

static int
refuse_passphrase(char *into, int size, int writing, void *context)
{
	(void)into, (void)size, (void)writing, (void)context;
	return -1;
}

static int
check_type(struct key *key, bool *ret_weak, struct err *err)
{
	*ret_weak = false;
	key->bits = EVP_PKEY_get_bits(key->pkey);
	if (EVP_PKEY_is_a(key->pkey, "ED25519")) {
		key->algorithm = SIGN_ED25519_SHA256;
		return 0;
	}
	if (!EVP_PKEY_is_a(key->pkey, "RSA"))
		return err_set(err, ERR_BAD_INPUT,
		    "a key of type %s: DKIM knows RSA and Ed25519 only",
		    EVP_PKEY_get0_type_name(key->pkey));
	key->algorithm = SIGN_RSA_SHA256;
	if (key->bits < RSA_LEAST)
		return err_set(err, ERR_BAD_INPUT,
		    "RSA of %d bits: receivers ignore signatures below %d", key->bits,
		    RSA_LEAST);
	if (key->bits > RSA_MOST)
		return err_set(err, ERR_BAD_INPUT,
		    "RSA of %d bits: at most %d are supported", key->bits, RSA_MOST);
	*ret_weak = key->bits < RSA_GOOD;
	return 0;
}

static bool
verifies_rsa(
    const struct key *key, const uint8_t *digest, const uint8_t *signature, size_t n)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
	bool good = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
		    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
		    EVP_PKEY_verify(context, signature, n, digest, SIGN_DIGEST) == 1;

	EVP_PKEY_CTX_free(context);
	return good;
}

static bool
verifies_ed25519(
    const struct key *key, const uint8_t *digest, const uint8_t *signature, size_t n)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context != NULL &&
		    EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
		    EVP_DigestVerify(context, signature, n, digest, SIGN_DIGEST) == 1;

	EVP_MD_CTX_free(context);
	return good;
}

static int
try_key(struct key *key, struct err *err)
{
	static const uint8_t digest[SIGN_DIGEST] = "frank signs this once at load";
	uint8_t signature[SIGN_SIGNATURE_MAX];
	size_t n;
	bool good = false;
	struct key_signer *signer = key_signer_new(key);

	if (key_sign(signer, digest, signature, &n, NULL) == 0)
		good = key->algorithm == SIGN_RSA_SHA256
			   ? verifies_rsa(key, digest, signature, n)
			   : verifies_ed25519(key, digest, signature, n);
	key_signer_free(signer);
	if (!good)
		return fail(err, ERR_BAD_INPUT,
		    "the private key is damaged: its own signature does not verify");
	return 0;
}

int
key_parse(struct view pem, struct key **ret_key, bool *ret_weak, struct err *err)
{
	struct key *key;
	EVP_PKEY *pkey;
	BIO *bio;

	if (pem.n == 0)
		return not_a_key(pem, err);
	if (pem.n > KEY_FILE_MAX)
		return err_set(err, ERR_LIMIT, "larger than %d bytes", KEY_FILE_MAX);
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	must(bio != NULL);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, NULL);
	BIO_free(bio);
	if (pkey == NULL)
		return not_a_key(pem, err);
	key = mem_zeroed(1, sizeof(*key));
	key->pkey = pkey;
	if (check_type(key, ret_weak, err) < 0 || try_key(key, err) < 0) {
		key_free(key);
		return -1;
	}
	*ret_key = key;
	return 0;
}

void
key_free(struct key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

enum sign_algorithm
key_algorithm(const struct key *key)
{
	return key->algorithm;
}

int
key_bits(const struct key *key)
{
	return key->bits;
}

EVP_PKEY *
key_pkey(const struct key *key)
{
	return key->pkey;
}

static void
set_up_rsa(struct key_signer *signer, struct key *key)
{
	signer->rsa = EVP_PKEY_CTX_new(key->pkey, NULL);
	must(signer->rsa != NULL);
	must(EVP_PKEY_sign_init(signer->rsa) == 1);
	must(EVP_PKEY_CTX_set_rsa_padding(signer->rsa, RSA_PKCS1_PADDING) == 1);
	must(EVP_PKEY_CTX_set_signature_md(signer->rsa, EVP_sha256()) == 1);
}

struct key_signer *
key_signer_new(struct key *key)
{
	struct key_signer *signer = mem_zeroed(1, sizeof(*signer));

	if (key->algorithm == SIGN_RSA_SHA256) {
		set_up_rsa(signer, key);
		return signer;
	}
	signer->ed25519 = EVP_MD_CTX_new();
	must(signer->ed25519 != NULL);
	must(EVP_DigestSignInit(signer->ed25519, NULL, NULL, NULL, key->pkey) == 1);
	return signer;
}

void
key_signer_free(struct key_signer *signer)
{
	if (signer == NULL)
		return;
	EVP_PKEY_CTX_free(signer->rsa);
	EVP_MD_CTX_free(signer->ed25519);
	free(signer);
}

/* PureEdDSA over the digest (RFC 8463 3). Some releases want the kept context set up again.
 */
static int
sign_ed25519(
    EVP_MD_CTX *context, const uint8_t *digest, uint8_t *ret_signature, size_t *ret_n)
{
	if (EVP_DigestSign(context, ret_signature, ret_n, digest, SIGN_DIGEST) == 1)
		return 1;
	*ret_n = SIGN_SIGNATURE_MAX;
	if (EVP_DigestSignInit(context, NULL, NULL, NULL, NULL) != 1)
		return 0;
	return EVP_DigestSign(context, ret_signature, ret_n, digest, SIGN_DIGEST);
}

int
key_sign(struct key_signer *signer, const uint8_t digest[SIGN_DIGEST],
    uint8_t ret_signature[SIGN_SIGNATURE_MAX], size_t *ret_n, struct err *err)
{
	int done;

	*ret_n = SIGN_SIGNATURE_MAX;
	if (signer->rsa != NULL)
		done =
		    EVP_PKEY_sign(signer->rsa, ret_signature, ret_n, digest, SIGN_DIGEST);
	else
		done = sign_ed25519(signer->ed25519, digest, ret_signature, ret_n);
	if (done != 1)
		return fail(err, ERR_TEMP, "OpenSSL could not sign");
	return 0;
}
