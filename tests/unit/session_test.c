/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/session_lab.h"

/*
 * The life of a message, driven as the adapter drives it, with everything outside replaced:
 * the clock stands still, the key process answers or does not, the journal takes a record
 * or does not.
 */

static const char policy_text[] =
    "table <ours> { example.org }\n"
    "table <relays> { 192.0.2.16/28 }\n"
    "set trusted <relays>\n"
    "set reentry 10025\n"
    "keys \"keys\"\n"
    "match path submission owns author sign\n"
    "match path relay author <ours> sign\n"
    "match path local author <ours> sign\n"
    "match rcpts > 2 tag \"X-Frank-Wide: {rcpts} recipients\"\n"
    "match rcpts > 4 tag \"X-Frank-Wider: yes\"\n"
    "accept path inbound\n"
    "reject path submission not owns author reply \"5.7.1 {user} may not write as "
    "{author}\"\n"
    "defer user slow@example.org reply \"4.7.1 later\"\n"
    "accept rcpt only postmaster@example.org\n"
    "hold rcpts > 5 label \"wide\"\n"
    "accept\n";

static const char keys_text[] = "- example.org s2026 rsa-sha256 1767225600\n"
				"- example.org e2026 ed25519-sha256 1767225600\n";

struct world {
	struct session_lab lab;
	int recorded, signed_digests;
	bool sign_fails, record_fails;
	enum fact_path path;
	enum verdict verdict;
	uint32_t rcpts, n_sample, fits;
	char on_error[128];
};

static int
fake_sign(void *context, struct generation *generation, const struct policy_key *key,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	struct world *world = context;

	(void)generation;
	(void)digest;
	if (world->sign_fails)
		return err_set(err, ERR_TEMP, "no key process");
	world->signed_digests++;
	ret_signature->n = key->algorithm == ALGORITHM_RSA ? 256 : 64;
	memset(ret_signature->bytes, 'x', ret_signature->n);
	return 0;
}

static int
fake_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct world *world = context;

	(void)generation;
	(void)micros;
	if (world->record_fails)
		return err_set(err, ERR_TEMP, "the record is not on disk");
	world->recorded++;
	world->path = facts->path;
	world->rcpts = facts->rcpts;
	world->n_sample = facts->n_rcpt_sample;
	world->fits = facts->n_rcpt_fits > 0 ? facts->rcpt_fits[0] : 0;
	world->verdict = decision->verdict;
	snprintf(
	    world->on_error, sizeof(world->on_error), "%.*s", VIEW_ARG(decision->on_error));
	return 0;
}

static int
world_begin(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	session_lab_begin(&world->lab, policy_text, keys_text);
	world->lab.calls.sign = fake_sign;
	world->lab.calls.record = fake_record;
	*state = world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	session_lab_end(&world->lab);
	free(world);
	return 0;
}

static void
send_message(struct session *session, const char *sender, const char *login,
    const char *from, unsigned rcpts)
{
	char value[256], rcpt[64];

	session_mail(session, sender, login);
	for (unsigned i = 0; i < rcpts; i++) {
		snprintf(rcpt, sizeof(rcpt), "<r%u@example.com>", i);
		session_rcpt(session, rcpt);
	}
	snprintf(value, sizeof(value), " %s", from);
	session_header(session, "From", value);
	session_header(session, "Subject", " hello");
	session_header(session, "Message-ID", " <1@example.org>");
	session_body(session, VIEW("hello\r\n"));
}

