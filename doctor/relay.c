/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>

#include "lib/bug.h"

#include "doctor/relay.h"

static unsigned
port_of(struct view text)
{
	static const struct {
		const char *name;
		unsigned port;
	} names[] = {
	    {"smtp", 25}, {"smtps", 465}, {"submission", 587}, {"submissions", 465}};
	unsigned long long port;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(text, view_of(names[i].name)))
			return names[i].port;
	return view_number(text, UINT16_MAX, &port) ? (unsigned)port : 0;
}

struct relay
relay_parse(struct view text)
{
	struct relay relay = {.port = 25, .has_mx = true};

	if (text.n > 0 && text.p[0] == '[') {
		text = view_from(text, 1);
		relay.has_mx = false;
		(void)view_cut(&text, ']', &relay.host);
		/* No end, or something else than a port behind it. */
		if (text.p == NULL || (text.n > 0 && text.p[0] != ':'))
			relay.port = 0;
		else if (text.n > 0)
			relay.port = port_of(view_from(text, 1));
	} else {
		(void)view_cut(&text, ':', &relay.host);
		if (text.p != NULL)
			relay.port = port_of(text);
	}
	if (relay.host.n == 0)
		relay.port = 0;
	return relay;
}

int
relay_read(const struct postfix_conf *conf, struct arena *arena, struct relays *ret_relays)
{
	const struct postfix_ask ask = {.conf = conf, .arena = arena};
	struct relays relays = {.n = 0};
	struct view value, item;
	int got = conf != NULL ? postfix_conf_value(&ask, VIEW("relayhost"), &value) : -1;

	if (got != 1)
		return got;
	while (!relays.is_part && postfix_list_next(&value, &item))
		if (relays.n < RELAYS_MAX)
			relays.at[relays.n++] = relay_parse(item);
		else
			relays.is_part = true;
	*ret_relays = relays;
	return relays.n > 0;
}

unsigned
relay_port(const struct relays *relays)
{
	unsigned port = relays->is_part ? 0 : relays->at[0].port;

	for (size_t i = 1; i < relays->n; i++)
		if (relays->at[i].port != port)
			port = 0;
	return port;
}
