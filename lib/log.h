/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_LOG_H
#define LIB_LOG_H

/*
 * One event, one line. Only milter/ logs (the commands write to stderr); libraries return
 * an err. Every line passes the escape function, so no argument can break it. Lines that
 * mean trouble stand in frankd(8), DIAGNOSTICS, with what to do. Any thread.
 */

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/view.h"

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };

enum { LOG_LINE_MAX = 2048 }; /* bytes; longer lines end in "..." */

/* IDENT names the process ("frankd: keys"); it must outlive the log. */
void log_open(enum log_target to, const char *name, bool debug);
/* Forget the connection to syslog: before a forked process closes descriptors it inherited.
 */
void log_close(void);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* " key=value" behind what LINE holds, the value escaped and quoted where it must be. */
void log_field(struct buf *line, const char *key, struct view value);
void log_field_number(struct buf *line, const char *key, long long value);

/* The line as built, without formatting. */
void log_line(const struct buf *line);

#endif
