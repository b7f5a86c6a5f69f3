/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "policy/ascii.h"
#include "policy/judge.h"

/* Maps asked while a message is judged: their own entries, or an answer among the facts. */

/* VALUES as postmap gives them, in the form that tables have. False: too long. */
static bool
encode(struct view values, char into[ANSWER_MAX])
{
	size_t used = 0;

	while (values.n > 0) {
		struct prefix prefix;
		struct view value;
		size_t n = 0;

		while (n < values.n && values.p[n] != ',' && !ascii_is_blank(values.p[n]))
			n++;
		value = view_head(values, n);
		values = view_from(values, n + 1);
		if (n == 0)
			continue;
		if (used + n + 2 > ANSWER_MAX || memchr(value.p, '\0', n) != NULL)
			return false;
		into[used++] =
		    prefix_parse(value, &prefix, NULL) == 0 ? VALUE_NETWORK : VALUE_LOGIN;
		used += key_lower(value, into + used);
	}
	into[used] = '\0';
	return true;
}

enum fact_answer
map_ask(const struct table *map, const struct facts *facts, struct view key,
    struct map_answer *ret_answer)
{
	const struct fact_lookup *lookup = NULL;

	if (facts->n_lookups > 0)
		lookup = fact_lookup_find(facts, map->name, key);
	if (lookup == NULL && map->is_postmap)
		return ANSWER_UNKNOWN;
	if (lookup == NULL) {
		ret_answer->values = table_values(map, key);
		return ret_answer->values != NULL ? ANSWER_FOUND : ANSWER_NONE;
	}
	if (lookup->answer != ANSWER_FOUND)
		return lookup->answer;
	if (!encode(lookup->values, ret_answer->text))
		return ANSWER_UNKNOWN;
	ret_answer->values = ret_answer->text;
	return ANSWER_FOUND;
}

enum { ORIGIN_NETWORK_IPV4 = 24, ORIGIN_NETWORK_IPV6 = 64 };

static struct prefix
network_of(struct addr addr)
{
	struct prefix network = {.addr = addr, .bits = ORIGIN_NETWORK_IPV4};

	if (addr.family == ADDR_IPV6)
		network.bits = ORIGIN_NETWORK_IPV6;
	memset(network.addr.bytes + network.bits / 8, 0,
	    sizeof(network.addr.bytes) - network.bits / 8);
	return network;
}

void
origin_keys_make(
    const struct policy *policy, const struct facts *facts, struct origin_keys *ret_keys)
{
	struct origin_keys *keys = ret_keys;

	keys->n = 0;
	if (facts->user.n > 0) {
		login_make(policy, facts->user, &keys->login);
		keys->n = login_forms(policy, &keys->login, keys->at);
	} else if (facts->client.family != ADDR_NONE) {
		keys->at[keys->n++] = view_of(addr_text(facts->client, keys->client));
		keys->at[keys->n++] =
		    view_of(prefix_text(network_of(facts->client), keys->network));
	} else {
		keys->at[keys->n++] = VIEW("local");
	}
}

static enum fact_answer
ask_origin(const struct policy *policy, const struct table *map, const struct facts *facts,
    struct map_answer *answer)
{
	/* A map of our own knows every network that it holds. */
	bool has_networks =
	    !map->is_postmap && facts->user.n == 0 && facts->client.family != ADDR_NONE;
	enum fact_answer found = ANSWER_NONE;
	struct origin_keys keys;

	origin_keys_make(policy, facts, &keys);
	unsigned n = has_networks ? 1 : keys.n;
	for (unsigned i = 0; i < n && found == ANSWER_NONE; i++)
		found = map_ask(map, facts, keys.at[i], answer);
	if (found != ANSWER_NONE || !has_networks)
		return found;
	answer->values = table_network_values(map, facts->client);
	return answer->values != NULL ? ANSWER_FOUND : ANSWER_NONE;
}

static void
why_origin(const struct facts *facts, struct buf *why)
{
	char text[ADDR_TEXT];

	if (facts->user.n > 0)
		why_add(why, facts->user);
	else if (facts->client.family != ADDR_NONE)
		buf_add_text(why, addr_text(facts->client, text));
	else
		buf_add_text(why, "local");
}

enum match_answer
map_limit(const struct policy *policy, const struct table *map, const struct facts *facts,
    uint64_t *ret_limit, struct buf *why)
{
	struct map_answer answer;
	enum fact_answer found = ask_origin(policy, map, facts, &answer);
	unsigned long long number = 0;
	struct view value;
	bool is_network;

	if (found == ANSWER_FOUND && (!value_next(&answer.values, &is_network, &value) ||
					 !view_number(value, INT64_MAX, &number)))
		found = ANSWER_UNKNOWN;
	if (why != NULL && found == ANSWER_UNKNOWN)
		buf_addf(why, "; <%.*s> gave no number for ", VIEW_ARG(map->name));
	else if (why != NULL)
		buf_addf(why,
		    found == ANSWER_NONE ? "; <%.*s> has no entry for " : "; <%.*s> gives ",
		    VIEW_ARG(map->name));
	if (why != NULL)
		why_origin(facts, why);
	if (found == ANSWER_UNKNOWN)
		return MATCH_UNKNOWN;
	if (found == ANSWER_NONE)
		return MATCH_NO;
	if (why != NULL)
		buf_addf(why, " %llu", number);
	*ret_limit = number;
	return MATCH_YES;
}
