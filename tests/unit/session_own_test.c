/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What is told of held mail, and mail that frankd itself has sent: known by its field, and
 * only while all that the field vouches for is as it was.
 */

#include "auth/digest.h"
#include "lib/bug.h"
#include "tests/unit/session_lab.h"

static const char policy_text[] = "keys \"keys\"\n"
				  "meter sent count messages per origin within 10m\n"
				  "meter net count messages per network within 10m\n"
				  "match path relay author example.org sign\n"
				  "accept path inbound\n"
				  "hold path submission net > 3 label \"network\"\n"
				  "hold path relay sent > 1 label \"too much\" notify\n"
				  "hold user bob label \"bob\"\n"
				  "hold path local label \"local\"\n"
				  "accept\n";

static const char keys_text[] = "- example.org s2026 rsa-sha256 1767225600\n";

enum { NOW = 1772442180 };

struct world {
	struct session_lab lab;
	struct metering_site *site;
	struct own_mail_secret secret;
	struct buf told;
	char recorded[64]; /* the key of the last one */
	int64_t now;       /* seconds */
	bool record_fails;
};

static struct clock
fake_now(void *context)
{
	const struct world *world = context;

	return (struct clock){
	    .wall = world->now * 1000000, .mono = (world->now - NOW + 100) * 1000000};
}

static int
fake_sign(void *context, struct generation *generation, const struct policy_key *key,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	(void)context;
	(void)generation;
	(void)key;
	(void)digest;
	(void)err;
	ret_signature->n = 256;
	memset(ret_signature->bytes, 'x', ret_signature->n);
	return 0;
}

static int
fake_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct world *world = context;

	(void)facts;
	(void)generation;
	(void)micros;
	snprintf(world->recorded, sizeof(world->recorded), "%.*s", VIEW_ARG(decision->key));
	return world->record_fails ? err_set(err, ERR_TEMP, "not on disk") : 0;
}

static void
fake_held(void *context, const struct incident_held *held)
{
	struct world *world = context;

	/* The journal has it under the same key. */
	assert_true(view_is(view_of(world->recorded), held->decision->key));
	buf_addf(&world->told, "%.*s of %.*s: %.*s%s%s\n", VIEW_ARG(held->decision->key),
	    VIEW_ARG(held->origin), VIEW_ARG(held->decision->label),
	    held->decision->notify ? ", notify" : "", held->client_is_new ? ", new" : "");
}

static int
world_make(void **state)
{
	struct world *world = mem_zeroed(1, sizeof(*world));
	struct burst_settings settings = {
	    .keys = 1000, .learn = 86400, .remember = 30 * 86400};
	struct burst_now now = metering_now(100000000, 20260302, 543);
	struct session_lab *lab = &world->lab;

	session_lab_begin(lab, policy_text, keys_text);
	lab->calls.now = fake_now;
	lab->calls.sign = fake_sign;
	lab->calls.record = fake_record;
	lab->calls.held = fake_held;
	lab->calls.own_secret = &world->secret;
	world->site = metering_site_new(&settings, NOW * INT64_C(1000000), &now);
	lab->generation.metering = metering_new(world->site, lab->generation.policy, &now);
	buf_init(&world->told, 4096);
	own_mail_secret_make(&world->secret);
	world->now = NOW;
	*state = world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	metering_free(world->lab.generation.metering);
	metering_site_free(world->site);
	session_lab_end(&world->lab);
	buf_fini(&world->told);
	free(world);
	return 0;
}

/* A message, changed in one way or another. */
struct mail {
	const char *client; /* NULL: none, as pickup's */
	const char *login;
	const char *rcpts[3];
	const char *message_id, *date;
	const char *marks[3]; /* values of the field */
};

