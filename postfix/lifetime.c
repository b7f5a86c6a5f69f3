/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/buf.h"

#include "postfix/conf.h"
#include "postfix/lifetime.h"
#include "postfix/program.h"

enum { PATIENCE_MS = 5000, OUTPUT_MAX = 4096 };

int
postfix_lifetime(const char *config, int64_t *ret_seconds, struct err *err)
{
	static const char *const options[] = {"-h", "maximal_queue_lifetime", NULL};
	const struct postfix_program program = {.name = "postconf",
	    .config = config,
	    .options = options,
	    .milliseconds = PATIENCE_MS};
	struct buf out = BUF_INIT(OUTPUT_MAX), said = BUF_INIT(OUTPUT_MAX);
	int result = postfix_run(&program, &out, &said, err);
	int64_t seconds =
	    result == 0 ? postfix_seconds(view_trim(buf_view(&out)), 'd') : -1;

	if (result == 0 && seconds < 0)
		result = err_set(err, ERR_CONFIG,
		    "postconf gives no duration for maximal_queue_lifetime");
	if (result == 0)
		*ret_seconds = seconds;
	buf_fini(&out);
	buf_fini(&said);
	return result;
}
