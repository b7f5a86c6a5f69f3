/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What postconf prints, and what a service goes by. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "postfix/conf.h"

static const char printed[] =
    "myhostname = mail.example.org\n"
    "empty =\n"
    "plain=tight\n"
    "both = $myhostname, ${own}; $(own)\n"
    "own = main\n"
    "dollar = a$$b\n"
    "if_set = ${own?yes $own}${empty?never}\n"
    "if_not = ${own:never}${empty:none}\n"
    "either = ${own?{is $own}:{not}} ${empty?{is}:{not { }}}\n"
    "service = at $service_name\n"
    "level = ${{$compatibility_level} <level {1} ? {yes} : {no}}\n"
    "compatibility_level = 3.6\n"
    "nobody = x${nosuch}y\n"
    "loop = $pool\n"
    "pool = $loop\n"
    "open = a${own\n"
    "odd = $-\n"
    "d1 = $d2$d2$d2$d2\nd2 = $d3$d3$d3$d3\nd3 = $d4$d4$d4$d4\n"
    "d4 = $d5$d5$d5$d5\nd5 = $d6$d6$d6$d6\nd6 = $d7$d7$d7$d7\nd7 =\n"
    "no line of it\n";
static const char evaluated[] = "level = no\nboth = main's own\n";
static const char set[] = "own = main\n";
static const char services[] =
    "smtp inet n - y - - smtpd\n"
    "10.0.0.1:587 inet  n       -       n       -       20      smtpd -o "
    "own=its own -o {x = y z}\n"
    "relay      unix  -       -       -       -       -       smtp\n"
    "too short\n";
static const char overrides[] = "10.0.0.1:587/inet/own = its own\n"
				"10.0.0.1:587/inet/if_set =\n"
				"10.0.0.1:587/inet/level = ${{1} == {1} ? {a} : {b}}\n";

static const struct postfix_conf *
read_printed(struct arena *arena)
{
	const struct postfix_conf_texts texts = {
	    .values = VIEW(printed),
	    .evaluated = VIEW(evaluated),
	    .set = VIEW(set),
	    .services = VIEW(services),
	    .overrides = VIEW(overrides),
	};

	return postfix_conf_new(&texts, arena);
}

struct expected {
	const char *service, *name; /* service NULL: main.cf */
	int result;
	const char *value;
};

static const struct expected values[] = {
    {NULL, "myhostname", 1, "mail.example.org"},
    {NULL, "empty", 1, ""},
    {NULL, "plain", 1, "tight"},
    {NULL, "nosuch", 0, ""},
    {NULL, "both", 1, "main's own"},
    {"smtp", "both", 1, "mail.example.org, main; main"},
    {"10.0.0.1:587", "both", 1, "mail.example.org, its own; its own"},
    {"smtp", "dollar", 1, "a$b"},
    {"smtp", "if_set", 1, "yes main"},
    {"10.0.0.1:587", "if_set", 1, ""},
    {"smtp", "if_not", 1, "none"},
    {"smtp", "either", 1, "is main not { }"},
    {"smtp", "service", 1, "at smtp"},
    {NULL, "service", 1, "at"},
    {"smtp", "level", 1, "no"},
    {"10.0.0.1:587", "level", -1, ""},
    {"smtp", "nobody", 1, "xy"},
    {"smtp", "loop", -1, ""},
    {NULL, "loop", -1, ""},
    {"smtp", "open", -1, ""},
    {"smtp", "odd", -1, ""},
    {"smtp", "d1", -1, ""},
    {"smtp", "d3", 1, ""},
};

static void
test_values(void **state)
{
	struct arena *arena = arena_new(0);
	const struct postfix_conf *conf = read_printed(arena);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const struct expected *want = &values[i];
		struct postfix_ask ask = {.conf = conf, .arena = arena};
		struct view value = VIEW("");

		if (want->service != NULL)
			ask.service = postfix_conf_service(
			    conf, view_of(want->service), VIEW("inet"));
		assert_int_equal(want->service == NULL, ask.service == NULL);
		int result = postfix_conf_value(&ask, view_of(want->name), &value);
		if (result != want->result || !view_is(value, view_of(want->value)))
			fail_msg("%s of %s: got %d '%.*s', want %d '%s'", want->name,
			    want->service != NULL ? want->service : "main.cf", result,
			    VIEW_ARG(value), want->result, want->value);
	}
	arena_free(arena);
}