static const struct {
	const char *name, *client, *login, *sender, *from;
	unsigned client_port, port, rcpts;
	enum verdict verdict;
	enum fact_path path;
	unsigned n_insert; /* tags and signatures */
	int recorded;
	const char *code;
} verdicts[] = {
    {"a login's own mail", "198.51.100.7", "alice@example.org", "<alice@example.org>",
	"Alice <alice@example.org>", 4000, 587, 1, VERDICT_ACCEPT, PATH_SUBMISSION, 2, 1,
	""},
    {"a forged author", "198.51.100.7", "bob@example.net", "<bob@example.net>",
	"<alice@example.org>", 4000, 587, 1, VERDICT_REJECT, PATH_SUBMISSION, 0, 1, "550"},
    {"an author nobody can read", "198.51.100.7", "alice@example.org",
	"<alice@example.org>", "alice@example.org, bob@example.net", 4000, 587, 1,
	VERDICT_REJECT, PATH_SUBMISSION, 0, 1, "550"},
    {"held: tagged and signed all the same", "198.51.100.7", "alice@example.org",
	"<alice@example.org>", "alice@example.org", 4000, 587, 6, VERDICT_HOLD,
	PATH_SUBMISSION, 4, 1, ""},
    {"deferred by rule", "198.51.100.7", "slow@example.org", "<slow@example.org>",
	"slow@example.org", 4000, 587, 1, VERDICT_DEFER, PATH_SUBMISSION, 0, 1, "451"},
    {"no port: a client behind a proxy, not pickup", "198.51.100.7", "",
	"<eve@example.com>", "alice@example.org", 0, 25, 1, VERDICT_ACCEPT, PATH_INBOUND, 0,
	1, ""},
    {"a relay", "192.0.2.17", "", "<x@example.org>", "x@example.org", 4000, 25, 1,
	VERDICT_ACCEPT, PATH_RELAY, 2, 1, ""},
    {"loopback may relay", "127.0.0.1", "", "<x@example.org>", "x@example.org", 4000, 25, 1,
	VERDICT_ACCEPT, PATH_RELAY, 2, 1, ""},
    {"pickup is port 0", "127.0.0.1", "", "root@example.org", "root@example.org", 0, 0, 1,
	VERDICT_ACCEPT, PATH_LOCAL, 2, 1, ""},
    {"a bounce", "127.0.0.1", "", "", "MAILER-DAEMON@example.org", 0, 0, 1, VERDICT_ACCEPT,
	PATH_LOCAL, 2, 1, ""},
    {"back from the content filter", "127.0.0.1", "", "<alice@example.org>",
	"alice@example.org", 4000, 10025, 1, VERDICT_ACCEPT, PATH_REENTRY, 0, 1, ""},
    {"a stranger cannot say it was judged before", "198.51.100.7", "", "<eve@example.com>",
	"eve@example.com", 4000, 10025, 1, VERDICT_ACCEPT, PATH_INBOUND, 0, 0, ""},
    {"inbound in our name is recorded, never signed", "198.51.100.7", "",
	"<eve@example.com>", "alice@example.org", 4000, 25, 1, VERDICT_ACCEPT, PATH_INBOUND,
	0, 1, ""},
};

static void
test_verdicts(void **state)
{
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		struct session *session = session_new(&world->lab.calls);
		int before = world->recorded;
		session_lab_connect(
		    session, verdicts[i].client, verdicts[i].client_port, verdicts[i].port);
		send_message(session, verdicts[i].sender, verdicts[i].login,
		    verdicts[i].from, verdicts[i].rcpts);
		const struct session_answer *answer = session_end(session, "4cXyZ71kq");
		enum verdict verdict = session_finish(session, NULL);
		if (verdict != verdicts[i].verdict ||
		    answer->n_insert != verdicts[i].n_insert ||
		    strcmp(answer->reply_code, verdicts[i].code) != 0 ||
		    world->recorded - before != verdicts[i].recorded ||
		    (verdicts[i].recorded && world->path != verdicts[i].path))
			fail_msg("%s: got %s, %u fields, code '%s', path %s, %d records",
			    verdicts[i].name, verdict_name(verdict), answer->n_insert,
			    answer->reply_code, fact_path_name(world->path),
			    world->recorded - before);
		session_free(session);
		assert_int_equal(world->lab.held, 0);
	}
}

/* Tags are inserted before the signatures, so that signatures stand on top; the forged case
 * names both. */
static void
test_fields(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "198.51.100.7", 4000, 587);
	send_message(
	    session, "<alice@example.org>", "alice@example.org", "alice@example.org", 3);
	const struct session_answer *answer = session_end(session, "Q1");
	assert_int_equal(answer->n_insert, 3);
	assert_true(view_is(answer->insert[0].name, VIEW("X-Frank-Wide")));
	assert_true(view_is(view_of(answer->insert[0].value), VIEW(" 3 recipients")));
	for (int i = 1; i < 3; i++) {
		assert_true(view_is(answer->insert[i].name, VIEW("DKIM-Signature")));
		assert_int_equal(answer->insert[i].value[0], ' ');
		assert_false(view_has_char(view_of(answer->insert[i].value), '\r'));
	}
	(void)session_finish(session, NULL);
	session_abort(session);

	send_message(
	    session, "<bob@example.net>", "bob@example.net", "alice@example.org", 1);
	answer = session_end(session, "Q2");
	assert_string_equal(answer->enhanced_code, "5.7.1");
	assert_string_equal(
	    answer->reply_text, "bob@example.net may not write as alice@example.org");
	(void)session_finish(session, NULL);
	session_free(session);
}

/* A tag without anything to fill in is a piece of the policy's text: it must end where it
 * ends. */
static void
test_constant_tag(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "198.51.100.7", 4000, 587);
	send_message(
	    session, "<alice@example.org>", "alice@example.org", "alice@example.org", 5);
	const struct session_answer *answer = session_end(session, "Q6");
	assert_int_equal(answer->n_insert, 4);
	assert_true(view_is(answer->insert[1].name, VIEW("X-Frank-Wider")));
	assert_string_equal(answer->insert[1].value, " yes");
	session_free(session);
}

