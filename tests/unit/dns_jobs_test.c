/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "dns_fake.h"
#include "lib/bug.h"
#include "milter/dns_jobs.h"

/* Jobs with a DNS that answers when it is told to, and a clock of their own. */

enum { SECOND = 1000000 };

static struct dns *first, *second;
static struct dns_jobs *jobs;
static struct dns_reply_head replies[DNS_JOBS_MAX + 64];
static size_t n_replies, answers_n;
static struct clock now;

static void
take_reply(void *context, const struct dns_reply_head *reply, struct view answers)
{
	(void)context;
	must(n_replies < ARRAY_LEN(replies));
	replies[n_replies++] = *reply;
	answers_n = answers.n;
}

static int
begin(void **state)
{
	static const struct dns_jobs_settings settings = {.reply = take_reply};

	(void)state;
	first = mem_zeroed(1, sizeof(*first));
	second = mem_zeroed(1, sizeof(*second));
	jobs = dns_jobs_new(&settings, first);
	n_replies = 0;
	now = (struct clock){.wall = 1000, .mono = 1000};
	return 0;
}

static int
end(void **state)
{
	(void)state;
	dns_jobs_free(jobs);
	free(first);
	free(second);
	return 0;
}

static void
turn(void)
{
	dns_jobs_turn(jobs, now.mono);
}

static void
frame_spf(struct buf *frame, uint64_t id, const char *domain, uint32_t n_egress)
{
	struct dns_question_head head = {
	    .kind = DNS_ASK_SPF, .id = id, .n_egress = n_egress, .with_answers = 1};
	struct addr egress = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}};

	buf_add_bytes(frame, &head, sizeof(head));
	buf_addf(frame, "%s%ca@%s%chelo.example%c", domain, '\0', domain, '\0', '\0');
	for (uint32_t i = 0; i < n_egress; i++)
		buf_add_bytes(frame, &egress, sizeof(egress));
}

static void
ask_spf(uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);

	frame_spf(&frame, id, domain, 1);
	assert_true(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_fini(&frame);
}

static void
ask_key(uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = DNS_ASK_KEY, .id = id};

	buf_add_bytes(&frame, &head, sizeof(head));
	buf_addf(&frame, "%s%cs%c", domain, '\0', '\0');
	assert_true(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_fini(&frame);
}

static void
asks_each_name_once(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example.org", (unsigned)i);
		ask_spf(i, domain);
	}
	turn();
	assert_int_equal(first->n_asked, 50);
	for (unsigned i = 0; i < 50; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example.org", i);
		assert_true(dns_fake_answer(
		    first, domain, "v=spf1 include:shared.example.net -all"));
	}
	turn();
	assert_int_equal(first->n_asked, 51);
	/* One that comes late joins. */
	ask_spf(50, "shared.example.net");
	turn();
	assert_int_equal(first->n_asked, 51);
	assert_int_equal(n_replies, 0);
	assert_true(
	    dns_fake_answer(first, "shared.example.net", "v=spf1 ip4:192.0.2.1 -all"));
	turn();
	assert_int_equal(n_replies, 51);
	for (size_t i = 0; i < n_replies; i++)
		assert_int_equal(replies[i].spf.outcome, SPF_EVAL_PASS);
	assert_true(answers_n > 0);
	assert_int_equal(dns_fake_open(first), 0);
}

static void
gives_up_in_time(void **state)
{
	int64_t until;

	(void)state;
	ask_spf(1, "a.example.org");
	ask_key(2, "a.example.org");
	turn();
	assert_int_equal(dns_jobs_poll(jobs, NULL, &until), 0);
	assert_int_equal(until, 1000 + (int64_t)DNS_SPF_SECONDS * SECOND);
	now.mono = until - 1;
	turn();
	assert_int_equal(n_replies, 0);
	now.mono = until;
	turn();
	assert_int_equal(n_replies, 1);
	assert_int_equal(replies[0].id, 1);
	assert_int_equal(replies[0].spf.outcome, SPF_EVAL_PENDING);
	assert_int_equal(replies[0].ttl, DNS_TTL_FAILURE);
	assert_int_equal(first->n_cancelled, 1);
	assert_int_equal(dns_jobs_poll(jobs, NULL, &until), 0);
	assert_int_equal(until, 1000 + (int64_t)DNS_JOB_SECONDS * SECOND);
	now.mono = until;
	turn();
	assert_int_equal(n_replies, 2);
	assert_int_equal(replies[1].key.state, DNS_NO_ANSWER);
	assert_int_equal(dns_jobs_poll(jobs, NULL, &until), 0);
	assert_true(until == INT64_MAX);
	assert_int_equal(dns_fake_open(first), 0);
}

static void
drops_the_oldest(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DNS_JOBS_MAX; i++) {
		char domain[32];

		snprintf(domain, sizeof(domain), "d%u.example.org", i);
		if (i % 2 == 0)
			ask_key(i, domain);
		else
			ask_spf(i, domain);
		now.mono++;
		turn();
	}
	assert_int_equal(n_replies, 0);
	for (unsigned i = 0; i < 4; i++) {
		ask_spf(5000, "one.more.example.org");
		assert_int_equal(n_replies, i + 1);
		assert_int_equal(replies[i].id, i);
		assert_int_equal(i % 2 == 0 ? replies[i].key.state : replies[i].spf.outcome,
		    0); /* unknown */
	}
}

