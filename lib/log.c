/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/escape.h"
#include "lib/log.h"
#include "lib/utf8.h"

/* Set by log_open() before there are threads, only read afterwards. */
static enum log_target target = LOG_TO_STDERR;
static const char *ident = "frank";
static bool is_debug;

void
log_open(enum log_target to, const char *name, bool debug)
{
	target = to;
	ident = name;
	is_debug = debug;
	if (to == LOG_TO_SYSLOG)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

void
log_close(void)
{
	if (target == LOG_TO_SYSLOG)
		closelog();
}

/* One write(2), so that lines of several processes on one stderr do not mix. */
static void
write_stderr(struct view line)
{
	char text[LOG_LINE_MAX + 128];
	int n = snprintf(text, sizeof(text), "%.100s: %.*s\n", ident, VIEW_ARG(line));
	const char *p = text;

	while (n > 0) {
		ssize_t written = write(STDERR_FILENO, p, (size_t)n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		p += written;
		n -= (int)written;
	}
}

/* LINE holds nothing that would have to be escaped. */
static void
emit(int priority, struct view line, bool is_cut)
{
	char text[LOG_LINE_MAX];

	if (is_cut || line.n > LOG_LINE_MAX) {
		size_t n = line.n < LOG_LINE_MAX - 3 ? line.n : LOG_LINE_MAX - 3;

		/* Not in the middle of a character. */
		while (n > 0 && n < line.n && ((unsigned char)line.p[n] & 0xc0) == 0x80)
			n--;
		memcpy(text, line.p, n);
		memcpy(text + n, "...", 3);
		line = (struct view){text, n + 3};
	}
	if (target == LOG_TO_SYSLOG)
		syslog(priority, "%.*s", VIEW_ARG(line));
	else
		write_stderr(line);
}

static void
emit_escaped(int priority, struct view line)
{
	struct buf out = BUF_INIT((size_t)4 * LOG_LINE_MAX);

	escape_add(&out, line, LOG_LINE_MAX);
	emit(priority, buf_view(&out), out.full);
	buf_fini(&out);
}

static bool
is_ascii_line(struct view line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] < 0x20 || line.p[i] > 0x7e)
			return false;
	return true;
}

static void log_at(int priority, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
log_at(int priority, const char *format, va_list args)
{
	char text[LOG_LINE_MAX + 2]; /* one byte too long is cut below, and marked */
	int why = errno, n = vsnprintf(text, sizeof(text), format, args);
	struct view line = {text, n < 0 ? 0 : (size_t)n};

	if (line.n >= sizeof(text))
		line.n = sizeof(text) - 1;
	emit_escaped(priority, line);
	errno = why;
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_at(LOG_ERR, format, args);
	va_end(args);
}

void
log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_at(LOG_WARNING, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_at(LOG_INFO, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	if (!is_debug)
		return;
	va_start(args, format);
	log_at(LOG_DEBUG, format, args);
	va_end(args);
}

static void
add_key(struct buf *line, const char *key)
{
	if (line->n != 0)
		buf_add_char(line, ' ');
	buf_add_text(line, key);
	buf_add_char(line, '=');
}

void
log_field(struct buf *line, const char *key, struct view value)
{
	add_key(line, key);
	escape_add_value(line, value, ESCAPE_MAX);
}

void
log_field_number(struct buf *line, const char *key, long long value)
{
	add_key(line, key);
	buf_addf(line, "%lld", value);
}

/* Every character of LINE may be shown. */
static bool
is_safe(struct view line)
{
	while (line.n != 0) {
		uint32_t point = 0;
		size_t n = utf8_take(line, &point);

		if (n == 0 || utf8_is_unsafe(point))
			return false;
		line = view_from(line, n);
	}
	return true;
}

/* Fields are escaped when they are added, and once is enough, unless somebody forgot. */
void
log_line(const struct buf *line)
{
	struct view text = buf_view(line);
	int why = errno;

	if (is_ascii_line(text) || is_safe(text))
		emit(LOG_INFO, text, line->full);
	else
		emit_escaped(LOG_INFO, text);
	errno = why;
}