/* What becomes of it; *ret_remove: the field that is taken out. */
static enum verdict
judge(struct world *world, const struct mail *mail, const char **ret_remove)
{
	struct session *session = session_new(&world->lab.calls);
	char rcpt[128];

	session_lab_connect(session, mail->client != NULL ? mail->client : "127.0.0.1",
	    mail->client != NULL ? 4000 : 0, 25);
	session_mail(session, "<postmaster@example.org>", mail->login);
	for (size_t i = 0; mail->rcpts[i] != NULL; i++) {
		snprintf(rcpt, sizeof(rcpt), "<%s>", mail->rcpts[i]);
		session_rcpt(session, rcpt);
	}
	session_header(session, "From", " postmaster@example.org");
	session_header(session, "Message-ID", mail->message_id);
	session_header(session, "Date", mail->date);
	for (size_t i = 0; mail->marks[i] != NULL; i++)
		session_header(
		    session, i == 0 ? "X-Frank-Notice" : "x-frank-notice", mail->marks[i]);
	session_body(session, VIEW("hello\r\n"));
	const struct session_answer *answer = session_end(session, "Q1");
	if (ret_remove != NULL)
		*ret_remove = answer->remove;
	enum verdict verdict = session_finish(session, NULL);
	session_free(session);
	return verdict;
}

static const struct mail plain = {.client = "127.0.0.1",
    .login = "",
    .rcpts = {"Admin@example.org"},
    .message_id = " <1.abc@mail.example.org>",
    .date = " Mon, 02 Mar 2026 09:03:00 +0000"};

/* The field's value for PLAIN, with a leading blank. */
static void
mark_make(const struct world *world, char into[OWN_MAIL_MARK + 1])
{
	const struct own_mail mail = {.message_id = VIEW("1.abc@mail.example.org"),
	    .rcpt = VIEW("Admin@Example.ORG"),
	    .date = VIEW("Mon, 02 Mar 2026 09:03:00 +0000")};

	into[0] = ' ';
	own_mail_mark(&world->secret, &mail, NOW, into + 1);
}

/* As many as one likes: none of them counts, none opens anything. */
static void
test_own_mail_is_known(void **state)
{
	struct world *world = *state;
	char mark[OWN_MAIL_MARK + 1];
	struct mail mail = plain;
	const char *remove;

	mark_make(world, mark);
	mail.marks[0] = mark;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(judge(world, &mail, &remove), VERDICT_ACCEPT);
		assert_string_equal(remove, "X-Frank-Notice");
	}
	/* It may be held all the same, by a rule that asks no meter. */
	mail.client = NULL;
	assert_int_equal(judge(world, &mail, &remove), VERDICT_HOLD);
	assert_string_equal(remove, "X-Frank-Notice");
	assert_string_equal(buf_text(&world->told), "");
	/* The first one that is not ours is the first one that counts. */
	assert_int_equal(judge(world, &plain, &remove), VERDICT_ACCEPT);
	assert_null(remove);
	assert_int_equal(judge(world, &plain, &remove), VERDICT_HOLD);
	assert_string_equal(
	    buf_text(&world->told), "127.0.0.1 of 127.0.0.1: too much, notify\n");
}

