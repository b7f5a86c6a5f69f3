/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* Records and their terms: RFC 7208 4.5, 4.6.1, 5, 6 and section 12. */

static const char why_unknown[] = "this is no mechanism that SPF knows";
static const char why_spec[] = "a domain has to follow";
static const char why_cidr[] = "this is no prefix length";

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_name_char(char c)
{
	return is_alpha(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
}

bool
spf_record_is(struct view text)
{
	static const struct view version = {"v=spf1", 6};

	return view_starts_nocase(text, version) &&
	       (text.n == version.n || text.p[version.n] == ' ');
}

bool
spf_kind_looks_up(enum spf_kind kind)
{
	return kind == SPF_KIND_INCLUDE || kind == SPF_KIND_A || kind == SPF_KIND_MX ||
	       kind == SPF_KIND_PTR || kind == SPF_KIND_EXISTS || kind == SPF_KIND_REDIRECT;
}

bool
spf_term_next(struct view *rest, struct view *ret_text)
{
	const char *end;

	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = view_from(*rest, 1);
	if (rest->n == 0)
		return false;
	end = memchr(rest->p, ' ', rest->n);
	*ret_text = view_head(*rest, end != NULL ? (size_t)(end - rest->p) : rest->n);
	*rest = view_from(*rest, ret_text->n);
	return true;
}

/* "0" or digits without a leading zero, at most MAX. */
static bool
bits_parse(struct view digits, unsigned max, uint8_t *ret_bits)
{
	unsigned long long bits;

	if (!view_number(digits, max, &bits) || (digits.n > 1 && digits.p[0] == '0'))
		return false;
	*ret_bits = (uint8_t)bits;
	return true;
}

/* The digits at the end of *TEXT behind SLASHES, cut off together with them. */
static bool
length_cut(struct view *text, struct view slashes, struct view *ret_digits)
{
	size_t n = 0;

	while (n < text->n && is_digit(text->p[text->n - 1 - n]))
		n++;
	if (n == 0 || !view_ends(view_head(*text, text->n - n), slashes))
		return false;
	*ret_digits = view_from(*text, text->n - n);
	*text = view_head(*text, text->n - n - slashes.n);
	return true;
}

/* [ip4-cidr-length] ["/" ip6-cidr-length] at the end of *TEXT. */
static bool
dual_length_cut(struct view *text, struct spf_term *term)
{
	struct view digits;

	if (length_cut(text, VIEW("//"), &digits) && !bits_parse(digits, 128, &term->bits6))
		return false;
	return !length_cut(text, VIEW("/"), &digits) ||
	       bits_parse(digits, 32, &term->bits4);
}

static const char *
domain_parse(struct view text, bool is_needed, struct spf_term *term)
{
	const char *why = NULL;

	if (text.n == 0)
		return is_needed ? why_spec : NULL;
	if (text.p[0] != ':')
		return why_unknown;
	term->spec = view_from(text, 1);
	if (term->spec.n == 0)
		return why_spec;
	return spf_macros_check(term->spec, SPF_MACROS_DOMAIN, &why) ? NULL : why;
}

/* One number of the four, no leading zero; *AT moves behind it. */
static bool
octet_take(struct view text, size_t *at, uint8_t *ret_octet)
{
	size_t start = *at, n = 0;
	unsigned value = 0;

	for (; start + n < text.n && n < 3 && is_digit(text.p[start + n]); n++)
		value = value * 10 + (unsigned)(text.p[start + n] - '0');
	if (n == 0 || value > 255 || (n > 1 && text.p[start] == '0'))
		return false;
	*at = start + n;
	*ret_octet = (uint8_t)value;
	return true;
}

static bool
ip4_parse(struct view text, uint8_t bytes[4])
{
	size_t at = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (i > 0 && (at == text.n || text.p[at++] != '.'))
			return false;
		if (!octet_take(text, &at, &bytes[i]))
			return false;
	}
	return at == text.n;
}

/* No folding of ::ffff:a.b.c.d: such a client is IPv4, and ip6 does not match it (5.6). */
static bool
ip6_parse(struct view text, uint8_t bytes[16])
{
	char copy[INET6_ADDRSTRLEN];

	if (text.n >= sizeof(copy) || view_has_char(text, '\0'))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return inet_pton(AF_INET6, copy, bytes) == 1;
}

static const char *
network_parse(struct view text, bool is_ip4, struct spf_term *term)
{
	struct view host = VIEW_NONE;

	if (text.n < 2 || text.p[0] != ':')
		return "an address has to follow";
	text = view_from(text, 1);
	(void)view_cut(&text, '/', &host);
	if (text.p != NULL &&
	    !bits_parse(text, is_ip4 ? 32 : 128, is_ip4 ? &term->bits4 : &term->bits6))
		return why_cidr;
	term->addr.family = is_ip4 ? ADDR_IPV4 : ADDR_IPV6;
	if (is_ip4 ? !ip4_parse(host, term->addr.bytes)
		   : !ip6_parse(host, term->addr.bytes))
		return is_ip4 ? "this is no IPv4 address" : "this is no IPv6 address";
	return NULL;
}

