/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What the milter process asks libspf2: that opinions come back for the domain they were
 * asked about, that nothing waits, and that what the receiver died of is not asked again
 * until DNS says something else.
 */

#include <sys/socket.h>
#include <sys/wait.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/ipc.h"
#include "milter/receiver_client.h"
#include "receiver/serve.h"

#include "tests/unit/receiver_spf_lab.h"

enum { WAIT_STEPS = 2000, WAIT_US = 5000 };

struct fixture {
	struct fixture *next; /* a client has no end: frankd has one until it exits */
	struct receiver_client *client;
	int receiver; /* the other end */
	pthread_mutex_t lock;
	unsigned n; /* opinions */
	char domain[256], reason[RECEIVER_REASON_MAX];
	enum receiver_opinion opinion;
};

static void
on_opinion(
    void *context, struct view domain, enum receiver_opinion opinion, const char *reason)
{
	struct fixture *fixture = context;

	pthread_mutex_lock(&fixture->lock);
	snprintf(fixture->domain, sizeof(fixture->domain), "%.*s", VIEW_ARG(domain));
	snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
	fixture->opinion = opinion;
	fixture->n++;
	pthread_mutex_unlock(&fixture->lock);
}

static void
on_hung(void *context)
{
	(void)context;
}

static struct fixture *kept;

static int
set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct receiver_calls calls = {
	    .context = fixture, .hung = on_hung, .spf_opinion = on_opinion};

	assert_non_null(fixture);
	pthread_mutex_init(&fixture->lock, NULL);
	fixture->receiver = -1;
	fixture->client = receiver_client_new(&calls);
	fixture->next = kept;
	kept = fixture;
	*state = fixture;
	return 0;
}

static void
attach(struct fixture *fixture)
{
	struct err err = ERR_INIT;
	int pair[2];

	if (fixture->receiver >= 0)
		close(fixture->receiver);
	assert_int_equal(ipc_pair(pair, &err), 0);
	fixture->receiver = pair[1];
	assert_int_equal(receiver_client_attach(fixture->client, pair[0], &err), 0);
}

/* TXT of example.org is RECORD and that of e.example.org EXP, with a TTL that counts for
 * nothing. */
static void
ask_explained(struct fixture *fixture, const char *sender, const char *record,
    const char *exp, uint32_t ttl, enum spf_outcome ours)
{
	struct buf packed = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	struct arena *arena = arena_new(WORLD);
	struct answers *answers = answers_new(arena);
	const char *const facts[][2] = {{"example.org", record}, {"e.example.org", exp}};
	struct receiver_spf asked = {.domain = VIEW("example.org"),
	    .sender = view_of(sender),
	    .helo = VIEW("mail.example.org"),
	    .ours = ours};

	for (unsigned i = 0; i < 2 && facts[i][1] != NULL; i++) {
		struct dns_record one = {.data = view_of(facts[i][1])};
		struct dns_answer answer = {.name = view_of(facts[i][0]),
		    .type = DNS_TXT,
		    .state = DNS_FOUND,
		    .records = &one,
		    .n = 1,
		    .ttl = ttl,
		    .micros = ttl};
		assert_true(answers_add(answers, &answer));
	}
	assert_int_equal(addr_parse(VIEW("192.0.2.1"), &asked.egress, NULL), 0);
	answers_pack(answers, &packed);
	asked.answers = buf_view(&packed);
	receiver_client_spf(fixture->client, &asked);
	buf_fini(&packed);
	arena_free(arena);
}

static void
ask(struct fixture *fixture, const char *sender, const char *record, uint32_t ttl,
    enum spf_outcome ours)
{
	ask_explained(fixture, sender, record, NULL, ttl, ours);
}

static void
wait_for(struct fixture *fixture, unsigned n)
{
	unsigned now = 0;

	for (int i = 0; i < WAIT_STEPS && now < n; i++) {
		pthread_mutex_lock(&fixture->lock);
		now = fixture->n;
		pthread_mutex_unlock(&fixture->lock);
		if (now < n)
			usleep(WAIT_US);
	}
	assert_int_equal(now, n);
}

/* Whether a question comes out at the other end, and its serial. What is sent is there at
 * once. */
static bool
comes_out(struct fixture *fixture, uint32_t *ret_serial)
{
	static char frame[IPC_FRAME_MAX];
	struct receiver_frame head;
	ssize_t n = recv(fixture->receiver, frame, sizeof(frame), MSG_DONTWAIT);

	if (n < (ssize_t)sizeof(head))
		return false;
	memcpy(&head, frame, sizeof(head));
	assert_int_equal(head.type, RECEIVER_SPF);
	*ret_serial = head.serial;
	return true;
}

