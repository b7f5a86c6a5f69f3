/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "auth/dns.h"
#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"

/* Real answers, of an unbound on loopback that is the whole world. */

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
/* 63 + 1 + 63 + 1 + 63 + 1 + 49 + 1 + 11 = 253 octets, of 255 that a name may have. */
#define LONGEST                                                                            \
	L63 "." L63 "." L63 "."                                                            \
	    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example.org"

enum { PATIENCE_MS = 10000, LONG_STRINGS = 32 };

static struct dns_lab lab;
static struct dns *dns;

static const char *const records[] = {
    "example.org. 3600 IN SOA ns.example.org. root.example.org. 1 2 3 4 77",
    "example.org. 300 IN NS ns.example.org.",
    "example.org. 300 IN TXT \"hello\"",
    "strings.example.org. 300 IN TXT \"v=spf1 \" \"\" \"-all\"",
    "empty.example.org. 300 IN TXT \"\"",
    "bytes.example.org. 300 IN TXT \"\\000\\255\\010\"",
    "mx.example.org. 300 IN MX 10 mail.example.org.",
    "null.example.org. 300 IN MX 0 .",
    "a.example.org. 300 IN A 192.0.2.7",
    "aaaa.example.org. 300 IN AAAA 2001:db8::7",
    "c1.example.org. 50 IN CNAME c2.example.org.",
    "c2.example.org. 40 IN CNAME c3.example.org.",
    "c3.example.org. 30 IN CNAME example.org.",
    "loop.example.org. 50 IN CNAME loop2.example.org.",
    "loop2.example.org. 50 IN CNAME loop.example.org.",
    "nowhere.example.org. 50 IN CNAME nothing.example.org.",
    "Upper.Example.ORG. 50 IN PTR Target.EXAMPLE.org.",
    "odd.example.org. 50 IN PTR a\\046b\\000\\032c.example.org.",
    "dot\\046ted.example.org. 50 IN TXT \"a dot in a label\"",
    "nul\\000.example.org. 50 IN TXT \"a NUL in a label\"",
    LONGEST ". 50 IN TXT \"longest\"",
    "a.test. 300 IN TXT \"a test zone\"",
    "x.home.arpa. 300 IN TXT \"at home\"",
    "1.0.0.10.in-addr.arpa. 300 IN PTR inside.test.",
    ". 60 IN TXT \"root\"",
};

struct wanted {
	const char *name;
	enum dns_type type;
	enum dns_state state;
	size_t n; /* records, where found */
	const char *text;
	size_t text_n; /* 0: as text has it */
	uint32_t ttl;  /* 0: not looked at */
};

static const struct wanted cases[] = {
    {"example.org", DNS_TXT, DNS_FOUND, 1, "hello", 0, 300},
    {"EXAMPLE.org.", DNS_TXT, DNS_FOUND, 1, "hello", 0, 300},
    {"strings.example.org", DNS_TXT, DNS_FOUND, 1, "v=spf1 -all", 0, 300},
    {"empty.example.org", DNS_TXT, DNS_FOUND, 1, "", 0, 300},
    {"bytes.example.org", DNS_TXT, DNS_FOUND, 1, "\0\xff\n", 3, 300},
    {"mx.example.org", DNS_MX, DNS_FOUND, 1, "mail.example.org", 0, 300},
    {"null.example.org", DNS_MX, DNS_FOUND, 1, "", 0, 300},
    {"a.example.org", DNS_A, DNS_FOUND, 1, "\xc0\0\2\7", 4, 300},
    {"aaaa.example.org", DNS_AAAA, DNS_FOUND, 1, " \1\r\xb8\0\0\0\0\0\0\0\0\0\0\0\7", 16,
	300},
    {"example.org", DNS_NS, DNS_FOUND, 1, "ns.example.org", 0, 300},
    {"example.org", DNS_SOA, DNS_FOUND, 1, "ns.example.org", 0, 0},
    {"c1.example.org", DNS_CNAME, DNS_FOUND, 1, "c2.example.org", 0, 50},
    /* The records are those of the last name, the TTL the least of all. */
    {"c1.example.org", DNS_TXT, DNS_FOUND, 1, "hello", 0, 30},
    {"nowhere.example.org", DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 50},
    {"loop.example.org", DNS_TXT, DNS_FAILED, 0, NULL, 0, 0},
    {"nothing.example.org", DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 77},
    {"example.org", DNS_AAAA, DNS_NO_DATA, 0, NULL, 0, 77},
    {"upper.example.org", DNS_PTR, DNS_FOUND, 1, "target.example.org", 0, 50},
    {"odd.example.org", DNS_PTR, DNS_FOUND, 1, "a\\046b\\000\\032c.example.org", 0, 50},
    {"dot\\046ted.example.org", DNS_TXT, DNS_FOUND, 1, "a dot in a label", 0, 50},
    {"dot.ted.example.org", DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 77},
    {"nul\\000.example.org", DNS_TXT, DNS_FOUND, 1, "a NUL in a label", 0, 50},
    {LONGEST, DNS_TXT, DNS_FOUND, 1, "longest", 0, 50},
    {"b" LONGEST, DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 0},
    {"c." LONGEST, DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 0},
    {"a..example.org", DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 0},
    {"a\\.example.org", DNS_TXT, DNS_NO_NAME, 0, NULL, 0, 0},
    {"", DNS_TXT, DNS_FOUND, 1, "root", 0, 60},
    /* What libunbound would answer by itself is the resolver's. */
    {"a.test", DNS_TXT, DNS_FOUND, 1, "a test zone", 0, 300},
    {"x.home.arpa", DNS_TXT, DNS_FOUND, 1, "at home", 0, 300},
    {"1.0.0.10.in-addr.arpa", DNS_PTR, DNS_FOUND, 1, "inside.test", 0, 300},
    /* Trouble. */
    {"x.refused.org", DNS_TXT, DNS_FAILED, 0, NULL, 0, 0},
    {"x.dead.org", DNS_TXT, DNS_FAILED, 0, NULL, 0, 0},
    /* Over TCP: 8160 bytes; more than a record may have; and beside a good one. */
    {"long.example.org", DNS_TXT, DNS_FOUND, 1, NULL, 0, 300},
    {"longer.example.org", DNS_TXT, DNS_FAILED, 0, NULL, 0, 0},
    {"mixed.example.org", DNS_TXT, DNS_FOUND, 1, "short", 0, 300},
    {"many.example.org", DNS_A, DNS_FOUND, DNS_RECORDS_MAX, NULL, 0, 300},
};

