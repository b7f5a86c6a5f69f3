/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Makes a journal out of lines on standard input, each of them seconds after Monday,
 * 2026-03-02 09:00:00Z, a blank, a word, a blank, and the rest:
 *
 *	10 postfix/smtp 4cXyZ71kq: to=<carol@example.com>, ...	as the log has it
 *	10 decision 4cXyZ71kq alice				the login is optional
 *	10 action log-gap mail.log was cut
 *
 *	cli_lines STATE-DIR [full | domain | hash]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "follow/batch.h"
#include "journal/journal.h"
#include "lib/bug.h"

#define MONDAY  ((int64_t)1772442000 * 1000000)
#define SECONDS ((int64_t)1000000)

static void
decide(struct journal *journal, int64_t time, struct view rest)
{
	struct view id;
	const bool is_split = view_cut(&rest, ' ', &id);
	const struct facts facts = {.time = time,
	    .path = rest.n > 0 ? PATH_SUBMISSION : PATH_LOCAL,
	    .user = rest,
	    .queue_id = id};
	const struct journal_record record = {
	    .facts = &facts, .verdict = VIEW("accept"), .place = VIEW("frank.conf:17")};

	must(is_split);
	must(journal_append(journal, &record, NULL) == 0);
}

static void
log_line(struct journal *journal, int64_t time, struct view program, struct view message)
{
	const struct source_entry entry = {time, program, message};
	struct view place = VIEW("nowhere");
	struct batch batch;

	batch_init(&batch);
	if (!batch_add(&batch, &entry, time) || batch.outcomes.n == 0) {
		fprintf(stderr, "no outcome: %.*s\n", VIEW_ARG(message));
		exit(1);
	}
	must(journal_outcomes(journal, time, buf_view(&batch.outcomes), place) == 0);
	batch_fini(&batch);
}

static void
take_line(struct journal *journal, char *line)
{
	char *rest;
	int64_t time = MONDAY + strtoll(line, &rest, 10) * SECONDS;
	struct view text = view_trim(view_of(rest)), word;

	if (text.n == 0)
		return;
	must(view_cut(&text, ' ', &word));
	if (view_is(word, VIEW("decision"))) {
		decide(journal, time, text);
	} else if (view_is(word, VIEW("action"))) {
		must(view_cut(&text, ' ', &word));
		journal_action(journal, time, word, VIEW("frankd"), text);
	} else {
		log_line(journal, time, word, text);
	}
}

int
main(int argc, char **argv)
{
	struct journal_settings settings = {.host = VIEW("mail.example.org")};
	struct journal *journal;
	char *line = NULL;
	size_t size = 0;

	must(argc >= 2);
	if (argc > 2)
		settings.recipients = strcmp(argv[2], "hash") == 0     ? JOURNAL_RCPT_HASH
				      : strcmp(argv[2], "domain") == 0 ? JOURNAL_RCPT_DOMAIN
								       : JOURNAL_RCPT_FULL;
	must(journal_open(argv[1], &settings, NULL, NULL, &journal, NULL) == 0);
	while (getline(&line, &size, stdin) != -1)
		take_line(journal, line);
	free(line);
	journal_close(journal);
	return 0;
}
