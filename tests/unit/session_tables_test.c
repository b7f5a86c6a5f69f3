/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What a session asks Postfix's tables, when, and what becomes of the answers: facts that
 * the decision is made from, and 451 when who owns an address is not known in time.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bundle.h"
#include "milter/session.h"
#include "policy/advice.h"

static const char policy_text[] = "set login-domain example.org\n"
				  "set recipient-delimiter \"+\"\n"
				  "set trusted 192.0.2.16/28\n"
				  "set reentry 10025\n"
				  "map <owners> postmap \"hash:/etc/postfix/owners\"\n"
				  "map <plan> postmap \"texthash:/etc/postfix/plan\"\n"
				  "set owners <owners>\n"
				  "accept path inbound\n"
				  "reject not owns author\n"
				  "hold rcpts > <plan> label \"over plan\"\n"
				  "accept\n";

enum { MONO = 5000000 };

struct world {
	struct generation generation;
	struct message_pool pool;
	struct tables_reply owners, plan; /* of whatever is asked */
	const char *login;                /* of who submits */
	uint64_t origin, n_origins; /* of the last question; how often another one came */
	bool has_tables;
	int64_t mono, deadline;
	char started[1024], asked[1024], advice[ADVICE_TEXT_MAX + 1];
};

static struct clock
fake_now(void *context)
{
	const struct world *world = context;

	return (struct clock){.wall = 1772442180000000, .mono = world->mono};
}

static struct generation *
fake_hold(void *context)
{
	struct world *world = context;

	return &world->generation;
}

static void
fake_release(void *context, struct generation *generation)
{
	(void)context;
	(void)generation;
}

static int
fake_record(void *context, const struct facts *facts, const struct decision *decision,
    const struct generation *generation, uint32_t micros, struct err *err)
{
	struct world *world = context;
	struct buf advice = BUF_INIT(ADVICE_TEXT_MAX);

	(void)decision;
	(void)generation;
	(void)micros;
	(void)err;
	advice_print(facts, &advice);
	snprintf(world->advice, sizeof(world->advice), "%s", buf_text(&advice));
	buf_fini(&advice);
	return 0;
}

static void
fake_log(void *context, const struct facts *facts, const struct decision *decision,
    uint32_t micros)
{
	(void)context;
	(void)facts;
	(void)decision;
	(void)micros;
}

static void
note(char into[1024], const struct tables_question *question)
{
	size_t n = strlen(into);

	snprintf(into + n, 1024 - n, "%.*s %.*s\n", VIEW_ARG(question->table),
	    VIEW_ARG(question->key));
}

static void
fake_start(void *context, const struct tables_question *question)
{
	struct world *world = context;

	note(world->started, question);
	world->n_origins += question->origin != world->origin;
	world->origin = question->origin;
}

static void
fake_get(void *context, const struct tables_question *question, int64_t deadline,
    struct tables_reply *ret_reply)
{
	struct world *world = context;

	note(world->asked, question);
	world->deadline = deadline;
	*ret_reply =
	    view_starts(question->table, VIEW("hash:")) ? world->owners : world->plan;
}

static struct session_world
world_calls(struct world *world)
{
	struct session_world calls = {.context = world,
	    .messages = &world->pool,
	    .now = fake_now,
	    .hold_policy = fake_hold,
	    .release_policy = fake_release,
	    .record = fake_record,
	    .log = fake_log};

	if (world->has_tables) {
		calls.tables_start = fake_start;
		calls.tables_get = fake_get;
	}
	return calls;
}

