/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input is what a web server answers to a GET, and then all of it as a policy of
 * MTA-STS. An answer that is whole stays the same with more behind it, a body is no longer
 * than it may be, and a policy takes the hosts that it names.
 */

#include <stdint.h>

#include "doctor/http.h"
#include "doctor/sts.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 100 };

static void
try_policy(struct view text)
{
	struct sts_policy policy;
	struct err err = ERR_INIT;

	if (sts_parse(text, &policy, &err) < 0) {
		must(err.text[0] != '\0');
		return;
	}
	must(policy.max_age <= STS_AGE_MAX && policy.n_mx <= STS_MX_MAX);
	must(policy.n_mx > 0 || policy.mode == STS_NONE);
	(void)sts_mode_name(policy.mode);
	for (size_t i = 0; i < policy.n_mx; i++)
		must(view_starts(policy.mx[i], VIEW("*.")) ||
		     sts_allows(&policy, policy.mx[i]));
	must(!sts_allows(&policy, VIEW("")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = {(const char *)data, size};
	struct arena *arena = arena_new(0);
	struct http_answer answer, part;
	struct err err = ERR_INIT;

	if (http_parse(bytes, true, BODY_MAX, arena, &answer, &err) == 1) {
		must(answer.status >= 200 && answer.body.n <= BODY_MAX);
		must(answer.status == 200 || answer.body.n == 0);
		try_policy(answer.body);
		if (http_parse(view_head(bytes, size / 2), false, BODY_MAX, arena, &part,
			&err) == 1)
			must(part.status == answer.status &&
			     view_is(part.body, answer.body));
	}
	try_policy(bytes);
	arena_free(arena);
	return 0;
}
