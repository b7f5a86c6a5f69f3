/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/net.h"

static void
reads_addresses(void **state)
{
	static const struct {
		const char *text, *shown; /* NULL: no address */
	} cases[] = {
	    {"192.0.2.25", "192.0.2.25"},
	    {"0.0.0.0", "0.0.0.0"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"2001:DB8:0::25", "2001:db8::25"},
	    {"::", "::"},
	    {"::ffff:192.0.2.1", "192.0.2.1"},
	    {"::FFFF:c000:0201", "192.0.2.1"},
	    {"::fffe:192.0.2.1", "::fffe:c000:201"},
	    {"", NULL},
	    {"192.0.2", NULL},
	    {"192.0.2.256", NULL},
	    {"192.0.2.01", NULL},
	    {"192.0.2.1 ", NULL},
	    {"0xc0.0.2.1", NULL},
	    {"3221225985", NULL},
	    {"fe80::1%lo", NULL},
	    {"[::1]", NULL},
	    {"IPv6:::1", NULL},
	    {"localhost", NULL},
	    {"1:2:3:4:5:6:7:8:9", NULL},
	    {"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
		NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct addr addr = {.family = 99};
		struct err err = ERR_INIT;
		char shown[ADDR_TEXT] = "";
		int result = addr_parse(view_of(cases[i].text), &addr, &err);

		if (result == 0)
			(void)addr_text(addr, shown);
		if (cases[i].shown == NULL
			? result == 0 || addr.family != 99 || err.text[0] == '\0'
			: strcmp(shown, cases[i].shown) != 0)
			fail_msg("\"%s\": got %d \"%s\", want \"%s\"", cases[i].text,
			    result, shown,
			    cases[i].shown != NULL ? cases[i].shown : "a failure");
	}
	assert_int_equal(
	    addr_parse((struct view){"1.2.3.4\0", 8}, &(struct addr){0}, NULL), -1);
}

static void
reads_prefixes(void **state)
{
	static const struct {
		const char *text, *shown, *why;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0/24", ""},
	    {"192.0.2.1", "192.0.2.1", ""},
	    {"192.0.2.1/32", "192.0.2.1", ""},
	    {"0.0.0.0/0", "0.0.0.0/0", ""},
	    {"::/0", "::/0", ""},
	    {"2001:db8::/33", "2001:db8::/33", ""},
	    {"2001:db8::1/128", "2001:db8::1", ""},
	    {"::ffff:192.0.2.0/120", "192.0.2.0/24", ""},
	    {"::ffff:0:0/96", "0.0.0.0/0", ""},
	    {"192.0.2.1/28", NULL, "host bits are set: did you mean 192.0.2.0/28"},
	    {"192.0.2.255/25", NULL, "did you mean 192.0.2.128/25"},
	    {"2001:db8::1/64", NULL, "did you mean 2001:db8::/64"},
	    {"1.0.0.0/0", NULL, "did you mean 0.0.0.0/0"},
	    {"::ffff:192.0.2.0/95", NULL, "host bits are set"},
	    {"192.0.2.0/33", NULL, "number from 0 to 32"},
	    {"2001:db8::/129", NULL, "number from 0 to 128"},
	    {"192.0.2.0/", NULL, "number from 0 to 32"},
	    {"192.0.2.0/024", NULL, "number from 0 to 32"},
	    {"192.0.2.0/-1", NULL, "number from 0 to 32"},
	    {"192.0.2.0/24/24", NULL, "number from 0 to 32"},
	    {"/24", NULL, "not an IP address"},
	    {"", NULL, "not an IP address"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct prefix prefix;
		struct err err = ERR_INIT;
		char shown[ADDR_TEXT] = "";
		int result = prefix_parse(view_of(cases[i].text), &prefix, &err);

		if (result == 0)
			(void)prefix_text(prefix, shown);
		if (cases[i].shown != NULL
			? strcmp(shown, cases[i].shown) != 0
			: result == 0 || strstr(err.text, cases[i].why) == NULL)
			fail_msg("\"%s\": got %d \"%s\" \"%s\", want \"%s\"", cases[i].text,
			    result, shown, err.text,
			    cases[i].shown != NULL ? cases[i].shown : cases[i].why);
	}
}

static void
knows_what_is_inside(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool has;
	} cases[] = {
	    {"192.0.2.0/25", "192.0.2.127", true},
	    {"192.0.2.0/25", "192.0.2.128", false},
	    {"192.0.2.0/25", "::ffff:192.0.2.127", true},
	    {"0.0.0.0/0", "8.8.8.8", true},
	    {"0.0.0.0/0", "::1", false},
	    {"::/0", "::1", true},
	    {"::/0", "192.0.2.1", false},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.0", false},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	};
	struct prefix all;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct prefix prefix;
		struct addr addr;

		assert_int_equal(prefix_parse(view_of(cases[i].prefix), &prefix, NULL), 0);
		assert_int_equal(addr_parse(view_of(cases[i].addr), &addr, NULL), 0);
		if (prefix_has(prefix, addr) != cases[i].has)
			fail_msg("%s has %s: got %d", cases[i].prefix, cases[i].addr,
			    !cases[i].has);
	}
	assert_int_equal(prefix_parse(VIEW("0.0.0.0/0"), &all, NULL), 0);
	assert_false(prefix_has(all, (struct addr){.family = ADDR_NONE}));
}

static void
takes_sockaddr(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(0x7f000001)}};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct addr addr;
	char text[ADDR_TEXT];

	(void)state;
	addr = addr_of_sockaddr((const struct sockaddr *)&in);
	assert_string_equal(addr_text(addr, text), "127.0.0.1");
	assert_true(addr_is_loopback(addr));
	assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr), 1);
	assert_true(addr_is(addr_of_sockaddr((const struct sockaddr *)&in6), addr));
	in6.sin6_addr = in6addr_loopback;
	assert_true(addr_is_loopback(addr_of_sockaddr((const struct sockaddr *)&in6)));
	assert_false(addr_is(addr_of_sockaddr((const struct sockaddr *)&in6), addr));
	addr = addr_of_sockaddr(&other);
	assert_int_equal(addr.family, ADDR_NONE);
	assert_false(addr_is_loopback(addr));
	assert_string_equal(addr_text(addr, text), "unknown");
	assert_int_equal(addr_of_sockaddr(NULL).family, ADDR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_addresses),
	    cmocka_unit_test(reads_prefixes),
	    cmocka_unit_test(knows_what_is_inside),
	    cmocka_unit_test(takes_sockaddr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
