/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/canon.h"
#include "auth/canon_scan.h"

void
canon_body_begin(struct canon_body *body, enum sign_canon canon, struct digest *digest)
{
	body->digest = digest;
	body->canon = canon;
	body->seen = (struct sign_seen){.body_bytes = 0};
	body->crlfs = body->line = 0;
	body->cr = body->blank = body->any = false;
	body->n = 0;
	digest_begin(digest);
}

static void
write_block(struct canon_body *body)
{
	if (body->n > 0)
		digest_add(body->digest, body->block, body->n);
	body->n = 0;
}

static void
write_text(struct canon_body *body, struct view text)
{
	body->any = true;
	if (text.n > CANON_BLOCK - body->n)
		write_block(body);
	if (text.n > CANON_BLOCK / 2) {
		write_block(body);
		digest_add(body->digest, text.p, text.n);
		return;
	}
	memcpy(body->block + body->n, text.p, text.n);
	body->n += text.n;
}

static void
write_line_ends(struct canon_body *body)
{
	for (; body->crlfs > 0; body->crlfs--)
		write_text(body, VIEW("\r\n"));
}

/* Text in which nothing needs to be changed. The line ends it ends in are held back. */
static void
add_clean(struct canon_body *body, struct view text)
{
	size_t n = text.n;

	if (body->blank && !view_starts(text, VIEW("\r\n"))) {
		write_line_ends(body);
		write_text(body, VIEW(" "));
	}
	body->blank = false;
	while (n >= 2 && text.p[n - 2] == '\r' && text.p[n - 1] == '\n')
		n -= 2;
	if (n > 0) {
		write_line_ends(body);
		write_text(body, view_head(text, n));
	}
	body->crlfs += (text.n - n) / 2;
}

static size_t
skip_blanks(struct view text)
{
	size_t n = 0;

	while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\t'))
		n++;
	return n;
}

static void
add_relaxed(struct canon_body *body, struct view text)
{
	for (;;) {
		size_t n;

		/* A run of white space may have begun in the chunk before. */
		if (body->blank)
			text = view_from(text, skip_blanks(text));
		if (text.n == 0)
			return;
		n = canon_scan_odd_blank(text);
		if (n > 0)
			add_clean(body, view_head(text, n));
		text = view_from(text, n);
		body->blank = text.n > 0;
	}
}

static void
add_text(struct canon_body *body, struct view text)
{
	if (text.n == 0)
		return;
	if (body->canon == SIGN_RELAXED)
		add_relaxed(body, text);
	else
		add_clean(body, text);
}

/* Where the last line of TEXT begins; 0 when no line ends in it. */
static size_t
last_line(struct view text)
{
	const char *cr;

	while (text.n > 1 && (cr = memrchr(text.p, '\r', text.n - 1)) != NULL) {
		if (cr[1] == '\n')
			return (size_t)(cr - text.p) + 2;
		text.n = (size_t)(cr - text.p) + 1;
	}
	return 0;
}

/*
 * Follow the length of lines: as long as some line ends in every stretch of the greatest
 * length, none is longer, and the other ends in it need not be looked for.
 */
static void
measure_lines(struct canon_body *body, struct view text)
{
	while (text.n > 0 && !body->seen.long_line) {
		size_t room = CANON_LINE_MAX + 2 - body->line;
		size_t n = text.n < room ? text.n : room;
		size_t at = last_line(view_head(text, n));

		if (at == 0 && n < room) {
			body->line += n;
			return;
		}
		if (at == 0) {
			body->seen.long_line = true;
			return;
		}
		body->line = 0;
		text = view_from(text, at);
	}
}

/* The CR that the last chunk ended in, now that it is known what follows. */
static struct view
settle_cr(struct canon_body *body, struct view chunk)
{
	body->cr = false;
	if (chunk.n > 0 && chunk.p[0] == '\n') {
		body->line = 0;
		body->blank = false;
		body->crlfs++;
		return view_from(chunk, 1);
	}
	body->seen.bare_cr = true;
	add_text(body, VIEW("\r"));
	return chunk;
}

void
canon_body_add(struct canon_body *body, struct view chunk)
{
	if (chunk.n == 0)
		return;
	body->seen.body_bytes += chunk.n;
	if (body->cr)
		chunk = settle_cr(body, chunk);
	canon_scan_bytes(chunk, &body->seen);
	measure_lines(body, chunk);
	if (chunk.n > 0 && chunk.p[chunk.n - 1] == '\r') {
		body->cr = true;
		chunk.n--;
	}
	add_text(body, chunk);
}

void
canon_body_end(struct canon_body *body, uint8_t ret_digest[DIGEST_BYTES])
{
	if (body->cr)
		(void)settle_cr(body, VIEW_NONE);
	if (body->line > CANON_LINE_MAX)
		body->seen.long_line = true;
	/* What is left of line ends is one CRLF, which an empty relaxed body does not get.
	 */
	if (body->any || body->canon == SIGN_SIMPLE)
		write_text(body, VIEW("\r\n"));
	write_block(body);
	digest_end(body->digest, ret_digest);
}