static void
asks_another_resolver(void **state)
{
	(void)state;
	ask_spf(1, "a.example.org");
	ask_spf(2, "b.example.org");
	turn();
	dns_jobs_use(jobs, second);
	assert_int_equal(second->n_asked, 2);
	assert_true(dns_fake_answer(second, "a.example.org", NULL));
	turn();
	assert_int_equal(n_replies, 1);
	assert_int_equal(replies[0].spf.outcome, SPF_EVAL_NONE);
	/* One that cannot be asked. */
	first->is_refusing = true;
	dns_jobs_use(jobs, first);
	turn();
	assert_int_equal(n_replies, 2);
	assert_int_equal(replies[1].spf.outcome, SPF_EVAL_PENDING);
	ask_spf(3, "c.example.org");
	dns_jobs_use(jobs, NULL);
	turn();
	assert_int_equal(n_replies, 3);
	assert_int_equal(replies[2].spf.outcome, SPF_EVAL_PENDING);
	/* Nothing may be asked of what is gone. */
	for (size_t i = 0; i < DNS_FAKE_MAX; i++)
		first->open[i].id = second->open[i].id = 0;
}

/* No more queries than SPF may have, whatever a record asks for. */
static void
bounds_queries(void **state)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct addr egress;

	(void)state;
	frame_spf(&frame, 1, "a.example.org", SPF_EGRESS_MAX);
	for (unsigned i = 0; i < SPF_EGRESS_MAX; i++) {
		char *at = frame.p + frame.n - (i + 1) * sizeof(egress);

		memcpy(&egress, at, sizeof(egress));
		egress.bytes[3] = (uint8_t)i;
		memcpy(at, &egress, sizeof(egress));
	}
	assert_true(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_fini(&frame);
	turn();
	assert_true(dns_fake_answer(first, "a.example.org",
	    "v=spf1 a:%{i}.a.example a:%{i}.b.example a:%{i}.c.example a:%{i}.d.example "
	    "a:%{i}.e.example a:%{i}.f.example -all"));
	for (int round = 0; n_replies == 0 && round < 1000; round++) {
		turn();
		for (size_t i = 0; i < DNS_FAKE_MAX; i++)
			if (first->open[i].id != 0) {
				char name[256];

				snprintf(name, sizeof(name), "%s", first->open[i].name);
				(void)dns_fake_answer(first, name, "1234");
			}
	}
	assert_int_equal(n_replies, 1);
	assert_in_range(first->n_asked, SPF_QUERIES_MAX, SPF_QUERIES_MAX + 1);
	assert_int_equal(dns_fake_open(first), 0);
}

static void
passes_over_what_is_no_question(void **state)
{
	struct buf frame = BUF_INIT(2 * DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = DNS_ASK_SPF};
	char *bytes;

	(void)state;
	/* Cut anywhere. */
	frame_spf(&frame, 1, "example.org", 2);
	for (size_t n = 0; n < frame.n; n++)
		assert_false(dns_jobs_take(jobs, view_head(buf_view(&frame), n), &now));
	/* One byte more; too many addresses; none; an address of no kind. */
	buf_add_char(&frame, 'x');
	assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_reset(&frame);
	frame_spf(&frame, 1, "example.org", SPF_EGRESS_MAX + 1);
	assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_reset(&frame);
	frame_spf(&frame, 1, "example.org", 0);
	assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_reset(&frame);
	frame_spf(&frame, 1, "example.org", 1);
	frame.p[frame.n - sizeof(struct addr)] = 5;
	assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	/* More addresses than there are bytes for. */
	buf_reset(&frame);
	frame_spf(&frame, 1, "example.org", 1);
	bytes = frame.p + offsetof(struct dns_question_head, n_egress);
	memset(bytes, 0xff, sizeof(head.n_egress));
	assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	/* Kinds that are none. */
	for (uint32_t kind = 0; kind < 10; kind++) {
		buf_reset(&frame);
		head.kind = kind < 5 ? 0 : kind;
		buf_add_bytes(&frame, &head, sizeof(head));
		buf_add_bytes(&frame, "a\0b\0", 4);
		assert_false(dns_jobs_take(jobs, buf_view(&frame), &now));
	}
	/* Names that are none are questions, and have answers. */
	static const char *const names[] = {"", ".", "a..b", "\\999", "\\", "-", "\xff\xfe",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		ask_spf(i, names[i]);
		ask_key(i, names[i]);
	}
	turn();
	now.mono += (int64_t)DNS_JOB_SECONDS * SECOND;
	turn();
	assert_int_equal(n_replies, 2 * ARRAY_LEN(names));
	buf_fini(&frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(asks_each_name_once, begin, end),
	    cmocka_unit_test_setup_teardown(gives_up_in_time, begin, end),
	    cmocka_unit_test_setup_teardown(drops_the_oldest, begin, end),
	    cmocka_unit_test_setup_teardown(asks_another_resolver, begin, end),
	    cmocka_unit_test_setup_teardown(bounds_queries, begin, end),
	    cmocka_unit_test_setup_teardown(passes_over_what_is_no_question, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
