/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/base64.h"

struct view
base64(const uint8_t *bytes, size_t n, char *into)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *p = into;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t three = (uint32_t)bytes[i] << 16;

		if (left > 1)
			three |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			three |= bytes[i + 2];
		*p++ = digits[three >> 18];
		*p++ = digits[three >> 12 & 63];
		*p++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*p++ = left > 2 ? digits[three & 63] : '=';
	}
	*p = '\0';
	return (struct view){into, (size_t)(p - into)};
}

static int
digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool
base64_read(struct view text, uint8_t *into, size_t *ret_n)
{
	uint32_t bits = 0;
	size_t n = 0, digits = 0, padding = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		int digit = digit_of(c);

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=') {
			padding++;
			continue;
		}
		if (digit < 0 || padding > 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (++digits % 4 != 1)
			into[n++] = (uint8_t)(bits >> (6 - 2 * ((digits - 1) % 4)));
	}
	*ret_n = n;
	return digits % 4 != 1 && (digits + padding) % 4 == 0 && padding <= 2;
}
