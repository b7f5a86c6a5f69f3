/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/firewall_lab.h"
#include "lib/bug.h"

struct firewall_look
firewall_look_as(
    struct view text, const char *language, unsigned port, uint8_t family, bool is_known)
{
	struct firewall_ask ask = {.family = family,
	    .port = port,
	    .has_owner = is_known,
	    .uid = FIREWALL_LAB_UID,
	    .gid = FIREWALL_LAB_GID};
	struct arena *arena = arena_new(0);
	struct firewall_look look = strcmp(language, "nft") == 0
					? firewall_read_nft(text, &ask, arena)
					: firewall_read_iptables(text, &ask, arena);

	arena_free(arena);
	return look;
}

struct firewall_look
firewall_look_at(struct view text, const char *language, unsigned port, uint8_t family)
{
	return firewall_look_as(text, language, port, family, true);
}

static const char *
word_of(struct firewall_look look)
{
	static const char *const words[] = {"open", "maybe", "closed"};

	return words[look.verdict];
}

void
firewall_expect(const char *text, const char *language, uint8_t family, const char *want)
{
	char got[32];

	snprintf(got, sizeof(got), "%s %s",
	    word_of(firewall_look_at(view_of(text), language, 25, family)),
	    word_of(firewall_look_at(view_of(text), language, 587, family)));
	if (strcmp(got, want) != 0)
		fail_msg("IPv%u: got %s, want %s:\n%s", family, got, want, text);
}
