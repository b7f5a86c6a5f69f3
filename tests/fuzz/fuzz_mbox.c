/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input is a mailbox. Its messages stand in it one behind the other, none has another's
 * beginning in it, and a mailbox made of them has the same.
 */

#include <stdint.h>
#include <string.h>

#include "ctl/mbox.h"
#include "lib/buf.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AGAIN_MAX = 1 << 24 };

static bool
has(struct view text, struct view what)
{
	return text.n > 0 && memmem(text.p, text.n, what.p, what.n) != NULL;
}

static void
try_message(struct view message)
{
	static const struct view id = {"frank-doctor.1@a.test", 21};

	must(!view_starts(message, VIEW("From ")));
	must(!has(message, VIEW("\nFrom ")));
	if (mbox_has_id(message, id))
		must(has(message, id));
}

static void
split_again(struct view text, struct view again)
{
	struct view rest = again, one, other;

	while (mbox_next(&text, &one)) {
		must(mbox_next(&rest, &other));
		must(view_is(one, other));
	}
	must(!mbox_next(&rest, &other));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size}, rest = text, message;
	struct buf again = BUF_INIT(AGAIN_MAX);
	const char *behind = text.p;

	while (mbox_next(&rest, &message)) {
		if (message.n > 0) {
			must(message.p > behind);
			must(message.p + message.n <= text.p + text.n);
			behind = message.p + message.n;
		}
		try_message(message);
		buf_add_text(&again, "From x\n");
		buf_add(&again, message);
	}
	must(rest.n == 0);
	if (!again.full)
		split_again(text, buf_view(&again));
	(void)mbox_has_id(text, VIEW("a"));
	buf_fini(&again);
	return 0;
}
