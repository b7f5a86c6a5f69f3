/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What jobs ask of DNS, and what they make of its answers. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "tests/unit/jobs_lab.h"

static void
asks_each_name_once(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example.org", (unsigned)i);
		jobs_lab_spf(i, domain);
	}
	jobs_lab_turn();
	assert_int_equal(jobs_lab.others->n_asked, 50);
	for (unsigned i = 0; i < 50; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example.org", i);
		assert_true(dns_fake_answer(
		    jobs_lab.others, domain, "v=spf1 include:shared.example.net -all"));
	}
	jobs_lab_turn();
	assert_int_equal(jobs_lab.others->n_asked, 51);
	/* One that comes late joins. */
	jobs_lab_spf(50, "shared.example.net");
	jobs_lab_turn();
	assert_int_equal(jobs_lab.others->n_asked, 51);
	assert_int_equal(jobs_lab.n_replies, 0);
	assert_true(dns_fake_answer(
	    jobs_lab.others, "shared.example.net", "v=spf1 ip4:192.0.2.1 -all"));
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 51);
	for (size_t i = 0; i < jobs_lab.n_replies; i++)
		assert_int_equal(jobs_lab.replies[i].spf.outcome, SPF_EVAL_PASS);
	assert_true(jobs_lab.n_answers > 0);
	assert_int_equal(dns_fake_open(jobs_lab.others), 0);
}

/* What stands at a domain is the same whatever it says of this message. */
static void
says_what_is_published(void **state)
{
	static const char *const records[] = {"v=spf1 exists:%{l}.x.example -all",
	    "v=spf1 exists:%{l}.x.example -all", "v=spf1 exists:%{l}.y.example -all"};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(records); i++) {
		jobs_lab_spf(i, "example.org");
		jobs_lab_turn();
		assert_true(dns_fake_answer(jobs_lab.others, "example.org", records[i]));
		jobs_lab_turn();
		assert_true(dns_fake_answer(jobs_lab.others,
		    i < 2 ? "a.x.example" : "a.y.example", i == 1 ? "1234" : NULL));
		jobs_lab_turn();
		assert_int_equal(jobs_lab.n_replies, i + 1);
		assert_int_equal(jobs_lab.replies[i].spf.is_per_message, 1);
	}
	assert_int_equal(jobs_lab.replies[0].spf.outcome, SPF_EVAL_FAIL);
	assert_int_equal(jobs_lab.replies[1].spf.outcome, SPF_EVAL_PASS);
	assert_true(jobs_lab.replies[0].spf.published != 0);
	assert_true(jobs_lab.replies[1].spf.published == jobs_lab.replies[0].spf.published);
	assert_true(jobs_lab.replies[2].spf.published != jobs_lab.replies[0].spf.published);
}

static void
asks_another_resolver(void **state)
{
	(void)state;
	jobs_lab_spf(1, "a.example.org");
	jobs_lab_spf(2, "b.example.org");
	jobs_lab_turn();
	dns_jobs_use(
	    jobs_lab.jobs, &(struct dns_pair){jobs_lab.ours, jobs_lab.others_next});
	assert_int_equal(jobs_lab.others_next->n_asked, 2);
	assert_true(dns_fake_answer(jobs_lab.others_next, "a.example.org", NULL));
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 1);
	assert_int_equal(jobs_lab.replies[0].spf.outcome, SPF_EVAL_NONE);
	/* One that cannot be asked. */
	jobs_lab.others->is_refusing = true;
	dns_jobs_use(jobs_lab.jobs, &(struct dns_pair){jobs_lab.ours, jobs_lab.others});
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 2);
	assert_int_equal(jobs_lab.replies[1].spf.outcome, SPF_EVAL_PENDING);
	jobs_lab_spf(3, "c.example.org");
	dns_jobs_use(jobs_lab.jobs, &(struct dns_pair){NULL, NULL});
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 3);
	assert_int_equal(jobs_lab.replies[2].spf.outcome, SPF_EVAL_PENDING);
	/* Nothing may be asked of what is gone. */
	for (size_t i = 0; i < DNS_FAKE_MAX; i++)
		jobs_lab.others->open[i].id = jobs_lab.others_next->open[i].id =
		    jobs_lab.ours->open[i].id = 0;
}

