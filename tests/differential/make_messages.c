/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * make_messages DIR: messages of every class of header, class of body, canonicalisation and
 * algorithm, signed by us, for other people's verifiers. Writes DIR/NUMBER.eml, DIR/index
 * (a line a message: number, algorithm, canonicalisation, header class, body class) and
 * DIR/records (name, tab, TXT). The messages are the same every time; the keys are new.
 *
 * The signer sees a message as a milter does: folds are LF, the body comes in pieces that
 * end anywhere. The file is what goes over the wire.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/keys.h"
#include "auth/sign.h"
#include "lib/bug.h"

#include "tests/differential/message.h"

struct signing {
	struct key *key;
	struct key_signer *signer;
	struct sign_key as;
};

static const char *const algorithms[] = {"rsa-sha256", "ed25519-sha256"};
static const char *const canons[] = {"relaxed", "simple"};

static void
make_signing(struct signing *signing, enum key_type type, const char *selector)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);
	bool weak;

	must(key_generate(type, &pem, NULL) == 0);
	must(key_parse(buf_view(&pem), &signing->key, &weak, NULL) == 0);
	signing->signer = key_signer_new(signing->key);
	signing->as = (struct sign_key){
	    VIEW("example.org"), view_of(selector), key_algorithm(signing->key)};
	buf_fini(&pem);
}

static void
write_record(FILE *to, const struct signing *signing)
{
	struct buf record = BUF_INIT(KEY_RECORD_MAX);

	key_record(signing->key, &record);
	fprintf(to, "%.*s._domainkey.%.*s\t%s\n", VIEW_ARG(signing->as.selector),
	    VIEW_ARG(signing->as.domain), buf_text(&record));
	buf_fini(&record);
}

static void
sign_message(struct sign *sign, const struct message *message, enum sign_canon header,
    enum sign_canon body, const struct signing *signing, struct buf *value)
{
	struct view rest = buf_view(&message->body);
	uint8_t digest[SIGN_DIGEST], signature[SIGN_SIGNATURE_MAX];
	size_t n;

	sign_begin(sign, header, body);
	for (size_t i = 0; i < message->n_fields; i++)
		must(sign_header(sign, buf_view(&message->fields[i].name),
			 buf_view(&message->fields[i].value), NULL) == 0);
	while (rest.n > 0) {
		size_t piece = 1 + message_random(rest.n > 5000 ? 3000 : 40);

		sign_body(sign, view_head(rest, piece));
		rest = view_from(rest, piece);
	}
	sign_body_end(sign);
	must(sign_prepare(sign, &signing->as, 1772442180, 0, value, digest, NULL) == 0);
	must(key_sign(signing->signer, digest, signature, &n, NULL) == 0);
	sign_finish(value, signature, n);
	must(!value->full);
}

static void
write_field(FILE *to, struct view name, struct view value)
{
	struct view line;

	fprintf(to, "%.*s:", VIEW_ARG(name));
	while (view_cut(&value, '\n', &line)) {
		must(fwrite(line.p, 1, line.n, to) == line.n);
		fputs("\r\n", to);
	}
}

static void
write_message(FILE *to, const struct message *message, const struct buf *signature,
    enum message_tamper tamper)
{
	struct view body = buf_view(&message->body);

	if (tamper == TAMPER_FROM)
		fputs("From: victim@example.org\r\n", to);
	write_field(to, VIEW("DKIM-Signature"), buf_view(signature));
	for (size_t i = 0; i < message->n_fields; i++)
		write_field(to, buf_view(&message->fields[i].name),
		    buf_view(&message->fields[i].value));
	if (tamper == TAMPER_SUBJECT)
		fputs("Subject: another one\r\n", to);
	fputs("\r\n", to);
	if (body.n > 0)
		must(fwrite(body.p, 1, body.n, to) == body.n);
	if (tamper == TAMPER_BODY)
		fputs("one more line\r\n", to);
}

struct output {
	const char *dir;
	FILE *index;
	struct sign *sign;
	struct signing keys[2];
	struct message message;
	struct buf value;
	unsigned number;
};

/* One message of these classes, under both algorithms and all canonicalisations. */
static void
make_all(struct output *output, unsigned header, unsigned body, enum message_tamper tamper)
{
	for (unsigned way = 0; way < 8; way++) {
		enum sign_canon header_canon = (way & 1) != 0 ? SIGN_SIMPLE : SIGN_RELAXED;
		enum sign_canon body_canon = (way & 2) != 0 ? SIGN_SIMPLE : SIGN_RELAXED;
		unsigned algorithm = way >> 2;
		char path[4096];
		FILE *file;

		message_make(&output->message, header, body);
		buf_reset(&output->value);
		sign_message(output->sign, &output->message, header_canon, body_canon,
		    &output->keys[algorithm], &output->value);
		snprintf(path, sizeof(path), "%s/%u.eml", output->dir, ++output->number);
		file = fopen(path, "wb");
		must(file != NULL);
		write_message(file, &output->message, &output->value, tamper);
		must(fclose(file) == 0);
		fprintf(output->index, "%u %s %s/%s %s %s\n", output->number,
		    algorithms[algorithm], canons[header_canon], canons[body_canon],
		    tamper != TAMPER_NONE ? "tampered" : message_header_class(header),
		    tamper != TAMPER_NONE ? message_tampering(tamper)
					  : message_body_class(body));
	}
}

static FILE *
open_in(const char *dir, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	must(file != NULL);
	return file;
}

int
main(int argc, char **argv)
{
	static struct output output;
	FILE *records;

	if (argc != 2) {
		fprintf(stderr, "usage: make_messages DIR\n");
		return 64;
	}
	output.dir = argv[1];
	output.index = open_in(argv[1], "index");
	output.sign = sign_new();
	buf_init(&output.value, 1 << 16);
	make_signing(&output.keys[0], KEY_RSA2048, "rsa");
	make_signing(&output.keys[1], KEY_ED25519, "ed");
	records = open_in(argv[1], "records");
	write_record(records, &output.keys[0]);
	write_record(records, &output.keys[1]);
	must(fclose(records) == 0);
	for (unsigned header = 0; header < MESSAGE_HEADERS; header++)
		for (unsigned body = 0; body < MESSAGE_BODIES; body++)
			make_all(&output, header, body, TAMPER_NONE);
	make_all(&output, 0, 0, TAMPER_FROM);
	make_all(&output, 0, 0, TAMPER_SUBJECT);
	make_all(&output, 0, 0, TAMPER_BODY);
	must(fclose(output.index) == 0);
	return 0;
}
