/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "policy/judge.h"

/*
 * Who may write as an address: 'set owners' in Postfix's look-up order. The first entry
 * found decides; networks are for clients without a login.
 */

enum { SHOWN_OWNERS = 4 };

struct asking {
	const struct policy *policy;
	const struct facts *facts;
	const struct fact_address *address;
	struct login login;
	struct owner_keys keys;
	struct buf *why;
};

static void
why_asker(const struct asking *asking)
{
	char text[ADDR_TEXT];

	if (asking->facts->user.n > 0)
		why_add(asking->why, asking->facts->user);
	else
		buf_add_text(asking->why, addr_text(asking->facts->client, text));
}

/* Is one of VALUES the login, or without a login the client's network? */
static bool
values_have(const struct asking *asking, const char *values)
{
	struct view value;
	struct prefix prefix;
	bool is_network;

	while (value_next(&values, &is_network, &value)) {
		if (asking->facts->user.n > 0) {
			if (!is_network && login_is(asking->policy, &asking->login, value))
				return true;
		} else if (is_network && prefix_parse(value, &prefix, NULL) == 0 &&
			   prefix_has(prefix, asking->facts->client)) {
			return true;
		}
	}
	return false;
}

static void
why_values(const struct asking *asking, struct view key, const char *values, bool is_owner)
{
	struct buf *why = asking->why;
	struct view value;
	bool is_network;

	buf_addf(why, "<%.*s> gives ", VIEW_ARG(asking->policy->owners->name));
	why_add(why, key);
	buf_add_text(why, " to ");
	if (is_owner) {
		why_asker(asking);
		return;
	}
	for (unsigned i = 0; value_next(&values, &is_network, &value); i++) {
		if (i == SHOWN_OWNERS) {
			buf_add_text(why, ", ...");
			break;
		}
		buf_add_text(why, i == 0 ? "" : ", ");
		why_add(why, value);
	}
	buf_add_text(why, ", not to ");
	why_asker(asking);
}

void
owner_keys_make(const struct policy *policy, const struct fact_address *address,
    struct owner_keys *ret_keys)
{
	struct owner_keys *keys = ret_keys;
	struct view domain = address->domain;

	keys->n = 0;
	address_key_make(address, &keys->full);
	if (!keys->full.is_usable)
		return;
	keys->at[keys->n++] = address_key_view(&keys->full);
	if (address_key_stem(policy, &keys->full, &keys->stem))
		keys->at[keys->n++] = address_key_view(&keys->stem);
	if (domain.n > 0 && domain.n + 1 < KEY_MAX) {
		keys->domain[0] = '@';
		memcpy(keys->domain + 1, domain.p, domain.n);
		keys->at[keys->n++] = (struct view){keys->domain, domain.n + 1};
	}
}

/* The entry that decides. */
static enum fact_answer
find_entry(const struct asking *asking, struct view *ret_key, struct map_answer *ret_answer)
{
	const struct owner_keys *keys = &asking->keys;
	enum fact_answer found = ANSWER_NONE;

	for (unsigned i = 0; i < keys->n && found == ANSWER_NONE; i++) {
		*ret_key = keys->at[i];
		found =
		    map_ask(asking->policy->owners, asking->facts, *ret_key, ret_answer);
	}
	return found;
}

static bool
is_own_name(const struct asking *asking)
{
	const struct owner_keys *keys = &asking->keys;
	struct view login = login_view(&asking->login);

	/* Not @domain, which no usable login can be. */
	for (unsigned i = 0; asking->login.is_usable && i < keys->n; i++)
		if (view_is(keys->at[i], login))
			return true;
	return false;
}

static void
why_no_entry(const struct asking *asking, bool is_owner)
{
	if (asking->why == NULL)
		return;
	buf_addf(asking->why, "<%.*s> has no entry for ",
	    VIEW_ARG(asking->policy->owners->name));
	why_address(asking->why, asking->address, "");
	buf_add_text(asking->why, is_owner                    ? ": it is the login's own"
				  : asking->facts->user.n > 0 ? ", the login is "
							      : ", the client is ");
	if (!is_owner)
		why_asker(asking);
}

static enum match_answer
judge_by_map(const struct asking *asking)
{
	struct map_answer answer;
	struct view key = VIEW_NONE;
	enum fact_answer found = find_entry(asking, &key, &answer);
	bool is_owner;

	if (found == ANSWER_UNKNOWN) {
		if (asking->why != NULL)
			buf_addf(asking->why, "<%.*s> could not be asked about ",
			    VIEW_ARG(asking->policy->owners->name));
		why_add(asking->why, key);
		return MATCH_UNKNOWN;
	}
	if (found == ANSWER_FOUND) {
		is_owner = values_have(asking, answer.values);
		if (asking->why != NULL)
			why_values(asking, key, answer.values, is_owner);
	} else {
		is_owner = is_own_name(asking);
		why_no_entry(asking, is_owner);
	}
	return is_owner ? MATCH_YES : MATCH_NO;
}

