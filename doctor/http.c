/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "doctor/http.h"

enum { SHOWN = 60, LENGTH_MAX = 1 << 30, CHUNK_DIGITS = 7 };

struct http {
	struct view rest; /* behind what was taken */
	bool is_all;
	struct http_answer answer;
	bool is_chunked, has_length;
	unsigned long long length;
	size_t body_max;
};

static int
need_more(const struct http *http, struct err *err)
{
	return http->is_all ? err_set(err, ERR_TEMP, "the answer ends too early") : 0;
}

/* A line without its end. */
static int
take_line(struct http *http, struct view *ret_line, struct err *err)
{
	if (!view_has_char(http->rest, '\n'))
		return need_more(http, err);
	(void)view_cut(&http->rest, '\n', ret_line);
	*ret_line = view_trim(*ret_line);
	return 1;
}

/* "HTTP/1.1 200 OK" */
static int
take_status(struct http *http, struct view line, struct err *err)
{
	struct view rest = line, version = VIEW_NONE, code = VIEW_NONE;
	unsigned long long status = 0;

	(void)view_cut(&rest, ' ', &version);
	(void)view_cut(&rest, ' ', &code);
	if (!view_starts(version, VIEW("HTTP/1.")) || code.n != 3 ||
	    !view_number(code, 599, &status) || status < 100)
		return err_set(err, ERR_BAD_INPUT, "the answer is no HTTP: %.*s",
		    VIEW_ARG(view_head(line, SHOWN)));
	http->answer.status = (unsigned)status;
	return 1;
}

static int
take_field(struct http *http, struct view line, struct err *err)
{
	struct view value = line, name = VIEW_NONE;

	(void)view_cut(&value, ':', &name);
	value = view_trim(value);
	if (view_is_nocase(name, VIEW("content-type"))) {
		http->answer.type = value;
	} else if (view_is_nocase(name, VIEW("location"))) {
		http->answer.location = value;
	} else if (view_is_nocase(name, VIEW("transfer-encoding"))) {
		http->is_chunked = true;
		if (!view_is_nocase(value, VIEW("chunked")))
			return err_set(err, ERR_BAD_INPUT,
			    "the answer comes as '%.*s', which nobody asked for",
			    VIEW_ARG(view_head(value, SHOWN)));
	} else if (view_is_nocase(name, VIEW("content-length"))) {
		http->has_length = true;
		if (!view_number(value, LENGTH_MAX, &http->length))
			return err_set(err, ERR_BAD_INPUT,
			    "the answer has the length '%.*s'",
			    VIEW_ARG(view_head(value, SHOWN)));
	}
	return 1;
}

static int
take_head(struct http *http, struct err *err)
{
	struct view line;
	int taken;

	http->answer = (struct http_answer){.status = 0};
	http->is_chunked = http->has_length = false;
	if ((taken = take_line(http, &line, err)) != 1 ||
	    (taken = take_status(http, line, err)) != 1)
		return taken;
	while ((taken = take_line(http, &line, err)) == 1 && line.n > 0)
		if (take_field(http, line, err) < 0)
			return -1;
	return taken;
}

static int
say_large(const struct http *http, struct err *err)
{
	return err_set(err, ERR_LIMIT, "the text has more than %zu bytes", http->body_max);
}

/* "1a3;name=value" */
static bool
chunk_size(struct view line, size_t *ret_size)
{
	struct view digits = VIEW_NONE;
	size_t size = 0;

	(void)view_cut(&line, ';', &digits);
	digits = view_trim(digits);
	if (digits.n == 0 || digits.n > CHUNK_DIGITS)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		static const char hex[] = "0123456789abcdef0123456789ABCDEF";
		const char *at = strchr(hex, digits.p[i]);

		if (digits.p[i] == '\0' || at == NULL)
			return false;
		size = size * 16 + (size_t)(at - hex) % 16;
	}
	*ret_size = size;
	return true;
}

/* The bytes of all parts, into INTO unless that is NULL; 'rest' stays where it was. */
static int
read_chunks(struct http http, char *into, size_t *ret_n, struct err *err)
{
	size_t n = 0, size;
	struct view line;
	int taken;

	while ((taken = take_line(&http, &line, err)) == 1) {
		if (!chunk_size(line, &size))
			return err_set(err, ERR_BAD_INPUT,
			    "a part of the answer begins with '%.*s', and not with its "
			    "size",
			    VIEW_ARG(view_head(line, SHOWN)));
		if (size > http.body_max - n)
			return say_large(&http, err);
		*ret_n = n;
		if (size == 0)
			return 1;
		if (http.rest.n < size)
			return need_more(&http, err);
		if (into != NULL)
			memcpy(into + n, http.rest.p, size);
		n += size;
		http.rest = view_from(http.rest, size);
		if ((taken = take_line(&http, &line, err)) != 1)
			break;
		if (line.n > 0)
			return err_set(err, ERR_BAD_INPUT,
			    "a part of the answer is longer than it says");
	}
	return taken;
}

static int
take_chunks(struct http *http, struct arena *arena, struct err *err)
{
	size_t n = 0;
	int taken = read_chunks(*http, NULL, &n, err);

	if (taken != 1)
		return taken;
	char *body = arena_alloc(arena, n + 1);
	(void)read_chunks(*http, body, &n, err);
	http->answer.body = (struct view){body, n};
	return 1;
}

static int
take_body(struct http *http, struct arena *arena, struct err *err)
{
	if (http->is_chunked)
		return take_chunks(http, arena, err);
	if (http->has_length ? http->length > http->body_max
			     : http->rest.n > http->body_max)
		return say_large(http, err);
	if (http->has_length && http->rest.n < http->length)
		return need_more(http, err);
	if (!http->has_length && !http->is_all)
		return 0;
	http->answer.body =
	    http->has_length ? view_head(http->rest, (size_t)http->length) : http->rest;
	return 1;
}

int
http_parse(struct view bytes, bool is_all, size_t body_max, struct arena *arena,
    struct http_answer *ret_answer, struct err *err)
{
	struct http http = {.rest = bytes, .is_all = is_all, .body_max = body_max};
	int taken;

	do
		taken = take_head(&http, err);
	while (taken == 1 && http.answer.status / 100 == 1);
	if (taken == 0 && bytes.n > HTTP_HEAD_MAX)
		return err_set(err, ERR_LIMIT,
		    "the head of the answer has more than %d bytes", HTTP_HEAD_MAX);
	if (taken == 1 && http.answer.status == 200)
		taken = take_body(&http, arena, err);
	if (taken == 1)
		*ret_answer = http.answer;
	return taken;
}
