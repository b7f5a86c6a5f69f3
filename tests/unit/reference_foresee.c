/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "tests/unit/reference.h"

/* What receivers will see, as frank.conf(5) has it. */

enum { NO, YES, UNKNOWN = -1, NAME = 256 };

static const struct fact_key *
key_fact(const struct facts *facts, const char *selector)
{
	for (unsigned i = 0; i < facts->n_keys; i++)
		if (view_is(facts->keys[i].selector, view_of(selector)))
			return &facts->keys[i];
	return NULL;
}

static const char *
key_state(const struct facts *facts, const char *selector)
{
	static const char *const names[] = {
	    "unknown", "ready", "unpublished", "mismatched"};
	const struct fact_key *key = key_fact(facts, selector);

	return names[key != NULL ? key->state : KEY_UNKNOWN];
}

/* Ready, else perhaps ready, else wrong, else not there. */
static int
judge_key(const struct ref_test *test, const struct facts *facts,
    const struct ref_decision *decision)
{
	static const char *const order[] = {
	    "ready", "unknown", "mismatched", "unpublished"};

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		for (int j = 0; j < decision->n_sign; j++)
			if (strcmp(key_state(facts, decision->sign[j]), order[i]) == 0)
				return ref_among(test, order[i]);
	return NO;
}

static int
judge_receiver(const struct facts *facts, const struct ref_decision *decision)
{
	bool agrees = facts->spf_opinion == SEEN_AGREES;

	if (facts->spf_opinion == SEEN_DISAGREES)
		return YES;
	for (int i = 0; i < decision->n_sign; i++) {
		const struct fact_key *key = key_fact(facts, decision->sign[i]);

		if (key != NULL && key->opinion == SEEN_DISAGREES)
			return YES;
		agrees = agrees || (key != NULL && key->opinion == SEEN_AGREES);
	}
	return agrees ? NO : UNKNOWN;
}

/* One way in which receivers go about it. */
struct way {
	enum fact_dmarc_record record;
	bool strict_spf, strict_dkim;
	char author[NAME], sender[NAME]; /* organizational domains */
	bool by_tree;
};

/* By the public suffix list, of our few domains: the last two labels. */
static const char *
two_labels(const char *domain)
{
	const char *dot = strchr(domain, '.');

	if (dot != NULL && strchr(dot + 1, '.') != NULL)
		return two_labels(dot + 1);
	return domain;
}

static void
copy(char into[NAME], struct view text)
{
	must(text.n < NAME);
	snprintf(into, NAME, "%.*s", VIEW_ARG(text));
}

static bool
is_below(const char *domain, const char *parent)
{
	size_t n = strlen(domain), m = strlen(parent);

	return n > m && domain[n - m - 1] == '.' && strcmp(domain + n - m, parent) == 0;
}

static const char *
key_domain(const char *selector)
{
	return selector[0] == 'n' || selector[0] == 'l' ? "example.net" : "example.org";
}

static bool
spf_aligns(const struct way *way, const char *author, const char *sender)
{
	if (sender[0] == '\0')
		return false;
	if (strcmp(author, sender) == 0)
		return true;
	return !way->strict_spf && strcmp(way->author, way->sender) == 0;
}

/* A key is of the author's domain or of a parent. By the tree it aligns when the walk from
 * it comes to the same end, so when it does not begin beyond that. */
static bool
key_aligns(const struct way *way, const char *author, const char *key)
{
	if (strcmp(author, key) == 0)
		return true;
	if (way->strict_dkim)
		return false;
	if (!way->by_tree)
		return strcmp(way->author, two_labels(key)) == 0;
	return is_below(author, key) &&
	       (strcmp(key, way->author) == 0 || is_below(key, way->author));
}

static const char *
result_of(const struct way *way, const struct facts *facts,
    const struct ref_decision *decision, const char *sender)
{
	char author[NAME];
	bool perhaps = facts->is_signed_already;

	if (way->record == DMARC_RECORD_UNKNOWN)
		return "";
	if (way->record == DMARC_RECORD_ABSENT)
		return "none";
	copy(author, facts->author.domain);
	if (spf_aligns(way, author, sender)) {
		if (facts->spf == SPF_PASS)
			return "pass";
		perhaps =
		    perhaps || facts->spf == SPF_UNKNOWN || facts->spf == SPF_TEMPERROR;
	}
	for (int i = 0; i < decision->n_sign; i++) {
		const char *selector = decision->sign[i],
			   *state = key_state(facts, selector);

		if (selector[0] == 'e' || !key_aligns(way, author, key_domain(selector)))
			continue;
		if (strcmp(state, "ready") == 0)
			return "pass";
		perhaps = perhaps || strcmp(state, "unknown") == 0;
	}
	return perhaps ? "unknown" : "fail";
}

/* The name that stands there, or else what the list says. */
static void
organizational(char into[NAME], struct view known, const char *domain)
{
	if (known.n > 0)
		copy(into, known);
	else
		copy(into, view_of(two_labels(domain)));
}

static const char *
dmarc(const struct facts *facts, const struct ref_decision *decision)
{
	static const char *const worst_first[] = {"fail", "unknown", "pass", "none"};
	const struct fact_dmarc_tree *tree = &facts->tree;
	struct way list = {.record = facts->dmarc_record,
	    .strict_spf = facts->is_strict_spf,
	    .strict_dkim = facts->is_strict_dkim};
	struct way walk = {.record = tree->record,
	    .strict_spf = tree->is_strict_spf,
	    .strict_dkim = tree->is_strict_dkim,
	    .by_tree = tree->author.n > 0};
	char author[NAME], sender[NAME] = "mail.example.org";

	if (facts->unclear.n > 0 || facts->author.text.n == 0)
		return "unknown";
	copy(author, facts->author.domain);
	if (facts->sender.text.n > 0)
		copy(sender, facts->sender.domain);
	organizational(list.author, VIEW(""), author);
	organizational(list.sender, VIEW(""), sender);
	organizational(walk.author, tree->author, author);
	organizational(walk.sender, tree->spf, sender);
	for (size_t i = 0; i < ARRAY_LEN(worst_first); i++)
		if (strcmp(result_of(&list, facts, decision, sender), worst_first[i]) ==
			0 ||
		    strcmp(result_of(&walk, facts, decision, sender), worst_first[i]) == 0)
			return worst_first[i];
	return "unknown";
}

/* The stricter of what is known. */
static int
judge_dmarc_policy(const struct ref_test *test, const struct facts *facts)
{
	static const char *const strictest_first[] = {
	    "reject", "quarantine", "none", "absent"};

	for (size_t i = 0; i < ARRAY_LEN(strictest_first); i++) {
		enum fact_dmarc_record record =
		    (enum fact_dmarc_record)(DMARC_RECORD_REJECT - i);

		if (facts->dmarc_record == record || facts->tree.record == record)
			return ref_among(test, strictest_first[i]);
	}
	return UNKNOWN;
}

int
ref_foresee(const struct ref_test *test, const struct facts *facts,
    const struct ref_decision *decision)
{
	switch ((int)test->kind) {
	case REF_KEY:
		return judge_key(test, facts, decision);
	case REF_RECEIVER:
		return judge_receiver(facts, decision);
	case REF_DMARC:
		return ref_among(test, dmarc(facts, decision));
	case REF_DMARC_POLICY:
		return judge_dmarc_policy(test, facts);
	default:
		BUG("not a kind of test that looks ahead");
	}
}