static void
why_login(const struct asking *asking, bool is_owner)
{
	struct buf *why = asking->why;
	bool has_domain = asking->login.domain.n > 0;

	if (asking->facts->user.n == 0) {
		buf_add_text(why, "the client ");
		why_asker(asking);
		buf_add_text(
		    why, " has no login, and without 'set owners' it owns nothing");
		return;
	}
	why_address(why, asking->address, "");
	buf_add_text(why, is_owner     ? " is in the domain of "
			  : has_domain ? " is neither "
				       : " is not ");
	why_asker(asking);
	if (!is_owner)
		buf_add_text(
		    why, has_domain ? " nor in its domain" : ", a login without a domain");
}

static enum match_answer
judge_by_login(const struct asking *asking)
{
	struct view domain = asking->address->domain;
	bool is_owner =
	    is_own_name(asking) || (asking->login.is_usable && asking->login.domain.n > 0 &&
				       view_is(asking->login.domain, domain));

	if (asking->why != NULL)
		why_login(asking, is_owner);
	return is_owner ? MATCH_YES : MATCH_NO;
}

enum match_answer
judge_owns(const struct policy *policy, const struct fact_address *address,
    const struct facts *facts, struct buf *why)
{
	struct asking asking = {
	    .policy = policy, .facts = facts, .address = address, .why = why};

	if (address->text.n == 0) {
		why_add(why, VIEW("there is no address to own"));
		return MATCH_NO;
	}
	owner_keys_make(policy, address, &asking.keys);
	if (asking.keys.n == 0) {
		why_add(why, VIEW("this address is not one that could be looked up"));
		return MATCH_NO;
	}
	if (facts->user.n == 0 && facts->client.family == ADDR_NONE) {
		why_add(why, VIEW("neither a login nor a client"));
		return MATCH_NO;
	}
	login_make(policy, facts->user, &asking.login);
	return policy->owners != NULL ? judge_by_map(&asking) : judge_by_login(&asking);
}

/* The entry that would let it be owned: a login more in the one that decided, or a new one.
 */
static void
remedy_entry(const struct asking *asking)
{
	struct buf *out = asking->why;
	const struct table *owners = asking->policy->owners;
	struct map_answer answer;
	struct view key = VIEW_NONE;
	bool has_entry = find_entry(asking, &key, &answer) == ANSWER_FOUND;
	bool is_for_all = has_entry && key.n > 0 && key.p[0] == '@';

	buf_add_text(out, ", add ");
	if (has_entry && !is_for_all) {
		why_asker(asking);
		buf_add_text(out, " to the entry of ");
		why_add(out, key);
		buf_addf(out, " in <%.*s>", VIEW_ARG(owners->name));
	} else {
		buf_add_char(out, '\'');
		why_address(out, asking->address, "");
		buf_add_char(out, ' ');
		why_asker(asking);
		buf_addf(out, "' to <%.*s>", VIEW_ARG(owners->name));
	}
	if (is_for_all) {
		buf_add_text(out, ", which then counts instead of that of ");
		why_add(out, key);
	}
	if (!owners->is_postmap)
		buf_add_text(out, ", then 'frank reload'");
}

static void
remedy_map(const struct asking *asking)
{
	struct buf *out = asking->why;

	buf_add_text(out, ", name a map with 'set owners' that gives ");
	why_address(out, asking->address, "");
	buf_add_text(out, " to ");
	why_asker(asking);
	if (asking->facts->user.n > 0 && asking->login.domain.n == 0) {
		buf_add_text(out, "; or say with 'set login-domain' where ");
		why_asker(asking);
		buf_add_text(out, " is at home");
	}
}

void
policy_owns_remedy(const struct policy *policy, const struct fact_address *address,
    const struct facts *facts, struct buf *out)
{
	struct asking asking = {
	    .policy = policy, .facts = facts, .address = address, .why = out};

	owner_keys_make(policy, address, &asking.keys);
	if (address->text.n == 0 || asking.keys.n == 0)
		return;
	if (facts->user.n == 0 && facts->client.family == ADDR_NONE) {
		buf_add_text(out, "mail of this machine has no login: a rule 'match path "
				  "local ... sign' can sign it");
		return;
	}
	login_make(policy, facts->user, &asking.login);
	buf_add_text(out, "if ");
	why_asker(&asking);
	buf_add_text(out, " may write as ");
	why_address(out, address, "");
	if (policy->owners != NULL)
		remedy_entry(&asking);
	else
		remedy_map(&asking);
}
