/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Makes the journal that the tests of frank(1) read: judges a fixed set of messages by a
 * configuration, at fixed times, and records them as frankd does.
 *
 *	cli_fixture frank.conf STATE-DIR
 */

#include <stdio.h>
#include <stdlib.h>

#include "auth/keys.h"
#include "ctl/load.h"
#include "engine/engine.h"
#include "follow/batch.h"
#include "journal/journal.h"
#include "lib/bug.h"
#include "milter/record.h"

#define MONDAY  ((int64_t)1772442180 * 1000000) /* 2026-03-02 09:03:00Z */
#define SECONDS ((int64_t)1000000)
#define HOSTILE "eve\033[31m\r\nFAKE\xe2\x80\xae"

struct message {
	const char *queue_id, *message_id;
	int64_t after; /* seconds after Monday's beginning */
	enum fact_path path;
	const char *user, *local, *domain; /* of sender and author */
	const char *unclear;
	uint32_t rcpts;
	uint64_t size;
	bool to_postmaster;
	const char *trouble; /* of frankd's own, which no rule knows of */
};

static const struct message messages[] = {
    {.queue_id = "4cXyZ71kq",
	.message_id = "m1@example.org",
	.path = PATH_SUBMISSION,
	.user = "alice",
	.local = "alice",
	.domain = "example.org",
	.rcpts = 1,
	.size = 2048},
    {.queue_id = "4cXyZ82lr",
	.message_id = "m2@example.org",
	.after = 61,
	.path = PATH_SUBMISSION,
	.user = "alice",
	.local = "alice",
	.domain = "example.org",
	.rcpts = 12,
	.size = 3 << 20},
    {.queue_id = "4cXyZ93ms",
	.message_id = "m3@example.org",
	.after = 90,
	.path = PATH_SUBMISSION,
	.user = HOSTILE,
	.local = "alice",
	.domain = "example.org",
	.rcpts = 1,
	.size = 999},
    {.queue_id = "4cXyZA4nt",
	.message_id = "m4@example.org",
	.after = 100,
	.path = PATH_SUBMISSION,
	.user = "bob",
	.unclear = "two From fields",
	.rcpts = 1,
	.size = 700},
    {.queue_id = "4cXyZB5pv",
	.message_id = "m5@example.net",
	.after = 3600,
	.path = PATH_SUBMISSION,
	.user = "bob",
	.local = "bob",
	.domain = "example.net",
	.rcpts = 20,
	.size = 700,
	.to_postmaster = true},
    {.queue_id = "4cXyZC6qw",
	.message_id = "m6@example.org",
	.after = 7200,
	.path = PATH_LOCAL,
	.local = "root",
	.domain = "example.org",
	.rcpts = 1,
	.size = 512,
	.trouble = "the key process did not answer within 1 s"},
    /* The same queue id again, a day later. */
    {.queue_id = "4cXyZ71kq",
	.message_id = "m7@example.org",
	.after = 90000,
	.path = PATH_SUBMISSION,
	.user = "crm",
	.local = "news",
	.domain = "example.org",
	.rcpts = 3,
	.size = 4096},
};

/* What Postfix's log says of them. */
static const struct line {
	int64_t after;
	const char *program, *message;
} lines[] = {
    {0, "postfix/submission/smtpd",
	"4cXyZ71kq: client=laptop.example.org[192.0.2.99], sasl_method=PLAIN, "
	"sasl_username=alice"},
    {1, "postfix/smtp",
	"4cXyZ71kq: to=<carol@example.com>, relay=mx.example.com[198.51.100.7]:25, "
	"delay=101, delays=0.1/71/0.5/30, dsn=4.7.28, status=deferred (host "
	"mx.example.com[198.51.100.7] said: 421 4.7.28 Too much mail from your "
	"network\033[2J "
	"(in reply to end of DATA command))"},
    {300, "postfix/smtp",
	"4cXyZ71kq: to=<carol@example.com>, relay=none, delay=300, delays=270/0/30/0, "
	"dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.7]:25: "
	"Connection timed out)"},
    {900, "postfix/smtp",
	"4cXyZ71kq: to=<carol@example.com>, relay=none, delay=900, delays=900/0/0/0, "
	"dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.7]:25: "
	"Connection timed out)"},
    {1900, "postfix/smtp",
	"4cXyZ71kq: to=<carol@example.com>, relay=none, delay=1900, delays=1900/0/0/0, "
	"dsn=4.4.1, status=deferred (connect to mx.example.com[198.51.100.7]:25: "
	"Connection timed out)"},
    {3800, "postfix/smtp",
	"4cXyZ71kq: to=<carol@example.com>, relay=mx.example.com[198.51.100.7]:25, "
	"delay=3800, delays=3798/0/1/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
	"8A1)"},
    /* Held, released, requeued by somebody who likes that better, refused. */
    {61, "postfix/submission/smtpd",
	"4cXyZ82lr: client=laptop.example.org[192.0.2.99], sasl_method=PLAIN, "
	"sasl_username=alice"},
    {61, "postfix/cleanup",
	"4cXyZ82lr: milter-hold: END-OF-MESSAGE from laptop.example.org[192.0.2.99]: "
	"milter "
	"triggers HOLD action; from=<alice@example.org> to=<carol@example.com> proto=ESMTP "
	"helo=<laptop>"},
    {900, "postfix/postsuper", "4cXyZ82lr: released from hold"},
    {901, "postfix/postsuper", "4cXyZ82lr: requeued"},
    {902, "postfix/pickup",
	"4cXyZR9tt: uid=109 from=<alice@example.org> orig_id=4cXyZ82lr"},
    {903, "postfix/smtp",
	"4cXyZR9tt: to=<carol@example.com>, orig_to=<team@example.org>, "
	"relay=mx.example.com[198.51.100.7]:25, delay=842, delays=841/0/0.5/0.5, "
	"dsn=5.1.1, "
	"status=bounced (host mx.example.com[198.51.100.7] said: 550 5.1.1 No such user "
	"(in "
	"reply to RCPT TO command))"},
    {904, "postfix/bounce", "4cXyZR9tt: sender non-delivery notification: 4cXyZS0vv"},
    /* The next one of that id. */
    {90001, "postfix/smtp",
	"4cXyZ71kq: to=<dave@example.net>, relay=mx.example.net[203.0.113.9]:25, delay=1, "
	"delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 fine)"},
    /* One that never came by. */
    {5000, "postfix/smtp",
	"4cXyZU1ww: to=<erin@example.com>, relay=mx.example.com[198.51.100.7]:25, delay=1, "
	"delays=0/0/0.5/0.5, dsn=2.0.0, status=sent (250 fine)"},
};

