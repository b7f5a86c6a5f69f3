/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "tests/unit/session_lab.h"

/*
 * What a session asks DNS, when, and what becomes of the answers: facts, or nothing when
 * there are none in time. DNS is a table in our hand.
 */

static const char policy_text[] = "table <ours> { 192.0.2.16/28 }\n"
				  "set trusted <ours>\n"
				  "set reentry 10025\n"
				  "set egress 192.0.2.25 192.0.2.26\n"
				  "set helo mail.example.org\n"
				  "set dns-deadline 3s\n"
				  "keys \"keys\"\n"
				  "match path submission owns author sign\n"
				  "match path reentry author e@example.org sign\n"
				  "match path reentry author e@example.com sign\n"
				  "accept\n";
static const char keys_text[] = "- example.com old rsa-sha256 1735689600\n"
				"- example.com n01 rsa-sha256 1767225601\n"
				"- example.com n02 rsa-sha256 1767225602\n"
				"- example.com n03 rsa-sha256 1767225603\n"
				"- example.com n04 rsa-sha256 1767225604\n"
				"- example.com n05 rsa-sha256 1767225605\n"
				"- example.com n06 rsa-sha256 1767225606\n"
				"- example.com n07 rsa-sha256 1767225607\n"
				"- example.com n08 rsa-sha256 1767225608\n"
				"- example.com n09 rsa-sha256 1767225609\n"
				"- example.com n10 rsa-sha256 1767225610\n"
				"- example.com n11 rsa-sha256 1767225611\n"
				"- example.com n12 rsa-sha256 1767225612\n"
				"- example.com n13 rsa-sha256 1767225613\n"
				"- example.com n14 rsa-sha256 1767225614\n"
				"- example.com n15 rsa-sha256 1767225615\n"
				"- example.com n16 rsa-sha256 1767225616\n"
				"- example.com n17 rsa-sha256 1767225617\n"
				"- example.org e2026 ed25519-sha256 1767225600\n"
				"- example.org s2025 rsa-sha256 1735689600\n"
				"- example.org s2026 rsa-sha256 1767225600\n";

enum { KEYS = 21 };

struct world {
	struct session_lab lab;
	atomic_uint opinions[KEYS + 1];
	bool has_answers, is_lagging, is_known; /* s2026 is not there, the others are */
	int64_t deadline;                       /* of the last one that waited */
	char started[512], asked[512], facts[1024], signed_with[64];
};

static int
fake_sign(void *context, struct generation *generation, const struct policy_key *key,
    const uint8_t digest[SIGN_DIGEST], struct sign_signature *ret_signature,
    struct err *err)
{
	struct world *world = context;
	size_t n = strlen(world->signed_with);

	(void)generation;
	(void)digest;
	(void)err;
	snprintf(world->signed_with + n, sizeof(world->signed_with) - n, "%.*s ",
	    VIEW_ARG(key->selector));
	ret_signature->n = 64;
	memset(ret_signature->bytes, 'x', ret_signature->n);
	return 0;
}

static int
fake_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct world *world = context;
	struct buf out = BUF_INIT(sizeof(world->facts) - 1);
	char text[ADDR_TEXT];

	(void)decision;
	(void)generation;
	(void)micros;
	(void)err;
	buf_addf(&out, "spf %s %s '%.*s' %s; ", fact_spf_name(facts->spf),
	    facts->spf_egress.family == ADDR_NONE ? "-"
						  : addr_text(facts->spf_egress, text),
	    VIEW_ARG(facts->spf_term), fact_seen_name(facts->spf_opinion));
	buf_addf(&out, "dmarc %s '%.*s'%s; ", fact_dmarc_record_name(facts->dmarc_record),
	    VIEW_ARG(facts->dmarc_domain), facts->is_strict_spf ? " strict" : "");
	buf_addf(&out, "tree %s '%.*s' %.*s %.*s;",
	    fact_dmarc_record_name(facts->tree.record), VIEW_ARG(facts->tree.domain),
	    VIEW_ARG(facts->tree.author), VIEW_ARG(facts->tree.spf));
	for (uint32_t i = 0; i < facts->n_keys; i++)
		buf_addf(&out, " %.*s %s", VIEW_ARG(facts->keys[i].selector),
		    fact_key_state_name(facts->keys[i].state));
	snprintf(world->facts, sizeof(world->facts), "%s", buf_text(&out));
	buf_fini(&out);
	return 0;
}

