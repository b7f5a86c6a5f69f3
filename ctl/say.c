/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/escape.h"

#include "ctl/ctl.h"

enum { LINE_MAX_BYTES = 2048 };

void
ctl_say(const char *format, ...)
{
	struct buf raw = BUF_INIT(LINE_MAX_BYTES), line = BUF_INIT(6 * LINE_MAX_BYTES);
	va_list args;

	va_start(args, format);
	buf_addv(&raw, format, args);
	va_end(args);
	escape_add(&line, buf_view(&raw), LINE_MAX_BYTES);
	fprintf(stderr, "frank: %s\n", buf_text(&line));
	buf_fini(&raw);
	buf_fini(&line);
}

int
ctl_fail(const struct err *err)
{
	ctl_say("%s", err->text);
	switch (err->code) {
	case ERR_NONE:
	case ERR_TEMP:
	case ERR_LIMIT:
		return EX_TEMPFAIL;
	case ERR_CONFIG:
	case ERR_BAD_INPUT:
		return EX_CONFIG;
	case ERR_IO:
		return EX_IOERR;
	case ERR_DENIED:
		return EX_NOPERM;
	case ERR_MISSING:
		return EX_NOINPUT;
	}
	return EX_SOFTWARE;
}

int
ctl_print(const struct buf *out)
{
	struct view text = buf_view(out);

	if (text.n > 0 && fwrite(text.p, 1, text.n, stdout) != text.n)
		return EX_IOERR;
	if (fflush(stdout) != 0)
		return EX_IOERR;
	if (out->full) {
		ctl_say(
		    "the output was cut: it is larger than %d MB", CTL_OUTPUT_MAX >> 20);
		return EX_IOERR;
	}
	return CTL_FINE;
}
