/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "auth/address_private.h"

/*
 * The grammar is that of RFC 5322 without what nobody writes on purpose: no comment or
 * white space inside an address, no route, no group. Receivers differ in how they read
 * those, and where two readings exist one of them could be somebody else's domain.
 */

enum { FROM_MAX = 64 << 10, COMMENT_DEPTH = 16, REASON_MAX = 200 };

struct parse {
	struct view rest;
	struct arena *arena;
	struct address found; /* the last mailbox: the author when it is the only one */
	size_t n;             /* mailboxes */
	char why[REASON_MAX];
};

/* Why the author is unclear, as it stands behind "author unclear:". */
static int
unclear(struct parse *parse, const char *why)
{
	snprintf(parse->why, sizeof(parse->why), "%s", why);
	return -1;
}

static int
no_address(struct parse *parse, const char *why)
{
	snprintf(parse->why, sizeof(parse->why), "not an address: %s", why);
	return -1;
}

static char
next(const struct parse *parse)
{
	return parse->rest.n > 0 ? parse->rest.p[0] : '\0';
}

static void
skip(struct parse *parse, size_t n)
{
	parse->rest = view_from(parse->rest, n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
skip_blanks(struct parse *parse)
{
	while (is_blank(next(parse)))
		skip(parse, 1);
}

static int
skip_comment(struct parse *parse)
{
	int depth = 0;

	while (parse->rest.n > 0) {
		char c = next(parse);

		skip(parse, c == '\\' ? 2 : 1);
		if (c == '(' && ++depth > COMMENT_DEPTH)
			return no_address(parse, "comments in comments in comments");
		if (c == ')' && --depth == 0)
			return 0;
	}
	return no_address(parse, "a comment that does not end");
}

/* White space and comments. */
static int
skip_cfws(struct parse *parse)
{
	for (;;) {
		skip_blanks(parse);
		if (next(parse) != '(')
			return 0;
		if (skip_comment(parse) < 0)
			return -1;
	}
}

static int
skip_quoted(struct parse *parse)
{
	skip(parse, 1);
	while (parse->rest.n > 0) {
		char c = next(parse);

		skip(parse, c == '\\' ? 2 : 1);
		if (c == '"')
			return 0;
	}
	return no_address(parse, "a quote that does not end");
}

/* Words up to what they are not, which says whether they were a display name. */
static int
skip_phrase(struct parse *parse)
{
	for (;;) {
		if (skip_cfws(parse) < 0)
			return -1;
		if (next(parse) == '"') {
			if (skip_quoted(parse) < 0)
				return -1;
		} else if (next(parse) == '.' || address_is_atext(next(parse)))
			skip(parse, 1);
		else
			return 0;
	}
}

static struct view
take_domain_text(struct parse *parse)
{
	struct view rest = parse->rest;
	size_t n = 0;

	while (
	    n < rest.n && !is_blank(rest.p[n]) && strchr("()<>@,;:\"", rest.p[n]) == NULL)
		n++;
	skip(parse, n);
	return view_head(rest, n);
}

static int
parse_domain(struct parse *parse, struct view *ret_domain)
{
	struct view text = take_domain_text(parse);
	struct err err = ERR_INIT;

	if (is_blank(next(parse)) && text.n == 0)
		return no_address(parse, "white space inside the address");
	if (next(parse) == '(')
		return no_address(parse, "a comment inside the address");
	if (next(parse) == '@')
		return no_address(parse, "two @");
	if (text.n > 0 && text.p[0] == '[')
		return no_address(parse, "a domain literal");
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] & 0x80) != 0)
			return unclear(parse, "8-bit domain");
	if (address_parse_domain(text, parse->arena, ret_domain, &err) < 0)
		return no_address(parse, err.text);
	return 0;
}

static int
parse_addr_spec(struct parse *parse)
{
	struct view local, domain;
	struct err err = ERR_INIT;

	if (address_take_local(&parse->rest, false, parse->arena, &local, &err) < 0)
		return no_address(parse, err.text);
	if (is_blank(next(parse)))
		return no_address(parse, "white space inside the address");
	if (next(parse) == '(')
		return no_address(parse, "a comment inside the address");
	if (next(parse) != '@')
		return no_address(parse, "no domain");
	skip(parse, 1);
	if (parse_domain(parse, &domain) < 0)
		return -1;
	if (address_join(local, domain, parse->arena, &parse->found, &err) < 0)
		return no_address(parse, err.text);
	parse->n++;
	return 0;
}

