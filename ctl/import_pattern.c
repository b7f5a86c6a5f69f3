/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "auth/address.h"

#include "ctl/import.h"

/* The left side of SigningTable: what there is in a file, and what in a file of patterns.
 */

static const char local_part[] =
    "Frank has no patterns within local parts, and the other rows that fit sign this mail: "
    "write the addresses out";
static const char any_domain[] =
    "Frank has no local part in many domains, and the other rows that fit sign this mail: "
    "write the addresses out";

struct reading {
	struct import *import;
	struct import_pattern *pattern;
	const char **why;
};

static int
refuse(const struct reading *reading, const char *why)
{
	*reading->why = why;
	return -1;
}

struct view
import_pattern_text(struct import *import, enum import_kind kind, struct view domain)
{
	if (kind == IMPORT_DOMAIN)
		return domain;
	return view_of(import_text(import, ".%.*s", VIEW_ARG(domain)));
}

static int
take_domain(const struct reading *reading, enum import_kind kind, struct view domain)
{
	struct import *import = reading->import;
	struct err err = ERR_INIT;

	if (address_parse_domain(domain, import->arena, &reading->pattern->domain, &err) <
	    0)
		return refuse(reading,
		    import_text(import, "'%.*s' is no domain that an author can be at: %s",
			VIEW_ARG(domain), err.text));
	reading->pattern->kind = kind;
	reading->pattern->text =
	    import_pattern_text(import, kind, reading->pattern->domain);
	return 0;
}

static struct view
lower_case(struct import *import, struct view text)
{
	char *copy = arena_text(import->arena, text);

	for (size_t i = 0; i < text.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] + ('a' - 'A'));
	return (struct view){copy, text.n};
}

static int
take_address(const struct reading *reading, struct view text)
{
	struct import *import = reading->import;
	struct address address;
	struct err err = ERR_INIT;

	if (view_has_char(text, '"') || view_has_char(text, '\\') ||
	    address_parse_path(text, import->arena, &address, &err) != 1 ||
	    address.domain.n == 0)
		return refuse(reading, "this is no address");
	reading->pattern->kind = IMPORT_ADDRESS;
	reading->pattern->domain = address.domain;
	reading->pattern->text = lower_case(import, address.text);
	return 0;
}

/* user@host, host, user@.host, .host, user@*, * */
static int
read_plain(const struct reading *reading, struct view key)
{
	struct view rest = key, local;

	if (view_is(key, VIEW("*"))) {
		reading->pattern->kind = IMPORT_ANY;
		return 0;
	}
	if (!view_has_char(key, '@')) {
		if (key.p[0] == '.')
			return take_domain(reading, IMPORT_BELOW, view_from(key, 1));
		return take_domain(reading, IMPORT_DOMAIN, key);
	}
	(void)view_cut(&rest, '@', &local);
	if (local.n == 0 || view_is(local, VIEW("*")))
		return refuse(reading,
		    import_text(reading->import,
			"in a file OpenDKIM looks for '%.*s' alone, and for this only in "
			"'refile:': it never signed by this row",
			VIEW_ARG(rest)));
	if (view_is(rest, VIEW("*")) || (rest.n > 0 && rest.p[0] == '.'))
		return refuse(reading, any_domain);
	return take_address(reading, key);
}

/* TAIL is what an address has to end in. */
static int
read_tail(const struct reading *reading, struct view tail)
{
	if (tail.n == 0) {
		reading->pattern->kind = IMPORT_ANY;
		return 0;
	}
	if (tail.p[0] == '@')
		return take_domain(reading, IMPORT_DOMAIN, view_from(tail, 1));
	if (view_has_char(tail, '@'))
		return refuse(reading, local_part);
	if (tail.p[0] == '.')
		return take_domain(reading, IMPORT_BELOW, view_from(tail, 1));
	reading->pattern->is_ending = true;
	return take_domain(reading, IMPORT_DOMAIN, tail);
}

/* Text with '*' for anything, against the whole of user@host. */
static int
read_wild(const struct reading *reading, struct view key)
{
	struct view tail = view_from(key, 1), domain = key, local;

	if (!view_has_char(key, '*')) {
		if (!view_has_char(key, '@'))
			return refuse(reading,
			    import_text(reading->import,
				"a pattern is for whole addresses, like *@%.*s: OpenDKIM "
				"never signed by this row",
				VIEW_ARG(key)));
		return take_address(reading, key);
	}
	if (view_starts(key, VIEW("*@*")) && !view_has_char(view_from(key, 3), '*'))
		return read_tail(reading, view_from(key, 3));
	if (key.p[0] == '*' && !view_has_char(tail, '*'))
		return read_tail(reading, tail);
	(void)view_cut(&domain, '@', &local);
	if (domain.p != NULL && view_has_char(domain, '*'))
		return refuse(reading, any_domain);
	return refuse(reading, local_part);
}

int
import_pattern_read(struct import *import, enum import_form form, struct view key,
    struct import_pattern *ret_pattern, const char **ret_why)
{
	const struct reading reading = {import, ret_pattern, ret_why};

	*ret_pattern = (struct import_pattern){.kind = IMPORT_ANY};
	return form == IMPORT_PATTERNS ? read_wild(&reading, key)
				       : read_plain(&reading, key);
}
