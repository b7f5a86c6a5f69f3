/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_HTTP_H
#define DOCTOR_HTTP_H

/* What a web server answers to one GET (RFC 9112): so much of it as one short text takes.
 * Pure. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

enum { HTTP_HEAD_MAX = 16 << 10 };

struct http_answer {
	unsigned status;      /* 200 */
	struct view type;     /* "text/plain; charset=utf-8"; empty: not said */
	struct view location; /* where it sends us; empty: not said */
	struct view body;     /* of status 200 alone */
};

/*
 * BYTES are what came so far; IS_ALL: no more will come. A body of more than BODY_MAX bytes
 * is not taken. Views point into BYTES or ARENA. 1; 0: more is needed; -1: it is no answer
 * (ERR_BAD_INPUT), ended too early (ERR_TEMP), or is too large (ERR_LIMIT).
 */
int http_parse(struct view bytes, bool is_all, size_t body_max, struct arena *arena,
    struct http_answer *ret_answer, struct err *err);

#endif