static void
add_long(struct buf *conf, const char *name, size_t strings)
{
	buf_addf(conf, "    local-data: '%s. 300 IN TXT", name);
	for (size_t i = 0; i < strings; i++)
		buf_addf(conf, " \"%0255zu\"", i);
	buf_add_text(conf, "'\n");
}

static void
add_world(struct buf *conf)
{
	static const char *const zones[] = {"example.org.", "test.", "home.arpa.",
	    "10.in-addr.arpa.", "silent.org.", "refused.org.", "."};
	static const char *const kinds[] = {
	    "static", "static", "static", "static", "deny", "refuse", "refuse"};

	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		buf_addf(conf, "    local-zone: \"%s\" %s\n", zones[i], kinds[i]);
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		dns_lab_add(conf, records[i]);
	add_long(conf, "long.example.org", LONG_STRINGS);
	add_long(conf, "longer.example.org", LONG_STRINGS + 1);
	add_long(conf, "mixed.example.org", LONG_STRINGS + 1);
	dns_lab_add(conf, "mixed.example.org. 300 IN TXT \"short\"");
	for (unsigned i = 0; i < DNS_RECORDS_MAX + 6; i++)
		buf_addf(
		    conf, "    local-data: 'many.example.org. 300 IN A 192.0.2.%u'\n", i);
	buf_add_text(conf, "    local-zone: \"dead.org.\" transparent\n");
	buf_add_text(conf, "auth-zone:\n    name: \"dead.org.\"\n    zonefile: \"\"\n"
			   "    for-downstream: no\n    fallback-enabled: no\n");
}

static int
world_start(void **state)
{
	struct buf conf = BUF_INIT(1 << 20);

	(void)state;
	add_world(&conf);
	dns_lab_start(&lab, "127.0.0.1", dns_lab_port(), buf_text(&conf));
	buf_fini(&conf);
	dns = dns_new(lab.address, NULL);
	return dns != NULL ? 0 : -1;
}

static int
world_stop(void **state)
{
	(void)state;
	dns_free(dns);
	dns_lab_stop(&lab);
	return 0;
}

static int64_t
deadline_in(int milliseconds)
{
	return clock_mono() + (int64_t)milliseconds * 1000;
}

static void
check_answer(const struct dns_answer *got, const struct wanted *want)
{
	size_t text_n =
	    want->text_n > 0 || want->text == NULL ? want->text_n : strlen(want->text);

	if (got->state != want->state || got->n != want->n)
		fail_msg("%s %s: got %s, %u records, want %s, %zu",
		    dns_type_name(want->type), want->name, dns_state_name(got->state),
		    got->n, dns_state_name(want->state), want->n);
	if (want->ttl != 0 && (got->ttl > want->ttl || got->ttl + 5 < want->ttl))
		fail_msg("%s: got TTL %u, want %u", want->name, got->ttl, want->ttl);
	if (want->text != NULL &&
	    !view_is(got->records[0].data, (struct view){want->text, text_n}))
		fail_msg("%s: got '%.*s', want '%s'", want->name,
		    VIEW_ARG(got->records[0].data), want->text);
	assert_false(got->is_secure || got->is_bogus);
}

