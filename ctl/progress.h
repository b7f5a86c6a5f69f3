/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

/* A bar on stderr, where that is a terminal and the work takes longer than a second. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
	size_t n;
	int64_t began; /* monotonic */
	bool is_terminal, is_shown;
};

void progress_begin(struct progress *progress, size_t n);
/* AT of them are done. */
void progress_show(struct progress *progress, size_t at);
void progress_end(struct progress *progress); /* takes it away */

#endif