static void
note(char into[512], const struct dns_question *question)
{
	static const char *const kinds[] = {"?", "spf", "dmarc", "key", "everywhere"};
	size_t n = strlen(into);

	n += (size_t)snprintf(into + n, 512 - n, "%s %.*s", kinds[question->kind],
	    VIEW_ARG(question->domain));
	if (question->kind == DNS_ASK_SPF)
		n += (size_t)snprintf(into + n, 512 - n, " %.*s %.*s %u",
		    VIEW_ARG(question->sender), VIEW_ARG(question->helo),
		    question->n_egress);
	else if (question->kind != DNS_ASK_DMARC)
		n += (size_t)snprintf(
		    into + n, 512 - n, " %.*s", VIEW_ARG(question->selector));
	snprintf(into + n, 512 - n, "%s\n", question->is_ours ? " ours" : "");
}

static void
fake_start(void *context, const struct dns_question *question)
{
	struct world *world = context;

	note(world->started, question);
}

static void
spf_answer(const struct dns_question *question, struct dns_spf_reply *reply)
{
	reply->outcome = SPF_EVAL_FAIL;
	reply->egress = question->egress[1];
	if (question->is_ours)
		snprintf(reply->term, DNS_TEXT_MAX, "-all");
	else
		snprintf(reply->problem, DNS_TEXT_MAX, "more than one record");
	snprintf(reply->domain, DNS_TEXT_MAX, "%.*s", VIEW_ARG(question->domain));
}

static void
dmarc_answer(const struct dns_question *question, struct dns_dmarc_reply *reply)
{
	reply->by_list =
	    (struct dns_dmarc_way){.state = DMARC_PRESENT, .asks = DMARC_ASKS_REJECT};
	reply->by_list.is_strict_spf = 1;
	snprintf(reply->by_list.domain, DNS_TEXT_MAX, "%.*s", VIEW_ARG(question->domain));
	reply->by_tree = (struct dns_dmarc_way){.state = DMARC_ABSENT};
	snprintf(reply->by_tree.organizational, DNS_TEXT_MAX, "org.%.*s",
	    VIEW_ARG(question->domain));
	if (view_is(question->domain, VIEW("unanswered.example")))
		reply->by_tree.state = DMARC_UNANSWERED;
}

static bool
fake_get(void *context, const struct dns_question *question, int64_t deadline,
    struct dns_reply_head *ret_reply)
{
	struct world *world = context;

	note(world->asked, question);
	world->deadline = deadline;
	memset(ret_reply, 0, sizeof(*ret_reply));
	ret_reply->kind = question->kind;
	if (question->kind == DNS_ASK_SPF)
		spf_answer(question, &ret_reply->spf);
	else if (question->kind == DNS_ASK_DMARC)
		dmarc_answer(question, &ret_reply->dmarc);
	else
		ret_reply->key.state = DNS_FOUND;
	return world->has_answers;
}

/* s2025 is everywhere; s2026 is published, but it depends. */
static bool
fake_key_state(void *context, struct generation *generation, const struct policy_key *key,
    const struct dns_reply_head *reply, struct fact_key *fact)
{
	struct world *world = context;
	bool is_new =
	    view_is(key->selector, VIEW("s2026")) || view_starts(key->selector, VIEW("n"));

	assert_ptr_equal(generation, &world->lab.generation);
	if (reply == NULL && world->is_known) {
		fact->state = is_new ? KEY_UNPUBLISHED : KEY_READY;
		return true;
	}
	if (reply == NULL || (is_new && reply->kind == DNS_ASK_KEY))
		return false;
	fact->state = is_new && world->is_lagging ? KEY_UNKNOWN : KEY_READY;
	return true;
}

static enum fact_seen
fake_opinion(void *context, struct view domain)
{
	(void)context;
	assert_true(view_is(domain, VIEW("example.org")));
	return SEEN_DISAGREES;
}

