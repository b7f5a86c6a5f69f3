/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/session_lab.h"

/* Which messages come with a signature of the author's domain that is not ours. */

static const char policy_text[] = "table <ours> { 192.0.2.16/28 }\n"
				  "set trusted <ours>\n"
				  "keys \"keys\"\n"
				  "accept\n";
static const char keys_text[] = "- example.org s2026 rsa-sha256 1767225600\n";

struct world {
	struct session_lab lab;
	bool is_signed_already;
};

static int
fake_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct world *world = context;

	(void)decision;
	(void)generation;
	(void)micros;
	(void)err;
	world->is_signed_already = facts->is_signed_already;
	return 0;
}

static void
send_message(struct world *world, const char *signature)
{
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "192.0.2.17", 4000, 25);
	session_mail(session, "<>", NULL);
	session_rcpt(session, "<bob@example.net>");
	session_header(session, "DKIM-Signature", signature);
	session_header(session, "From", " alice@example.org");
	session_header_end(session);
	session_body(session, VIEW("hello\r\n"));
	assert_int_equal(session_end(session, "4cXyZ")->verdict, VERDICT_ACCEPT);
	session_finish(session, NULL);
	session_free(session);
}

static void
test_signed_already(void **state)
{
	static const struct {
		const char *signature;
		bool is_signed;
	} cases[] = {
	    {" v=1; a=rsa-sha256; d=example.org; s=other; b=x", true},
	    {" v=1; D=example.org; s=other", false},
	    {" v=1;\n\td=Mail.Example.ORG;\n\ts=other", true},
	    {" v=1; d=example.org; s=S2026", false},
	    {" v=1; d=example.net; s=other", false},
	    {" d=", false},
	    {" nonsense", false},
	    {"", false},
	};
	struct world world = {.is_signed_already = false};

	(void)state;
	session_lab_begin(&world.lab, policy_text, keys_text);
	world.lab.calls.record = fake_record;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send_message(&world, cases[i].signature);
		if (world.is_signed_already != cases[i].is_signed)
			fail_msg(
			    "'%s': got %d", cases[i].signature, world.is_signed_already);
	}
	session_lab_end(&world.lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_signed_already)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
