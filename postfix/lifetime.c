/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stddef.h>

#include "lib/bug.h"

#include "postfix/lifetime.h"
#include "postfix/program.h"

enum { PATIENCE_MS = 5000, OUTPUT_MAX = 4096, NUMBER_MAX = 100000000 };

/* "5d", "12h", "432000s"; days when it has no unit. -1: it is none. */
static int64_t
duration(struct view text)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
	int64_t factor = 86400;
	unsigned long long number;

	for (size_t i = 0; text.n > 0 && i < ARRAY_LEN(units); i++) {
		if (text.p[text.n - 1] != units[i].unit)
			continue;
		factor = units[i].seconds;
		text.n--;
		break;
	}
	if (!view_number(text, NUMBER_MAX, &number))
		return -1;
	return (int64_t)number * factor;
}

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
	int64_t seconds = result == 0 ? duration(view_trim(buf_view(&out))) : -1;

	if (result == 0 && seconds < 0)
		result = err_set(err, ERR_CONFIG,
		    "postconf gives no duration for maximal_queue_lifetime");
	if (result == 0)
		*ret_seconds = seconds;
	buf_fini(&out);
	buf_fini(&said);
	return result;
}
