/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_SOURCE_H
#define FOLLOW_SOURCE_H

/*
 * Where the lines of Postfix's log come from: a file (file_source.c) or journald
 * (journald.c). Both give the same, and remember a place in the same way. One thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

struct source_entry {
	int64_t time; /* wall, microseconds */
	struct view
	    program; /* "postfix/submission/smtpd"; empty: it is no line of syslog's */
	struct view message;
};

struct source {
	void *self;
	/* Go on behind PLACE; empty, or of another kind of source: begin with what is
	 * written from now on. 0, or -1, to be tried again. */
	int (*begin)(void *self, struct view place, struct err *err);
	/* 1, and the text is there until the next call; 0: no more at NOW; -1, to be tried
	 * again. */
	int (*next)(
	    void *self, int64_t now, struct source_entry *ret_entry, struct err *err);
	/* Behind the last entry that was given, and before it. */
	void (*place)(void *self, struct buf *out);
	void (*place_before)(void *self, struct buf *out);
	void (*free)(void *self);
};

struct source_calls {
	void *context;
	/* As in struct tail_calls; of a file. */
	int (*open)(void *context, const char *suffix, struct err *err);
	void (*gap)(void *context, const char *text);
};

/* PATH must outlive it. */
void source_of_file(
    const char *path, const struct source_calls *calls, struct source *ret_source);

/* Was this frankd built with libsystemd? */
bool source_has_journald(void);

/* DIRECTORY: of journal files, for tests; NULL: this machine's. What others than root and
 * Postfix's own account (POSTFIX_UID) log in Postfix's name is passed over. -1: there is
 * no libsystemd. */
int source_of_journald(const char *directory, uint32_t postfix_uid,
    const struct source_calls *calls, struct source *ret_source, struct err *err);

#endif
