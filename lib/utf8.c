/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/utf8.h"

size_t
utf8_take(struct view text, uint32_t *ret_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text.p;
	uint32_t point;
	size_t n;

	if (text.n == 0)
		return 0;
	if (p[0] < 0x80) {
		*ret_point = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc0 || p[0] > 0xf7 || n > text.n)
		return 0;
	point = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3fu);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

bool
utf8_is_unsafe(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	    {0x0000, 0x001f},   /* C0 */
	    {0x007f, 0x009f},   /* DEL, C1 */
	    {0x061c, 0x061c},   /* Arabic letter mark */
	    {0x200b, 0x200f},   /* zero width; directional marks */
	    {0x2028, 0x202e},   /* separators; embeddings and overrides */
	    {0x2060, 0x206f},   /* joiner, invisible operators, isolates, deprecated */
	    {0xfeff, 0xfeff},   /* byte order mark */
	    {0xfff9, 0xfffb},   /* interlinear annotation */
	    {0xe0000, 0xe007f}, /* tags */
	};

	if (point >= 0x20 && point < 0x7f)
		return false;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}
