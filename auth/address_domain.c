/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include <idn2.h>

#include "auth/address_private.h"

static bool
is_ascii(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] & 0x80) != 0)
			return false;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_label_char(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

static int
check_label(struct view label, struct err *err)
{
	if (label.n == 0)
		return err_set(err, ERR_BAD_INPUT, "an empty label in the domain");
	if (label.n > ADDRESS_LABEL_MAX)
		return err_set(err, ERR_BAD_INPUT, "a label of the domain is over %d bytes",
		    ADDRESS_LABEL_MAX);
	for (size_t i = 0; i < label.n; i++)
		if (!is_label_char(label.p[i]))
			return err_set(
			    err, ERR_BAD_INPUT, "a character that no domain can hold");
	if (label.p[0] == '-' || label.p[label.n - 1] == '-')
		return err_set(
		    err, ERR_BAD_INPUT, "a label of the domain begins or ends in '-'");
	return 0;
}

/* DOMAIN is in lower case. */
static int
check_domain(struct view domain, struct err *err)
{
	struct view rest = domain, label;

	if (domain.n == 0)
		return err_set(err, ERR_BAD_INPUT, "no domain");
	if (domain.n > ADDRESS_DOMAIN_MAX)
		return err_set(
		    err, ERR_BAD_INPUT, "the domain is over %d bytes", ADDRESS_DOMAIN_MAX);
	if (domain.p[domain.n - 1] == '.')
		return err_set(err, ERR_BAD_INPUT, "the domain ends in a dot");
	while (view_cut(&rest, '.', &label))
		if (check_label(label, err) < 0)
			return -1;
	return 0;
}

/* An address of digits would come to this: no top-level domain is a number (RFC 3696 2). */
static bool
ends_in_number(struct view domain)
{
	size_t n = domain.n;

	while (n > 0 && is_digit(domain.p[n - 1]))
		n--;
	return n == 0 || domain.p[n - 1] == '.';
}

static struct view
lower_case(struct view text, struct arena *arena)
{
	char *copy = arena_text(arena, text);

	for (size_t i = 0; copy != NULL && i < text.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + ('a' - 'A'));
	return (struct view){copy, text.n};
}

static int
to_a_labels(
    struct view domain, struct arena *arena, struct view *ret_domain, struct err *err)
{
	char text[4 * ADDRESS_DOMAIN_MAX + 1], *ascii = NULL;
	int result;

	if (domain.n >= sizeof(text))
		return err_set(err, ERR_BAD_INPUT, "the domain is too long");
	if (memchr(domain.p, '\0', domain.n) != NULL || !address_is_utf8(domain))
		return err_set(err, ERR_BAD_INPUT, "the domain is not UTF-8");
	memcpy(text, domain.p, domain.n);
	text[domain.n] = '\0';
	result = idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL);
	if (result != IDN2_OK)
		return err_set(err, ERR_BAD_INPUT, "not an internationalised domain: %s",
		    idn2_strerror(result));
	*ret_domain = lower_case(view_of(ascii), arena);
	idn2_free(ascii);
	return 0;
}

int
address_parse_selector(
    struct view name, struct arena *arena, struct view *ret_name, struct err *err)
{
	struct view normal;

	if (is_ascii(name))
		normal = name.n <= ADDRESS_DOMAIN_MAX ? lower_case(name, arena) : name;
	else if (to_a_labels(name, arena, &normal, err) < 0)
		return -1;
	if (normal.p == NULL && normal.n > 0)
		return err_set(err, ERR_LIMIT, "no room for a domain");
	if (check_domain(normal, err) < 0)
		return -1;
	*ret_name = normal;
	return 0;
}

int
address_parse_domain(
    struct view domain, struct arena *arena, struct view *ret_domain, struct err *err)
{
	struct view normal;

	if (address_parse_selector(domain, arena, &normal, err) < 0)
		return -1;
	if (ends_in_number(normal))
		return err_set(err, ERR_BAD_INPUT, "a number where a domain should be");
	*ret_domain = normal;
	return 0;
}
