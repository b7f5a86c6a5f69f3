/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The canonicaliser alone: eight bytes that the pieces of the body are cut by, a header
 * field, an empty line, the body. In each mode it must give, and have seen, what the steps
 * of RFC 6376 3.4 give when they are done one after the other on the whole.
 */

#include <stdint.h>
#include <string.h>

#include "auth/canon.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED = 8, OUT_MAX = 64 << 20, PIECE_MAX = 40 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- step by step ---- */

static void
without_line_ends(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\n' && !view_starts(view_from(text, i), VIEW("\r\n")))
			buf_add_char(out, text.p[i]);
}

static void
with_single_blanks(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_blank(text.p[i]))
			buf_add_char(out, text.p[i]);
		else if (i == 0 || !is_blank(text.p[i - 1]))
			buf_add_char(out, ' ');
}

static struct view
without_blanks_behind(struct view text)
{
	while (text.n > 0 && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

static void
want_header(enum sign_canon canon, struct view name, struct view value, struct buf *out)
{
	struct buf flat = BUF_INIT(OUT_MAX), single = BUF_INIT(OUT_MAX);
	struct view text;

	if (canon == SIGN_SIMPLE) {
		buf_add(out, name);
		buf_add_char(out, ':');
		for (size_t i = 0; i < value.n; i++) {
			if (value.p[i] == '\n' && (i == 0 || value.p[i - 1] != '\r'))
				buf_add_char(out, '\r');
			buf_add_char(out, value.p[i]);
		}
		return;
	}
	name = without_blanks_behind(name);
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(out, name.p[i] >= 'A' && name.p[i] <= 'Z'
				      ? (char)(name.p[i] + 32)
				      : name.p[i]);
	buf_add_char(out, ':');
	without_line_ends(value, &flat);
	with_single_blanks(buf_view(&flat), &single);
	text = without_blanks_behind(buf_view(&single));
	buf_add(out, text.n > 0 && text.p[0] == ' ' ? view_from(text, 1) : text);
	buf_fini(&flat);
	buf_fini(&single);
}

/* Lines end in CR LF; the last may lack it. */
static struct view
take_line(struct view *rest)
{
	const char *end = memmem(rest->p, rest->n, "\r\n", 2);
	struct view line =
	    view_head(*rest, end != NULL ? (size_t)(end - rest->p) : rest->n);

	*rest = view_from(*rest, line.n + 2);
	return line;
}

static void
want_body(enum sign_canon canon, struct view body, struct buf *out)
{
	struct buf line = BUF_INIT(OUT_MAX);

	while (body.n > 0) {
		struct view raw = take_line(&body);

		buf_reset(&line);
		with_single_blanks(raw, &line);
		buf_add(out,
		    canon == SIGN_SIMPLE ? raw : without_blanks_behind(buf_view(&line)));
		buf_add_text(out, "\r\n");
	}
	while (view_ends(buf_view(out), VIEW("\r\n\r\n")) ||
	       view_is(buf_view(out), VIEW("\r\n")))
		out->n -= 2;
	if (out->n == 0 && canon == SIGN_SIMPLE)
		buf_add_text(out, "\r\n");
	buf_fini(&line);
}

static struct sign_seen
want_seen(struct view body)
{
	struct sign_seen seen = {.body_bytes = body.n};

	for (size_t i = 0; i < body.n; i++) {
		seen.eight_bit |= (body.p[i] & 0x80) != 0;
		seen.nul |= body.p[i] == '\0';
		seen.bare_cr |=
		    body.p[i] == '\r' && !view_starts(view_from(body, i), VIEW("\r\n"));
	}
	while (body.n > 0)
		seen.long_line |= take_line(&body).n > CANON_LINE_MAX;
	return seen;
}

/* ---- against what is built ---- */

static void
try_header(enum sign_canon canon, struct view field)
{
	struct buf got = BUF_INIT(OUT_MAX), want = BUF_INIT(OUT_MAX);
	struct view name = VIEW("");

	if (field.n > 0)
		(void)view_cut(&field, ':', &name);
	buf_add_char(&got, 'x'); /* it appends */
	canon_header(canon, name, field, &got);
	want_header(canon, name, field, &want);
	must(view_is(view_from(buf_view(&got), 1), buf_view(&want)));
	buf_fini(&got);
	buf_fini(&want);
}

static void
try_body(enum sign_canon canon, struct view body, uint64_t seed)
{
	uint8_t got[DIGEST_BYTES], wanted[DIGEST_BYTES];
	struct sign_seen seen = want_seen(body);
	struct digest *digest = digest_new();
	struct buf want = BUF_INIT(OUT_MAX);
	struct canon_body state;

	want_body(canon, body, &want);
	digest_of(want.n > 0 ? want.p : "", want.n, wanted);
	canon_body_begin(&state, canon, digest);
	while (body.n > 0) {
		/* Seed 0: the whole at once. */
		size_t piece = seed == 0 ? body.n : seed % PIECE_MAX;

		canon_body_add(&state, view_head(body, piece));
		body = view_from(body, piece);
		seed = seed * 6364136223846793005 + 1442695040888963407;
	}
	canon_body_end(&state, got);
	must(memcmp(got, wanted, sizeof(got)) == 0);
	must(state.seen.body_bytes == seen.body_bytes);
	must(state.seen.long_line == seen.long_line && state.seen.nul == seen.nul);
	must(state.seen.eight_bit == seen.eight_bit);
	must(state.seen.bare_cr == seen.bare_cr);
	digest_free(digest);
	buf_fini(&want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size}, body = VIEW("");
	uint64_t seed = 0;
	const char *end;

	memcpy(&seed, data, size < SEED ? size : SEED);
	text = view_from(text, SEED);
	end = text.n > 0 ? memmem(text.p, text.n, "\n\n", 2) : NULL;
	if (end != NULL) {
		body = view_from(text, (size_t)(end - text.p) + 2);
		text = view_head(text, (size_t)(end - text.p));
	}
	for (int canon = SIGN_RELAXED; canon <= SIGN_SIMPLE; canon++) {
		try_header((enum sign_canon)canon, text);
		try_body((enum sign_canon)canon, body, 0);
		try_body((enum sign_canon)canon, body, seed);
	}
	return 0;
}
