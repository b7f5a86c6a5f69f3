/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A file of cases, read and judged as `frank test` does, by a policy that has one of
 * everything that a case can speak of. A case that is read must have facts in bounds and
 * must be the same case again when its text is read by itself; a fault must be one line.
 */

#include <stdint.h>
#include <string.h>

#include "ctl/cases.h"
#include "lib/bug.h"
#include "lib/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policy_text[] =
    "table <staff> { alice, bob@example.org, @example.net, .example.org, 192.0.2.0/28 }\n"
    "map <own> file \"own\"\n"
    "map <plan> postmap \"hash:plan\"\n"
    "set owners <own>\n"
    "set recipient-delimiter \"+\"\n"
    "set helo mail.example.org\n"
    "keys \"keys\"\n"
    "key legacy domain example.net selector l1 file \"f\"\n"
    "meter sent count messages per user within 1h floor 3\n"
    "meter crowd count recipients per client within 10m\n"
    "match path submission owns author sign\n"
    "match client <staff> sign with legacy tag \"X-A: {rcpts}\" note \"staff\"\n"
    "reject rcpt only <staff> user any label \"inner\" reply \"5.7.1 no\"\n"
    "hold sent > 3x usual label \"burst\"\n"
    "watch hold crowd > <plan> label \"crowd\"\n"
    "defer size > 10M hours 22-06 fragile long-line,nul\n"
    "reject dmarc fail dmarc-policy reject,quarantine key mismatched,unpublished\n"
    "hold spf fail,softfail receiver disagrees label \"spf\"\n"
    "hold author unclear days sat,sun age < 2d label \"odd\" until 2026-06-01\n"
    "accept\n";

static const char keys_text[] = "- example.org s1 rsa-sha256 100\n"
				"- example.org e1 ed25519-sha256 400\n"
				"legacy example.net l1 rsa-sha256 50\n";

static struct policy *
make_policy(void)
{
	struct bundle *bundle = bundle_new(NULL);
	struct map_seed seed = {.k0 = 1, .k1 = 2};
	struct policy *policy;
	struct diag diag;

	must(bundle_put(bundle, VIEW("frank.conf"), view_of(policy_text), NULL) == 0);
	must(bundle_put(bundle, VIEW("own"),
		 VIEW("alice@example.org alice\n@example.net bob, 192.0.2.0/28\n"),
		 NULL) == 0);
	must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE), view_of(keys_text), NULL) == 0);
	diag_init(&diag);
	policy = policy_load(bundle, "frank.conf", seed, 0, &diag);
	must(policy != NULL);
	diag_fini(&diag);
	bundle_free(bundle);
	return policy;
}

static void
check_facts(const struct facts *facts, const struct policy *policy)
{
	size_t n_meters;

	(void)policy_meters(policy, &n_meters);
	must(facts->path <= PATH_INBOUND);
	must(facts->n_rcpt_sample <= FACTS_RCPT_SAMPLE &&
	     facts->n_rcpt_sample <= facts->rcpts);
	must(facts->n_rcpt_fits == policy_rcpt_tests(policy));
	for (uint32_t i = 0; i < facts->n_rcpt_fits; i++)
		must(facts->rcpt_fits[i] <= facts->n_rcpt_sample);
	must(facts->n_meters >= n_meters && facts->n_meters <= FACTS_METERS_MAX);
	must(facts->local_minute >= 0 && facts->local_minute < 24 * 60);
	must(facts->local_weekday >= 0 && facts->local_weekday < 7);
}

static void
judge(const struct policy *policy, const struct one_case *one, struct arena *arena,
    struct decision *ret_decision)
{
	struct trace trace = {0};

	check_facts(&one->facts, policy);
	must(one->want.n_sign <= CASES_LIST_MAX);
	engine_decide(policy, &one->facts, arena, &trace, ret_decision);
}

static void
read_again(
    const struct policy *policy, const struct one_case *one, const struct decision *first)
{
	struct buf errors = BUF_INIT(1 << 20);
	struct arena *arena = arena_new(0);
	struct decision second;
	struct one_case again;
	struct cases cases;
	int result;

	cases_init(&cases, "c", one->text);
	result = cases_next(&cases, policy, &again, &errors);
	/* A quote that one line opens and no other closes hides another '#'. */
	if (view_is(again.text, one->text)) {
		must(result == 1 && again.line == 1);
		judge(policy, &again, arena, &second);
		must(second.verdict == first->verdict && second.n_sign == first->n_sign);
		must(view_is(second.place, first->place));
		must(again.want.verdict == one->want.verdict);
		must(again.want.n_sign == one->want.n_sign);
		must(view_is(again.want.label, one->want.label));
	}
	cases_fini(&cases);
	arena_free(arena);
	buf_fini(&errors);
}

static void
check_fault(struct view fault)
{
	must(view_starts(fault, VIEW("c:")) && view_ends(fault, VIEW("\n")));
	for (size_t i = 0; i + 1 < fault.n; i++)
		must((unsigned char)fault.p[i] >= ' ' && fault.p[i] != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *policy = make_policy();
	struct buf errors = BUF_INIT(1 << 20);
	struct arena *arena = arena_new(0);
	struct decision decision;
	struct one_case one;
	struct cases cases;
	unsigned line = 0;
	int result;

	cases_init(&cases, "c", (struct view){(const char *)data, size});
	while ((result = cases_next(&cases, policy, &one, &errors)) != 0) {
		must(one.line > line && one.text.n > 0);
		line = one.line;
		arena_reset(arena);
		if (result == 1) {
			judge(policy, &one, arena, &decision);
			read_again(policy, &one, &decision);
		} else
			check_fault(buf_view(&errors));
		buf_reset(&errors);
	}
	cases_fini(&cases);
	arena_free(arena);
	buf_fini(&errors);
	policy_free(policy);
	return 0;
}
