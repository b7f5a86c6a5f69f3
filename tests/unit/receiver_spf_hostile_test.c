/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What libspf2 does to itself ends in its own process, and in time; and the frames of the
 * question.
 */

#include <sys/resource.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "receiver/child.h"
#include "receiver/serve.h"

#include "tests/unit/receiver_spf_lab.h"

enum { CHILD_MS = 8000, SLACK_SECONDS = 3 };

static void
stops_a_fan_of_includes(void **state)
{
	struct arena *arena = arena_new(WORLD);
	struct spf_case asked =
	    spf_question("192.0.2.1", "permerror", spf_fan(arena, 7, 10));
	struct spf_judgement got;
	struct rusage before, after;

	(void)state;
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	spf_judge(&asked, &got);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	spf_check("fan", &got, RECEIVER_NO_OPINION, "", "does not come to an end");
	assert_true(after.ru_utime.tv_sec - before.ru_utime.tv_sec <= SLACK_SECONDS);
	arena_free(arena);
}

/* Records that are known to have crashed libspf2, or to have kept it busy. Whatever it does
 * with them, the answer is here in time and so are we. */
static void
survives_hostile_records(void **state)
{
	static const struct {
		const char *head, *piece;
		int n;
		const char *exp_piece;
		int exp_n;
		const char *exp_tail;
	} cases[] = {
	    {"v=spf1 -all exp=e.example.org", "", 0, "%{d}", 150, ""},
	    {"v=spf1 -all exp=e.example.org", "", 0, "%{d}", 127, ""},
	    {"v=spf1 exists:", "x", 3800, "", 0, ""},
	    {"v=spf1 -all exp=e.example.org", "", 0, "x", 3800, ""},
	    {"v=spf1 a:", "%{d}", 1500, "", 0, ""},
	    {"v=spf1 ", "x", 8000, "", 0, ""},
	    {"v=spf1", " include:%{o}", 600, "", 0, ""},
	    {"v=spf1", " redirect=%{o}", 500, "", 0, ""},
	    /* It writes behind its buffer, where libspf2 1.2.10 ends with an abort. */
	    {"v=spf1 -all exp=e.example.org", "", 0, "x%{d}", 42, "%{d}x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new(WORLD);
		struct buf record = BUF_INIT(DNS_TXT_MAX), exp = BUF_INIT(DNS_TXT_MAX);
		struct spf_judgement got = {.opinion = RECEIVER_NO_OPINION};
		struct err err = ERR_INIT;

		buf_add_text(&record, cases[i].head);
		for (int j = 0; j < cases[i].n; j++)
			buf_add_text(&record, cases[i].piece);
		for (int j = 0; j < cases[i].exp_n; j++)
			buf_add_text(&exp, cases[i].exp_piece);
		buf_add_text(&exp, cases[i].exp_tail);
		struct fact facts[] = {TXT("example.org", buf_text(&record)),
		    TXT("e.example.org", buf_text(&exp))};
		struct spf_case asked =
		    spf_question("192.0.2.1", "fail", spf_world(arena, facts, 2));
		int result = child_spf(&asked, CHILD_MS, &got, &err);
		if (result != 0 && strncmp(err.text, "libspf2 ", 8) != 0)
			fail_msg("case %zu: %s", i, err.text);
		if (result == 0 &&
		    (got.reason[0] == '\0') != (got.opinion == RECEIVER_AGREES))
			fail_msg("case %zu: opinion %d without a reason", i, got.opinion);
		buf_fini(&record);
		buf_fini(&exp);
		arena_free(arena);
	}
}

/* A process that runs away in libspf2 is ended by its own clock. */
static void
ends_a_runaway(void **state)
{
	static const struct fact fact = TXT("example.org", "v=spf1 -all");
	struct arena *arena = arena_new(WORLD);
	struct spf_case asked =
	    spf_question("192.0.2.1", "fail", spf_world(arena, &fact, 1));
	struct spf_judgement got;
	int status = 0;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		sigset_t all;

		(void)alarm(120); /* of the wall: not this one */
		(void)sigfillset(&all);
		(void)sigdelset(&all, SIGALRM);
		(void)sigprocmask(SIG_BLOCK, &all, NULL);
		spf_judge_timer(SPF_JUDGE_MS);
		for (volatile unsigned i = 0;; i++)
			continue;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPROF);
	/* And one that comes to its end has no clock left running. */
	spf_judge(&asked, &got);
	arena_free(arena);
	struct rusage now, start;
	assert_int_equal(getrusage(RUSAGE_SELF, &start), 0);
	do {
		assert_int_equal(getrusage(RUSAGE_SELF, &now), 0);
	} while ((now.ru_utime.tv_sec + now.ru_stime.tv_sec - start.ru_utime.tv_sec -
		     start.ru_stime.tv_sec) *
		     1000 <
		 SPF_JUDGE_MS + 1000);
}

/* As it comes through the socket. */
static void
takes_frames(void **state)
{
	static const struct fact fact = TXT("example.org", "v=spf1 a/0 -all");
	struct arena *arena = arena_new(WORLD);
	struct answers *answers = spf_world(arena, &fact, 1);
	struct receiver *receiver = receiver_new();
	struct buf frame = BUF_INIT(RECEIVER_PAYLOAD_MAX);
	struct receiver_frame head = {.type = RECEIVER_SPF, .stream = 9, .serial = 77};
	struct receiver_spf_head spf;
	struct receiver_verdict verdict;

	(void)state;
	memset(&spf, 0, sizeof(spf));
	assert_int_equal(addr_parse(VIEW("192.0.2.1"), &spf.client, NULL), 0);
	buf_add_bytes(&frame, &head, sizeof(head));
	buf_add_bytes(&frame, &spf, sizeof(spf));
	buf_add(&frame, VIEW("fail\0example.org\0kim@example.org\0mail.example.org\0"));
	size_t without = frame.n;
	answers_pack(answers, &frame);
	/* The stream is none of its business. */
	head.stream = 0;
	memcpy(frame.p, &head, sizeof(head));
	assert_int_equal(receiver_take(receiver, frame.p, frame.n, &verdict, NULL), 1);
	assert_int_equal(verdict.stream, RECEIVER_SPF_STREAM);
	assert_int_equal(verdict.serial, 77);
	assert_int_equal(verdict.n, 1);
	assert_int_equal(verdict.results[0].opinion, RECEIVER_DISAGREES);
	assert_non_null(strstr(verdict.results[0].reason, "prefix length of /0"));
	/* Without answers there is no opinion; cut anywhere else it is no question. */
	for (size_t n = sizeof(head); n < frame.n; n++) {
		int got = receiver_take(receiver, frame.p, n, &verdict, NULL);
		if (got != (n == without))
			fail_msg("%zu of %zu bytes: got %d", n, frame.n, got);
	}
	receiver_free(receiver);
	buf_fini(&frame);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(stops_a_fan_of_includes),
	    cmocka_unit_test(survives_hostile_records),
	    cmocka_unit_test(ends_a_runaway),
	    cmocka_unit_test(takes_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
