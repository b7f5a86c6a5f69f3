/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* How long jobs take, and which goes when there are too many: of ours and of others. */

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
ends_at(int64_t seconds, uint64_t id)
{
	size_t before = jobs_lab.n_replies;
	int64_t until;

	assert_int_equal(dns_jobs_poll(jobs_lab.jobs, NULL, &until), 0);
	assert_int_equal(until, 1000 + seconds * SECOND);
	jobs_lab.now.mono = until - 1;
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, before);
	jobs_lab.now.mono = until;
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, before + 1);
	assert_int_equal(jobs_lab.replies[before].id, id);
	assert_int_equal(jobs_lab.replies[before].ttl, DNS_TTL_FAILURE);
}

/* Where others are slow we are less patient. */
static void
gives_up_in_time(void **state)
{
	int64_t until;

	(void)state;
	jobs_lab_key(3, "a.example.org");
	jobs_lab_spf(1, "a.example.org");
	jobs_lab_dmarc(2, "a.example.org");
	jobs_lab_turn();
	ends_at(DNS_SPF_SECONDS, 1);
	assert_int_equal(jobs_lab.replies[0].spf.outcome, SPF_EVAL_PENDING);
	assert_int_equal(jobs_lab.others->n_cancelled, 1);
	ends_at(DNS_OTHERS_SECONDS, 2);
	assert_int_equal(jobs_lab.replies[1].dmarc.by_list.state, DMARC_UNANSWERED);
	assert_int_equal(jobs_lab.ours->n_cancelled, 0);
	ends_at(DNS_JOB_SECONDS, 3);
	assert_int_equal(jobs_lab.replies[2].key.state, DNS_NO_ANSWER);
	assert_int_equal(dns_jobs_poll(jobs_lab.jobs, NULL, &until), 0);
	assert_true(until == INT64_MAX);
	assert_int_equal(dns_fake_open(jobs_lab.others), 0);
	assert_int_equal(dns_fake_open(jobs_lab.ours), 0);
}

static void
fill(unsigned from, unsigned to, void (*ask)(uint64_t id, const char *domain))
{
	char domain[32];

	for (unsigned i = from; i < to; i++) {
		snprintf(domain, sizeof(domain), "d%u.example.org", i);
		ask(i, domain);
		jobs_lab.now.mono++;
		jobs_lab_turn();
	}
}

/* Whatever others do, what is asked for ours is not what goes. */
static void
drops_the_oldest_of_others(void **state)
{
	(void)state;
	fill(0, 10, jobs_lab_key);
	fill(10, 10 + DNS_OTHERS_JOBS / 2, jobs_lab_spf);
	fill(10 + DNS_OTHERS_JOBS / 2, 10 + DNS_OTHERS_JOBS, jobs_lab_dmarc);
	assert_int_equal(jobs_lab.n_replies, 0);
	/* One more of theirs. */
	jobs_lab_dmarc(5000, "one.more.example.org");
	assert_int_equal(jobs_lab.n_replies, 1);
	assert_int_equal(jobs_lab.replies[0].id, 10);
	assert_int_equal(jobs_lab.replies[0].spf.outcome, SPF_EVAL_PENDING);
	/* One more than all. */
	fill(10 + DNS_OTHERS_JOBS, DNS_JOBS_MAX, jobs_lab_key);
	assert_int_equal(jobs_lab.n_replies, 1);
	jobs_lab_key(5001, "one.more.example.org");
	assert_int_equal(jobs_lab.n_replies, 2);
	assert_int_equal(jobs_lab.replies[1].id, 11);
}

static void
drops_the_oldest(void **state)
{
	(void)state;
	fill(0, DNS_JOBS_MAX, jobs_lab_key);
	assert_int_equal(jobs_lab.n_replies, 0);
	for (unsigned i = 0; i < 4; i++) {
		jobs_lab_key(5000, "one.more.example.org");
		assert_int_equal(jobs_lab.n_replies, i + 1);
		assert_int_equal(jobs_lab.replies[i].id, i);
		assert_int_equal(jobs_lab.replies[i].key.state, DNS_NO_ANSWER);
	}
}

/* As many open questions as DNS takes, all of others: ours are not among them. */
static void
others_have_their_own_dns(void **state)
{
	(void)state;
	fill(0, DNS_OTHERS_JOBS, jobs_lab_spf);
	assert_int_equal(dns_fake_open(jobs_lab.others), DNS_OTHERS_JOBS);
	jobs_lab_key(5000, "example.org");
	jobs_lab_turn();
	assert_int_equal(dns_fake_open(jobs_lab.ours), 1);
	assert_true(
	    dns_fake_answer(jobs_lab.ours, "s._domainkey.example.org", "v=DKIM1; p="));
	jobs_lab_turn();
	assert_int_equal(jobs_lab.n_replies, 1);
	assert_int_equal(jobs_lab.replies[0].key.state, DNS_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		gives_up_in_time, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		drops_the_oldest_of_others, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		drops_the_oldest, jobs_lab_set_up, jobs_lab_tear_down),
	    cmocka_unit_test_setup_teardown(
		others_have_their_own_dns, jobs_lab_set_up, jobs_lab_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
