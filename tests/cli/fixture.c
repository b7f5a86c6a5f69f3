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
	journal_close(journal);
	buf_fini(&packed);
	load_fini(&load);
	return 0;
}
