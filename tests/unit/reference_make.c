/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "tests/unit/policy_lab.h"
#include "tests/unit/reference.h"

const char ref_owners[] = "alice@example.org alice\n"
			  "info@example.org alice, bob, 192.0.2.0/28\n"
			  "@example.net bob\n";

const char ref_keys[] = "- example.org s1 rsa-sha256 100\n"
			"- example.org s2 rsa-sha256 200\n"
			"- example.org s3 rsa-sha256 300\n"
			"- example.org e1 ed25519-sha256 400\n"
			"- example.net n1 rsa-sha256 100\n"
			"legacy example.net l1 rsa-sha256 50\n";

#define PICK(list) ((list)[ref_random(ARRAY_LEN(list))])

static const char *const paths[] = {"submission", "relay", "local", "inbound", "reentry"};
static const char *const spfs[] = {"unknown", "pass", "fail", "softfail", "none"};
static const char *const dmarcs[] = {"unknown", "pass", "fail", "none"};
static const char *const policies[] = {"none", "quarantine", "reject"};
static const char *const states[] = {"unknown", "ready", "unpublished", "mismatched"};
static const char *const days[] = {"mon", "sat", "sun"};
static const char *const fragiles[] = {"long-line", "eight-bit", "nul"};
static const char *const users[] = {
    "any", "alice", "bob", "@example.org", "<t>", "alice@example.org"};
static const char *const clients[] = {"192.0.2.0/28", "192.0.2.1", "2001:db8::/32", "<t>"};
static const char *const senders[] = {"alice@example.org", "example.org", ".example.org",
    "<t>", "null", "example.net", "postmaster"};
static const char *const compares[] = {">", ">=", "<", "<="};
static const char *const meters[] = {"sent", "peruser"};

static void
pick_list(struct ref_test *test, const char *const *words, unsigned n)
{
	test->n_list = 1 + (int)ref_random(3);
	for (int i = 0; i < test->n_list; i++)
		test->list[i] = words[ref_random(n)];
}

static void
pick_number(struct ref_test *test)
{
	test->compare = PICK(compares);
	test->number = ref_random(6);
	test->is_map = test->kind != REF_AGE && ref_random(3) == 0;
	if (test->kind != REF_METER)
		return;
	test->meter = PICK(meters);
	test->is_usual = !test->is_map && ref_random(2) == 0;
	test->number += test->is_usual;
}

/* Of these kinds a test names some words of a list. */
static const struct {
	enum ref_kind kind;
	const char *const *words;
	unsigned n;
} lists[] = {
    {REF_PATH, paths, ARRAY_LEN(paths)},
    {REF_DAYS, days, ARRAY_LEN(days)},
    {REF_SPF, spfs, ARRAY_LEN(spfs)},
    {REF_DMARC, dmarcs, ARRAY_LEN(dmarcs)},
    {REF_DMARC_POLICY, policies, ARRAY_LEN(policies)},
    {REF_KEY, states, ARRAY_LEN(states)},
    {REF_FRAGILE, fragiles, ARRAY_LEN(fragiles)},
};

static void
pick_argument(struct ref_test *test)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (lists[i].kind == test->kind)
			pick_list(test, lists[i].words, lists[i].n);
	switch ((int)test->kind) {
	case REF_FRAGILE:
		test->argument = ref_random(3) == 0 ? "any" : NULL;
		break;
	case REF_USER:
		test->argument = PICK(users);
		break;
	case REF_CLIENT:
		test->argument = PICK(clients);
		break;
	case REF_SENDER:
		test->argument = PICK(senders);
		break;
	case REF_AUTHOR:
		test->argument = ref_random(6) == 0 ? "unclear" : PICK(senders);
		break;
	case REF_RCPT:
		test->argument = senders[ref_random(4)];
		test->only = ref_random(2) == 0;
		break;
	case REF_OWNS:
		test->argument = ref_random(2) == 0 ? "sender" : "author";
		break;
	case REF_SIGNED:
		test->argument = ref_random(2) == 0 ? "yes" : "no";
		break;
	case REF_RECEIVER:
		test->argument = "disagrees";
		break;
	case REF_HOURS:
		test->from = ref_random(24);
		test->to = (test->from + 1 + ref_random(23)) % 24;
		break;
	case REF_RCPTS:
	case REF_SIZE:
	case REF_AGE:
	case REF_METER:
		pick_number(test);
		break;
	default:
		break;
	}
}

