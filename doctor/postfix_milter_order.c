/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* Each milter sees what those before it have changed; so the one that signs is the last. */

/* Named so, it is OpenDKIM or a like of it. */
static bool
may_sign(struct view endpoint)
{
	static const struct view name = {"dkim", 4};

	for (size_t i = 0; i + name.n <= endpoint.n; i++)
		if (view_is_nocase(view_head(view_from(endpoint, i), name.n), name))
			return true;
	return false;
}

static void
judge_order(const struct look *look, const struct policy_settings *settings,
    const struct look_use *use)
{
	struct view rest = use->value, after = VIEW_NONE, signer = VIEW_NONE;
	struct look_milter milter;
	bool is_behind = false;

	while (look_next_milter(&rest, &milter)) {
		if (look_is_frank(look, settings, milter.endpoint))
			is_behind = true;
		else if (is_behind)
			after = milter.endpoint;
		else if (may_sign(milter.endpoint))
			signer = milter.endpoint;
	}
	if (after.n > 0)
		look_set_last(look,
		    look_say(look, DOCTOR_BAD,
			"%s has %.*s behind frankd: what that changes breaks the signature",
			use->place, VIEW_ARG(after)),
		    use);
	if (signer.n > 0)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s has %.*s before frankd; if that signs too, mail has two "
		    "signatures, and a key to be changed in two places",
		    use->place, VIEW_ARG(signer));
	if (after.n == 0 && signer.n == 0)
		(void)look_say(look, DOCTOR_OK, "frankd is the last in %s", use->place);
}

LOOK_CHECK(doctor_check_milter_order)
{
	(void)subject;
	look_each_use(world, report, judge_order);
}