static int
world_make(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct bundle *bundle = bundle_new(NULL);
	struct diag diag;

	assert_non_null(world);
	diag_init(&diag);
	assert_int_equal(
	    bundle_put(bundle, VIEW("frank.conf"), VIEW(policy_text), NULL), 0);
	world->generation.policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	if (world->generation.policy == NULL)
		fail_msg("%s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	message_pool_init(&world->pool);
	world->mono = MONO;
	world->has_tables = true;
	world->login = "alice";
	*state = world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	message_pool_fini(&world->pool);
	policy_free(world->generation.policy);
	free(world);
	return 0;
}

static void
same(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s: got\n%s\nwant\n%s", what, got, want);
}

static struct tables_reply
found(const char *values)
{
	struct tables_reply reply = {.answer = ANSWER_FOUND, .n = strlen(values)};

	memcpy(reply.values, values, reply.n);
	return reply;
}

/* One second between MAIL FROM and the end of the header, one more until the end. */
static enum verdict
send_message(struct world *world, const char *client, unsigned port, const char *sender,
    const char *author)
{
	struct session_world calls = world_calls(world);
	struct session *session = session_new(&calls);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(4000)};
	char value[1024];

	world->started[0] = world->asked[0] = world->advice[0] = '\0';
	world->mono = MONO;
	assert_int_equal(inet_pton(AF_INET, client, &in.sin_addr), 1);
	session_connect(session, (const struct sockaddr *)&in, port);
	session_helo(session, "client.example.net");
	session_mail(session, sender, port == 587 ? world->login : NULL);
	size_t early = strlen(world->started);
	session_rcpt(session, "<bob@example.net>");
	session_rcpt(session, "<carol@example.net>");
	snprintf(value, sizeof(value), " %s", author);
	session_header(session, "From", value);
	world->mono += 1000000;
	/* What is known at MAIL FROM is asked then, and the rest with the header. */
	assert_int_equal(strlen(world->started), early);
	session_header_end(session);
	same("nobody waits yet", world->asked, "");
	session_body(session, VIEW("hello\r\n"));
	world->mono += 1000000;
	(void)session_end(session, "4cXyZ");
	enum verdict verdict = session_finish(session, NULL);
	session_free(session);
	return verdict;
}

static void
test_submission(void **state)
{
	static const char all[] = "texthash:/etc/postfix/plan alice@example.org\n"
				  "texthash:/etc/postfix/plan alice\n"
				  "texthash:/etc/postfix/plan @example.org\n"
				  "hash:/etc/postfix/owners list+x@example.net\n"
				  "hash:/etc/postfix/owners list@example.net\n"
				  "hash:/etc/postfix/owners @example.net\n";
	struct world *world = *state;

	world->owners = found("bob,alice");
	world->plan = found("2");
	assert_int_equal(send_message(world, "198.51.100.7", 587, "<alice@example.org>",
			     "List+X@example.net"),
	    VERDICT_ACCEPT);
	same("started", world->started, all);
	same("asked", world->asked, all);
	assert_int_equal(world->deadline, MONO + 1000000 + SESSION_TABLES_MS * 1000);
	/* All of it is what the journal keeps. */
	same("advice", world->advice,
	    "map.plan/alice@example.org=found:2 map.plan/alice=found:2 "
	    "map.plan/@example.org=found:2 "
	    "map.owners/list+x@example.net=found:bob,alice "
	    "map.owners/list@example.net=found:bob,alice "
	    "map.owners/@example.net=found:bob,alice");
	world->plan = found("1");
	assert_int_equal(
	    send_message(world, "198.51.100.7", 587, "<>", "a@example.net"), VERDICT_HOLD);
	world->owners = found("bob");
	assert_int_equal(send_message(world, "198.51.100.7", 587, "<>", "a@example.net"),
	    VERDICT_REJECT);
}

/* Unknown is never no: it is 451, and for a number nothing at all. */
static void
test_unknown(void **state)
{
	struct world *world = *state;

	world->plan = found("1");
	assert_int_equal(
	    send_message(world, "198.51.100.7", 587, "<>", "a@example.net"), VERDICT_DEFER);
	world->owners = found("alice");
	world->plan = (struct tables_reply){.answer = ANSWER_UNKNOWN};
	assert_int_equal(send_message(world, "198.51.100.7", 587, "<>", "a@example.net"),
	    VERDICT_ACCEPT);
	world->owners = (struct tables_reply){.answer = ANSWER_NONE};
	assert_int_equal(send_message(world, "198.51.100.7", 587, "<>", "a@example.net"),
	    VERDICT_REJECT);
	assert_int_equal(
	    send_message(world, "198.51.100.7", 587, "<>", "alice@example.org"),
	    VERDICT_ACCEPT);
	/* Nobody to ask. */
	world->has_tables = false;
	assert_int_equal(
	    send_message(world, "198.51.100.7", 587, "<>", "alice@example.org"),
	    VERDICT_DEFER);
	same("asked", world->asked, "");
}