static void
pick_tests(struct ref_rule *rule, int least, unsigned kinds)
{
	rule->n_tests = least + (int)ref_random((unsigned)(REF_TESTS - least) + 1);
	for (int i = 0; i < rule->n_tests; i++) {
		struct ref_test *test = &rule->tests[i];

		test->kind = (enum ref_kind)ref_random(kinds);
		test->negated = ref_random(3) == 0;
		pick_argument(test);
	}
}

static void
pick_match(struct ref_rule *rule)
{
	static const char *const withs[] = {
	    NULL, NULL, "legacy", "example.org", "example.net"};

	rule->verdict = "match";
	rule->signs = ref_random(3) > 0;
	rule->with = PICK(withs);
	rule->tags = ref_random(3) == 0;
	rule->notes = !rule->signs || ref_random(3) == 0;
	pick_tests(rule, 1, rule->signs ? REF_SIGN_KINDS : REF_KINDS);
	/* One test is likely to fit, so that much is signed. */
	if (ref_random(2) == 0)
		rule->n_tests = 1;
}

static void
pick_verdict(struct ref_rule *rule)
{
	static const char *const verdicts[] = {"accept", "hold", "defer", "reject"};
	static const int untils[] = {0, 0, 20260301, 20260302, 20260303};

	rule->verdict = PICK(verdicts);
	rule->watch = ref_random(4) == 0;
	rule->until = PICK(untils);
	pick_tests(rule, 0, REF_KINDS);
}

void
ref_make_policy(struct ref_policy *policy)
{
	int n_verdicts = 1 + (int)ref_random(REF_RULES - 1);
	static const char *const maps[] = {NULL, "own", "owners"};

	*policy = (struct ref_policy){.owners = PICK(maps),
	    .has_login_domain = ref_random(2) == 0,
	    .rejects_on_error = ref_random(2) == 0,
	    .n_matches = (int)ref_random(REF_RULES)};
	for (int i = 0; i < policy->n_matches; i++)
		pick_match(&policy->rules[i]);
	for (int i = 0; i < n_verdicts; i++)
		pick_verdict(&policy->rules[policy->n_matches + i]);
	policy->n_rules = policy->n_matches + n_verdicts;
	policy->rules[policy->n_rules++] = (struct ref_rule){.verdict = "accept"};
}

static void
print_test(const struct ref_test *test, struct buf *out)
{
	static const char *const words[] = {"path", "user", "client", "sender", "author",
	    "rcpt", "owns", "rcpts", "size", "age", "hours", "days", "spf", "fragile", "",
	    "signed", "dmarc", "dmarc-policy", "key", "receiver"};

	buf_addf(out, "%s %s %s", test->negated ? " not" : "",
	    test->kind == REF_METER ? test->meter : words[test->kind],
	    test->only ? "only " : "");
	if (test->argument != NULL) {
		buf_add_text(out, test->argument);
	} else if (test->kind == REF_HOURS) {
		buf_addf(out, "%02u-%02u", test->from, test->to);
	} else if (test->compare != NULL) {
		buf_addf(out, "%s ", test->compare);
		if (test->is_map)
			buf_add_text(out, "<plan>");
		else
			buf_addf(out, "%u%s%s", test->number,
			    test->kind == REF_AGE ? "d" : "",
			    test->is_usual ? "x usual" : "");
	}
	for (int i = 0; test->argument == NULL && i < test->n_list; i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "", test->list[i]);
}

