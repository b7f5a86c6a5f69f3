/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "auth/everywhere.h"
#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"

#define KEY       "s._domainkey.example.org"
#define PRIMARY   "127.53.8.1"
#define SECONDARY "127.53.8.2"
#define SILENT    "127.53.8.3"

static struct answers *answers;
static struct arena *arena;

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(0);
	answers = answers_new(arena);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
learn(const char *name, enum dns_type type, enum dns_state state,
    const struct dns_record *records, uint32_t n)
{
	const struct dns_answer answer = {.name = view_of(name),
	    .type = type,
	    .state = state,
	    .records = records,
	    .n = n};

	assert_true(answers_add(answers, &answer));
}

static bool
find(struct everywhere_found *found)
{
	answers_want_none(answers);
	return everywhere_find(VIEW(KEY), answers_lookup, answers, found);
}

static void
wants(const char *name, enum dns_type type)
{
	for (size_t i = 0; i < answers_wanted(answers); i++) {
		enum dns_type wanted_type;
		struct view wanted;

		answers_wanted_at(answers, i, &wanted_type, &wanted);
		if (wanted_type == type && view_is(wanted, view_of(name)))
			return;
	}
	fail_msg("%s %s is not wanted", dns_type_name(type), name);
}

static void
walks_up_to_the_zone(void **state)
{
	const struct dns_record ns[] = {
	    {.data = VIEW("a.example.net")}, {.data = VIEW("b.example.net")}};
	const struct dns_record v4 = {.data = VIEW("\xc0\0\2\1")};
	const struct dns_record v6 = {.data = VIEW(" \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\7")};
	struct everywhere_found found;

	(void)state;
	assert_false(find(&found));
	wants("_domainkey.example.org", DNS_NS);
	learn("_domainkey.example.org", DNS_NS, DNS_NO_NAME, NULL, 0);
	assert_false(find(&found));
	wants("example.org", DNS_NS);
	learn("example.org", DNS_NS, DNS_FOUND, ns, 2);
	assert_false(find(&found));
	assert_int_equal(answers_wanted(answers), 4);
	wants("a.example.net", DNS_A);
	wants("b.example.net", DNS_AAAA);
	learn("a.example.net", DNS_A, DNS_FOUND, &v4, 1);
	learn("a.example.net", DNS_AAAA, DNS_FOUND, &v6, 1);
	learn("b.example.net", DNS_A, DNS_FAILED, NULL, 0);
	assert_false(find(&found));
	learn("b.example.net", DNS_AAAA, DNS_NO_DATA, NULL, 0);
	assert_true(find(&found));
	assert_true(view_is(found.zone, VIEW("example.org")));
	assert_int_equal(found.n, 2);
	assert_int_equal(found.servers[0].addr.family, ADDR_IPV4);
	assert_int_equal(found.servers[1].addr.family, ADDR_IPV6);
	assert_true(view_is(found.servers[1].name, VIEW("a.example.net")));
	assert_false(found.is_cut);
}

static void
ends_where_nobody_knows(void **state)
{
	static const struct {
		enum dns_state states[3]; /* of the names from the key's upwards */
	} cases[] = {{{DNS_FAILED, DNS_FOUND, DNS_FOUND}},
	    {{DNS_NO_ANSWER, DNS_FOUND, DNS_FOUND}}, {{DNS_NO_DATA, DNS_FAILED, DNS_FOUND}},
	    {{DNS_NO_DATA, DNS_NO_DATA, DNS_NO_NAME}}};
	static const char *const names[] = {"_domainkey.example.org", "example.org", "org"};
	const struct dns_record ns = {.data = VIEW("ns.example.net")};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct everywhere_found found = {.n = 99};

		answers = answers_new(arena);
		for (size_t j = 0; j < 3; j++)
			learn(names[j], DNS_NS, cases[i].states[j], &ns,
			    cases[i].states[j] == DNS_FOUND);
		if (!find(&found) || found.n != 0)
			fail_msg("case %zu: got %zu servers, want none", i, found.n);
	}
}

static void
bounds_servers(void **state)
{
	const struct dns_record ns = {.data = VIEW("ns.example.net")};
	struct dns_record many[EVERYWHERE_MAX + 1];
	struct everywhere_found found;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct dns_record){.data = VIEW("\xc0\0\2\1")};
	learn("_domainkey.example.org", DNS_NS, DNS_FOUND, &ns, 1);
	learn("ns.example.net", DNS_A, DNS_FOUND, many, ARRAY_LEN(many));
	learn("ns.example.net", DNS_AAAA, DNS_NO_DATA, NULL, 0);
	assert_true(find(&found));
	assert_int_equal(found.n, EVERYWHERE_MAX);
	assert_true(found.is_cut);
}

/* What a server says through a CNAME that leads out of its zone is the resolver's; a server
 * that is silent takes what is left of the time. */
static void
asks_each_server(void **state)
{
	static const char world[] =
	    "    local-zone: \".\" static\n"
	    "    local-data: 'example.org. 300 IN NS ns.example.org.'\n"
	    "    local-data: 'ns.example.org. 300 IN A " PRIMARY "'\n"
	    "    local-data: 'ns.example.org. 300 IN A " SECONDARY "'\n"
	    "    local-data: 'ns.example.org. 300 IN A " SILENT "'\n"
	    "    local-data: 'target.example.net. 300 IN TXT \"elsewhere\"'\n";
	struct dns_lab resolver, primary, secondary;
	unsigned port = dns_lab_port();

	(void)state;
	dns_lab_start(&resolver, "127.0.0.1", port, world);
	dns_lab_start(&primary, PRIMARY, port,
	    "    local-zone: \"example.org.\" static\n"
	    "    local-data: '" KEY ". 300 IN CNAME target.example.net.'\n");
	dns_lab_start(&secondary, SECONDARY, port,
	    "    local-zone: \"example.org.\" static\n"
	    "    local-data: '" KEY ". 300 IN TXT \"here\"'\n");
	struct dns *dns = dns_new(resolver.address, NULL);
	const struct everywhere_question question = {.type = DNS_TXT,
	    .name = VIEW(KEY),
	    .resolver = resolver.address,
	    .port = port,
	    .deadline = clock_mono() + 2000000};
	struct everywhere *everywhere = everywhere_ask(dns, &question, NULL);
	assert_non_null(everywhere);
	/* Less than what a server may take. */
	assert_in_range(clock_mono(), question.deadline, question.deadline + 1500000);
	const struct everywhere_found *found = everywhere_answers(everywhere);
	assert_int_equal(found->n, 3);
	for (size_t i = 0; i < found->n; i++) {
		const struct dns_answer *got = &found->servers[i].answer;
		const char *const want[] = {"elsewhere", "here"};
		unsigned last = found->servers[i].addr.bytes[3];

		if (last == 3)
			assert_int_equal(got->state, DNS_NO_ANSWER);
		else if (got->state != DNS_FOUND ||
			 !view_is(got->records[0].data, view_of(want[last - 1])))
			fail_msg("server %u: got %s, want '%s'", last,
			    dns_state_name(got->state), want[last - 1]);
	}
	everywhere_free(everywhere);
	dns_free(dns);
	dns_lab_stop(&resolver);
	dns_lab_stop(&primary);
	dns_lab_stop(&secondary);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(walks_up_to_the_zone, begin, end),
	    cmocka_unit_test_setup_teardown(ends_where_nobody_knows, begin, end),
	    cmocka_unit_test_setup_teardown(bounds_servers, begin, end),
	    cmocka_unit_test(asks_each_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