static void
test_paths(void **state)
{
	struct world *world = *state;

	world->owners = found("192.0.2.16/28");
	assert_int_equal(
	    send_message(world, "198.51.100.7", 25, "<>", "a@example.net"), VERDICT_ACCEPT);
	same("inbound", world->started, "");
	same("inbound", world->asked, "");
	for (unsigned port = 25; port < 20000; port += 10000) {
		assert_int_equal(
		    send_message(world, "192.0.2.17", port, "<>", "a@example.net"),
		    VERDICT_ACCEPT);
		same(port == 25 ? "relay" : "reentry", world->asked,
		    "texthash:/etc/postfix/plan 192.0.2.17\n"
		    "texthash:/etc/postfix/plan 192.0.2.0/24\n"
		    "hash:/etc/postfix/owners a@example.net\n"
		    "hash:/etc/postfix/owners @example.net\n");
	}
}

/* Whose questions they are: of one login, wherever from, or of one client without any. */
static void
test_origin(void **state)
{
	static const struct {
		const char *client, *login;
		unsigned port, n_origins;
	} cases[] = {
	    {"198.51.100.7", "alice", 587, 1},
	    {"198.51.100.8", "alice", 587, 0},
	    {"198.51.100.8", "ALICE", 587, 0},
	    {"198.51.100.8", "Alice@example.org", 587, 0},
	    {"198.51.100.8", "bob", 587, 1},
	    {"192.0.2.17", NULL, 25, 1},
	    {"192.0.2.18", NULL, 25, 1},
	    {"192.0.2.18", NULL, 25, 0},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		world->login = cases[i].login;
		world->n_origins = 0;
		(void)send_message(
		    world, cases[i].client, cases[i].port, "<>", "a@example.net");
		assert_int_equal(world->n_origins, cases[i].n_origins);
	}
}

/* The longest entries: what was decided can be explained. */
static void
test_long(void **state)
{
	struct world *world = *state;

	world->owners.answer = ANSWER_FOUND;
	world->owners.n = TABLES_VALUES_MAX;
	memset(world->owners.values, 'x', TABLES_VALUES_MAX);
	memcpy(world->owners.values + TABLES_VALUES_MAX - 6, ",alice", 6);
	assert_int_equal(send_message(world, "198.51.100.7", 587, "<>", "a@example.net"),
	    VERDICT_ACCEPT);
	assert_non_null(strstr(world->advice, "xxx,alice map.owners/@example.net=found:x"));
}

/* What an earlier message has asked is not asked for the next one. */
static void
test_abort(void **state)
{
	struct world *world = *state;
	struct session_world calls = world_calls(world);
	struct session *session = session_new(&calls);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(4000)};

	session_connect(session, (const struct sockaddr *)&in, 587);
	session_mail(session, "<a@example.net>", "alice");
	session_header(session, "From", " a@example.net");
	session_header_end(session);
	session_abort(session);
	session_free(session);
	(void)send_message(world, "192.0.2.17", 25, "<>", "b@example.org");
	same("asked", world->asked,
	    "texthash:/etc/postfix/plan 192.0.2.17\n"
	    "texthash:/etc/postfix/plan 192.0.2.0/24\n"
	    "hash:/etc/postfix/owners b@example.org\n"
	    "hash:/etc/postfix/owners @example.org\n");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)
	const struct CMUnitTest tests[] = {
	    TEST(test_submission),
	    TEST(test_unknown),
	    TEST(test_paths),
	    TEST(test_origin),
	    TEST(test_long),
	    TEST(test_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