static void
print_rule(const struct ref_rule *rule, int line, struct buf *out)
{
	buf_addf(out, "%s%s", rule->watch ? "watch " : "", rule->verdict);
	for (int i = 0; i < rule->n_tests; i++)
		print_test(&rule->tests[i], out);
	if (rule->signs)
		buf_add_text(out, " sign");
	if (rule->signs && rule->with != NULL)
		buf_addf(out, " with %s", rule->with);
	if (rule->tags)
		buf_addf(out, " tag \"X-A: %d {rcpts}\"", line);
	if (rule->notes)
		buf_addf(out, " note \"%d\"", line);
	if (strcmp(rule->verdict, "match") != 0)
		buf_addf(out, " label \"%d\"", line);
	if (rule->until != 0)
		buf_addf(out, " until %d-%02d-%02d", rule->until / 10000,
		    rule->until / 100 % 100, rule->until % 100);
	buf_add_char(out, '\n');
}

void
ref_print_policy(const struct ref_policy *policy, struct buf *out)
{
	static const char *const owners[] = {"", "set owners <own>", "set owners <owners>"};

	/* REF_FIRST_LINE - 1 lines */
	buf_addf(out,
	    "table <t> { alice, crm, @example.net, alice@example.org, .example.org,\n"
	    "\t192.0.2.0/30 }\n"
	    "map <owners> postmap \"x:owners\"\n"
	    "map <own> file \"owners\"\n"
	    "map <plan> postmap \"x:plan\"\n"
	    "set recipient-delimiter \"+\"\n"
	    "set helo mail.example.org\n"
	    "set on-error %s\n"
	    "%s\n%s\n"
	    "keys \"keys\"\n"
	    "key legacy domain example.net selector l1 file \"f\"\n"
	    "meter sent count messages per origin within 1h floor 3\n"
	    "meter peruser count messages per user within 1h\n",
	    policy->rejects_on_error ? "reject" : "defer",
	    owners[policy->owners == NULL        ? 0
		   : strlen(policy->owners) == 3 ? 1
						 : 2],
	    policy->has_login_domain ? "set login-domain example.org" : "");
	for (int i = 0; i < policy->n_rules; i++)
		print_rule(&policy->rules[i], REF_FIRST_LINE + i, out);
}

/* ---- facts ---- */

static struct fact_key keys[5];
static struct fact_meter readings[2];
static struct fact_lookup lookups[8];
static struct fact_address rcpts[3];

static const char *const addresses[] = {"alice@example.org", "ALICE+x@example.org",
    "info@example.org", "bob@example.net", "x@sub.example.org", "Postmaster@example.org",
    "eve@example.com", "bob@sub.example.net"};

static void
make_keys(struct facts *facts)
{
	static const char *const selectors[] = {"s1", "s2", "s3", "e1", "n1"};

	facts->keys = keys;
	for (unsigned i = 0; i < ARRAY_LEN(selectors); i++)
		if (ref_random(2) == 0)
			keys[facts->n_keys++] = (struct fact_key){
			    .domain = i == 4 ? VIEW("example.net") : VIEW("example.org"),
			    .selector = view_of(selectors[i]),
			    .state = (enum fact_key_state)ref_random(4),
			    .is_published = ref_random(2) == 0,
			    .is_testing = ref_random(2) == 0,
			    .last_ready = (int64_t)ref_random(3),
			    .opinion = (enum fact_seen)ref_random(3)};
}

static void
make_meters(struct facts *facts)
{
	static const char *const names[] = {"peruser", "sent"};

	facts->meters = readings;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (ref_random(6) > 0)
			readings[facts->n_meters++] =
			    (struct fact_meter){.name = view_of(names[i]),
				.state = (enum fact_reading)(
				    ref_random(6) == 0 ? ref_random(2) : READING_KNOWN),
				.reading = ref_random(9),
				.usual_of = (enum fact_usual)ref_random(3),
				.usual = ref_random(4)};
}

