/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/sign_private.h"

const struct sign_name sign_names[SIGN_NAMES] = {
    {{"From", 4}, true},
    {{"To", 2}, true},
    {{"Cc", 2}, true},
    {{"Subject", 7}, true},
    {{"Date", 4}, true},
    {{"Reply-To", 8}, true},
    {{"Message-ID", 10}, true},
    {{"In-Reply-To", 11}, false},
    {{"References", 10}, false},
    {{"MIME-Version", 12}, true},
    {{"Content-Type", 12}, true},
    {{"Content-Transfer-Encoding", 25}, true},
    {{"List-Unsubscribe", 16}, false},
    {{"List-Unsubscribe-Post", 21}, false},
};

bool
sign_covers(struct view name, bool *ret_over)
{
	for (size_t i = 0; i < SIGN_NAMES; i++) {
		if (!view_is_nocase(sign_names[i].name, name))
			continue;
		*ret_over = sign_names[i].over;
		return true;
	}
	return false;
}

struct sign *
sign_new(void)
{
	struct sign *sign = mem_zeroed(1, sizeof(*sign));

	sign->digest = digest_new();
	sign->body_digest = digest_new();
	buf_init(&sign->raw, SIGN_HEADER_MAX);
	/* Simple makes two bytes of every LF; a name, a colon and a line end come with each
	 * field. */
	buf_init(&sign->canonical, 2 * SIGN_HEADER_MAX + 4 * SIGN_FIELDS_MAX);
	buf_init(&sign->names, 64 << 10);
	buf_init(&sign->scratch, 256 << 10);
	return sign;
}

void
sign_free(struct sign *sign)
{
	if (sign == NULL)
		return;
	digest_free(sign->digest);
	digest_free(sign->body_digest);
	buf_fini(&sign->raw);
	buf_fini(&sign->canonical);
	buf_fini(&sign->names);
	buf_fini(&sign->scratch);
	free(sign->fields);
	free(sign->from);
	free(sign);
}

void
sign_begin(struct sign *sign, enum sign_canon header, enum sign_canon body)
{
	sign->header_canon = header;
	buf_reset(&sign->raw);
	buf_reset(&sign->canonical);
	buf_reset(&sign->names);
	sign->n_fields = 0;
	sign->long_line = sign->body_done = sign->prepared = false;
	canon_body_begin(&sign->body, body, sign->body_digest);
}

static struct view
without_blank_end(struct view name)
{
	while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	return name;
}

static size_t
name_index(struct view name)
{
	size_t i = 0;

	while (i < SIGN_NAMES && !view_is_nocase(sign_names[i].name, name))
		i++;
	return i;
}

static bool
has_long_line(struct view name, struct view value)
{
	size_t before = name.n + 1;
	struct view line;

	if (before + value.n <= CANON_LINE_MAX)
		return false;
	while (view_cut(&value, '\n', &line)) {
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (before + line.n > CANON_LINE_MAX)
			return true;
		before = 0;
	}
	return false;
}

static struct sign_field *
next_field(struct sign *sign)
{
	if (sign->n_fields == sign->size) {
		sign->size = sign->size > 0 ? 2 * sign->size : 32;
		sign->fields = mem_resize(sign->fields, sign->size, sizeof(*sign->fields));
		sign->from = mem_resize(sign->from, sign->size, sizeof(*sign->from));
	}
	return &sign->fields[sign->n_fields];
}

int
sign_header(struct sign *sign, struct view name, struct view value, struct err *err)
{
	size_t index = name_index(without_blank_end(name));
	struct sign_field *field;

	must(!sign->prepared);
	if (index == SIGN_NAMES)
		return 0;
	if (sign->n_fields == SIGN_FIELDS_MAX)
		return err_set(
		    err, ERR_LIMIT, "more than %d header fields to sign", SIGN_FIELDS_MAX);
	field = next_field(sign);
	*field = (struct sign_field){
	    .name_at = (uint32_t)sign->raw.n,
	    .name_n = (uint32_t)name.n,
	    .value_at = (uint32_t)(sign->raw.n + name.n),
	    .value_n = (uint32_t)value.n,
	    .index = (uint32_t)index,
	};
	buf_add(&sign->raw, name);
	buf_add(&sign->raw, value);
	if (sign->raw.full)
		return err_set(err, ERR_LIMIT,
		    "more than %d bytes of header fields to sign", SIGN_HEADER_MAX);
	sign->n_fields++;
	if (has_long_line(name, value))
		sign->long_line = true;
	return 0;
}

void
sign_body(struct sign *sign, struct view chunk)
{
	must(!sign->body_done);
	canon_body_add(&sign->body, chunk);
}

void
sign_body_end(struct sign *sign)
{
	must(!sign->body_done);
	canon_body_end(&sign->body, sign->body_hash);
	sign->body_done = true;
}

static struct view
field_value(const struct sign *sign, const struct sign_field *field)
{
	return (struct view){sign->raw.p + field->value_at, field->value_n};
}

const struct view *
sign_from_values(const struct sign *sign, size_t *ret_n)
{
	size_t n = 0;

	for (size_t i = 0; i < sign->n_fields; i++)
		if (sign->fields[i].index == SIGN_NAME_FROM)
			sign->from[n++] = field_value(sign, &sign->fields[i]);
	*ret_n = n;
	return sign->from;
}

struct view
sign_header_value(const struct sign *sign, struct view name)
{
	for (size_t i = sign->n_fields; i > 0; i--)
		if (view_is_nocase(sign_names[sign->fields[i - 1].index].name, name))
			return field_value(sign, &sign->fields[i - 1]);
	return VIEW_NONE;
}

struct sign_seen
sign_seen(const struct sign *sign)
{
	struct sign_seen seen = sign->body.seen;

	seen.long_line = seen.long_line || sign->long_line;
	return seen;
}

bool
sign_field_at(
    const struct sign *sign, size_t i, struct view *ret_name, struct view *ret_value)
{
	if (i >= sign->n_fields)
		return false;
	*ret_name =
	    (struct view){sign->raw.p + sign->fields[i].name_at, sign->fields[i].name_n};
	*ret_value = field_value(sign, &sign->fields[i]);
	return true;
}
