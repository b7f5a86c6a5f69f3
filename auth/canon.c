/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/canon.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t
skip_blanks(struct view text)
{
	size_t n = 0;

	while (n < text.n && is_blank(text.p[n]))
		n++;
	return n;
}

/*
 * Where the first white space stands that relaxed changes: a tab, a blank before white
 * space, or a blank at the end. In ordinary text that is nowhere, so a whole block is asked
 * at once (the compiler turns the inner loop into vector instructions).
 */
static size_t
find_odd_blank(struct view text)
{
	enum { STEP = 16 };
	size_t at = 0;

	while (text.n - at > STEP) {
		const char *p = text.p + at;
		unsigned char odd = 0;

		for (size_t i = 0; i < STEP; i++)
			odd |= (unsigned char)((p[i] == '\t') |
					       ((p[i] == ' ') & (is_blank(p[i + 1]))));
		if (odd != 0)
			break;
		at += STEP;
	}
	for (; at < text.n; at++) {
		if (text.p[at] == '\t')
			break;
		if (text.p[at] == ' ' && (at + 1 == text.n || is_blank(text.p[at + 1])))
			break;
	}
	return at;
}

static void
header_simple(struct view value, struct buf *out)
{
	for (;;) {
		const char *lf = value.n > 0 ? memchr(value.p, '\n', value.n) : NULL;
		size_t n = lf != NULL ? (size_t)(lf - value.p) : value.n;

		buf_add_bytes(out, value.p, n);
		if (lf == NULL)
			return;
		if (n == 0 || value.p[n - 1] != '\r')
			buf_add_char(out, '\r');
		buf_add_char(out, '\n');
		value = view_from(value, n + 1);
	}
}

static bool
is_line_end(struct view value, size_t at)
{
	return value.p[at] == '\n' ||
	       (value.p[at] == '\r' && at + 1 < value.n && value.p[at + 1] == '\n');
}

static void
header_relaxed(struct view value, struct buf *out)
{
	char *into = buf_reserve(out, value.n);
	size_t n = 0;
	bool blank = false;

	if (into == NULL)
		return;
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (is_blank(c)) {
			blank = true;
			continue;
		}
		if ((c == '\n' || c == '\r') && is_line_end(value, i))
			continue;
		if (blank && n > 0)
			into[n++] = ' ';
		blank = false;
		into[n++] = c;
	}
	out->n += n;
	into[n] = '\0';
}

void
canon_header(enum sign_canon canon, struct view name, struct view value, struct buf *out)
{
	if (canon == SIGN_SIMPLE) {
		buf_add(out, name);
		buf_add_char(out, ':');
		header_simple(value, out);
		return;
	}
	while (name.n > 0 && is_blank(name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(out, lower(name.p[i]));
	buf_add_char(out, ':');
	header_relaxed(value, out);
}

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
write_text(struct canon_body *body, struct view text)
{
	body->any = true;
	while (text.n > 0) {
		size_t room = CANON_BLOCK - body->n;
		size_t n = text.n < room ? text.n : room;

		memcpy(body->block + body->n, text.p, n);
		body->n += n;
		text = view_from(text, n);
		if (body->n == CANON_BLOCK) {
			digest_add(body->digest, body->block, body->n);
			body->n = 0;
		}
	}
}

static void
write_line_ends(struct canon_body *body)
{
	for (; body->crlfs > 0; body->crlfs--)
		write_text(body, VIEW("\r\n"));
}

static void
add_relaxed(struct canon_body *body, struct view text)
{
	while (text.n > 0) {
		size_t n = skip_blanks(text);

		if (n > 0) {
			body->blank = true;
			text = view_from(text, n);
			continue;
		}
		write_line_ends(body);
		if (body->blank)
			write_text(body, VIEW(" "));
		body->blank = false;
		n = find_odd_blank(text);
		write_text(body, view_head(text, n));
		text = view_from(text, n);
	}
}

static void
add_text(struct canon_body *body, struct view text)
{
	if (text.n == 0)
		return;
	body->line += text.n;
	if (body->canon == SIGN_RELAXED) {
		add_relaxed(body, text);
		return;
	}
	write_line_ends(body);
	write_text(body, text);
}

static void
end_line(struct canon_body *body)
{
	if (body->line > CANON_LINE_MAX)
		body->seen.long_line = true;
	body->line = 0;
	body->blank = false;
	body->crlfs++;
}

static void
bare_cr(struct canon_body *body)
{
	body->seen.bare_cr = true;
	add_text(body, VIEW("\r"));
}

static bool
has_eight_bit(struct view text)
{
	enum { STEP = 64 };
	size_t at = 0;
	unsigned char all = 0;

	for (; text.n - at >= STEP; at += STEP)
		for (size_t i = 0; i < STEP; i++)
			all |= (unsigned char)text.p[at + i];
	for (; at < text.n; at++)
		all |= (unsigned char)text.p[at];
	return (all & 0x80) != 0;
}

static void
look(struct sign_seen *seen, struct view chunk)
{
	seen->body_bytes += chunk.n;
	if (!seen->eight_bit)
		seen->eight_bit = has_eight_bit(chunk);
	if (!seen->nul)
		seen->nul = memchr(chunk.p, '\0', chunk.n) != NULL;
}

void
canon_body_add(struct canon_body *body, struct view chunk)
{
	if (chunk.n == 0)
		return;
	look(&body->seen, chunk);
	if (body->cr) {
		body->cr = false;
		if (chunk.p[0] == '\n') {
			end_line(body);
			chunk = view_from(chunk, 1);
		} else
			bare_cr(body);
	}
	while (chunk.n > 0) {
		const char *cr = memchr(chunk.p, '\r', chunk.n);
		size_t n = cr != NULL ? (size_t)(cr - chunk.p) : chunk.n;

		add_text(body, view_head(chunk, n));
		if (cr == NULL)
			return;
		chunk = view_from(chunk, n + 1);
		if (chunk.n == 0)
			body->cr = true;
		else if (chunk.p[0] == '\n') {
			end_line(body);
			chunk = view_from(chunk, 1);
		} else
			bare_cr(body);
	}
}

void
canon_body_end(struct canon_body *body, uint8_t ret_digest[DIGEST_BYTES])
{
	if (body->cr)
		bare_cr(body);
	if (body->line > CANON_LINE_MAX)
		body->seen.long_line = true;
	/* What is left of line ends is one CRLF, which an empty relaxed body does not get.
	 */
	if (body->any || body->canon == SIGN_SIMPLE)
		write_text(body, VIEW("\r\n"));
	if (body->n > 0)
		digest_add(body->digest, body->block, body->n);
	digest_end(body->digest, ret_digest);
}
