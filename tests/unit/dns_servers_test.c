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

/*
 * A key asked of every server: what is said of servers that nobody has asked. DNS answers
 * when it is told to, the servers never, and the clock moves when there is nothing to do.
 */

enum { SECOND = 1000000 };

static struct dns *first;
static struct dns_jobs *jobs;
static struct dns_reply_head replies[DNS_JOBS_MAX + 128];
static size_t n_replies;
static struct clock now;

static void
take_reply(void *context, const struct dns_reply_head *reply, struct view answers)
{
	(void)context;
	must(n_replies < ARRAY_LEN(replies));
	replies[n_replies++] = *reply;
	(void)answers;
}

static int
begin(void **state)
{
	static const struct dns_jobs_settings settings = {.reply = take_reply};

	(void)state;
	first = mem_zeroed(1, sizeof(*first));
	jobs = dns_jobs_new(&settings, &(struct dns_pair){.for_ours = first});
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
	return 0;
}

static void
turn(void)
{
	dns_jobs_turn(jobs, now.mono);
}

static void
ask_key(enum dns_kind kind, uint64_t id, const char *domain)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = kind, .id = id, .is_ours = 1};

	buf_add_bytes(&frame, &head, sizeof(head));
	buf_addf(&frame, "%s%cs%c", domain, '\0', '\0');
	assert_true(dns_jobs_take(jobs, buf_view(&frame), &now));
	buf_fini(&frame);
}

enum { ZONES = 100 };

/* The key of each of ZONES, which the resolver has, and whose one server is silent. */
static void
ask_zones(void)
{
	char domain[32], name[64];

	for (unsigned i = 0; i < ZONES; i++) {
		snprintf(domain, sizeof(domain), "d%u.example", i);
		ask_key(DNS_ASK_KEY_EVERYWHERE, i, domain);
	}
	turn();
	for (unsigned i = 0; i < ZONES; i++) {
		snprintf(domain, sizeof(domain), "d%u.example", i);
		snprintf(name, sizeof(name), "s._domainkey.%s", domain);
		assert_true(dns_fake_answer(first, name, "v=DKIM1; p=QUJD"));
		snprintf(name, sizeof(name), "_domainkey.%s", domain);
		assert_true(dns_fake_answer(first, name, NULL));
	}
	turn();
	for (unsigned i = 0; i < ZONES; i++) {
		snprintf(domain, sizeof(domain), "d%u.example", i);
		assert_true(
		    dns_fake_answer_type(first, DNS_NS, domain, VIEW("ns.example")));
	}
	turn();
	assert_true(dns_fake_answer_type(
	    first, DNS_A, "ns.example", (struct view){"\xc0\0\2\1", 4}));
	assert_true(dns_fake_answer_type(first, DNS_AAAA, "ns.example", VIEW_NONE));
	turn();
}

/* The resolver's word counts where the servers were asked for theirs, and nowhere else. */
static unsigned
replies_check(void)
{
	unsigned n_asked = 0;

	for (size_t i = 0; i < n_replies; i++) {
		const struct dns_key_reply *key = &replies[i].key;
		bool is_asked = key->n_servers > 0;

		n_asked += is_asked;
		if ((key->state == DNS_FOUND) != is_asked || key->has_no_servers != 0)
			fail_msg("d%llu.example: state %u of %u servers",
			    (unsigned long long)replies[i].id, key->state, key->n_servers);
	}
	return n_asked;
}

static void
asks_servers_or_knows_nothing(void **state)
{
	int64_t until;

	(void)state;
	ask_zones();
	assert_int_equal(n_replies, 0);
	while (n_replies < ZONES) {
		(void)dns_jobs_poll(jobs, (struct pollfd[DNS_JOBS_FDS]){{0}}, &until);
		assert_true(until >= now.mono && until != INT64_MAX);
		now.mono = until;
		turn();
	}
	/* Each had its own time, and those that waited for theirs did not wait for ever. */
	assert_true(replies_check() >= 4 * DNS_EVERYWHERE_JOBS);
	assert_true(now.mono <= 1000 + 2 * (int64_t)DNS_JOB_SECONDS * SECOND);
}

static void
knows_nothing_when_pushed_out(void **state)
{
	(void)state;
	ask_zones();
	for (unsigned i = 0; i < DNS_JOBS_MAX; i++)
		ask_key(DNS_ASK_KEY, 1000 + i, "one.more.example.org");
	assert_int_equal(n_replies, ZONES);
	assert_int_equal(replies_check(), 0);
}

static void
takes_the_resolvers_word(void **state)
{
	(void)state;
	ask_key(DNS_ASK_KEY_EVERYWHERE, 1, "example");
	turn();
	assert_true(dns_fake_answer(first, "s._domainkey.example", "v=DKIM1; p=QUJD"));
	assert_true(dns_fake_answer(first, "_domainkey.example", NULL));
	turn();
	assert_true(dns_fake_answer(first, "example", NULL));
	turn();
	assert_int_equal(n_replies, 1);
	assert_int_equal(replies[0].key.state, DNS_FOUND);
	assert_int_equal(replies[0].key.n_servers, 0);
	assert_int_equal(replies[0].key.has_no_servers, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(asks_servers_or_knows_nothing, begin, end),
	    cmocka_unit_test_setup_teardown(knows_nothing_when_pushed_out, begin, end),
	    cmocka_unit_test_setup_teardown(takes_the_resolvers_word, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
