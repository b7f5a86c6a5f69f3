/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/table.h"

enum { MANY = 20000 };

struct loaded {
	struct arena *arena;
	struct diag diag;
	struct source source;
	struct table table;
};

static void
load_as(struct loaded *loaded, const char *text, bool is_map, bool is_numbers)
{
	struct table_load how;

	*loaded = (struct loaded){.arena = arena_new(0)};
	diag_init(&loaded->diag);
	loaded->source = (struct source){.name = VIEW("t"), .text = view_of(text)};
	loaded->table.is_map = is_map;
	loaded->table.is_numbers = is_numbers;
	how = (struct table_load){
	    .arena = loaded->arena, .diag = &loaded->diag, .seed = {.k0 = 3, .k1 = 4}};
	table_load_file(&loaded->table, &loaded->source, &how);
}

static void
load(struct loaded *loaded, const char *text, bool is_map)
{
	load_as(loaded, text, is_map, false);
}

static void
unload(struct loaded *loaded)
{
	diag_fini(&loaded->diag);
	arena_free(loaded->arena);
}

static void
normalises_keys(void **state)
{
	static const struct {
		const char *key, *want; /* NULL: refused */
	} cases[] = {
	    {"Alice@Example.ORG", "alice@example.org"},
	    {"\"Alice\"@example.org", "alice@example.org"},
	    {"\"a\\\"b\\\\c\"@example.org", "a\"b\\c@example.org"},
	    {"a@b@example.org", "a@b@example.org"},
	    {"@Example.org", "@example.org"},
	    {".Example.org", ".example.org"},
	    {"Example.org", "example.org"},
	    {"CRM", "crm"},
	    {"DOM\\User", "dom\\user"},
	    {"x@[192.0.2.1]", "x@[192.0.2.1]"},
	    {"m\xc3\xbcller@example.org", "m\xc3\xbcller@example.org"},
	    {"", NULL},
	    {"@", NULL},
	    {"a@", NULL},
	    {".", NULL},
	    {"..a", NULL},
	    {"a@b..c", NULL},
	    {"a@b.", NULL},
	    {"a@b c", NULL},
	    {"\"\"@example.org", NULL},
	    {"a@b\xc3\xbc.test", NULL},
	    {"b\xc3\xbc.test", NULL},
	    {"a@[]", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char key[KEY_MAX];
		size_t n = 0;
		const char *fault = key_normalise(view_of(cases[i].key), key, &n);

		if ((fault == NULL) != (cases[i].want != NULL))
			fail_msg("\"%s\": got \"%s\"", cases[i].key,
			    fault != NULL ? fault : "fine");
		if (fault == NULL &&
		    !view_is((struct view){key, n}, view_of(cases[i].want)))
			fail_msg("\"%s\": got \"%.*s\"", cases[i].key, (int)n, key);
	}
}

static void
refuses_long_keys(void **state)
{
	char long_key[KEY_MAX + 8], key[KEY_MAX];
	size_t n;

	(void)state;
	memset(long_key, 'a', sizeof(long_key));
	assert_null(key_normalise((struct view){long_key, KEY_MAX - 1}, key, &n));
	assert_int_equal(n, KEY_MAX - 1);
	assert_non_null(key_normalise((struct view){long_key, KEY_MAX}, key, &n));
}

static void
reads_items(void **state)
{
	static const char *const there[] = {
	    "alice@example.org", "crm", "example.org", ".example.net", "two words", "last"};
	static const char *const absent[] = {
	    "", "alice", "example", "a", "comment", "192.0.2.0/28"};
	struct loaded loaded;
	struct addr addr;

	(void)state;
	load(&loaded,
	    "# comment\nAlice@example.org\n\nCRM\nexample.org\n.example.net\n"
	    "192.0.2.0/28\n10.1.0.0/16\n10.0.0.0/8\n2001:db8::1\n\"two words\"\nlast",
	    false);
	assert_int_equal(loaded.diag.errors + loaded.diag.warnings, 0);
	for (size_t i = 0; i < ARRAY_LEN(there); i++)
		if (!table_has(&loaded.table, view_of(there[i])))
			fail_msg("%s is not there", there[i]);
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		if (table_has(&loaded.table, view_of(absent[i])))
			fail_msg("%s is there", absent[i]);
	assert_false(table_has(&loaded.table, (struct view){"crm\0x", 5}));
	assert_int_equal(addr_parse(VIEW("10.255.0.1"), &addr, NULL), 0);
	assert_true(table_has_network(&loaded.table, addr));
	assert_int_equal(addr_parse(VIEW("11.0.0.1"), &addr, NULL), 0);
	assert_false(table_has_network(&loaded.table, addr));
	unload(&loaded);
}

/* The values of KEY, logins as they are and networks in brackets. */
static void
values_are(const struct table *table, const char *key, const char *want)
{
	const char *values = table_values(table, view_of(key));
	struct buf got = BUF_INIT(4096);
	struct view value;
	bool is_network;

	if (values == NULL)
		buf_add_text(&got, "none");
	while (values != NULL && value_next(&values, &is_network, &value))
		buf_addf(&got, is_network ? "[%.*s]" : "%.*s ", VIEW_ARG(value));
	if (strcmp(buf_text(&got), want) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", key, buf_text(&got), want);
	buf_fini(&got);
}

static void
reads_maps(void **state)
{
	struct loaded loaded;

	(void)state;
	load(&loaded,
	    "a@example.org Alice\n"
	    "b@example.org\tbob,carol , dave,,\n"
	    "# comment\n"
	    "c@example.org\n"
	    "\n"
	    "  # inside\n"
	    "   erin\n"
	    "\t192.0.2.0/28, 1234, 2001:db8::1\n"
	    "\"x y\"@example.org z\n"
	    "A@example.org again\n"
	    "d@example.org 7",
	    true);
	assert_int_equal(loaded.diag.errors, 0);
	assert_int_equal(loaded.diag.warnings, 1);
	values_are(&loaded.table, "a@example.org", "alice ");
	values_are(&loaded.table, "b@example.org", "bob carol dave ");
	values_are(&loaded.table, "c@example.org", "erin [192.0.2.0/28]1234 [2001:db8::1]");
	values_are(&loaded.table, "x y@example.org", "z ");
	values_are(&loaded.table, "d@example.org", "7 ");
	values_are(&loaded.table, "e@example.org", "none");
	values_are(&loaded.table, "", "none");
	unload(&loaded);
}

static void
survives_hostile_files(void **state)
{
	static const struct {
		const char *text;
		bool is_map;
		unsigned errors;
	} cases[] = {
	    {"", true, 0},
	    {"\n\n\n", true, 0},
	    {"key", true, 1},
	    {" value", true, 1},
	    {"key ,,,", true, 1},
	    {"\"unclosed quote", true, 1},
	    {"\"\\", true, 1},
	    {"a@ b\n  c\n  d\n", true, 1},
	    {"a \x01\n", true, 1},
	    {"a \xff\n", true, 1},
	    {"a \x02\n", true, 1},
	    {"a @b.test\n", true, 1},
	    {"a 192.0.2.0/33\n", true, 1},
	    {"a 192.0.2.300\n", true, 1},
	    {"a 12.example 1.2.3 dead.beef\n", true, 1},
	    {"a b\n", false, 1},
	    {" a\n", false, 1},
	    {"\"\"\n", false, 0},
	    {"\"\n", false, 0},
	    {"a\tb\n", false, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loaded loaded;

		load(&loaded, cases[i].text, cases[i].is_map);
		if (loaded.diag.errors != cases[i].errors)
			fail_msg("\"%s\": got %u errors, want %u: %s", cases[i].text,
			    loaded.diag.errors, cases[i].errors,
			    buf_text(&loaded.diag.out));
		unload(&loaded);
	}
}

static void
stops_reading_after_too_many_errors(void **state)
{
	struct buf text = BUF_INIT(16 << 20);
	struct loaded loaded;

	(void)state;
	for (int i = 0; i < MANY; i++)
		buf_addf(&text, "key%d\n", i);
	load(&loaded, buf_text(&text), true);
	assert_in_range(loaded.diag.errors, DIAG_ERRORS_MAX + 1, DIAG_ERRORS_MAX + 2);
	assert_true(loaded.diag.out.n < 8192);
	unload(&loaded);
	buf_reset(&text);
	for (int i = 0; i < MANY; i++)
		buf_add_text(&text, "0123456789");
	load(&loaded, buf_text(&text), true);
	assert_int_equal(loaded.diag.errors, 1);
	assert_true(loaded.diag.out.n < 1024);
	unload(&loaded);
	buf_fini(&text);
}

static void
finds_each_of_many(void **state)
{
	struct buf text = BUF_INIT(16 << 20);
	struct loaded loaded;
	char key[64], want[64];

	(void)state;
	for (int i = 0; i < MANY; i++)
		buf_addf(&text, "u%d@example.org\tu%d, v%d\n", i, i, i);
	load(&loaded, buf_text(&text), true);
	for (int i = 0; i < MANY; i += 7) {
		snprintf(key, sizeof(key), "u%d@example.org", i);
		snprintf(want, sizeof(want), "u%d v%d ", i, i);
		values_are(&loaded.table, key, want);
	}
	values_are(&loaded.table, "u20000@example.org", "none");
	unload(&loaded);
	buf_fini(&text);
}

/* What the smallest network that has ADDR gives; "" for a table. */
static void
network_gives(const struct table *table, const char *text, const char *want)
{
	struct addr addr;
	const char *values;
	struct view value = VIEW("none");
	bool is_network;

	assert_int_equal(addr_parse(view_of(text), &addr, NULL), 0);
	values = table_network_values(table, addr);
	assert_int_equal(values != NULL, table_has_network(table, addr));
	if (values != NULL && !value_next(&values, &is_network, &value))
		value = VIEW("");
	if (!view_is(value, view_of(want)))
		fail_msg("%s: got \"%.*s\", want \"%s\"", text, VIEW_ARG(value), want);
}

static void
finds_the_smallest_network(void **state)
{
	struct loaded loaded;

	(void)state;
	load_as(&loaded,
	    "10.0.0.0/8 1\n10.1.0.0/16 2\n10.1.2.0/23 3\n10.1.2.3 4K\n10.1.2.2/31 9\n"
	    "2001:db8::/32 5\n2001:db8::/61 6\n::1:2 7\n::ffff:192.0.2.0/120 8\n"
	    "alice 99\n",
	    true, true);
	assert_int_equal(loaded.diag.errors + loaded.diag.warnings, 0);
	assert_int_equal(loaded.table.networks, 9);
	network_gives(&loaded.table, "10.255.255.255", "1");
	network_gives(&loaded.table, "10.1.4.0", "2");
	network_gives(&loaded.table, "10.1.3.255", "3");
	network_gives(&loaded.table, "10.1.2.3", "4096");
	network_gives(&loaded.table, "10.1.2.2", "9");
	network_gives(&loaded.table, "11.0.0.0", "none");
	network_gives(&loaded.table, "2001:db8:0:8::", "5");
	network_gives(&loaded.table, "2001:db8:0:7:ffff::", "6");
	network_gives(&loaded.table, "::1:2", "7");
	network_gives(&loaded.table, "::1:3", "none");
	network_gives(&loaded.table, "192.0.2.255", "8");
	values_are(&loaded.table, "alice", "99 ");
	/* A login that looks like one of them, or like how they are kept. */
	values_are(&loaded.table, "10.0.0.0/8", "none");
	values_are(&loaded.table, "10.1.2.3", "none");
	values_are(&loaded.table,
	    "\x02"
	    "40AK",
	    "none");
	unload(&loaded);
	load(&loaded, "0.0.0.0/0\n", false);
	network_gives(&loaded.table, "198.51.100.1", "");
	network_gives(&loaded.table, "::2", "none");
	assert_false(table_has(&loaded.table, VIEW("\x02"
						   "40")));
	unload(&loaded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(normalises_keys),
	    cmocka_unit_test(refuses_long_keys),
	    cmocka_unit_test(reads_items),
	    cmocka_unit_test(reads_maps),
	    cmocka_unit_test(survives_hostile_files),
	    cmocka_unit_test(stops_reading_after_too_many_errors),
	    cmocka_unit_test(finds_each_of_many),
	    cmocka_unit_test(finds_the_smallest_network),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
