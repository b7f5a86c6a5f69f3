/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/keys.h"
#include "lib/bug.h"

#include "tests/unit/receiver_lab.h"

/* Made when they are first needed, and kept. */
static struct {
	struct key *key;
	struct buf record;
} keys[2];

static struct key *
lab_key(enum sign_algorithm algorithm)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	bool is_weak;

	if (keys[algorithm].key != NULL)
		return keys[algorithm].key;
	must(key_generate(algorithm == SIGN_RSA_SHA256 ? KEY_RSA2048 : KEY_ED25519, &pem,
		 NULL) == 0);
	must(key_parse(buf_view(&pem), &keys[algorithm].key, &is_weak, NULL) == 0);
	buf_fini(&pem);
	buf_init(&keys[algorithm].record, KEY_RECORD_MAX);
	key_record(keys[algorithm].key, &keys[algorithm].record);
	return keys[algorithm].key;
}

const char *
lab_record(enum sign_algorithm algorithm)
{
	(void)lab_key(algorithm);
	return buf_text(&keys[algorithm].record);
}

size_t
lab_fields(const struct lab_message *message, struct view fields[LAB_FIELDS])
{
	size_t n = 0;

	for (; n < LAB_FIELDS && message->fields[n] != NULL; n++)
		fields[n] = view_of(message->fields[n]);
	return n;
}

void
lab_sign(const struct lab_message *message, struct buf *value)
{
	const struct sign_key names = {
	    VIEW("example.org"), VIEW("lab"), message->algorithm};
	struct key_signer *signer = key_signer_new(lab_key(message->algorithm));
	struct sign *sign = sign_new();
	uint8_t digest[SIGN_DIGEST], signature[SIGN_SIGNATURE_MAX];
	struct view fields[LAB_FIELDS], name;
	size_t n = lab_fields(message, fields), n_signature;

	sign_begin(sign, message->header, message->body_canon);
	for (size_t i = 0; i < n; i++) {
		must(view_cut(&fields[i], ':', &name));
		must(sign_header(sign, name, fields[i], NULL) == 0);
	}
	sign_body(sign, message->body);
	sign_body_end(sign);
	must(sign_prepare(sign, &names, 1772442180, 0, value, digest, NULL) == 0);
	must(key_sign(signer, digest, signature, &n_signature, NULL) == 0);
	sign_finish(value, signature, n_signature);
	must(!value->full);
	key_signer_free(signer);
	sign_free(sign);
}