static const char *
argument_parse(struct view text, struct spf_term *term)
{
	switch (term->kind) {
	case SPF_KIND_ALL:
		return text.n == 0 ? NULL : "nothing may follow \"all\"";
	case SPF_KIND_IP4:
		return network_parse(text, true, term);
	case SPF_KIND_IP6:
		return network_parse(text, false, term);
	case SPF_KIND_A:
	case SPF_KIND_MX:
		if (!dual_length_cut(&text, term))
			return why_cidr;
		return domain_parse(text, false, term);
	case SPF_KIND_PTR:
		return domain_parse(text, false, term);
	case SPF_KIND_INCLUDE:
	case SPF_KIND_EXISTS:
		return domain_parse(text, true, term);
	case SPF_KIND_REDIRECT:
	case SPF_KIND_EXP:
	case SPF_KIND_OTHER:
		break;
	}
	return why_unknown;
}

static const char *
mechanism_parse(struct view name, struct view argument, struct spf_term *term)
{
	static const struct {
		struct view name;
		enum spf_kind kind;
	} known[] = {
	    {{"ip4", 3}, SPF_KIND_IP4},
	    {{"include", 7}, SPF_KIND_INCLUDE},
	    {{"a", 1}, SPF_KIND_A},
	    {{"mx", 2}, SPF_KIND_MX},
	    {{"ip6", 3}, SPF_KIND_IP6},
	    {{"all", 3}, SPF_KIND_ALL},
	    {{"ptr", 3}, SPF_KIND_PTR},
	    {{"exists", 6}, SPF_KIND_EXISTS},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (name.n != known[i].name.n || !view_is_nocase(name, known[i].name))
			continue;
		term->kind = known[i].kind;
		return argument_parse(argument, term);
	}
	return why_unknown;
}

static const char *
modifier_parse(struct view name, struct view value, struct spf_term *term)
{
	const char *why = NULL;
	enum spf_macros macros = SPF_MACROS_DOMAIN;

	term->kind = SPF_KIND_OTHER;
	term->spec = value;
	if (view_is_nocase(name, VIEW("redirect")))
		term->kind = SPF_KIND_REDIRECT;
	else if (view_is_nocase(name, VIEW("exp")))
		term->kind = SPF_KIND_EXP;
	else
		macros = SPF_MACROS_TEXT;
	if (macros == SPF_MACROS_DOMAIN && value.n == 0)
		return why_spec;
	return spf_macros_check(value, macros, &why) ? NULL : why;
}

static enum spf_outcome
qualifier_take(struct view *rest)
{
	static const char qualifiers[] = "+-~?";
	static const enum spf_outcome outcomes[] = {
	    SPF_EVAL_PASS, SPF_EVAL_FAIL, SPF_EVAL_SOFTFAIL, SPF_EVAL_NEUTRAL};
	const char *at;

	if (rest->n == 0 || rest->p[0] == '\0' ||
	    (at = strchr(qualifiers, rest->p[0])) == NULL)
		return SPF_EVAL_PASS;
	*rest = view_from(*rest, 1);
	return outcomes[at - qualifiers];
}

bool
spf_term_parse(struct view text, struct spf_term *ret_term, const char **ret_why)
{
	struct spf_term term = {.text = text, .bits4 = 32, .bits6 = 128};
	struct view rest = text;
	size_t n = 0;
	const char *why;

	term.outcome = qualifier_take(&rest);
	if (rest.n > 0 && is_alpha(rest.p[0]))
		while (n < rest.n && is_name_char(rest.p[n]))
			n++;
	if (n == 0)
		why = why_unknown;
	else if (n < rest.n && rest.p[n] == '=' && rest.p == text.p)
		why = modifier_parse(view_head(rest, n), view_from(rest, n + 1), &term);
	else
		why = mechanism_parse(view_head(rest, n), view_from(rest, n), &term);
	if (why != NULL) {
		*ret_why = why;
		return false;
	}
	*ret_term = term;
	return true;
}

bool
spf_record_parse(struct view text, struct spf_record *ret_record, struct view *ret_bad,
    const char **ret_why)
{
	struct spf_record record = {.terms = view_from(text, 6)};
	struct view rest = record.terms, one;
	struct spf_term term;

	while (spf_term_next(&rest, &one)) {
		*ret_bad = one;
		if (!spf_term_parse(one, &term, ret_why))
			return false;
		if (term.kind != SPF_KIND_REDIRECT && term.kind != SPF_KIND_EXP)
			continue;
		struct view *known =
		    term.kind == SPF_KIND_EXP ? &record.exp : &record.redirect;
		if (known->p != NULL) {
			*ret_why = "it may stand in a record only once";
			return false;
		}
		*known = term.spec;
	}
	*ret_record = record;
	return true;
}