/* The map of owners as postmap answers it, and a plan for whoever is asked. */
static void
make_lookups(struct facts *facts)
{
	const struct fact_lookup owners[] = {
	    {VIEW("owners"), VIEW("alice@example.org"), ANSWER_FOUND, VIEW("alice")},
	    {VIEW("owners"), VIEW("info@example.org"), ANSWER_FOUND,
		VIEW("Alice, bob,192.0.2.0/28")},
	    {VIEW("owners"), VIEW("@example.net"), ANSWER_FOUND, VIEW("bob")},
	    {VIEW("owners"), VIEW("eve@example.com"), ANSWER_UNKNOWN, VIEW("")},
	    {VIEW("owners"), VIEW(""), ANSWER_NONE, VIEW("")},
	};

	facts->lookups = lookups;
	if (ref_random(4) > 0)
		lookups[facts->n_lookups++] = (struct fact_lookup){
		    VIEW("plan"), VIEW(""), (enum fact_answer)ref_random(3), VIEW("3")};
	for (unsigned i = 0; i < ARRAY_LEN(owners); i++)
		lookups[facts->n_lookups++] = owners[i];
	if (ref_random(8) == 0)
		facts->n_lookups--;
}

static void
make_people(struct facts *facts)
{
	static const char *const logins[] = {
	    "", "alice", "Bob", "crm", "alice@example.org", "x@example.net"};
	static const char *const places[] = {
	    "192.0.2.1", "192.0.2.9", "198.51.100.1", "2001:db8::1"};

	facts->path = (enum fact_path)ref_random(5);
	facts->user = view_of(PICK(logins));
	if (ref_random(4) > 0)
		must(addr_parse(view_of(PICK(places)), &facts->client, NULL) == 0);
	if (ref_random(4) > 0)
		facts->sender = lab_address(PICK(addresses));
	if (ref_random(8) == 0)
		facts->unclear = VIEW("two From fields");
	else if (ref_random(16) > 0)
		facts->author = lab_address(PICK(addresses));
	facts->n_rcpt_sample = ref_random(3) + 1;
	for (unsigned i = 0; i < facts->n_rcpt_sample; i++)
		rcpts[i] = lab_address(PICK(addresses));
	facts->rcpt_sample = rcpts;
	facts->rcpts = facts->n_rcpt_sample + (ref_random(4) == 0 ? ref_random(4) : 0);
}

/* What receivers find who walk the tree: any of our names, or none, is what it comes to. */
static struct fact_dmarc_tree
make_tree(void)
{
	static const char *const names[] = {"", "org", "example.org", "sub.example.org",
	    "mail.example.org", "net", "example.net", "sub.example.net", "example.com"};

	return (struct fact_dmarc_tree){
	    .record = (enum fact_dmarc_record)(ref_random(2) == 0 ? 0 : ref_random(5)),
	    .is_strict_spf = ref_random(3) == 0,
	    .is_strict_dkim = ref_random(3) == 0,
	    .domain = view_of(PICK(names)),
	    .author = view_of(PICK(names)),
	    .spf = view_of(PICK(names))};
}

void
ref_make_facts(struct facts *facts)
{
	static const unsigned fragile[] = {0, 0, FRAGILE_LONG_LINE, FRAGILE_NUL,
	    FRAGILE_EIGHT_BIT | FRAGILE_NUL, FRAGILE_BARE_CR};

	*facts = (struct facts){.local_date = 20260301 + (int)ref_random(3),
	    .local_minute = (int)ref_random(24 * 60),
	    .local_weekday = (int)ref_random(7),
	    .size = ref_random(6),
	    .fragile = PICK(fragile),
	    .is_signed_already = ref_random(6) == 0,
	    .spf = (enum fact_spf)ref_random(8),
	    .spf_opinion = (enum fact_seen)ref_random(3),
	    .dmarc_record = (enum fact_dmarc_record)ref_random(5),
	    .is_strict_spf = ref_random(3) == 0,
	    .is_strict_dkim = ref_random(3) == 0,
	    .tree = make_tree(),
	    .has_age = ref_random(3) > 0,
	    .age = ref_random(6) * 86400};
	make_people(facts);
	make_keys(facts);
	make_meters(facts);
	make_lookups(facts);
}
