/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "lib/clock.h"

#include "ctl/progress.h"

enum { WIDTH = 40, PATIENCE = 1000000 /* microseconds */ };

void
progress_begin(struct progress *progress, size_t n)
{
	*progress = (struct progress){
	    .n = n, .began = clock_mono(), .is_terminal = isatty(STDERR_FILENO) == 1};
}

void
progress_show(struct progress *progress, size_t at)
{
	static const char full[WIDTH + 1] = "########################################";
	int64_t spent = clock_mono() - progress->began, left;
	int filled;

	if (!progress->is_terminal || progress->n == 0 || spent < PATIENCE)
		return;
	filled = (int)(at * WIDTH / progress->n);
	left = at > 0 ? spent * (int64_t)(progress->n - at) / (int64_t)at / 1000000 : 0;
	fprintf(stderr, "\r[%-*.*s] %zu of %zu, %lld s left \033[K", WIDTH, filled, full,
	    at, progress->n, (long long)left);
	(void)fflush(stderr);
	progress->is_shown = true;
}

void
progress_end(struct progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	(void)fflush(stderr);
}