/* What the MTA does not tell is not trusted: no address, no CONNECT at all. */
static void
test_unknown_client(void **state)
{
	struct world *world = *state;

	for (int told = 0; told < 2; told++) {
		struct session *session = session_new(&world->lab.calls);
		if (told)
			session_connect(session, NULL, 25);
		send_message(session, "<x@example.org>", "", "x@example.org", 1);
		const struct session_answer *answer = session_end(session, "Q7");
		assert_int_equal(answer->n_insert, 0);
		(void)session_finish(session, NULL);
		assert_int_equal(world->path, PATH_INBOUND);
		session_free(session);
	}
}

/* Our limits are for mail that we sign; what comes in goes through. */
static void
test_large_inbound(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "198.51.100.7", 4000, 25);
	session_mail(session, "<eve@example.com>", NULL);
	for (int i = 0; i < SIGN_FIELDS_MAX + 10; i++)
		session_header(session, "To", " x@example.org");
	(void)session_end(session, "Q8");
	assert_int_equal(session_finish(session, NULL), VERDICT_ACCEPT);
	session_free(session);
}

/* Whatever of ours breaks, the message is deferred and nothing is inserted. */
static void
test_trouble(void **state)
{
	struct world *world = *state;

	for (int which = 0; which < 4; which++) {
		struct session *session = session_new(&world->lab.calls);
		world->sign_fails = which == 0;
		world->record_fails = which == 1;
		world->lab.no_policy = which == 2;
		session_lab_connect(session, "198.51.100.7", 4000, 587);
		send_message(session, "<alice@example.org>", "alice@example.org",
		    "alice@example.org", 1);
		const struct session_answer *answer = session_end(session, "Q3");
		if (which == 0 || which == 2)
			assert_int_equal(answer->n_insert, 0);
		enum verdict verdict =
		    session_finish(session, which == 3 ? "the MTA did not take it" : NULL);
		if (verdict != VERDICT_DEFER)
			fail_msg(
			    "trouble %d: got %s, want defer", which, verdict_name(verdict));
		assert_string_equal(answer->reply_code, "451");
		session_free(session);
		assert_int_equal(world->lab.held, 0);
	}
	assert_string_equal(world->on_error, "the MTA did not take it");
	world->lab.no_policy = false;
}

static void
test_header_too_large(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);
	char *value = calloc(1, 100001);

	assert_non_null(value);
	memset(value, 'x', 100000);
	session_lab_connect(session, "198.51.100.7", 4000, 587);
	session_mail(session, "<alice@example.org>", "alice@example.org");
	for (int i = 0; i < 20; i++)
		session_header(session, "Subject", value);
	const struct session_answer *answer = session_end(session, "Q4");
	assert_int_equal(session_finish(session, NULL), VERDICT_REJECT);
	assert_string_equal(answer->reply_code, "552");
	session_free(session);
	free(value);
}

/* Beyond the sample recipients are counted and tested, not kept. */
static void
test_many_recipients(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "198.51.100.7", 4000, 587);
	session_mail(session, "<alice@example.org>", "alice@example.org");
	for (int i = 0; i < 5000; i++)
		session_rcpt(
		    session, i % 2 == 0 ? "<Postmaster@Example.ORG>" : "<x@example.com>");
	session_header(session, "From", " alice@example.org");
	(void)session_end(session, "Q5");
	assert_int_equal(session_finish(session, NULL), VERDICT_HOLD);
	assert_int_equal(world->rcpts, 5000);
	assert_int_equal(world->n_sample, FACTS_RCPT_SAMPLE);
	assert_int_equal(world->fits, 2500);
	session_free(session);
}

/* STARTTLS, RSET, a new MAIL, a lost connection: the message is forgotten, the policy let
 * go. */
static void
test_interruptions(void **state)
{
	struct world *world = *state;
	struct session *session = session_new(&world->lab.calls);

	session_lab_connect(session, "198.51.100.7", 4000, 587);
	send_message(
	    session, "<alice@example.org>", "alice@example.org", "alice@example.org", 1);
	session_helo(session, "again");
	assert_false(session_has_message(session));
	assert_int_equal(world->lab.held, 0);
	send_message(
	    session, "<alice@example.org>", "alice@example.org", "alice@example.org", 1);
	session_mail(session, "<bob@example.net>", "bob@example.net");
	assert_int_equal(world->lab.held, 1);
	session_header(session, "From", " alice@example.org");
	(void)session_end(session, NULL);
	/* The first message's author, login and recipients are gone with it. */
	assert_int_equal(session_finish(session, NULL), VERDICT_REJECT);
	assert_int_equal(world->rcpts, 0);
	session_free(session);
	assert_int_equal(world->lab.held, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_verdicts, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_fields, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_constant_tag, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_unknown_client, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_large_inbound, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_trouble, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_header_too_large, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_many_recipients, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_interruptions, world_begin, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