static int
parse_angle(struct parse *parse)
{
	skip(parse, 1);
	skip_blanks(parse);
	switch (next(parse)) {
	case '@':
		return unclear(parse, "a route");
	case '>':
		return no_address(parse, "nothing between '<' and '>'");
	case '(':
		return no_address(parse, "a comment inside the address");
	default:
		break;
	}
	if (parse_addr_spec(parse) < 0)
		return -1;
	skip_blanks(parse);
	if (next(parse) == '(')
		return no_address(parse, "a comment inside the address");
	if (next(parse) != '>')
		return no_address(parse, "no '>' behind the address");
	skip(parse, 1);
	return 0;
}

/* What stands at the end of a phrase that is not a mailbox. */
static int
no_mailbox(struct parse *parse, bool empty)
{
	char text[] = "a 'x' that must be quoted";

	switch (next(parse)) {
	case ':':
		return unclear(parse, "a group");
	case '\0':
	case ',':
		return no_address(parse, empty ? "empty" : "no domain");
	default:
		text[3] = next(parse);
		return no_address(parse, text);
	}
}

static int
parse_mailbox(struct parse *parse)
{
	struct view start;
	bool empty;

	if (skip_cfws(parse) < 0)
		return -1;
	start = parse->rest;
	if (skip_phrase(parse) < 0)
		return -1;
	empty = start.n == parse->rest.n;
	if (next(parse) == '<')
		return parse_angle(parse);
	if (next(parse) != '@')
		return no_mailbox(parse, empty);
	if (empty)
		return no_address(parse, "no local part");
	parse->rest = start;
	return parse_addr_spec(parse);
}

static int
parse_list(struct parse *parse)
{
	for (;;) {
		if (parse_mailbox(parse) < 0 || skip_cfws(parse) < 0)
			return -1;
		switch (next(parse)) {
		case '\0':
			return 0;
		case ',':
			skip(parse, 1);
			break;
		case '<':
			return no_address(parse, "an @ in a display name without quotes");
		case '@':
			return no_address(parse, "two @");
		default:
			return no_address(parse, "text behind the address");
		}
	}
}

/*
 * Take folds out of VALUE into TEXT and refuse what no parser downstream can be trusted
 * with. A line of nothing but white space is refused too: to some readers the header ends
 * there.
 */
static int
unfold(struct parse *parse, struct view value, char *text)
{
	bool blank = false;
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\0')
			return unclear(parse, "NUL");
		if (c == '\r') {
			if (i + 1 == value.n || value.p[i + 1] != '\n')
				return unclear(parse, "bare CR");
			continue;
		}
		if (c == '\n') {
			if (blank || i + 1 == value.n || !is_blank(value.p[i + 1]))
				return no_address(parse, "an empty line in the field");
			blank = true;
			continue;
		}
		if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
			return unclear(parse, "a control character");
		blank = blank && is_blank(c);
		text[n++] = c;
	}
	if (blank)
		return no_address(parse, "an empty line in the field");
	parse->rest = (struct view){text, n};
	return 0;
}

static int
parse_value(struct parse *parse, struct view value)
{
	char *text;
	struct view whole;

	if (value.n > FROM_MAX)
		return unclear(parse, "the From field is over 64 KB");
	text = arena_alloc(parse->arena, value.n + 1);
	if (text == NULL)
		return unclear(parse, "no room for the From field");
	if (unfold(parse, value, text) < 0)
		return -1;
	whole = parse->rest;
	if (parse_list(parse) < 0)
		return -1;
	if (!address_is_utf8(whole))
		return no_address(parse, "not UTF-8");
	if (parse->n == 1)
		return 0;
	snprintf(parse->why, sizeof(parse->why), "%zu mailboxes", parse->n);
	return -1;
}

int
address_parse_author(const struct view *values, size_t n_values, struct arena *arena,
    struct address *ret_author, struct view *ret_unclear)
{
	struct parse parse = {.arena = arena};
	int result;

	if (n_values == 0)
		result = unclear(&parse, "no From field");
	else if (n_values == 1)
		result = parse_value(&parse, values[0]);
	else {
		result = unclear(&parse, "two From fields");
		if (n_values > 2)
			snprintf(parse.why, sizeof(parse.why), "%zu From fields", n_values);
	}
	if (result == 0) {
		*ret_author = parse.found;
		return 1;
	}
	*ret_unclear = arena_view(arena, view_of(parse.why));
	if (ret_unclear->p == NULL)
		*ret_unclear = VIEW("no room for the From field");
	return 0;
}
