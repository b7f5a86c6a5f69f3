/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "ctl/verify.h"

/* A line without its end, which is CRLF, or false at the end of the text. */
static bool
take_line(struct view *rest, struct view *ret_line)
{
	const char *end;

	if (rest->n == 0)
		return false;
	end = memchr(rest->p, '\n', rest->n);
	*ret_line = view_head(*rest, end != NULL ? (size_t)(end - rest->p) : rest->n);
	*rest = view_from(*rest, ret_line->n + (end != NULL ? 1 : 0));
	if (view_ends(*ret_line, VIEW("\r")))
		ret_line->n--;
	return true;
}

/* What the first line ends in decides: a stray LF among CRLF is part of the message. */
static bool
is_lf_text(struct view text)
{
	const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

	return end != NULL && (end == text.p || end[-1] != '\r');
}

static void
add_crlf(struct view text, struct buf *out)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

		buf_add(out, view_head(text, n));
		if (end != NULL)
			buf_add(out, n > 0 && end[-1] == '\r' ? VIEW("\n") : VIEW("\r\n"));
		text = view_from(text, end != NULL ? n + 1 : n);
	}
}

static bool
is_field(struct view line)
{
	struct view name;

	if (!view_has_char(line, ':') || !view_cut(&line, ':', &name))
		return false;
	name = view_trim(name);
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] < 33 || name.p[i] > 126)
			return false;
	return name.n > 0;
}

static void
add_field(struct mail *mail, struct view field)
{
	struct view value = field, name;

	must(view_cut(&value, ':', &name));
	if (!view_is_nocase(view_trim(name), VIEW("DKIM-Signature"))) {
		mail->fields[mail->n_fields++] = field;
		return;
	}
	if (mail->n_values == MAIL_SIGNATURES_MAX)
		mail->n_left_out++;
	else
		mail->values[mail->n_values++] = value;
}

static int
bad_line(size_t number, struct view line, struct err *err)
{
	if (number == 1 && view_starts(line, VIEW("From ")))
		return err_set(err, ERR_MISSING,
		    "this is a mailbox, not a message: line 1 begins with 'From '");
	if (number == 1)
		return err_set(err, ERR_MISSING,
		    "this is not a message: line 1 is not a header field");
	return err_set(
	    err, ERR_MISSING, "line %zu of the header is not a header field", number);
}

/* Fields are views from the name to the end of the last fold. */
static int
split(struct mail *mail, struct err *err)
{
	struct view rest = buf_view(&mail->text), line, field = VIEW_NONE;
	size_t number = 0;

	while (take_line(&rest, &line) && line.n > 0) {
		bool is_fold = line.p[0] == ' ' || line.p[0] == '\t';

		number++;
		if (number > VERIFY_FIELDS ||
		    (size_t)(line.p + line.n - mail->text.p) > VERIFY_HEADER_MAX)
			return err_set(err, ERR_MISSING,
			    "the header is larger than %d lines or %d MB", VERIFY_FIELDS,
			    VERIFY_HEADER_MAX >> 20);
		if (is_fold ? field.p == NULL : !is_field(line))
			return bad_line(number, line, err);
		if (!is_fold && field.p != NULL)
			add_field(mail, field);
		if (!is_fold)
			field = line;
		field.n = (size_t)(line.p + line.n - field.p);
	}
	if (field.p == NULL)
		return err_set(err, ERR_MISSING, "this is not a message: it has no header");
	add_field(mail, field);
	mail->body = rest;
	return 0;
}

static int
read_all(const char *path, struct mail *mail, struct err *err)
{
	int result = strcmp(path, "-") == 0 ? file_read_fd(STDIN_FILENO, &mail->raw, err)
					    : file_read(path, &mail->raw, err);

	if (result < 0 && err->code == ERR_LIMIT)
		return err_set(
		    err, ERR_MISSING, "the message is larger than %d MB", MAIL_MAX >> 20);
	if (result < 0 && err->code != ERR_DENIED && err->code != ERR_IO)
		err->code = ERR_MISSING;
	return result;
}

static void
begin(struct mail *mail)
{
	memset(mail, 0, sizeof(*mail));
	buf_init(&mail->raw, MAIL_MAX);
	buf_init(&mail->text, 2 * (size_t)MAIL_MAX);
}

static int
take_raw(struct mail *mail, struct err *err)
{
	mail->fields = mem_zeroed(VERIFY_FIELDS, sizeof(*mail->fields));
	mail->was_lf = is_lf_text(buf_view(&mail->raw));
	if (mail->was_lf)
		add_crlf(buf_view(&mail->raw), &mail->text);
	else
		buf_add(&mail->text, buf_view(&mail->raw));
	buf_fini(&mail->raw);
	return split(mail, err);
}

int
mail_read(const char *path, struct mail *mail, struct err *err)
{
	begin(mail);
	return read_all(path, mail, err) < 0 ? -1 : take_raw(mail, err);
}

int
mail_take(struct view text, struct mail *mail, struct err *err)
{
	begin(mail);
	buf_add(&mail->raw, text);
	if (mail->raw.full)
		return err_set(
		    err, ERR_MISSING, "the message is larger than %d MB", MAIL_MAX >> 20);
	return take_raw(mail, err);
}

void
mail_fini(struct mail *mail)
{
	buf_fini(&mail->raw);
	buf_fini(&mail->text);
	free(mail->fields);
}
