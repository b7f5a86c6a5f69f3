/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input as what nft lists, and as what iptables-save prints. Both come to an end; the
 * rule that is named stands in the input, or is one of a few words of ours; and what is
 * sure while it is not known who connects is the same once that is known.
 */

#include <stdint.h>

#include "doctor/firewall.h"
#include "lib/bug.h"
#include "lib/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct firewall_look read_fn(
    struct view text, const struct firewall_ask *ask, struct arena *arena);

static bool
is_within(struct view part, struct view text)
{
	return part.n == 0 || (part.p >= text.p && part.p + part.n <= text.p + text.n);
}

static struct firewall_look
look_at(read_fn *read, struct view text, const struct firewall_ask *ask)
{
	struct arena *arena = arena_new(0);
	struct firewall_look look = read(text, ask, arena);

	arena_free(arena);
	must(look.verdict <= FIREWALL_CLOSED);
	must((look.verdict == FIREWALL_OPEN) == (look.rule.n == 0));
	must(is_within(look.rule, text) || view_starts(look.rule, VIEW("policy ")) ||
	     view_starts(look.rule, VIEW("more rules")));
	must(is_within(look.table, text) || view_is(look.table, VIEW("filter")));
	must(is_within(look.chain, text) && is_within(look.base, text));
	return look;
}

static void
try(read_fn *read, struct view text, struct firewall_ask ask)
{
	struct firewall_look look = look_at(read, text, &ask);

	ask.has_owner = true;
	ask.uid = 102;
	ask.gid = 105;
	must(look.verdict == FIREWALL_MAYBE ||
	     look.verdict == look_at(read, text, &ask).verdict);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size};
	struct firewall_ask ask = {.family = ADDR_IPV4, .port = 25};

	try(firewall_read_nft, text, ask);
	try(firewall_read_iptables, text, ask);
	ask.family = ADDR_IPV6;
	try(firewall_read_nft, text, ask);
	try(firewall_read_iptables, text, ask);
	return 0;
}
