/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input as From field, as envelope path and as domain. What comes out must hold nothing
 * that could be read in another way, and come out the same when it is parsed again.
 */

#include <stdint.h>
#include <string.h>

#include "auth/address.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_domain(struct view domain)
{
	must(domain.n > 0 && domain.n <= 255);
	for (size_t i = 0; i < domain.n; i++)
		must(strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", domain.p[i]) !=
			 NULL &&
		     domain.p[i] != '\0');
	must(domain.p[0] != '.' && domain.p[domain.n - 1] != '.');
	must(memmem(domain.p, domain.n, "..", 2) == NULL);
}

static void
check_address(const struct address *address, struct arena *arena)
{
	struct address again;
	struct view text = address->text;

	must(text.n > 0 && text.n <= 320 && address->local.n > 0);
	for (size_t i = 0; i < text.n; i++)
		must((unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7f);
	must(memchr(address->local.p, '@', address->local.n) == NULL);
	must(address_parse_path(text, arena, &again, NULL) == 1);
	must(view_is(again.text, text) && view_is(again.local, address->local));
	must(view_is(again.domain, address->domain));
}

static void
try_author(struct view value, struct arena *arena)
{
	struct address author, again;
	struct view why = VIEW_NONE;

	if (address_parse_author(&value, 1, arena, &author, &why) == 0) {
		must(why.n > 0 && why.n < 200);
		return;
	}
	check_domain(author.domain);
	check_address(&author, arena);
	must(address_parse_author(&author.text, 1, arena, &again, &why) == 1);
	must(view_is(again.text, author.text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(0);
	struct view text = {(const char *)data, size}, domain;
	struct address address;

	try_author(text, arena);
	if (address_parse_path(text, arena, &address, NULL) == 1)
		check_address(&address, arena);
	if (address_parse_domain(text, arena, &domain, NULL) == 0)
		check_domain(domain);
	arena_free(arena);
	return 0;
}
