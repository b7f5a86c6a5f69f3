/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/utf8.h"

#include "auth/address_private.h"

bool
address_is_atext(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return (c & 0x80) != 0 || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

bool
address_is_utf8(struct view text)
{
	uint32_t point;

	while (text.n > 0) {
		size_t n = utf8_take(text, &point);

		if (n == 0 || (point >= 0x80 && point < 0xa0))
			return false;
		text = view_from(text, n);
	}
	return true;
}

/* Nothing that is invisible or turns the direction of writing: it would look like
 * another's. */
static bool
is_shown_as_it_is(struct view text)
{
	uint32_t point;

	while (text.n > 0) {
		size_t n = utf8_take(text, &point);

		if (n == 0 || utf8_is_unsafe(point))
			return false;
		text = view_from(text, n);
	}
	return true;
}

static bool
is_dot_atom(struct view text)
{
	struct view word;

	while (view_cut(&text, '.', &word)) {
		if (word.n == 0)
			return false;
		for (size_t i = 0; i < word.n; i++)
			if (!address_is_atext(word.p[i]))
				return false;
	}
	return true;
}

static bool
has_encoded_word(struct view text)
{
	const char *begin = memmem(text.p, text.n, "=?", 2);

	return begin != NULL &&
	       memmem(begin + 2, text.n - (size_t)(begin + 2 - text.p), "?=", 2) != NULL;
}

/* The normal form of a local part whose text, without quotes and escapes, is TEXT. */
static int
normal_local(struct view text, bool lax, struct arena *arena, struct view *ret_local,
    struct err *err)
{
	char quoted[2 * ADDRESS_MAX + 2];
	size_t n = 0;

	if (text.n == 0)
		return err_set(err, ERR_BAD_INPUT, "no local part");
	if (view_has_char(text, '@'))
		return err_set(err, ERR_BAD_INPUT, "two @");
	if (!is_shown_as_it_is(text))
		return err_set(err, ERR_BAD_INPUT,
		    "an invisible character, or none of UTF-8, in the local part");
	if (has_encoded_word(text))
		return err_set(err, ERR_BAD_INPUT, "an encoded word in the address");
	if (!is_dot_atom(text)) {
		if (!lax)
			return err_set(err, ERR_BAD_INPUT, "a dot in the wrong place");
		quoted[n++] = '"';
		for (size_t i = 0; i < text.n; i++) {
			if (text.p[i] == '"' || text.p[i] == '\\')
				quoted[n++] = '\\';
			quoted[n++] = text.p[i];
		}
		quoted[n++] = '"';
		text = (struct view){quoted, n};
	}
	*ret_local = arena_view(arena, text);
	if (ret_local->p == NULL)
		return err_set(err, ERR_LIMIT, "no room for an address");
	return 0;
}

static int
take_quoted(struct view *rest, struct arena *arena, struct view *ret_local, struct err *err)
{
	char text[ADDRESS_MAX];
	size_t n = 0, at = 1;

	for (;; at++) {
		if (at >= rest->n)
			return err_set(err, ERR_BAD_INPUT, "a quote that does not end");
		if (rest->p[at] == '"')
			break;
		if (rest->p[at] == '\\' && ++at >= rest->n)
			return err_set(err, ERR_BAD_INPUT, "a quote that does not end");
		if (n == sizeof(text))
			return err_set(
			    err, ERR_BAD_INPUT, "longer than %d bytes", ADDRESS_MAX);
		text[n++] = rest->p[at];
	}
	*rest = view_from(*rest, at + 1);
	if (rest->n > 0 && (rest->p[0] == '.' || address_is_atext(rest->p[0])))
		return err_set(err, ERR_BAD_INPUT, "a local part that is quoted in part");
	return normal_local((struct view){text, n}, true, arena, ret_local, err);
}

int
address_take_local(struct view *rest, bool lax, struct arena *arena, struct view *ret_local,
    struct err *err)
{
	struct view local = *rest;
	size_t n = 0;

	if (local.n > 0 && local.p[0] == '"')
		return take_quoted(rest, arena, ret_local, err);
	while (n < local.n && (local.p[n] == '.' || address_is_atext(local.p[n])))
		n++;
	*rest = view_from(local, n);
	if (n > ADDRESS_MAX)
		return err_set(err, ERR_BAD_INPUT, "longer than %d bytes", ADDRESS_MAX);
	if (rest->n > 0 && rest->p[0] == '"')
		return err_set(err, ERR_BAD_INPUT, "a local part that is quoted in part");
	return normal_local(view_head(local, n), lax, arena, ret_local, err);
}

int
address_join(struct view local, struct view domain, struct arena *arena,
    struct address *ret_address, struct err *err)
{
	size_t at = domain.n > 0 ? 1 : 0, n = local.n + at + domain.n;
	char *text;

	if (n > ADDRESS_MAX)
		return err_set(err, ERR_BAD_INPUT, "longer than %d bytes", ADDRESS_MAX);
	text = arena_alloc(arena, n + 1);
	if (text == NULL)
		return err_set(err, ERR_LIMIT, "no room for an address");
	memcpy(text, local.p, local.n);
	if (domain.n > 0) {
		text[local.n] = '@';
		memcpy(text + local.n + 1, domain.p, domain.n);
	}
	*ret_address = (struct address){
	    .text = {text, n},
	    .local = {text, local.n},
	    .domain = {text + local.n + at, domain.n},
	};
	return 0;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", in lower case. */
static int
parse_literal(
    struct view literal, struct arena *arena, struct view *ret_domain, struct err *err)
{
	char *text;

	if (literal.n < 3 || literal.n > ADDRESS_DOMAIN_MAX ||
	    literal.p[literal.n - 1] != ']')
		return err_set(err, ERR_BAD_INPUT, "a damaged address literal");
	text = arena_text(arena, literal);
	if (text == NULL)
		return err_set(err, ERR_LIMIT, "no room for an address");
	for (size_t i = 1; i < literal.n - 1; i++) {
		char c = literal.p[i];

		if (c >= 'A' && c <= 'Z')
			text[i] = (char)(c + ('a' - 'A'));
		else if (c == '\0' ||
			 strchr("abcdefghijklmnopqrstuvwxyz0123456789.:-", c) == NULL)
			return err_set(err, ERR_BAD_INPUT, "a damaged address literal");
	}
	*ret_domain = (struct view){text, literal.n};
	return 0;
}

static int
parse_whole(
    struct view path, struct arena *arena, struct address *ret_address, struct err *err)
{
	struct view local, domain = VIEW_NONE;

	for (size_t i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f)
			return err_set(err, ERR_BAD_INPUT, "a control character");
	if (path.p[0] == '@')
		return err_set(err, ERR_BAD_INPUT,
		    view_has_char(path, ':') ? "a route" : "no local part");
	if (address_take_local(&path, true, arena, &local, err) < 0)
		return -1;
	if (path.n > 0 && path.p[0] != '@')
		return err_set(err, ERR_BAD_INPUT, "a character that must be quoted");
	if (path.n > 0) {
		path = view_from(path, 1);
		if (view_has_char(path, '@'))
			return err_set(err, ERR_BAD_INPUT, "two @");
		if (path.n > 0 && path.p[0] == '[') {
			if (parse_literal(path, arena, &domain, err) < 0)
				return -1;
		} else if (address_parse_domain(path, arena, &domain, err) < 0)
			return -1;
	}
	return address_join(local, domain, arena, ret_address, err) < 0 ? -1 : 1;
}

int
address_parse_path(
    struct view path, struct arena *arena, struct address *ret_address, struct err *err)
{
	bool opened = path.n > 0 && path.p[0] == '<';
	bool closed = path.n > 0 && path.p[path.n - 1] == '>';

	if (opened != closed)
		return err_set(err, ERR_BAD_INPUT, "'<' and '>' do not match");
	if (opened)
		path = (struct view){path.p + 1, path.n - 2};
	if (path.n == 0)
		return 0;
	return parse_whole(path, arena, ret_address, err);
}
