/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/value.h"

#include "ctl/held.h"

static int
take_duration(const char *value, int64_t *ret_seconds)
{
	uint64_t seconds;

	if (value_duration(view_of(value), &seconds) && seconds < INT32_MAX) {
		*ret_seconds = (int64_t)seconds;
		return 1;
	}
	ctl_say("--older: '%s' is no duration, like 90m, 2h or 7d", value);
	return -1;
}

/* "192.0.2.0/24", or one address. */
static int
take_client(const char *value, struct prefix *client)
{
	struct view text = view_of(value);
	struct err err = ERR_INIT;
	int result;

	if (view_has_char(text, '/')) {
		result = prefix_parse(text, client, &err);
	} else {
		result = addr_parse(text, &client->addr, &err);
		client->bits = client->addr.family == ADDR_IPV4 ? 32 : 128;
	}
	if (result == 0)
		return 1;
	ctl_say("--client: %s", err.text);
	return -1;
}

static int
take_incident(const char *value, uint32_t *ret_incident)
{
	unsigned long long number;

	if (view_number(view_of(value), UINT32_MAX, &number) && number > 0) {
		*ret_incident = (uint32_t)number;
		return 1;
	}
	ctl_say("--incident: '%s' is no number: 'frank incident list' has them", value);
	return -1;
}

int
held_option(
    struct held_filter *filter, struct prefix *client, int option, const char *value)
{
	int result = 1;

	switch (option) {
	case 'u':
		filter->user = view_of(value);
		break;
	case 'l':
		filter->label = view_of(value);
		break;
	case 't':
		filter->to = view_of(value);
		break;
	case 'o':
		result = take_duration(value, &filter->older);
		break;
	case 'n':
		result = take_client(value, client);
		filter->client = client;
		break;
	case 'i':
		result = take_incident(value, &filter->incident);
		break;
	default:
		return 0;
	}
	return result;
}
