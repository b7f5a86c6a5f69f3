/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <ctype.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"
#include "tests/unit/reference.h"

/* One test after the other, as frank.conf(5) has them. Slow on purpose. */

enum { NO, YES, UNKNOWN = -1, TEXT = 128 };

static void
lower(struct view text, char into[TEXT])
{
	size_t i;

	must(text.n < TEXT);
	for (i = 0; i < text.n; i++)
		into[i] = (char)tolower((unsigned char)text.p[i]);
	into[i] = '\0';
}

static bool
in_network(const char *network, struct addr addr)
{
	struct prefix prefix;

	return addr.family != ADDR_NONE &&
	       prefix_parse(view_of(network), &prefix, NULL) == 0 &&
	       prefix_has(prefix, addr);
}

/* "alice+x@example.org" -> "alice@example.org" */
static void
stem(const char *address, char into[TEXT])
{
	const char *plus = strchr(address, '+'), *at = strchr(address, '@');

	if (plus == NULL || at == NULL || plus > at)
		memcpy(into, address, strlen(address) + 1);
	else
		snprintf(into, TEXT, "%.*s%s", (int)(plus - address), address, at);
}

static const char *
domain_of(const char *address)
{
	const char *at = strchr(address, '@');

	return at != NULL ? at + 1 : "";
}

static bool
ends(const char *text, const char *tail)
{
	size_t n = strlen(text), m = strlen(tail);

	return n >= m && strcmp(text + n - m, tail) == 0;
}

static bool
address_fits(const struct fact_address *address, const char *argument)
{
	char full[TEXT], short_form[TEXT];
	const char *domain;

	if (strcmp(argument, "null") == 0)
		return address->text.n == 0;
	if (address->text.n == 0)
		return false;
	lower(address->text, full);
	stem(full, short_form);
	domain = domain_of(full);
	if (strcmp(argument, "postmaster") == 0)
		return strncmp(full, "postmaster@", 11) == 0 &&
		       (strcmp(domain, "example.org") == 0 ||
			   strcmp(domain, "example.net") == 0);
	if (strcmp(argument, "<t>") == 0)
		return strcmp(short_form, "alice@example.org") == 0 ||
		       strcmp(domain, "example.net") == 0 || ends(domain, ".example.org");
	if (argument[0] == '.')
		return ends(domain, argument);
	if (strchr(argument, '@') != NULL)
		return strcmp(full, argument) == 0 || strcmp(short_form, argument) == 0;
	return strcmp(domain, argument) == 0;
}

/* The login in lower case, with its domain. */
static void
login_of(const struct ref_policy *policy, const struct facts *facts, char into[TEXT])
{
	lower(facts->user, into);
	if (into[0] != '\0' && strchr(into, '@') == NULL && policy->has_login_domain)
		memcpy(into + strlen(into), "@example.org", 13);
}

/* Is NAME this login: with its domain, or without the one of 'set login-domain'. */
static bool
is_login(const struct ref_policy *policy, const char *login, const char *name)
{
	char with[TEXT];

	snprintf(with, sizeof(with), "%s@example.org", name);
	return strcmp(login, name) == 0 ||
	       (policy->has_login_domain && strcmp(login, with) == 0);
}

static int
judge_user(
    const struct ref_policy *policy, const struct ref_test *test, const struct facts *facts)
{
	char login[TEXT];

	login_of(policy, facts, login);
	if (login[0] == '\0')
		return NO;
	if (strcmp(test->argument, "any") == 0)
		return YES;
	if (strcmp(test->argument, "<t>") == 0)
		return is_login(policy, login, "alice") || is_login(policy, login, "crm") ||
		       strcmp(login, "alice@example.org") == 0 ||
		       ends(login, "@example.net");
	if (test->argument[0] == '@')
		return ends(login, test->argument);
	return is_login(policy, login, test->argument);
}

static int
judge_rcpt(const struct ref_test *test, const struct facts *facts)
{
	unsigned fits = 0, known = facts->n_rcpt_sample;

	for (unsigned i = 0; i < known; i++)
		fits += address_fits(&facts->rcpt_sample[i], test->argument);
	if (!test->only && fits > 0)
		return YES;
	if (test->only && fits < known)
		return NO;
	if (known < facts->rcpts)
		return UNKNOWN;
	return test->only ? YES : NO;
}

