/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A message: the first byte chooses canonicalisations and the size of pieces, then fields
 * as a milter gets them up to an empty line, then the body. Fed whole and in pieces it must
 * give one digest, and the body's hash must be that of a canonicaliser that is written down
 * from RFC 6376 line by line.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth/base64.h"
#include "auth/digest.h"
#include "auth/sign.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	enum sign_canon header_canon, body_canon;
	size_t piece;
	struct view header, body;
};

static struct input
split(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size};
	struct input input = {.header_canon = SIGN_RELAXED};
	unsigned choice = size > 0 ? data[0] : 0;
	const char *end;

	text = view_from(text, 1);
	input.header_canon = (choice & 1) != 0 ? SIGN_SIMPLE : SIGN_RELAXED;
	input.body_canon = (choice & 2) != 0 ? SIGN_SIMPLE : SIGN_RELAXED;
	input.piece = 1 + (choice >> 2);
	end = text.n > 0 ? memmem(text.p, text.n, "\n\n", 2) : NULL;
	input.header = end != NULL ? view_head(text, (size_t)(end - text.p)) : text;
	input.body = end != NULL ? view_from(text, (size_t)(end - text.p) + 2) : VIEW("");
	return input;
}

/* Fields: a line that begins with white space goes on with the one before. */
static void
feed_header(struct sign *sign, struct view header)
{
	while (header.n > 0) {
		size_t n = 0;
		struct view field, name;

		while (
		    n < header.n && !(header.p[n] == '\n' && n + 1 < header.n &&
					header.p[n + 1] != ' ' && header.p[n + 1] != '\t'))
			n++;
		field = view_head(header, n);
		header = view_from(header, n + 1);
		if (view_cut(&field, ':', &name) && field.p != NULL)
			(void)sign_header(sign, name, field, NULL);
	}
}

static void
run(struct sign *sign, const struct input *input, size_t piece, struct buf *value,
    uint8_t digest[SIGN_DIGEST])
{
	static const struct sign_key key = {{"example.org", 11}, {"s", 1}, SIGN_RSA_SHA256};
	uint8_t signature[256] = {1};
	struct view rest = input->body;

	sign_begin(sign, input->header_canon, input->body_canon);
	feed_header(sign, input->header);
	for (; rest.n > 0; rest = view_from(rest, piece))
		sign_body(sign, view_head(rest, piece));
	sign_body_end(sign);
	must(sign_seen(sign).body_bytes == input->body.n);
	must(sign_prepare(sign, &key, 1, 0, value, digest, NULL) == 0);
	sign_finish(value, signature, sizeof(signature));
}

/* What goes into the message must not be able to end the field or begin another. */
static void
check_value(struct view value)
{
	for (size_t i = 0; i < value.n; i++) {
		must(value.p[i] == '\n' || value.p[i] == '\t' || value.p[i] >= ' ');
		must(value.p[i] != '\n' || (i + 1 < value.n && value.p[i + 1] == '\t'));
	}
}

static void
add_line(struct buf *out, struct view line, enum sign_canon canon)
{
	bool blank = false;

	for (size_t i = 0; i < line.n; i++) {
		bool is_blank = line.p[i] == ' ' || line.p[i] == '\t';

		if (is_blank && canon == SIGN_RELAXED) {
			blank = true;
			continue;
		}
		if (blank)
			buf_add_char(out, ' ');
		blank = false;
		buf_add_char(out, line.p[i]);
	}
	buf_add_text(out, "\r\n");
}

static void
reference_hash(const struct input *input, uint8_t hash[DIGEST_BYTES])
{
	struct buf out = BUF_INIT(64 << 20);
	struct view rest = input->body;

	while (rest.n > 0) {
		const char *end = memmem(rest.p, rest.n, "\r\n", 2);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;

		add_line(&out, view_head(rest, n), input->body_canon);
		rest = view_from(rest, n + 2);
	}
	while (view_ends(buf_view(&out), VIEW("\r\n\r\n")))
		out.n -= 2;
	if (view_is(buf_view(&out), VIEW("\r\n")))
		out.n = 0;
	if (out.n == 0 && input->body_canon == SIGN_SIMPLE)
		buf_add_text(&out, "\r\n");
	digest_of(out.n > 0 ? out.p : "", out.n, hash);
	buf_fini(&out);
}

static void
check_body_hash(const struct input *input, struct view value)
{
	uint8_t hash[DIGEST_BYTES];
	char text[BASE64_SIZE(DIGEST_BYTES)];
	struct view want;

	reference_hash(input, hash);
	want = base64(hash, sizeof(hash), text);
	must(memmem(value.p, value.n, want.p, want.n) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = split(data, size);
	struct sign *sign = sign_new();
	struct buf whole = BUF_INIT(1 << 20), pieces = BUF_INIT(1 << 20);
	uint8_t first[SIGN_DIGEST], second[SIGN_DIGEST];

	run(sign, &input, input.body.n + 1, &whole, first);
	run(sign, &input, input.piece, &pieces, second);
	must(memcmp(first, second, SIGN_DIGEST) == 0);
	must(view_is(buf_view(&whole), buf_view(&pieces)));
	check_value(buf_view(&whole));
	check_body_hash(&input, buf_view(&whole));
	buf_fini(&whole);
	buf_fini(&pieces);
	sign_free(sign);
	return 0;
}
