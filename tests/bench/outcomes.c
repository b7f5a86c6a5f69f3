/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Makes a journal of some DAYS (1), up to now, to measure by what is read out of it:
 * OUTCOMES of deliveries at some thousand domains, one in eight of them put off, each
 * message with its arrival and its decision.
 *
 *	outcomes DIR [OUTCOMES [DAYS]]
 *	time frank --state DIR deliveries --by login
 */

#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "journal/journal.h"
#include "journal/outcome.h"

enum { OUTCOMES = 1000000, DOMAINS = 5000, LOGINS = 500, ID = 20 };

#define DAY INT64_C(86400000000)

struct making {
	struct journal *journal;
	struct buf batch;
	int64_t last; /* time of the last one in 'batch' */
	uint64_t random;
};

static unsigned
random_below(struct making *making, unsigned n)
{
	making->random =
	    making->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(making->random >> 33) % n;
}

static void
flush(struct making *making)
{
	if (making->batch.n == 0)
		return;
	must(journal_outcomes(making->journal, making->last, buf_view(&making->batch),
		 VIEW("nowhere")) == 0);
	buf_reset(&making->batch);
}

/* A batch is of one day. */
static void
add(struct making *making, const struct outcome *outcome)
{
	if (making->last / DAY != outcome->time / DAY)
		flush(making);
	if (outcome_add(&making->batch, outcome) == -1) {
		flush(making);
		must(outcome_add(&making->batch, outcome) == 0);
	}
	making->last = outcome->time;
}

static void
decide(struct making *making, struct view id, struct view user, int64_t time)
{
	const struct facts facts = {.time = time,
	    .path = PATH_SUBMISSION,
	    .user = user,
	    .queue_id = id,
	    .message_id = id,
	    .rcpts = 1,
	    .size = 4096};
	const struct journal_record record = {
	    .facts = &facts, .verdict = VIEW("accept"), .place = VIEW("frank.conf:44")};

	while (journal_append(making->journal, &record, NULL) == -1)
		continue;
}

static void
deliver(struct making *making, struct outcome *outcome, unsigned i)
{
	char rcpt[64], relay[64], text[300];
	unsigned a = random_below(making, DOMAINS), b = random_below(making, DOMAINS);
	unsigned domain = a < b ? a : b;

	snprintf(rcpt, sizeof(rcpt), "user%u@domain%u.example", i % 997, domain);
	snprintf(relay, sizeof(relay), "mx.domain%u.example[192.0.2.1]:25", domain);
	outcome->rcpt = view_of(rcpt);
	outcome->relay = view_of(relay);
	outcome->program = VIEW("smtp");
	outcome->delay_ms = 100 + random_below(making, 5000);
	if (random_below(making, 8) == 0) {
		snprintf(text, sizeof(text),
		    "host mx.domain%u.example[192.0.2.1] said: 421 4.7.28 Our system has "
		    "detected an unusual rate of mail originating from your IP address, "
		    "try again later %08x.%u (in reply to end of DATA command)",
		    domain, random_below(making, 1U << 30), i);
		outcome->what = VIEW("deferred");
		outcome->dsn = VIEW("4.7.28");
	} else {
		snprintf(text, sizeof(text), "250 2.0.0 Ok: queued as %08x%u",
		    random_below(making, 1U << 30), i);
		outcome->what = VIEW("sent");
		outcome->dsn = VIEW("2.0.0");
	}
	outcome->text = view_of(text);
	add(making, outcome);
}

int
main(int argc, char **argv)
{
	const struct journal_settings settings = {.keep_days = 30, .host = VIEW("mail")};
	unsigned n = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : OUTCOMES;
	struct making making = {.batch = BUF_INIT(OUTCOME_BATCH_MAX), .random = 1};
	int64_t span = (argc > 3 ? strtol(argv[3], NULL, 10) : 1) * DAY;
	int64_t begin = clock_now().wall - span;

	if (argc < 2) {
		fprintf(stderr, "usage: outcomes DIR [OUTCOMES [DAYS]]\n");
		return 64;
	}
	must(journal_open(argv[1], &settings, NULL, NULL, &making.journal, NULL) == 0);
	for (unsigned i = 0; i < n; i++) {
		int64_t time = begin + span / n * i;
		char id[ID], user[ID];

		snprintf(id, sizeof(id), "4cX%08uz1b", i);
		snprintf(user, sizeof(user), "login%u", random_below(&making, LOGINS));
		struct outcome arrived = {.time = time,
		    .what = VIEW("arrived"),
		    .queue_id = view_of(id),
		    .user = view_of(user),
		    .client = VIEW("laptop[192.0.2.99]"),
		    .program = VIEW("submission/smtpd")};
		struct outcome delivery = {.time = time + 1, .queue_id = view_of(id)};

		decide(&making, view_of(id), view_of(user), time);
		add(&making, &arrived);
		deliver(&making, &delivery, i);
	}
	flush(&making);
	journal_close(making.journal);
	buf_fini(&making.batch);
	return 0;
}