static void
says_what_there_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		struct answers *answers = answers_new(arena);
		struct view name = view_of(cases[i].name);
		struct err err = ERR_INIT;

		if (answers_lookup(answers, cases[i].type, name) == NULL)
			assert_int_equal(
			    dns_fetch(dns, answers, deadline_in(PATIENCE_MS), &err), 0);
		const struct dns_answer *got = answers_lookup(answers, cases[i].type, name);
		assert_non_null(got);
		check_answer(got, &cases[i]);
		arena_free(arena);
	}
}

/* All at once, and what is cut says so. */
static void
asks_many_at_once(void **state)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct err err = ERR_INIT;
	const struct dns_answer *got;

	(void)state;
	(void)answers_lookup(answers, DNS_A, VIEW("many.example.org"));
	(void)answers_lookup(answers, DNS_TXT, VIEW("mixed.example.org"));
	(void)answers_lookup(answers, DNS_TXT, VIEW("longer.example.org"));
	(void)answers_lookup(answers, DNS_TXT, VIEW("long.example.org"));
	(void)answers_lookup(answers, DNS_MX, VIEW("mx.example.org"));
	assert_int_equal(dns_fetch(dns, answers, deadline_in(PATIENCE_MS), &err), 0);
	assert_int_equal(answers_count(answers), 5);
	assert_int_equal(answers_wanted(answers), 0);
	got = answers_lookup(answers, DNS_A, VIEW("many.example.org"));
	assert_true(got != NULL && got->is_cut);
	got = answers_lookup(answers, DNS_TXT, VIEW("mixed.example.org"));
	assert_true(got != NULL && got->is_cut);
	got = answers_lookup(answers, DNS_TXT, VIEW("longer.example.org"));
	assert_true(got != NULL && got->is_cut);
	got = answers_lookup(answers, DNS_TXT, VIEW("long.example.org"));
	assert_true(got != NULL && !got->is_cut);
	assert_int_equal(got->records[0].data.n, LONG_STRINGS * 255);
	got = answers_lookup(answers, DNS_MX, VIEW("mx.example.org"));
	assert_int_equal(got->records[0].preference, 10);
	arena_free(arena);
}

/* Waits 300 ms for nothing. */
static void
keeps_its_deadline(void **state)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct err err = ERR_INIT;
	const struct dns_answer *got;
	int64_t before = clock_mono();

	(void)state;
	(void)answers_lookup(answers, DNS_TXT, VIEW("x.silent.org"));
	(void)answers_lookup(answers, DNS_TXT, VIEW("example.org"));
	assert_int_equal(dns_fetch(dns, answers, before + 300000, &err), 0);
	assert_in_range(clock_mono() - before, 300000, 3000000);
	got = answers_lookup(answers, DNS_TXT, VIEW("x.silent.org"));
	assert_true(got != NULL && got->state == DNS_NO_ANSWER);
	got = answers_lookup(answers, DNS_TXT, VIEW("example.org"));
	assert_true(got != NULL && got->state == DNS_FOUND);
	/* One that has passed already. */
	(void)answers_lookup(answers, DNS_TXT, VIEW("y.silent.org"));
	assert_int_equal(dns_fetch(dns, answers, before, &err), 0);
	got = answers_lookup(answers, DNS_TXT, VIEW("y.silent.org"));
	assert_true(got != NULL && got->state == DNS_NO_ANSWER);
	arena_free(arena);
}

static void
count_call(void *context, const struct dns_answer *answer)
{
	(void)answer;
	++*(int *)context;
}

static int
ask_txt(struct dns *other, const char *name, int *calls)
{
	const struct dns_wish wish = {DNS_TXT, view_of(name), count_call, calls};
	int id = -1;

	assert_int_equal(dns_ask(other, &wish, &id, NULL), 0);
	return id;
}

static void
forgets_what_is_cancelled(void **state)
{
	struct dns *other = dns_new(lab.address, NULL);
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	int calls = 0;

	(void)state;
	int silent = ask_txt(other, "x.silent.org", &calls);
	int id = ask_txt(other, "example.org", &calls);
	assert_int_not_equal(id, silent);
	dns_cancel(other, id);
	dns_cancel(other, id);
	dns_cancel(other, 12345);
	/* Its answer comes after that of the other. */
	(void)answers_lookup(answers, DNS_TXT, VIEW("strings.example.org"));
	assert_int_equal(dns_fetch(other, answers, deadline_in(PATIENCE_MS), NULL), 0);
	assert_int_equal(calls, 0);
	/* There is nothing to ask: answered at once. */
	(void)ask_txt(other, "a..b", &calls);
	assert_int_equal(calls, 1);
	/* With one question open. */
	dns_free(other);
	assert_int_equal(calls, 1);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(says_what_there_is),
	    cmocka_unit_test(asks_many_at_once),
	    cmocka_unit_test(keeps_its_deadline),
	    cmocka_unit_test(forgets_what_is_cancelled),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