static int
world_begin(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct session_world *calls;

	assert_non_null(world);
	session_lab_begin(&world->lab, policy_text, keys_text);
	world->lab.generation.opinions = world->opinions;
	world->has_answers = true;
	calls = &world->lab.calls;
	calls->sign = fake_sign;
	calls->record = fake_record;
	calls->dns_start = fake_start;
	calls->dns_get = fake_get;
	calls->key_state = fake_key_state;
	calls->spf_opinion = fake_opinion;
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
send_message(struct world *world, const char *client, unsigned port, const char *sender,
    const char *from)
{
	struct session *session = session_new(&world->lab.calls);
	char value[256];

	world->started[0] = world->asked[0] = world->facts[0] = '\0';
	world->signed_with[0] = '\0';
	session_lab_connect(session, client, 4000, port);
	session_mail(session, sender, port == 587 ? "alice@example.org" : NULL);
	session_rcpt(session, "<bob@example.net>");
	snprintf(value, sizeof(value), " %s", from);
	session_header(session, "From", value);
	session_header_end(session);
	session_body(session, VIEW("hello\r\n"));
	assert_int_equal(session_end(session, "4cXyZ")->verdict, VERDICT_ACCEPT);
	session_finish(session, NULL);
	session_free(session);
}

static void
same(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s: got\n%s\nwant\n%s", what, got, want);
}

static void
test_submission(void **state)
{
	struct world *world = *state;

	send_message(
	    world, "198.51.100.7", 587, "<alice@example.org>", "alice@example.org");
	same("started", world->started,
	    "spf example.org alice@example.org mail.example.org 2 ours\n"
	    "dmarc example.org ours\n"
	    "key example.org s2026 ours\n"
	    "key example.org e2026 ours\n"
	    "key example.org s2025 ours\n");
	same("asked", world->asked,
	    "spf example.org alice@example.org mail.example.org 2 ours\n"
	    "dmarc example.org ours\n"
	    "key example.org s2026 ours\n"
	    "everywhere example.org s2026 ours\n"
	    "key example.org e2026 ours\n"
	    "key example.org s2025 ours\n");
	same("facts", world->facts,
	    "spf fail 192.0.2.26 '-all of example.org' disagrees; "
	    "dmarc reject 'example.org' strict; "
	    "tree absent '' org.example.org org.example.org; "
	    "s2026 ready e2026 ready s2025 ready");
	same("signed", world->signed_with, "s2026 e2026 ");
	assert_int_equal(world->deadline, SESSION_LAB_MONO + 3000000);

	world->is_lagging = true;
	send_message(
	    world, "198.51.100.7", 587, "<alice@example.org>", "alice@example.org");
	same("signed by the one that is everywhere", world->signed_with, "s2025 e2026 ");
}

static void
test_others(void **state)
{
	struct world *world = *state;

	/* Of a bounce our HELO counts, not the client's; nothing of ours is in it. */
	send_message(world, "192.0.2.17", 25, "<>", "list@unanswered.example");
	same("asked", world->asked,
	    "spf mail.example.org postmaster@mail.example.org mail.example.org 2\n"
	    "dmarc unanswered.example\n");
	same("started", world->started,
	    "spf mail.example.org postmaster@mail.example.org mail.example.org 2\n"
	    "dmarc unanswered.example\n"
	    "dmarc mail.example.org\n");
	same("facts", world->facts,
	    "spf fail 192.0.2.26 'more than one record' unknown; "
	    "dmarc reject 'unanswered.example' strict; tree unknown ''  ;");

	/* The tree's Organizational Domain of the sender's domain, too. */
	send_message(world, "192.0.2.17", 25, "<a@bounce.example.net>", "a@example.edu");
	same("facts", world->facts,
	    "spf fail 192.0.2.26 'more than one record' unknown; "
	    "dmarc reject 'example.edu' strict; "
	    "tree absent '' org.example.edu org.bounce.example.net;");
	send_message(world, "192.0.2.17", 25, "<a@unanswered.example>", "a@example.edu");
	same("facts", world->facts,
	    "spf fail 192.0.2.26 'more than one record' unknown; "
	    "dmarc reject 'example.edu' strict; tree unknown ''  ;");
}

static void
test_not_asked(void **state)
{
	struct world *world = *state;

	/* Coming in; handed back by a filter; no author, and a sender without a domain. */
	send_message(world, "198.51.100.7", 25, "<a@example.net>", "a@example.org");
	same("inbound", world->asked, "");
	send_message(world, "192.0.2.17", 10025, "<a@example.net>", "a@example.org");
	same("reentry", world->asked, "");
	same("reentry", world->started, "");
	send_message(world, "192.0.2.17", 25, "<alice>", "a@example.org, b@example.org");
	same("unclear", world->asked, "");
	same("facts", world->facts,
	    "spf unknown - '' unknown; dmarc unknown ''; tree unknown ''  ;");
}

/* Mail that comes back is signed too, and nobody asks for it. */
static void
test_reentry(void **state)
{
	struct world *world = *state;

	world->is_known = true;
	send_message(world, "192.0.2.17", 10025, "<a@example.net>", "e@example.org");
	same("asked", world->asked, "");
	same("signed", world->signed_with, "s2025 e2026 ");

	/* However old it is, and however many are newer. */
	send_message(world, "192.0.2.17", 10025, "<a@example.net>", "e@example.com");
	same("signed", world->signed_with, "old ");
}

static void
test_no_answers(void **state)
{
	struct world *world = *state;

	world->has_answers = false;
	atomic_store(&world->opinions[20], OPINION_DISAGREES);
	send_message(
	    world, "198.51.100.7", 587, "<alice@example.org>", "alice@example.org");
	same("facts", world->facts,
	    "spf unknown - '' unknown; dmarc unknown ''; tree unknown ''  ; s2026 unknown");
	same("signed all the same", world->signed_with, "s2026 e2026 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_submission, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_others, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_not_asked, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_reentry, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_no_answers, world_begin, world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