/* A receiver process. */
static pid_t
real_attach(struct fixture *fixture)
{
	struct err err = ERR_INIT;
	int pair[2];

	assert_int_equal(ipc_pair(pair, &err), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(pair[0]);
		_exit(receiver_serve(pair[1], &err) == 0 ? 0 : 1);
	}
	close(pair[1]);
	assert_int_equal(receiver_client_attach(fixture->client, pair[0], &err), 0);
	return pid;
}

static void
judged_by_the_real_one(void **state)
{
	static const struct {
		const char *record;
		enum spf_outcome ours;
		enum receiver_opinion opinion;
		const char *reason;
	} cases[] = {
	    {"v=spf1 ip4:192.0.2.1 -all", SPF_EVAL_PASS, RECEIVER_AGREES, ""},
	    {"v=spf1 ip4:0.0.0.0/0 -all", SPF_EVAL_PASS, RECEIVER_DISAGREES, "of /0"},
	    {"v=spf1 mx -all", SPF_EVAL_FAIL, RECEIVER_NO_OPINION, "for what we did not"},
	};
	struct fixture *fixture = *state;
	struct receiver_status status;
	pid_t pid = real_attach(fixture);

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ask(fixture, "kim@example.org", cases[i].record, 300, cases[i].ours);
		wait_for(fixture, i + 1);
		assert_string_equal(fixture->domain, "example.org");
		assert_int_equal(fixture->opinion, cases[i].opinion);
		assert_non_null(strstr(fixture->reason, cases[i].reason));
	}
	receiver_client_status(fixture->client, &status);
	assert_int_equal(status.spf_judged, 3);
	assert_int_equal(status.spf_disagreed, 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* A record that libspf2 1.2.10 does not survive. It costs the opinion and its process,
 * once; where libspf2 is mended there is an opinion. */
static void
survives_its_death(void **state)
{
	static const char record[] = "v=spf1 -all exp=e.example.org";
	struct fixture *fixture = *state;
	struct receiver_status status;
	struct buf exp = BUF_INIT(1024);
	siginfo_t info = {.si_pid = 0};
	pid_t pid = real_attach(fixture);

	for (int i = 0; i < 42; i++)
		buf_add_text(&exp, "x%{d}");
	buf_add_text(&exp, "%{d}x");
	ask_explained(fixture, "kim@example.org", record, buf_text(&exp), 1, SPF_EVAL_FAIL);
	wait_for(fixture, 1);
	receiver_client_status(fixture->client, &status);
	bool is_dead = !status.is_there;
	print_message("libspf2 %s\n", is_dead ? "has died of it" : "survives it");
	if (is_dead) {
		assert_int_equal(fixture->opinion, RECEIVER_NO_OPINION);
		assert_non_null(strstr(fixture->reason, "did not survive"));
		assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
		pid = real_attach(fixture);
		ask_explained(
		    fixture, "kim@example.org", record, buf_text(&exp), 1, SPF_EVAL_FAIL);
	}
	/* The next question is answered, by a process that was not asked that one. */
	ask(fixture, "kim@example.org", "v=spf1 -all", 300, SPF_EVAL_FAIL);
	wait_for(fixture, 2);
	assert_int_equal(fixture->opinion, RECEIVER_AGREES);
	receiver_client_status(fixture->client, &status);
	assert_true(status.is_there);
	assert_int_equal(status.spf_judged, is_dead ? 1 : 2);
	buf_fini(&exp);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
fatal_question_is_not_asked_again(void **state)
{
	struct fixture *fixture = *state;
	static const char record[] = "v=spf1 a:x -all";
	uint32_t serial = 0;

	attach(fixture);
	ask(fixture, "kim@example.org", record, 300, SPF_EVAL_PASS);
	assert_true(comes_out(fixture, &serial));
	attach(fixture); /* it died */
	wait_for(fixture, 1);
	assert_int_equal(fixture->opinion, RECEIVER_NO_OPINION);
	assert_non_null(strstr(fixture->reason, "did not survive"));
	/* Another sender, another TTL: the same records. */
	ask(fixture, "kim@example.org", record, 300, SPF_EVAL_PASS);
	assert_false(comes_out(fixture, &serial));
	ask(fixture, "robin@example.org", record, 12, SPF_EVAL_PASS);
	assert_false(comes_out(fixture, &serial));
	ask(fixture, "kim@example.org", "v=spf1 -all", 300, SPF_EVAL_FAIL);
	assert_true(comes_out(fixture, &serial));
}

/* The receiver answers in order: it is the oldest question that it died of. */
static void
the_oldest_is_blamed(void **state)
{
	struct fixture *fixture = *state;
	struct receiver_verdict verdict = {.stream = RECEIVER_SPF_STREAM, .n = 1};
	uint32_t serial = 0;

	attach(fixture);
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.1", 1, SPF_EVAL_PASS);
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.2", 1, SPF_EVAL_NEUTRAL);
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.3", 1, SPF_EVAL_NEUTRAL);
	assert_true(comes_out(fixture, &serial));
	verdict.serial = serial;
	verdict.results[0].opinion = RECEIVER_AGREES;
	assert_int_equal(
	    send(fixture->receiver, &verdict, sizeof(verdict), 0), sizeof(verdict));
	wait_for(fixture, 1);
	/* With frames unread, so that its end is a reset. */
	attach(fixture);
	wait_for(fixture, 2);
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.1", 1, SPF_EVAL_PASS);
	assert_true(comes_out(fixture, &serial));
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.2", 1, SPF_EVAL_NEUTRAL);
	assert_false(comes_out(fixture, &serial));
	ask(fixture, "kim@example.org", "v=spf1 ip4:192.0.2.3", 1, SPF_EVAL_NEUTRAL);
	assert_true(comes_out(fixture, &serial));
}

/* Nobody there, nobody who reads, too much at once: the opinion is lost, and time is not.
 */
static void
never_waits(void **state)
{
	struct fixture *fixture = *state;
	struct receiver_status status;
	int64_t began = clock_mono();
	uint32_t serial = 0;
	unsigned n = 0;

	ask(fixture, "kim@example.org", "v=spf1 -all", 1, SPF_EVAL_FAIL);
	attach(fixture);
	for (unsigned i = 0; i < 100; i++) {
		char record[64];

		snprintf(record, sizeof(record), "v=spf1 ip4:192.0.2.%u -all", i);
		ask(fixture, "kim@example.org", record, 1, SPF_EVAL_FAIL);
	}
	while (comes_out(fixture, &serial))
		n++;
	assert_int_equal(n, RECEIVER_SPF_QUESTIONS);
	receiver_client_status(fixture->client, &status);
	assert_int_equal(status.spf_lost, 100 - RECEIVER_SPF_QUESTIONS);
	assert_true(clock_mono() - began < 5000000);
}

/* Verdicts that nobody asked for, or that are none. */
static void
bad_verdicts_are_passed_over(void **state)
{
	struct fixture *fixture = *state;
	struct receiver_verdict verdict = {.stream = RECEIVER_SPF_STREAM, .n = 1};
	uint32_t serial = 0;

	attach(fixture);
	ask(fixture, "kim@example.org", "v=spf1 -all", 1, SPF_EVAL_FAIL);
	assert_true(comes_out(fixture, &serial));
	for (unsigned i = 0; i < 4; i++) {
		struct receiver_verdict bad = verdict;

		bad.serial = i == 0 ? serial + 1 : serial;
		bad.n = i == 1 ? 2 : 1;
		bad.results[0].opinion = i == 2 ? 99 : RECEIVER_AGREES;
		bad.stream = i == 3 ? RECEIVER_SPF_STREAM + 1 : RECEIVER_SPF_STREAM;
		assert_int_equal(
		    send(fixture->receiver, &bad, sizeof(bad), 0), sizeof(bad));
	}
	verdict.serial = serial;
	verdict.results[0].opinion = RECEIVER_DISAGREES;
	memset(verdict.results[0].reason, 'x', RECEIVER_REASON_MAX);
	assert_int_equal(
	    send(fixture->receiver, &verdict, sizeof(verdict), 0), sizeof(verdict));
	wait_for(fixture, 1);
	assert_int_equal(fixture->opinion, RECEIVER_DISAGREES);
	assert_int_equal(strlen(fixture->reason), RECEIVER_REASON_MAX - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(judged_by_the_real_one, set_up),
	    cmocka_unit_test_setup(survives_its_death, set_up),
	    cmocka_unit_test_setup(fatal_question_is_not_asked_again, set_up),
	    cmocka_unit_test_setup(the_oldest_is_blamed, set_up),
	    cmocka_unit_test_setup(never_waits, set_up),
	    cmocka_unit_test_setup(bad_verdicts_are_passed_over, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