static void
test_services(void **state)
{
	struct arena *arena = arena_new(0);
	const struct postfix_conf *conf = read_printed(arena);
	const struct postfix_ask ask = {.conf = conf, .arena = arena};
	size_t n;
	const struct postfix_service *found = postfix_conf_services(conf, &n);

	(void)state;
	assert_int_equal(n, 3);
	assert_true(view_is(found[1].name, VIEW("10.0.0.1:587")));
	assert_true(view_is(found[1].command, VIEW("smtpd")));
	assert_true(view_is(found[1].processes, VIEW("20")));
	assert_int_equal(postfix_conf_is_chrooted(&ask, &found[0]), 1);
	assert_int_equal(postfix_conf_is_chrooted(&ask, &found[1]), 0);
	assert_int_equal(postfix_conf_is_chrooted(&ask, &found[2]), 0);
	assert_true(postfix_conf_sets(conf, VIEW("own")));
	assert_false(postfix_conf_sets(conf, VIEW("plain")));
	assert_true(postfix_conf_overrides(conf, &found[1], VIEW("own")));
	assert_false(postfix_conf_overrides(conf, &found[0], VIEW("own")));
	assert_null(postfix_conf_service(conf, VIEW("relay"), VIEW("inet")));
	arena_free(arena);
}

/* Without a word of master.cf the chroot hangs on the level of compatibility. */
static void
test_chroot(void **state)
{
	static const struct {
		const char *values;
		int want;
	} cases[] = {
	    {"compatibility_level = 0\n", 1},
	    {"compatibility_level = 1\n", 0},
	    {"compatibility_level = 3.6\n", 0},
	    {"compatibility_level = new\n", -1},
	    {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena *arena = arena_new(0);
		const struct postfix_conf_texts texts = {.values = view_of(cases[i].values),
		    .services = VIEW("smtp inet n - - - - smtpd")};
		const struct postfix_conf *conf = postfix_conf_new(&texts, arena);
		const struct postfix_ask ask = {.conf = conf, .arena = arena};
		size_t n;

		assert_int_equal(
		    postfix_conf_is_chrooted(&ask, &postfix_conf_services(conf, &n)[0]),
		    cases[i].want);
		arena_free(arena);
	}
}

static void
test_lists(void **state)
{
	static const struct {
		const char *list, *want;
	} cases[] = {
	    {"a,b c\t d ,, e", "[a][b][c][d][e]"},
	    {" { a, b } c", "[{ a, b }][c]"},
	    {"{a {b c} d}e f", "[{a {b c} d}e][f]"},
	    {"{ open, a", "[{ open, a]"},
	    {"a} b", "[a}][b]"},
	    {"", ""},
	    {" ,\r\n", ""},
	};
	char got[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view rest = view_of(cases[i].list), item;
		size_t n = 0;

		got[0] = '\0';
		while (postfix_list_next(&rest, &item))
			n += (size_t)snprintf(
			    got + n, sizeof(got) - n, "[%.*s]", VIEW_ARG(item));
		assert_string_equal(got, cases[i].want);
	}
	assert_true(postfix_list_has(VIEW("a, No_Milters"), VIEW("no_milters")));
	assert_false(postfix_list_has(VIEW("a, no_milters2"), VIEW("no_milters")));
	assert_true(view_is(postfix_unbrace(VIEW(" { a b } ")), VIEW("a b")));
	assert_true(view_is(postfix_unbrace(VIEW("a b")), VIEW("a b")));
	assert_true(view_is(postfix_unbrace(VIEW("{")), VIEW("{")));
}

static void
test_words(void **state)
{
	static const struct {
		const char *text;
		char unit;
		int64_t want;
	} durations[] = {
	    {"30s", 'd', 30},
	    {"30", 's', 30},
	    {"5", 'd', 432000},
	    {"2h", 's', 7200},
	    {"1w", 's', 604800},
	    {"3m", 's', 180},
	    {"", 's', -1},
	    {"s", 's', -1},
	    {"5x", 's', -1},
	    {"-5s", 's', -1},
	    {"99999999999", 's', -1},
	    {"0", 's', 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(durations); i++)
		assert_int_equal(
		    postfix_seconds(view_of(durations[i].text), durations[i].unit),
		    durations[i].want);
	assert_int_equal(postfix_truth(VIEW("yes")), 1);
	assert_int_equal(postfix_truth(VIEW("No")), 0);
	assert_int_equal(postfix_truth(VIEW("")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_chroot),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("postfix_conf", tests, NULL, NULL);
}
