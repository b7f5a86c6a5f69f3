/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef BURST_BYTES_H
#define BURST_BYTES_H

/*
 * Numbers as bytes, least significant first, into a buffer and out of a view. A reader that
 * came to the end gives zeros and remembers it: one check at the end is enough.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"

void bytes_put(struct buf *buf, uint64_t number, unsigned n_bytes);

struct bytes_reader {
	struct view rest;
	bool is_short;
};
uint64_t bytes_get(struct bytes_reader *reader, unsigned n_bytes);
/* Empty when there are not so many. */
struct view bytes_get_view(struct bytes_reader *reader, size_t n);

#endif
