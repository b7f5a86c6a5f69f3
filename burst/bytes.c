/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "burst/bytes.h"

void
bytes_put(struct buf *buf, uint64_t number, unsigned n_bytes)
{
	unsigned char bytes[8];

	must(n_bytes <= sizeof(bytes));
	for (unsigned i = 0; i < n_bytes; i++, number >>= 8)
		bytes[i] = (unsigned char)number;
	buf_add_bytes(buf, bytes, n_bytes);
}

struct view
bytes_get_view(struct bytes_reader *reader, size_t n)
{
	struct view part = {reader->rest.p, n};

	if (reader->is_short || reader->rest.n < n) {
		reader->is_short = true;
		return VIEW_NONE;
	}
	reader->rest = view_from(reader->rest, n);
	return part;
}

uint64_t
bytes_get(struct bytes_reader *reader, unsigned n_bytes)
{
	struct view part = bytes_get_view(reader, n_bytes);
	uint64_t number = 0;

	for (size_t i = part.n; i > 0; i--)
		number = number << 8 | (unsigned char)part.p[i - 1];
	return number;
}