/* What <map> says for KEY among the facts. */
static int
look_up(
    const struct facts *facts, const char *map, const char *key, const char **ret_values)
{
	for (unsigned i = 0; i < facts->n_lookups; i++) {
		const struct fact_lookup *one = &facts->lookups[i];

		if (!view_is(one->map, view_of(map)) ||
		    (one->key.n > 0 && !view_is(one->key, view_of(key))))
			continue;
		*ret_values = one->values.p;
		return one->answer == ANSWER_FOUND  ? YES
		       : one->answer == ANSWER_NONE ? NO
						    : UNKNOWN;
	}
	return UNKNOWN;
}

static int
look_up_owner(const struct ref_policy *policy, const struct facts *facts, const char *key,
    const char **ret_values)
{
	if (strcmp(policy->owners, "owners") == 0)
		return look_up(facts, "owners", key, ret_values);
	*ret_values = strcmp(key, "alice@example.org") == 0  ? "alice"
		      : strcmp(key, "info@example.org") == 0 ? "alice, bob, 192.0.2.0/28"
		      : strcmp(key, "@example.net") == 0     ? "bob"
							     : NULL;
	return *ret_values != NULL ? YES : NO;
}

static int
values_have(const struct ref_policy *policy, const struct facts *facts, const char *values)
{
	char text[TEXT], login[TEXT], *rest = text, *value;

	login_of(policy, facts, login);
	lower(view_of(values), text);
	while ((value = strsep(&rest, ", ")) != NULL) {
		if (value[0] == '\0')
			continue;
		if (facts->user.n > 0
			? strchr(value, '/') == NULL && is_login(policy, login, value)
			: in_network(value, facts->client))
			return YES;
	}
	return NO;
}

static int
judge_owns(
    const struct ref_policy *policy, const struct ref_test *test, const struct facts *facts)
{
	bool is_sender = strcmp(test->argument, "sender") == 0;
	const struct fact_address *address = is_sender ? &facts->sender : &facts->author;
	char full[TEXT], keys[3][TEXT], login[TEXT];
	const char *values = NULL;

	if (address->text.n == 0 || (!is_sender && facts->unclear.n > 0) ||
	    (facts->user.n == 0 && facts->client.family == ADDR_NONE))
		return NO;
	lower(address->text, full);
	stem(full, keys[1]);
	login_of(policy, facts, login);
	memcpy(keys[0], full, TEXT);
	snprintf(keys[2], TEXT, "@%.100s", domain_of(full));
	for (int i = 0; policy->owners != NULL && i < 3; i++) {
		int found = NO;

		if (i != 1 || strcmp(keys[0], keys[1]) != 0)
			found = look_up_owner(policy, facts, keys[i], &values);
		if (found == YES)
			return values_have(policy, facts, values);
		if (found == UNKNOWN)
			return UNKNOWN;
	}
	if (login[0] != '\0' && (strcmp(full, login) == 0 || strcmp(keys[1], login) == 0))
		return YES;
	return policy->owners == NULL && strchr(login, '@') != NULL &&
	       strcmp(domain_of(login), domain_of(full)) == 0;
}

static int
compare(const char *how, uint64_t number, uint64_t limit)
{
	if (strcmp(how, ">") == 0)
		return number > limit;
	if (strcmp(how, ">=") == 0)
		return number >= limit;
	if (strcmp(how, "<") == 0)
		return number < limit;
	return number <= limit;
}

static int
compare_or_map(const struct ref_test *test, const struct facts *facts, uint64_t number)
{
	const char *values;
	int found;

	if (!test->is_map)
		return compare(test->compare, number, test->number);
	found = look_up(facts, "plan", "", &values);
	if (found != YES)
		return found;
	return compare(test->compare, number, (uint64_t)(values[0] - '0'));
}

static int
judge_meter(const struct ref_test *test, const struct facts *facts)
{
	for (unsigned i = 0; i < facts->n_meters; i++) {
		const struct fact_meter *meter = &facts->meters[i];
		uint64_t limit, floor = strcmp(test->meter, "sent") == 0 ? 3 : 0;

		if (!view_is(meter->name, view_of(test->meter)))
			continue;
		if (meter->state != READING_KNOWN)
			return UNKNOWN;
		if (!test->is_usual)
			return compare_or_map(test, facts, meter->reading);
		if (meter->usual_of == USUAL_UNKNOWN)
			return UNKNOWN;
		limit = test->number * meter->usual;
		return compare(
		    test->compare, meter->reading, limit > floor ? limit : floor);
	}
	return UNKNOWN;
}