/* No more queries than SPF may have, whatever a record asks for. */
static void
bounds_queries(void **state)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct addr egress;

	(void)state;
	jobs_lab_frame(&frame, 1, "a.example.org", SPF_EGRESS_MAX);
	for (unsigned i = 0; i < SPF_EGRESS_MAX; i++) {
		char *at = frame.p + frame.n - (i + 1) * sizeof(egress);

		memcpy(&egress, at, sizeof(egress));
		egress.bytes[3] = (uint8_t)i;
		memcpy(at, &egress, sizeof(egress));
	}
	assert_true(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_fini(&frame);
	jobs_lab_turn();
	assert_true(dns_fake_answer(jobs_lab.others, "a.example.org",
	    "v=spf1 a:%{i}.a.example a:%{i}.b.example a:%{i}.c.example a:%{i}.d.example "
	    "a:%{i}.e.example a:%{i}.f.example -all"));
	for (int round = 0; jobs_lab.n_replies == 0 && round < 1000; round++) {
		jobs_lab_turn();
		for (size_t i = 0; i < DNS_FAKE_MAX; i++)
			if (jobs_lab.others->open[i].id != 0) {
				char name[256];

				snprintf(name, sizeof(name), "%s",
				    jobs_lab.others->open[i].name);
				(void)dns_fake_answer(jobs_lab.others, name, "1234");
			}
	}
	assert_int_equal(jobs_lab.n_replies, 1);
	assert_in_range(jobs_lab.others->n_asked, SPF_QUERIES_MAX, SPF_QUERIES_MAX + 1);
	assert_int_equal(dns_fake_open(jobs_lab.others), 0);
}

static void
passes_over_what_is_no_question(void **state)
{
	struct buf frame = BUF_INIT(2 * DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = DNS_ASK_SPF};
	char *bytes;

	(void)state;
	/* Cut anywhere. */
	jobs_lab_frame(&frame, 1, "example.org", 2);
	for (size_t n = 0; n < frame.n; n++)
		assert_false(dns_jobs_take(
		    jobs_lab.jobs, view_head(buf_view(&frame), n), &jobs_lab.now));
	/* One byte more; too many addresses; none; an address of no kind. */
	buf_add_char(&frame, 'x');
	assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_reset(&frame);
	jobs_lab_frame(&frame, 1, "example.org", SPF_EGRESS_MAX + 1);
	assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_reset(&frame);
	jobs_lab_frame(&frame, 1, "example.org", 0);
	assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	buf_reset(&frame);
	jobs_lab_frame(&frame, 1, "example.org", 1);
	frame.p[frame.n - sizeof(struct addr)] = 5;
	assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	/* More addresses than there are bytes for. */
	buf_reset(&frame);
	jobs_lab_frame(&frame, 1, "example.org", 1);
	bytes = frame.p + offsetof(struct dns_question_head, n_egress);
	memset(bytes, 0xff, sizeof(head.n_egress));
	assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	/* Kinds that are none. */
	for (uint32_t kind = 0; kind < 10; kind++) {
		buf_reset(&frame);
		head.kind = kind < 5 ? 0 : kind;
		buf_add_bytes(&frame, &head, sizeof(head));
		buf_add_bytes(&frame, "a\0b\0", 4);
		assert_false(dns_jobs_take(jobs_lab.jobs, buf_view(&frame), &jobs_lab.now));
	}
	/* Names that are none are questions, and have answers. */
	static const char *const names[] = {"", ".", "a..b", "\\999", "\\", "-", "\xff\xfe",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		jobs_lab_spf(i, names[i]);
		jobs_lab_key(i, names[i]);
	}
	jobs_lab_turn();
	jobs_lab.now.mono += (int64_t)DNS_JOB_SECONDS * SECOND;
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 2 * ARRAY_LEN(names));
	buf_fini(&frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		asks_each_name_once, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		says_what_is_published, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		asks_another_resolver, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		bounds_queries, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		passes_over_what_is_no_question, jobs_lab_set_up, jobs_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