static struct fact_address
address(const struct message *message, char text[64])
{
	struct view local = view_of(message->local), domain = view_of(message->domain);

	if (message->local == NULL)
		return (struct fact_address){.text = VIEW_NONE};
	snprintf(text, 64, "%s@%s", message->local, message->domain);
	return (struct fact_address){view_of(text), local, domain};
}

static void
add(struct journal *journal, const struct policy *policy, const char *hash,
    const struct message *message)
{
	const struct fact_address rcpt =
	    message->to_postmaster
		? (struct fact_address){VIEW("postmaster"), VIEW("postmaster"), VIEW_NONE}
		: (struct fact_address){
		      VIEW("carol@example.com"), VIEW("carol"), VIEW("example.com")};
	struct arena *arena = arena_new(0);
	uint32_t fits[POLICY_RCPT_TESTS_MAX] = {0};
	struct decision decision;
	char text[64];
	struct facts facts = {
	    .time = MONDAY + message->after * SECONDS,
	    .local_date = 20260302,
	    .local_minute = 543,
	    .local_weekday = 1,
	    .path = message->path,
	    .user = view_of(message->user),
	    .client = {message->path == PATH_LOCAL ? ADDR_NONE : ADDR_IPV4,
		{192, 0, 2, 99}},
	    .queue_id = view_of(message->queue_id),
	    .message_id = view_of(message->message_id),
	    .sender = address(message, text),
	    .author = address(message, text),
	    .unclear = view_of(message->unclear),
	    .rcpts = message->rcpts,
	    .rcpt_sample = &rcpt,
	    .n_rcpt_sample = 1,
	    .rcpt_fits = fits,
	    .n_rcpt_fits = policy_rcpt_tests(policy),
	    .size = message->size,
	};

	for (uint32_t i = 0; i < facts.n_rcpt_fits; i++)
		fits[i] = policy_rcpt_fits(policy, i, &rcpt) ? message->rcpts : 0;
	engine_decide(policy, &facts, arena, NULL, &decision);
	if (message->trouble != NULL) {
		decision = (struct decision){
		    .verdict = VERDICT_DEFER, .on_error = view_of(message->trouble)};
	}
	must(record_write(journal, &facts, &decision, view_of(hash), 1234, NULL) == 0);
	arena_free(arena);
}

static void
add_line(struct journal *journal, const struct line *line)
{
	const int64_t time = MONDAY + line->after * SECONDS;
	const struct source_entry entry = {
	    time, view_of(line->program), view_of(line->message)};
	struct batch batch;
	struct view place = VIEW("nowhere");

	batch_init(&batch);
	must(batch_add(&batch, &entry, time) && batch.outcomes.n > 0);
	must(journal_outcomes(journal, time, buf_view(&batch.outcomes), place) == 0);
	batch_fini(&batch);
}

static void
release(struct journal *journal)
{
	journal_action(journal, MONDAY + 899 * SECONDS, VIEW("release"),
	    VIEW("kim (uid 1000)"), VIEW("2 messages: 4cXyZ70aa 4cXyZ82lr; she is back"));
}

int
main(int argc, char **argv)
{
	const struct journal_settings settings = {.host = VIEW("mail.example.org")};
	struct buf packed = BUF_INIT(BUNDLE_MAX);
	struct journal *journal;
	struct load load;
	char hash[65];

	must(argc == 3);
	must(load_policy(&load, argv[1], LOAD_KEYS, NULL) == 0 && load.has_keys);
	bundle_pack(load.bundle, &packed);
	digest_hex(buf_view(&packed), hash);
	must(journal_open(argv[2], &settings, NULL, NULL, &journal, NULL) == 0);
	journal_policy(journal, MONDAY, view_of(hash), buf_view(&packed));
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		add(journal, load.policy, hash, &messages[i]);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		add_line(journal, &lines[i]);
	release(journal);
	journal_close(journal);
	buf_fini(&packed);
	load_fini(&load);
	return 0;
}
