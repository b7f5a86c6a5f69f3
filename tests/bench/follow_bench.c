/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * How fast a log is followed: a log of MEGABYTES is made in DIR, as syslog writes it, and
 *read, taken apart and made into batches; then the same into a journal, of which each
 *outcome is counted. CPU, not time.
 *
 *	follow_bench DIR [MEGABYTES]
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "follow/batch.h"
#include "follow/source.h"
#include "journal/journal.h"
#include "journal/read.h"
#include "lib/bug.h"
#include "lib/clock.h"

enum { MEGABYTES = 100 };

static char log_path[4096];

static double
cpu(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Five lines a message, of which two are outcomes; one message in ten is deferred. */
static uint64_t
make_log(uint64_t bytes, uint64_t *ret_outcomes)
{
	FILE *file = fopen(log_path, "w");
	uint64_t lines = 0;
	long at = 0;

	must(file != NULL);
	for (unsigned i = 0; (uint64_t)at < bytes; i++) {
		const char *when = "2026-11-30T10:00:00.000000+00:00 mx";

		fprintf(file,
		    "%s postfix/submission/smtpd[15139]: 4jX%011u: "
		    "client=unknown[192.0.2.99], "
		    "sasl_method=PLAIN, sasl_username=alice@out.test\n"
		    "%s postfix/cleanup[15299]: 4jX%011u: message-id=<%u.bench@out.test>\n"
		    "%s postfix/qmgr[13447]: 4jX%011u: from=<alice@out.test>, size=455, "
		    "nrcpt=1 "
		    "(queue active)\n",
		    when, i, when, i, i, when, i);
		if (i % 10 == 0)
			fprintf(file,
			    "%s postfix/smtp[15300]: 4jX%011u: to=<bob@rcpt.test>, "
			    "relay=none, "
			    "delay=30, delays=0/0/30/0, dsn=4.4.1, status=deferred "
			    "(connect to "
			    "mx.rcpt.test[192.0.2.1]:25: Connection timed out)\n",
			    when, i);
		fprintf(file,
		    "%s postfix/smtp[15300]: 4jX%011u: to=<bob@rcpt.test>, "
		    "relay=mx.rcpt.test[192.0.2.1]:25, delay=0.06, "
		    "delays=0.01/0.01/0/0.04, "
		    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4kY%011u)\n"
		    "%s postfix/qmgr[13447]: 4jX%011u: removed\n",
		    when, i, i, when, i);
		lines += i % 10 == 0 ? 6 : 5;
		*ret_outcomes += i % 10 == 0 ? 3 : 2;
		at = ftell(file);
	}
	must(fclose(file) == 0);
	return lines;
}

static int
open_log(void *context, const char *suffix, struct err *err)
{
	(void)context;
	return suffix[0] == '\0' ? open(log_path, O_RDONLY | O_CLOEXEC)
				 : err_set(err, ERR_MISSING, "no such file");
}

static void
on_gap(void *context, const char *text)
{
	(void)context;
	(void)text;
}

/* JOURNAL NULL: batches are made and thrown away. */
static void
follow(struct journal *journal, int64_t now)
{
	static struct follow_frame frame;
	const struct source_calls calls = {NULL, open_log, on_gap};
	struct source source;
	struct source_entry entry;
	struct batch batch;
	struct buf place = BUF_INIT(OUTCOME_PLACE_MAX);
	struct err err = ERR_INIT;
	int got;

	source_of_file(log_path, &calls, &source);
	batch_init(&batch);
	/* A place that is nowhere: so it begins at the beginning, and reports a gap. */
	must(source.begin(source.self, VIEW("file 0 0 0"), &err) == 0);
	do {
		got = source.next(source.self, now, &entry, &err);
		if (got == 1 && batch_add(&batch, &entry, now))
			continue;
		buf_reset(&place);
		if (got == 1)
			source.place_before(source.self, &place);
		else
			source.place(source.self, &place);
		size_t n = batch_take(&batch, buf_view(&place), now, &frame);
		struct view payload = {frame.payload, n - sizeof(frame.head)};
		if (journal != NULL)
			must(journal_outcomes(journal, frame.head.time,
				 view_from(payload, frame.head.n_place),
				 view_head(payload, frame.head.n_place)) == 0);
		if (got == 1)
			must(batch_add(&batch, &entry, now));
	} while (got == 1);
	must(got == 0);
	source.free(source.self);
	batch_fini(&batch);
	buf_fini(&place);
}

static int
count(void *context, const struct outcome *outcome)
{
	uint64_t *n = context;

	(void)outcome;
	(*n)++;
	return 0;
}

static uint64_t
kept(const char *dir)
{
	const struct journal_past all = {.since = 0};
	struct journal_reader *reader;
	uint64_t n = 0;

	must(journal_reader_open(dir, &reader, NULL) == 0);
	must(journal_past_outcomes(reader, &all, count, &n, NULL) == 0);
	journal_reader_close(reader);
	return n;
}

int
main(int argc, char **argv)
{
	const struct journal_settings settings = {.host = VIEW("bench")};
	uint64_t bytes = (argc > 2 ? strtoul(argv[2], NULL, 10) : MEGABYTES) << 20;
	uint64_t outcomes = 0;
	int64_t now = INT64_C(1796040000) * 1000000; /* 2026-11-30 12:00 */
	struct journal *journal;

	must(argc > 1);
	snprintf(log_path, sizeof(log_path), "%s/mail.log", argv[1]);
	uint64_t lines = make_log(bytes, &outcomes);
	double began = cpu();
	follow(NULL, now);
	double read = cpu() - began;
	printf("%" PRIu64 " lines, %" PRIu64 " outcomes\n", lines, outcomes);
	printf("read and taken apart    %.0f lines a CPU-second\n", (double)lines / read);
	must(journal_open(argv[1], &settings, NULL, NULL, &journal, NULL) == 0);
	began = cpu();
	follow(journal, now);
	journal_close(journal);
	double written = cpu() - began;
	printf(
	    "and written             %.0f lines a CPU-second\n", (double)lines / written);
	uint64_t n = kept(argv[1]);
	printf("in the journal          %" PRIu64 " outcomes: %s\n", n,
	    n == outcomes ? "each once" : "NOT EACH ONCE");
	return n == outcomes ? 0 : 1;
}
