/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* To whom a password is given. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/submit.h"
#include "doctor/talk.h"
#include "lib/bug.h"

enum { NOW = 1000000 };

static struct tls_facts
good(void)
{
	return (struct tls_facts){.protocol = VIEW("TLSv1.3"),
	    .has_certificate = true,
	    .names = VIEW("mail.example.org"),
	    .from = NOW - 10,
	    .until = NOW + 10,
	    .has_alt_names = true,
	    .has_name = true,
	    .trust_fault = VIEW("")};
}

static void
check(const struct tls_facts *facts, int64_t now, const char *want)
{
	struct err err = ERR_INIT;
	int result = submit_judge_server(facts, VIEW("mail.example.org"), now, &err);

	if ((result == 0) != (want == NULL))
		fail_msg("got %d '%s', want '%s'", result, err.text, want);
	if (want != NULL && strstr(err.text, want) == NULL)
		fail_msg("got '%s', want '%s'", err.text, want);
	if (want != NULL && strstr(err.text, "the password was not given") == NULL)
		fail_msg("'%s' does not say that nothing was given", err.text);
}

static void
test_judges_server(void **state)
{
	struct tls_facts facts = good();

	(void)state;
	check(&facts, NOW, NULL);
	check(&facts, NOW - 10, NULL);
	check(&facts, NOW - 11, "not valid at this time");
	check(&facts, NOW + 10, NULL);
	check(&facts, NOW + 11, "not valid at this time");
	facts.is_old = true;
	facts.protocol = VIEW("TLSv1.1");
	check(&facts, NOW, "nothing better than TLSv1.1");
	facts = good();
	facts.has_certificate = false;
	check(&facts, NOW, "shows no certificate");
	facts = good();
	facts.trust_fault = VIEW("self-signed certificate");
	check(&facts, NOW, "nobody vouches for its certificate (self-signed certificate)");
	facts = good();
	facts.has_name = false;
	check(&facts, NOW, "is for mail.example.org, not for");
}

static void
test_finds_what_is_offered(void **state)
{
	static const struct {
		const char *reply, *word, *value;
		bool is_offered;
	} cases[] = {
	    {"hello\nAUTH LOGIN PLAIN", "AUTH", "PLAIN", true},
	    {"hello\nauth plain", "AUTH", "PLAIN", true},
	    {"hello\nAUTH LOGIN", "AUTH", "PLAIN", false},
	    {"hello\nAUTH LOGIN PLAINER", "AUTH", "PLAIN", false},
	    {"hello\nAUTH", "AUTH", "PLAIN", false},
	    {"PLAIN AUTH\nXAUTH PLAIN", "AUTH", "PLAIN", false},
	    {"", "AUTH", "PLAIN", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct talk talk = {.text = view_of(cases[i].reply)};
		bool got = talk_offers_with(
		    &talk, view_of(cases[i].word), view_of(cases[i].value));

		if (got != cases[i].is_offered)
			fail_msg("'%s': got %d, want %d", cases[i].reply, got,
			    cases[i].is_offered);
	}
	struct talk bare = {.text = VIEW("hello\nSTARTTLS")};
	assert_true(talk_offers(&bare, VIEW("starttls")));
	assert_false(talk_offers(&bare, VIEW("START")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_judges_server),
	    cmocka_unit_test(test_finds_what_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
