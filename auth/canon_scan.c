/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/canon_scan.h"

enum { STEP = 16 };

typedef signed char vector __attribute__((vector_size(STEP)));

static vector
load(const char *p)
{
	vector v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool
any(vector v)
{
	uint64_t halves[2];

	memcpy(halves, &v, sizeof(halves));
	return (halves[0] | halves[1]) != 0;
}

/* Of the bytes of A, with B the bytes behind each. */
static vector
odd_blanks(vector a, vector b)
{
	return (a == '\t') | ((a == ' ') & ((b == ' ') | (b == '\t') | (b == '\r')));
}

static bool
is_odd_blank(struct view text, size_t at)
{
	char behind = at + 1 < text.n ? text.p[at + 1] : '\r';

	return text.p[at] == '\t' ||
	       (text.p[at] == ' ' && (behind == ' ' || behind == '\t' || behind == '\r'));
}

size_t
canon_scan_odd_blank(struct view text)
{
	size_t at = 0;

	while (text.n - at > STEP &&
	       !any(odd_blanks(load(text.p + at), load(text.p + at + 1))))
		at += STEP;
	while (at < text.n && !is_odd_blank(text, at))
		at++;
	return at;
}

void
canon_scan_bytes(struct view text, struct sign_seen *seen)
{
	vector eight_bit = {0}, nul = {0}, bare_cr = {0};
	size_t at = 0;

	for (; text.n - at > STEP; at += STEP) {
		vector a = load(text.p + at), b = load(text.p + at + 1);

		eight_bit |= a < 0;
		nul |= a == 0;
		bare_cr |= (a == '\r') & (b != '\n');
	}
	seen->eight_bit = seen->eight_bit || any(eight_bit);
	seen->nul = seen->nul || any(nul);
	seen->bare_cr = seen->bare_cr || any(bare_cr);
	for (; at < text.n; at++) {
		if ((text.p[at] & 0x80) != 0)
			seen->eight_bit = true;
		if (text.p[at] == '\0')
			seen->nul = true;
		if (text.p[at] == '\r' && at + 1 < text.n && text.p[at + 1] != '\n')
			seen->bare_cr = true;
	}
}
