/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/escape.h"
#include "policy/ascii.h"
#include "policy/judge.h"

/* Addresses against addresses, domains and tables. */

void
address_key_make(const struct fact_address *address, struct address_key *ret_key)
{
	struct address_key *key = ret_key;

	key->n = key->local = 0;
	key->is_usable = false;
	if (address->text.n == 0 || address->local.n == 0 ||
	    address->local.n + 1 + address->domain.n >= KEY_MAX)
		return;
	key->local = key_local(address->local, key->text);
	key->n = key->local;
	if (address->domain.n > 0) {
		key->text[key->n++] = '@';
		memcpy(key->text + key->n, address->domain.p, address->domain.n);
		key->n += address->domain.n;
	}
	key->is_usable = key->local > 0;
}

struct view
address_key_view(const struct address_key *key)
{
	return (struct view){key->text, key->n};
}

/* Postfix never takes these apart (split_addr). */
static bool
is_whole(struct view local)
{
	return view_is(local, VIEW("postmaster")) ||
	       view_is(local, VIEW("mailer-daemon")) ||
	       view_is(local, VIEW("double-bounce"));
}

bool
address_key_stem(const struct policy *policy, const struct address_key *key,
    struct address_key *ret_stem)
{
	struct view delimiter = policy->settings.recipient_delimiter;
	struct view local = {key->text, key->local};
	const char *found;
	size_t cut, behind = key->n - key->local;

	if (delimiter.n == 0 || !key->is_usable || is_whole(local))
		return false;
	found = memchr(local.p, delimiter.p[0], local.n);
	cut = found != NULL ? (size_t)(found - local.p) : 0;
	if (cut == 0)
		return false;
	memcpy(ret_stem->text, key->text, cut);
	memcpy(ret_stem->text + cut, key->text + key->local, behind);
	ret_stem->local = cut;
	ret_stem->n = cut + behind;
	ret_stem->is_usable = true;
	return true;
}

void
why_add(struct buf *why, struct view text)
{
	if (why != NULL)
		escape_add(why, text, ESCAPE_MAX);
}

void
why_address(struct buf *why, const struct fact_address *address, const char *without)
{
	if (why == NULL)
		return;
	if (address->text.n == 0)
		buf_add_text(why, without);
	else
		escape_add(why, address->text, ESCAPE_MAX);
}

/* FIRST and then DOMAIN, as a table may have it. */
static bool
has_with(const struct table *table, char first, struct view domain)
{
	char text[KEY_MAX];

	if (domain.n == 0 || domain.n + 1 > sizeof(text))
		return false;
	text[0] = first;
	memcpy(text + 1, domain.p, domain.n);
	return table_has(table, (struct view){text, domain.n + 1});
}

static bool
has_domain(const struct table *table, struct view domain)
{
	if (domain.n == 0)
		return false;
	if (table_has(table, domain) || has_with(table, '@', domain))
		return true;
	for (size_t i = 1; i < domain.n; i++)
		if (domain.p[i] == '.' && table_has(table, view_from(domain, i)))
			return true;
	return false;
}

/* What comes close in TABLE to DOMAIN, which is not in it. */
static void
why_not_in(struct buf *why, const struct test *test, struct view domain)
{
	const struct table *table = test->table;

	if (has_with(table, '.', domain)) {
		buf_addf(why, "<%.*s> has .%.*s, the %s is ", VIEW_ARG(table->name),
		    VIEW_ARG(domain), fact_text(test->fact));
		why_add(why, domain);
		return;
	}
	for (size_t i = 1; i < domain.n; i++)
		if (domain.p[i] == '.' && table_has(table, view_from(domain, i + 1))) {
			struct view parent = view_from(domain, i + 1);

			buf_addf(why, "<%.*s> has %.*s, the %s is ", VIEW_ARG(table->name),
			    VIEW_ARG(parent), fact_text(test->fact));
			why_add(why, domain);
			return;
		}
}

static bool
judge_table(const struct policy *policy, const struct test *test,
    const struct fact_address *address, struct buf *why)
{
	const struct table *table = test->table;
	struct address_key key, stem;
	size_t before = why != NULL ? why->n : 0;

	address_key_make(address, &key);
	if (key.is_usable && (table_has(table, address_key_view(&key)) ||
				 (address_key_stem(policy, &key, &stem) &&
				     table_has(table, address_key_view(&stem))) ||
				 has_domain(table, address->domain))) {
		why_address(why, address, "");
		return true;
	}
	if (why == NULL)
		return false;
	if (key.is_usable)
		why_not_in(why, test, address->domain);
	if (why->n == before) {
		why_address(why, address, "no address");
		buf_addf(why, " is not in <%.*s>", VIEW_ARG(table->name));
	}
	return false;
}

/* A domain for which we hold a key, or that our logins are in. */
static bool
domain_is_ours(const struct policy *policy, struct view domain)
{
	return domain.n == 0 || view_is(domain, policy->settings.login_domain) ||
	       policy_has_key_for(policy, domain);
}

static bool
is_address(
    const struct policy *policy, const struct fact_address *address, struct view text)
{
	struct address_key key, stem;

	address_key_make(address, &key);
	return key.is_usable && (view_is(address_key_view(&key), text) ||
				    (address_key_stem(policy, &key, &stem) &&
					view_is(address_key_view(&stem), text)));
}

/* The operands of one address that are neither tables nor words. */
static bool
fits(const struct policy *policy, const struct test *test,
    const struct fact_address *address)
{
	switch ((int)test->operand) {
	case OPERAND_NULL:
		return address->text.n == 0;
	case OPERAND_ADDRESS:
		return is_address(policy, address, test->text);
	case OPERAND_DOMAIN:
		return view_is(address->domain, test->text);
	case OPERAND_SUFFIX:
		return view_ends(address->domain, test->text);
	case OPERAND_POSTMASTER:
		return view_is_nocase(address->local, VIEW("postmaster")) &&
		       domain_is_ours(policy, address->domain);
	default:
		return false;
	}
}

bool
judge_address(const struct policy *policy, const struct test *test,
    const struct fact_address *address, struct buf *why)
{
	if (test->operand == OPERAND_TABLE)
		return judge_table(policy, test, address, why);
	why_address(
	    why, address, test->fact == FACT_SENDER ? "the null sender" : "no address");
	return fits(policy, test, address);
}
