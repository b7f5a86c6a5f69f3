/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What a record costs: CPU of the thread that appends it and of the writer, paced so that
 *the queue never fills.
 *
 *	journal_bench DIR [RECORDS [RECORDS-A-SECOND]]
 */

#include <sys/resource.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "journal/journal.h"

enum { RECORDS = 200000, RATE = 5000 };

static double
seconds(clockid_t clock)
{
	struct timespec ts;

	must(clock_gettime(clock, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
append(struct journal *journal, unsigned i, int64_t now)
{
	const struct fact_address rcpt = {
	    VIEW("bob@example.net"), VIEW("bob"), VIEW("example.net")};
	const uint32_t fits[2] = {1, 0};
	char id[20], message_id[60];

	snprintf(id, sizeof(id), "4c%010uz", i);
	snprintf(message_id, sizeof(message_id), "20261121.%u.bench@mail.example.org", i);
	const struct facts facts = {
	    .time = now,
	    .local_date = 20261121,
	    .local_minute = 600,
	    .local_weekday = 6,
	    .path = PATH_SUBMISSION,
	    .user = VIEW("alice"),
	    .client = {ADDR_IPV4, {192, 0, 2, 99}},
	    .helo = VIEW("laptop.example.org"),
	    .queue_id = view_of(id),
	    .message_id = view_of(message_id),
	    .sender = {VIEW("alice@example.org"), VIEW("alice"), VIEW("example.org")},
	    .author = {VIEW("alice@example.org"), VIEW("alice"), VIEW("example.org")},
	    .rcpts = 1,
	    .rcpt_sample = &rcpt,
	    .n_rcpt_sample = 1,
	    .rcpt_fits = fits,
	    .n_rcpt_fits = 2,
	    .size = 4096,
	};
	const struct journal_record record = {
	    .facts = &facts,
	    .verdict = VIEW("accept"),
	    .place = VIEW("frank.conf:44"),
	    .label = VIEW("newsletter"),
	    .signed_with = VIEW("example.org/s2026:rsa-sha256"),
	    .policy =
		VIEW("9f3c1a0b9f3c1a0b9f3c1a0b9f3c1a0b9f3c1a0b9f3c1a0b9f3c1a0b9f3c1a0b"),
	    .micros = 1234,
	};
	must(journal_append(journal, &record, NULL) == 0);
}

int
main(int argc, char **argv)
{
	const struct journal_settings settings = {.keep_days = 30, .host = VIEW("mail")};
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : RECORDS;
	unsigned rate = argc > 3 ? (unsigned)atoi(argv[3]) : RATE, burst = rate / 200 + 1;
	struct journal_status status;
	struct journal *journal;
	struct rusage usage;
	double own = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: journal_bench DIR [RECORDS [RECORDS-A-SECOND]]\n");
		return 64;
	}
	must(journal_open(argv[1], &settings, NULL, NULL, &journal, NULL) == 0);
	double all = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < n;) {
		int64_t now = clock_now().wall;
		double begin = seconds(CLOCK_THREAD_CPUTIME_ID);

		for (unsigned end = i + burst < n ? i + burst : n; i < end; i++)
			append(journal, i, now);
		own += seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
		double ahead = i / (double)rate - (seconds(CLOCK_MONOTONIC) - wall);
		if (ahead > 0)
			usleep((useconds_t)(ahead * 1e6));
	}
	journal_status(journal, &status);
	journal_close(journal);
	all = seconds(CLOCK_PROCESS_CPUTIME_ID) - all;
	getrusage(RUSAGE_SELF, &usage);
	printf("%u records at %u a second, %llu lost; us of CPU a record: %.2f appender, "
	       "%.2f all; %ld KB resident at most\n",
	    n, rate, (unsigned long long)status.lost, own / n * 1e6, all / n * 1e6,
	    usage.ru_maxrss);
	return 0;
}
