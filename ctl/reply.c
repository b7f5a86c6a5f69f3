/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/control.h"

#include "ctl/reply.h"

enum { REPLY_BYTES = 16 << 20 };

struct reply {
	struct buf text, errors;
};

static void
collect(void *context, int is_error, struct view text)
{
	struct reply *reply = context;

	buf_add(is_error ? &reply->errors : &reply->text, text);
}

int
reply_ask(struct ctl *ctl, const char *const *words, size_t n, struct arena *arena,
    struct view *ret_text)
{
	struct reply reply = {BUF_INIT(REPLY_BYTES), BUF_INIT(REPLY_BYTES)};
	struct err err = ERR_INIT;
	int code = control_ask(ctl_control(ctl), words, n, collect, &reply, &err);

	if (code < 0)
		code = ctl_unreachable(&err);
	else if (code > 0)
		fputs(buf_text(&reply.errors), stderr);
	else
		*ret_text = arena_view(arena, buf_view(&reply.text));
	buf_fini(&reply.text);
	buf_fini(&reply.errors);
	return code;
}
