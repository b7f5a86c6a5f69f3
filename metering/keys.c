/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "policy/ascii.h"
#include "policy/judge.h"

#include "metering/private.h"

/* Whose count it is: names of keys, and their hashes. */

enum { NETWORK_BITS_IPV4 = 24, NETWORK_BITS_IPV6 = 64 };

/* An origin without a login has a NUL before its name, which no login can have. */
uint64_t
key_hash(const struct burst *burst, enum meter_whom whom, bool is_login, struct view name)
{
	char text[METERING_NAME_MAX + 1] = {0};

	if (whom != METER_PER_ORIGIN || is_login)
		return burst_key(burst, name);
	name = view_head(name, METERING_NAME_MAX);
	if (name.n > 0)
		memcpy(text + 1, name.p, name.n);
	return burst_key(burst, (struct view){text, name.n + 1});
}

static struct view
network_name(struct addr client, struct arena *arena)
{
	struct prefix network = {.addr = client};
	char text[ADDR_TEXT];
	bool is_ipv4 = client.family == ADDR_IPV4;
	size_t n = is_ipv4 ? NETWORK_BITS_IPV4 / 8 : NETWORK_BITS_IPV6 / 8;

	network.bits = is_ipv4 ? NETWORK_BITS_IPV4 : NETWORK_BITS_IPV6;
	memset(network.addr.bytes + n, 0, sizeof(network.addr.bytes) - n);
	return arena_view(arena, view_of(prefix_text(network, text)));
}

static struct view
client_name(struct addr client, struct arena *arena)
{
	char text[ADDR_TEXT];

	return arena_view(arena, view_of(addr_text(client, text)));
}

/* May this message use ADDRESS, so that counting for it is counting for somebody? */
static bool
is_own(const struct policy *policy, const struct fact_address *address,
    const struct facts *facts)
{
	if (address->text.n == 0)
		return false;
	if (facts->path != PATH_SUBMISSION && policy_has_key_for(policy, address->domain))
		return true;
	return judge_owns(policy, address, facts, NULL) == MATCH_YES;
}

static struct view
address_name(
    const struct policy *policy, const struct fact_address *address, struct arena *arena)
{
	struct address_key key, stem;

	address_key_make(address, &key);
	if (!key.is_usable)
		return VIEW_NONE;
	if (address_key_stem(policy, &key, &stem))
		key = stem;
	return arena_view(
	    arena, view_head((struct view){key.text, key.n}, METERING_NAME_MAX));
}

struct view
key_name(const struct metering_message *message, const struct policy_meter *meter,
    const struct facts *facts, struct arena *arena)
{
	const struct policy *policy = message->metering->policy;
	bool has_client = facts->client.family != ADDR_NONE;

	switch (meter->whom) {
	case METER_PER_USER:
		return message->user != 0 ? message->origin_name : VIEW_NONE;
	case METER_PER_ORIGIN:
		return message->origin_name;
	case METER_PER_CLIENT:
		return has_client ? client_name(facts->client, arena) : VIEW_NONE;
	case METER_PER_NETWORK:
		return has_client ? network_name(facts->client, arena) : VIEW_NONE;
	case METER_PER_SENDER:
		return is_own(policy, &facts->sender, facts)
			   ? address_name(policy, &facts->sender, arena)
			   : VIEW_NONE;
	case METER_PER_SENDER_DOMAIN:
		return is_own(policy, &facts->sender, facts) ? facts->sender.domain
							     : VIEW_NONE;
	case METER_PER_AUTHOR_DOMAIN:
		return is_own(policy, &facts->author, facts) ? facts->author.domain
							     : VIEW_NONE;
	case METER_PER_EVERYONE:
		break;
	}
	return VIEW("everyone");
}

static bool
is_client_name(struct view name)
{
	struct addr ignored;

	return view_is(name, VIEW("local")) || addr_parse(name, &ignored, NULL) == 0;
}

size_t
metering_keys_of(const struct metering *metering, const struct policy_meter *meter,
    struct view name, uint64_t ret_keys[METERING_KEYS_OF])
{
	const struct burst *burst = metering->site->burst;
	size_t n = 0;
	struct login login;
	struct fact_address address = {.text = name};
	struct address_key key;

	if (meter->whom == METER_PER_ORIGIN && is_client_name(name))
		ret_keys[n++] = key_hash(burst, meter->whom, false, name);
	if (meter->whom == METER_PER_USER || meter->whom == METER_PER_ORIGIN) {
		login_make(metering->policy, name, &login);
		if (login.is_usable)
			ret_keys[n++] = burst_key(burst, login_view(&login));
		return n;
	}
	if (meter->whom == METER_PER_SENDER) {
		struct view rest = name;

		(void)view_cut(&rest, '@', &address.local);
		address.domain = rest.p != NULL ? rest : VIEW_NONE;
		address_key_make(&address, &key);
		if (key.is_usable)
			ret_keys[n++] = burst_key(burst, address_key_view(&key));
		return n;
	}
	ret_keys[n++] = burst_key(burst, name);
	return n;
}

/* A name that stands for itself, and not for a login of 'set login-domain'. */
static bool
is_no_login(struct view name)
{
	struct prefix ignored;

	return view_has_char(name, '@') || view_has_char(name, '.') ||
	       is_client_name(name) || view_is(name, VIEW("everyone")) ||
	       prefix_parse(name, &ignored, NULL) == 0;
}

void
metering_name(
    const struct metering *metering, struct view name, char into[METERING_NAME_MAX + 1])
{
	struct login login;

	login_make(metering->policy, name, &login);
	if (login.n > 0 && !is_no_login(name))
		name = login_view(&login);
	name = view_head(name, METERING_NAME_MAX);
	for (size_t i = 0; i < name.n; i++)
		into[i] = (char)ascii_lower(name.p[i]);
	into[name.n] = '\0';
}
