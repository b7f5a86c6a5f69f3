/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/lookup.h"

#include "doctor/reverse.h"

struct view
reverse_name(struct addr addr, struct view zone, struct arena *arena)
{
	struct buf text = BUF_INIT(2 * DNS_NAME_MAX);
	bool is_v4 = addr.family == ADDR_IPV4;

	for (int i = is_v4 ? 3 : 15; i >= 0; i--)
		if (is_v4)
			buf_addf(&text, "%u.", addr.bytes[i]);
		else
			buf_addf(&text, "%x.%x.", addr.bytes[i] & 15U, addr.bytes[i] >> 4);
	if (zone.n > 0)
		buf_add(&text, zone);
	else
		buf_add_text(&text, is_v4 ? "in-addr.arpa" : "ip6.arpa");
	struct view name = arena_view(arena, buf_view(&text));
	buf_fini(&text);
	return name;
}
