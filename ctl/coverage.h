/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_COVERAGE_H
#define CTL_COVERAGE_H

/* frank coverage: what left without a decision, and why, as it is shown. */

#include "journal/coverage.h"
#include "lib/buf.h"

struct coverage_view {
	int64_t since;    /* wall */
	unsigned ignored; /* 1 << enum coverage_reason */
};
void coverage_text(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out);
void coverage_json(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out);

#endif
