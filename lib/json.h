/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_JSON_H
#define LIB_JSON_H

/*
 * Writes JSON into a buffer: commas and nesting are kept here, so that callers cannot get
 * them wrong. Strings are made valid UTF-8: a byte that is none becomes U+FFFD. Reading
 * JSON is SQLite's work (json_extract).
 *
 *	json_begin(&j, out); json_object(&j, NULL);
 *	json_string(&j, "user.name", user); json_number(&j, "rcpts", 3);
 *	json_end(&j);
 *
 * KEY is NULL inside an array and for the outermost value. Depth is at most 15: more is
 *BUG.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"

struct json {
	struct buf *out;
	unsigned depth;
	uint16_t is_array, has_member; /* one bit a level */
};

void json_begin(struct json *json, struct buf *out);
void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
void json_end(struct json *json); /* of the innermost object or array */
void json_string(struct json *json, const char *key, struct view value);
void json_number(struct json *json, const char *key, int64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
