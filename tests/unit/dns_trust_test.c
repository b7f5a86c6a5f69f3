/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/dns.h"
#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"

/* DNSSEC: a signed zone in which one record was changed afterwards. */

enum { PATIENCE_SECONDS = 10 };

static struct dns_lab lab;
static char dir[256], anchor[300];

static const char zone[] = "$ORIGIN example.org.\n"
			   "@ 300 IN SOA ns root 1 3600 600 86400 77\n"
			   "@ 300 IN NS ns\n"
			   "ns 300 IN A 192.0.2.1\n"
			   "good 300 IN TXT \"as it was signed\"\n"
			   "bad 300 IN TXT \"as it was signed\"\n";

/* For a zone whose signatures its server does not hand out. */
static const char stripped[] =
    "stripped.org. 300 IN DS 4711 13 2 "
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

static int
world_start(void **state)
{
	struct buf conf = BUF_INIT(1 << 16);
	char path[300];

	(void)state;
	dns_lab_path(dir, sizeof(dir), "zones");
	(void)mkdir(dir, 0700);
	snprintf(path, sizeof(path), "%s/zone", dir);
	dns_lab_write(path, zone);
	snprintf(path, sizeof(path), "%s/stripped", dir);
	dns_lab_write(path, stripped);
	dns_lab_run(dir,
	    "key=$(ldns-keygen -a ECDSAP256SHA256 -k example.org) && "
	    "ldns-signzone -o example.org zone \"$key\" && "
	    "cat \"$key.key\" stripped >anchor && "
	    "sed '/^bad.*TXT/s/as it was signed/as it was changed/' zone.signed >served");
	snprintf(anchor, sizeof(anchor), "%s/anchor", dir);
	buf_addf(&conf,
	    "    local-zone: \"other.org.\" static\n"
	    "    local-zone: \"stripped.org.\" static\n"
	    "    local-data: 'other.org. 300 IN TXT \"not signed\"'\n"
	    "    local-data: 'stripped.org. 300 IN TXT \"not signed\"'\n"
	    "auth-zone:\n    name: \"example.org.\"\n    zonefile: \"%s/served\"\n",
	    dir);
	dns_lab_start(&lab, "127.0.0.1", dns_lab_port(), buf_text(&conf));
	buf_fini(&conf);
	return 0;
}

static int
world_stop(void **state)
{
	(void)state;
	dns_lab_stop(&lab);
	return 0;
}

static void
knows_good_from_bogus(void **state)
{
	static const struct {
		const char *name;
		bool trusts;
		enum dns_state state;
		bool is_secure, is_bogus;
	} cases[] = {
	    {"good.example.org", true, DNS_FOUND, true, false},
	    {"bad.example.org", true, DNS_FAILED, false, true},
	    {"none.example.org", true, DNS_NO_NAME, true, false},
	    {"other.org", true, DNS_FOUND, false, false},
	    {"stripped.org", true, DNS_FAILED, false, true},
	    {"good.example.org", false, DNS_FOUND, false, false},
	    {"bad.example.org", false, DNS_FOUND, false, false},
	    {"stripped.org", false, DNS_FOUND, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns *dns = dns_new(lab.address, NULL);
		struct arena *arena = arena_new(0);
		struct answers *answers = answers_new(arena);
		struct view name = view_of(cases[i].name);
		int64_t deadline = clock_mono() + (int64_t)PATIENCE_SECONDS * 1000000;

		assert_true(!cases[i].trusts || dns_trust(dns, anchor, NULL) == 0);
		(void)answers_lookup(answers, DNS_TXT, name);
		assert_int_equal(dns_fetch(dns, answers, deadline, NULL), 0);
		const struct dns_answer *got = answers_lookup(answers, DNS_TXT, name);
		assert_non_null(got);
		if (got->state != cases[i].state || got->is_secure != cases[i].is_secure ||
		    got->is_bogus != cases[i].is_bogus)
			fail_msg("%s, %s: got %s, secure %d, bogus %d, want %s, %d, %d",
			    cases[i].name, cases[i].trusts ? "with anchor" : "without",
			    dns_state_name(got->state), got->is_secure, got->is_bogus,
			    dns_state_name(cases[i].state), cases[i].is_secure,
			    cases[i].is_bogus);
		arena_free(arena);
		dns_free(dns);
	}
}

static void
refuses_what_is_no_anchor(void **state)
{
	char path[300];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct dns *dns = dns_new(lab.address, NULL);
		struct err err = ERR_INIT;

		snprintf(path, sizeof(path), "%s/%s", dir, i == 0 ? "missing" : "text");
		if (i == 1)
			dns_lab_write(path, "this is no anchor\n");
		if (dns_trust(dns, path, &err) != -1 || err.code != ERR_CONFIG)
			fail_msg("%s: got an anchor, want none", path);
		dns_free(dns);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(knows_good_from_bogus),
	    cmocka_unit_test(refuses_what_is_no_anchor),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
