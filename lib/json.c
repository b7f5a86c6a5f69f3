/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/json.h"
#include "lib/utf8.h"

enum { JSON_DEPTH_MAX = 15 };

static uint16_t
level(const struct json *json)
{
	return (uint16_t)(1u << json->depth);
}

/* Terminals show JSON too, so what may not reach one is written as an escape. */
static void
add_point(struct buf *out, uint32_t point, struct view as_is)
{
	if (point == '"' || point == '\\')
		buf_add_bytes(out, (char[]){'\\', (char)point}, 2);
	else if (point == '\n')
		buf_add(out, VIEW("\\n"));
	else if (point == '\t')
		buf_add(out, VIEW("\\t"));
	else if (!utf8_is_unsafe(point))
		buf_add(out, as_is);
	else if (point < 0x10000)
		buf_addf(out, "\\u%04x", point);
	else
		buf_addf(out, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
		    0xdc00 + ((point - 0x10000) & 0x3ff));
}

static void
add_string(struct buf *out, struct view text)
{
	buf_add_char(out, '"');
	while (text.n != 0) {
		uint32_t point = 0;
		size_t n = 0;

		while (n < text.n && text.p[n] >= 0x20 && text.p[n] < 0x7f &&
		       text.p[n] != '"' && text.p[n] != '\\')
			n++;
		if (n != 0)
			buf_add(out, view_head(text, n));
		else if ((n = utf8_take(text, &point)) != 0)
			add_point(out, point, view_head(text, n));
		else {
			buf_add(out, VIEW("\xef\xbf\xbd"));
			n = 1;
		}
		text = view_from(text, n);
	}
	buf_add_char(out, '"');
}

/* What stands before a value: a comma where one is due, and the key in an object. */
static void
start_value(struct json *json, const char *key)
{
	bool is_in_object = json->depth != 0 && (json->is_array & level(json)) == 0;

	must((key != NULL) == is_in_object);
	if ((json->has_member & level(json)) != 0) {
		must(json->depth != 0);
		buf_add_char(json->out, ',');
	}
	json->has_member |= level(json);
	if (key == NULL)
		return;
	add_string(json->out, view_of(key));
	buf_add_char(json->out, ':');
}

static void
go_deeper(struct json *json, bool is_array)
{
	must(json->depth < JSON_DEPTH_MAX);
	json->depth++;
	json->has_member &= (uint16_t)~level(json);
	if (is_array)
		json->is_array |= level(json);
	else
		json->is_array &= (uint16_t)~level(json);
	buf_add_char(json->out, is_array ? '[' : '{');
}

void
json_begin(struct json *json, struct buf *out)
{
	*json = (struct json){.out = out};
}

void
json_object(struct json *json, const char *key)
{
	start_value(json, key);
	go_deeper(json, false);
}

void
json_array(struct json *json, const char *key)
{
	start_value(json, key);
	go_deeper(json, true);
}

void
json_end(struct json *json)
{
	must(json->depth != 0);
	buf_add_char(json->out, (json->is_array & level(json)) != 0 ? ']' : '}');
	json->depth--;
}

void
json_string(struct json *json, const char *key, struct view value)
{
	start_value(json, key);
	add_string(json->out, value);
}

void
json_number(struct json *json, const char *key, int64_t value)
{
	start_value(json, key);
	buf_addf(json->out, "%lld", (long long)value);
}

void
json_bool(struct json *json, const char *key, bool value)
{
	start_value(json, key);
	buf_add_text(json->out, value ? "true" : "false");
}

void
json_null(struct json *json, const char *key)
{
	start_value(json, key);
	buf_add(json->out, VIEW("null"));
}
