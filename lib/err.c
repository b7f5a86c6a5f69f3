/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"

enum { ERR_TEXT = sizeof(((struct err *)NULL)->text) };

/* LENGTH is what snprintf answered for a text of ERR_TEXT bytes. */
static void
mark_cut(char text[ERR_TEXT], int length)
{
	if (length < 0)
		(void)snprintf(text, ERR_TEXT, "(unprintable)");
	else if (length >= ERR_TEXT)
		memcpy(text + ERR_TEXT - 4, "...", 4);
}

/* Arguments may point into err->text itself, so everything is put together beside it. */
static void
format_text(char text[ERR_TEXT], const char *format, va_list args)
{
	mark_cut(text, vsnprintf(text, ERR_TEXT, format, args));
}

int
err_set(struct err *err, enum err_code code, const char *format, ...)
{
	char text[ERR_TEXT];
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, format);
	format_text(text, format, args);
	va_end(args);
	err->code = code;
	memcpy(err->text, text, sizeof(text));
	return -1;
}

int
err_add(struct err *err, const char *format, ...)
{
	char context[ERR_TEXT], text[ERR_TEXT];
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, format);
	format_text(context, format, args);
	va_end(args);
	mark_cut(text, snprintf(text, sizeof(text), "%s: %s", context, err->text));
	memcpy(err->text, text, sizeof(text));
	return -1;
}

int
err_sys(struct err *err, const char *format, ...)
{
	int why = errno;
	char context[ERR_TEXT], text[ERR_TEXT], reason[128];
	va_list args;

	if (err == NULL)
		return -1;
	va_start(args, format);
	format_text(context, format, args);
	va_end(args);
	mark_cut(text, snprintf(text, sizeof(text), "%s: %s", context,
			   strerror_r(why, reason, sizeof(reason))));
	err->code = why == ENOENT                   ? ERR_MISSING
		    : why == EACCES || why == EPERM ? ERR_DENIED
						    : ERR_IO;
	memcpy(err->text, text, sizeof(text));
	errno = why;
	return -1;
}