static void
test_forged_is_not(void **state)
{
	struct world *world = *state;
	char mark[OWN_MAIL_MARK + 1], other[OWN_MAIL_MARK + 1], cut[OWN_MAIL_MARK + 1];
	struct own_mail_secret secret;

	mark_make(world, mark);
	memcpy(other, mark, sizeof(other));
	other[strlen(other) - 1] = other[strlen(other) - 1] == '0' ? '1' : '0';
	snprintf(cut, sizeof(cut), "%.20s", mark);
	const struct {
		const char *name;
		const char *marks[3], *client, *login, *rcpts[3], *message_id, *date;
		int64_t later;
	} cases[] = {
	    {"no field", .marks = {NULL}},
	    {"another MAC", .marks = {other}},
	    {"half a MAC", .marks = {cut}},
	    {"empty", .marks = {""}},
	    {"the MAC alone", .marks = {strchr(mark + 1, ' ')}},
	    {"twice", .marks = {mark, mark}},
	    {"another Message-ID", .marks = {mark}, .message_id = " <2@example.org>"},
	    {"another Date", .marks = {mark}, .date = " Tue, 03 Mar 2026 09:03:00 +0000"},
	    {"another recipient", .marks = {mark}, .rcpts = {"eve@example.org"}},
	    {"one more recipient", .marks = {mark},
		.rcpts = {"admin@example.org", "eve@example.org"}},
	    {"a client elsewhere", .marks = {mark}, .client = "198.51.100.7"},
	    {"a login", .marks = {mark}, .login = "alice"},
	    {"a day later", .marks = {mark}, .later = OWN_MAIL_SECONDS},
	    {"before it was made", .marks = {mark}, .later = -3600},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct mail mail = plain;
		const char *remove = "";
		memcpy(mail.marks, cases[i].marks, sizeof(mail.marks));
		if (cases[i].rcpts[0] != NULL)
			memcpy(mail.rcpts, cases[i].rcpts, sizeof(mail.rcpts));
		mail.client = cases[i].client != NULL ? cases[i].client : mail.client;
		mail.login = cases[i].login != NULL ? cases[i].login : mail.login;
		mail.date = cases[i].date != NULL ? cases[i].date : mail.date;
		if (cases[i].message_id != NULL)
			mail.message_id = cases[i].message_id;
		world->now = NOW + cases[i].later;
		(void)judge(world, &mail, &remove);
		if (remove != NULL)
			fail_msg("%s: taken for ours", cases[i].name);
	}
	/* After a restart. */
	secret = world->secret;
	own_mail_secret_make(&world->secret);
	assert_memory_not_equal(&secret, &world->secret, sizeof(secret));
	struct mail mail = plain;
	const char *remove = "";
	mail.marks[0] = mark;
	world->now = NOW;
	(void)judge(world, &mail, &remove);
	assert_null(remove);
}

/* RFC 4231 4.3, 4.4 */
static void
test_mac(void **state)
{
	static const uint8_t wants[][8] = {{0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e},
	    {0x77, 0x3e, 0xa9, 0x1e, 0x36, 0x80, 0x0e, 0x46}};
	uint8_t key[20], text[50], mac[DIGEST_BYTES];

	(void)state;
	memset(key, 0xaa, sizeof(key));
	memset(text, 0xdd, sizeof(text));
	digest_mac((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28, mac);
	assert_memory_equal(mac, wants[0], sizeof(wants[0]));
	digest_mac(key, sizeof(key), text, sizeof(text), mac);
	assert_memory_equal(mac, wants[1], sizeof(wants[1]));
}

static void
test_held_is_told(void **state)
{
	struct world *world = *state;
	struct mail mail = plain;

	/* The key of the meter that decided. */
	mail.client = "192.0.2.7";
	mail.login = "Alice";
	for (int i = 0; i < 5; i++)
		(void)judge(world, &mail, NULL);
	assert_string_equal(buf_text(&world->told),
	    "192.0.2.0/24 of alice: network\n192.0.2.0/24 of alice: network\n");
	/* No meter decided: the origin. */
	buf_reset(&world->told);
	mail.client = "203.0.113.7";
	mail.login = "bob";
	(void)judge(world, &mail, NULL);
	assert_string_equal(buf_text(&world->told), "bob of bob: bob\n");
	/* And there are no meters. */
	buf_reset(&world->told);
	struct metering *metering = TAKE(world->lab.generation.metering);
	mail.login = "BOB";
	(void)judge(world, &mail, NULL);
	mail.client = NULL;
	mail.login = "";
	(void)judge(world, &mail, NULL);
	assert_string_equal(
	    buf_text(&world->told), "bob of bob: bob\nlocal of local: local\n");
	/* What could not be recorded was not held. */
	buf_reset(&world->told);
	world->record_fails = true;
	assert_int_equal(judge(world, &mail, NULL), VERDICT_DEFER);
	assert_string_equal(buf_text(&world->told), "");
	world->lab.generation.metering = metering;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_own_mail_is_known, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_forged_is_not, world_make, world_end),
	    cmocka_unit_test(test_mac),
	    cmocka_unit_test_setup_teardown(test_held_is_told, world_make, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