int
ref_among(const struct ref_test *test, const char *word)
{
	bool asks_unknown = false;

	for (int i = 0; i < test->n_list; i++) {
		if (strcmp(test->list[i], word) == 0)
			return YES;
		asks_unknown = asks_unknown || strcmp(test->list[i], "unknown") == 0;
	}
	return strcmp(word, "unknown") == 0 && !asks_unknown ? UNKNOWN : NO;
}

static int
judge_fragile(const struct ref_test *test, const struct facts *facts)
{
	static const char *const names[] = {"long-line", "eight-bit", "bare-cr", "nul"};

	if (test->argument != NULL)
		return facts->fragile != 0;
	for (int i = 0; i < test->n_list; i++)
		for (unsigned bit = 0; bit < ARRAY_LEN(names); bit++)
			if (strcmp(test->list[i], names[bit]) == 0 &&
			    (facts->fragile & 1U << bit) != 0)
				return YES;
	return NO;
}

static int
judge_word(const struct ref_policy *policy, const struct ref_test *test,
    const struct facts *facts, const struct ref_decision *decision)
{
	static const char *const paths[] = {
	    "submission", "relay", "local", "reentry", "inbound"};
	static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	static const char *const spfs[] = {"unknown", "pass", "fail", "softfail", "neutral",
	    "none", "temperror", "permerror"};

	switch ((int)test->kind) {
	case REF_PATH:
		return ref_among(test, paths[facts->path]);
	case REF_DAYS:
		return ref_among(test, days[facts->local_weekday]);
	case REF_SPF:
		return ref_among(test, spfs[facts->spf]);
	case REF_SIGNED:
		return decision->is_signed == (strcmp(test->argument, "yes") == 0);
	case REF_USER:
		return judge_user(policy, test, facts);
	case REF_CLIENT:
		return in_network(
		    strcmp(test->argument, "<t>") == 0 ? "192.0.2.0/30" : test->argument,
		    facts->client);
	case REF_SENDER:
		return address_fits(&facts->sender, test->argument);
	case REF_AUTHOR:
		if (facts->unclear.n > 0)
			return strcmp(test->argument, "unclear") == 0 ||
			       strcmp(test->argument, "null") == 0;
		return strcmp(test->argument, "unclear") != 0 &&
		       address_fits(&facts->author, test->argument);
	default:
		BUG("a kind of test that nobody judges");
	}
}

static int
judge(const struct ref_policy *policy, const struct ref_test *test,
    const struct facts *facts, const struct ref_decision *decision)
{
	int hour = facts->local_minute / 60;

	switch ((int)test->kind) {
	case REF_RCPT:
		return judge_rcpt(test, facts);
	case REF_OWNS:
		return judge_owns(policy, test, facts);
	case REF_RCPTS:
		return compare_or_map(test, facts, facts->rcpts);
	case REF_SIZE:
		return compare_or_map(test, facts, facts->size);
	case REF_AGE:
		return !facts->has_age ? UNKNOWN
				       : compare(test->compare, facts->age,
					     (uint64_t)test->number * 86400);
	case REF_HOURS:
		for (int at = (int)test->from; at != (int)test->to; at = (at + 1) % 24)
			if (at == hour)
				return YES;
		return NO;
	case REF_FRAGILE:
		return judge_fragile(test, facts);
	case REF_METER:
		return judge_meter(test, facts);
	case REF_KEY:
	case REF_RECEIVER:
	case REF_DMARC:
	case REF_DMARC_POLICY:
		return ref_foresee(test, facts, decision);
	default:
		return judge_word(policy, test, facts, decision);
	}
}

int
ref_judge(const struct ref_policy *policy, const struct ref_test *test,
    const struct facts *facts, const struct ref_decision *decision)
{
	int so = judge(policy, test, facts, decision);

	return so == UNKNOWN || !test->negated ? so : !so;
}
