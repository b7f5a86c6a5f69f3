/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* The grammar of macro-strings, RFC 7208 7.1, and domain-specs put together. */

enum { PARTS_ENOUGH = 1000 }; /* of a value; more digits than this say the same */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* macro-literal, and the space of explain-string. */
static bool
is_literal(char c, enum spf_macros macros)
{
	return (c > ' ' && c <= '~' && c != '%') ||
	       (c == ' ' && macros == SPF_MACROS_EXPLAIN);
}

static bool
is_letter(char letter, enum spf_macros macros)
{
	return letter != '\0' &&
	       strchr(macros == SPF_MACROS_EXPLAIN ? "slodiphvcrt" : "slodiphv", letter) !=
		   NULL;
}

/* transformers *delimiter, what stands between the letter and "}". */
static bool
transform_parse(struct view text, struct spf_token *token)
{
	size_t i = 0;

	for (; i < text.n && is_digit(text.p[i]); i++) {
		token->parts = token->parts * 10 + (unsigned)(text.p[i] - '0');
		if (token->parts > PARTS_ENOUGH)
			token->parts = PARTS_ENOUGH;
	}
	if (i > 0 && token->parts == 0)
		return false;
	if (i < text.n && (text.p[i] == 'r' || text.p[i] == 'R')) {
		token->is_reversed = true;
		i++;
	}
	token->text = view_from(text, i);
	for (; i < text.n; i++)
		if (text.p[i] == '\0' || strchr(".-+,/_=", text.p[i]) == NULL)
			return false;
	return true;
}

/* "{" ... "}" behind the percent sign. */
static bool
braces_take(struct view *rest, enum spf_macros macros, struct spf_token *token)
{
	const char *end = memchr(rest->p, '}', rest->n);
	char letter;

	if (end == NULL || end - rest->p < 2)
		return false;
	letter = rest->p[1];
	token->is_escaped = letter >= 'A' && letter <= 'Z';
	token->letter = (char)(token->is_escaped ? letter + ('a' - 'A') : letter);
	struct view inside = {rest->p + 2, (size_t)(end - rest->p) - 2};
	*rest = view_from(*rest, (size_t)(end - rest->p) + 1);
	return is_letter(token->letter, macros) && transform_parse(inside, token);
}

bool
spf_token_take(struct view *rest, enum spf_macros macros, struct spf_token *ret_token)
{
	struct spf_token token = {.letter = '\0'};
	size_t n = 0;

	if (rest->p[0] != '%') {
		while (n < rest->n && is_literal(rest->p[n], macros))
			n++;
		if (n < rest->n && rest->p[n] != '%')
			return false;
		token.text = view_head(*rest, n);
		*rest = view_from(*rest, n);
		*ret_token = token;
		return true;
	}
	*rest = view_from(*rest, 1);
	token.is_macro = true;
	if (rest->n == 0)
		return false;
	switch (rest->p[0]) {
	case '{':
		if (!braces_take(rest, macros, &token))
			return false;
		*ret_token = token;
		return true;
	case '%':
		token.text = VIEW("%");
		break;
	case '_':
		token.text = VIEW(" ");
		break;
	case '-':
		token.text = VIEW("%20");
		break;
	default:
		return false;
	}
	*rest = view_from(*rest, 1);
	*ret_token = token;
	return true;
}

/* "." toplabel [ "." ] at the end: not all digits, no hyphen at either end. */
static bool
ends_in_toplabel(struct view text)
{
	size_t n = 0, digits = 0;

	if (text.n > 0 && text.p[text.n - 1] == '.')
		text.n--;
	while (n < text.n && text.p[text.n - 1 - n] != '.') {
		char c = text.p[text.n - 1 - n];

		if (!is_digit(c) && !is_alpha(c) && c != '-')
			return false;
		digits += is_digit(c);
		n++;
	}
	return n > 0 && n < text.n && digits < n && text.p[text.n - 1] != '-' &&
	       text.p[text.n - n] != '-';
}

bool
spf_macros_check(struct view text, enum spf_macros macros, const char **ret_why)
{
	struct spf_token token = {.letter = '\0'};
	struct view rest = text;

	while (rest.n > 0) {
		if (!spf_token_take(&rest, macros, &token)) {
			*ret_why =
			    "this is no valid macro, or a character may not stand here";
			return false;
		}
	}
	if (macros == SPF_MACROS_DOMAIN && !token.is_macro &&
	    !ends_in_toplabel(token.text)) {
		*ret_why =
		    "the domain has to end in a dot and a top-level domain, or in a macro";
		return false;
	}
	return true;
}

/*
 * A domain keeps its right end: whole labels, at most 253 octets (7.3). TEXT is that end,
 * at least so many octets of it, or all.
 */
static bool
domain_cut(struct view text, char into[SPF_DOMAIN_MAX + 1], struct view *ret_domain)
{
	if (text.n > 0 && text.p[text.n - 1] == '.')
		text.n--;
	while (text.n > SPF_DOMAIN_MAX) {
		const char *dot = memchr(text.p, '.', text.n);

		if (dot == NULL)
			return false;
		text = view_from(text, (size_t)(dot - text.p) + 1);
	}
	if (text.n == 0)
		return false;
	memcpy(into, text.p, text.n);
	into[text.n] = '\0';
	*ret_domain = (struct view){into, text.n};
	return true;
}

/*
 * From right to left, and only as far as something of it stays: a record of many macros
 * costs no more than a short one.
 */
static enum spf_got
macros_expand(struct spf_run *run, struct view spec, struct view domain,
    char into[SPF_DOMAIN_MAX + 1], struct view *ret_domain)
{
	enum { ENOUGH = SPF_DOMAIN_MAX + 2 };
	uint16_t starts[SPF_RECORD_MAX];
	char text[ENOUGH + SPF_PIECE_MAX], piece[SPF_PIECE_MAX];
	struct spf_token token = {.letter = '\0'};
	struct view rest = spec, part;
	size_t tokens = 0, at = sizeof(text);
	enum spf_got got;

	if (spec.n > SPF_RECORD_MAX)
		return SPF_GOT_VOID;
	while (rest.n > 0) {
		starts[tokens++] = (uint16_t)(rest.p - spec.p);
		if (!spf_token_take(&rest, SPF_MACROS_DOMAIN, &token))
			return SPF_GOT_VOID;
	}
	while (tokens-- > 0 && sizeof(text) - at < ENOUGH) {
		rest = view_from(spec, starts[tokens]);
		(void)spf_token_take(&rest, SPF_MACROS_DOMAIN, &token);
		if ((got = spf_token_expand(run, &token, domain, piece, &part)) !=
		    SPF_GOT_FOUND)
			return got;
		if (part.n > SPF_PIECE_MAX)
			part = view_from(part, part.n - SPF_PIECE_MAX);
		at -= part.n;
		memcpy(text + at, part.p, part.n);
	}
	part = (struct view){text + at, sizeof(text) - at};
	return domain_cut(part, into, ret_domain) ? SPF_GOT_FOUND : SPF_GOT_VOID;
}

enum spf_got
spf_domain_expand(struct spf_run *run, struct view spec, struct view domain,
    char into[SPF_DOMAIN_MAX + 1], struct view *ret_domain)
{
	if (memchr(spec.p, '%', spec.n) != NULL)
		return macros_expand(run, spec, domain, into, ret_domain);
	return domain_cut(spec, into, ret_domain) ? SPF_GOT_FOUND : SPF_GOT_VOID;
}
