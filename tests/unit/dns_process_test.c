/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "milter/dns_process.h"
#include "milter/dns_wire.h"

/* The real process, with an unbound on loopback as its resolver, and the same program at
 * other addresses as authoritative servers. */

#define ED25519_A "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define PRIMARY   "127.53.7.1"
#define SECONDARY "127.53.7.2"
#define GONE      "127.53.7.3"

enum { PATIENCE_MS = 10000 };

static struct dns_lab resolver, primary, secondary;
static unsigned server_port;
static pid_t process;
static int link_fd, serve_fd;
static uint64_t last_id;

struct reply {
	struct dns_reply_head head;
	char answers[DNS_FRAME_MAX];
	size_t n;
};

static const char *const records[] = {
    ". 300 IN SOA ns.example.org. root.example.org. 1 2 3 4 77",
    "example.org. 300 IN SOA ns.example.org. root.example.org. 1 2 3 4 77",
    "example.org. 300 IN NS ns1.example.org.",
    "example.org. 300 IN NS ns2.example.org.",
    "example.org. 300 IN NS ns3.example.org.",
    "ns1.example.org. 300 IN A " PRIMARY,
    "ns2.example.org. 300 IN A " SECONDARY,
    "ns3.example.org. 300 IN A " GONE,
    "example.org. 300 IN TXT \"v=spf1 include:a.example.org -all\"",
    "a.example.org. 200 IN TXT \"v=spf1 include:b.example.org ?all\"",
    "b.example.org. 100 IN TXT \"v=spf1 ip4:192.0.2.0/24 -all\"",
    "local.example.org. 300 IN TXT \"v=spf1 exists:%{l}.example.org -all\"",
    "bad.example.org. 300 IN TXT \"v=spf1 nonsense\"",
    "hangs.example.org. 300 IN TXT \"v=spf1 include:x.silent.org -all\"",
    "_dmarc.example.org. 50 IN TXT \"v=DMARC1; p=reject; adkim=s\"",
    "same._domainkey.example.org. 40 IN TXT \"v=DKIM1; k=ed25519; p=" ED25519_A "\"",
    "new._domainkey.example.org. 40 IN TXT \"v=DKIM1; k=ed25519; p=" ED25519_A "\"",
    "gone._domainkey.example.org. 40 IN TXT \"v=DKIM1; p=\"",
};

static void
add_zone(struct buf *conf, bool has_new_key)
{
	buf_add_text(conf, "    local-zone: \"example.org.\" static\n"
			   "    local-zone: \"silent.org.\" deny\n"
			   "    local-zone: \"refused.org.\" refuse\n"
			   "    local-zone: \".\" static\n");
	for (size_t i = 0; i < ARRAY_LEN(records); i++)
		if (has_new_key || strstr(records[i], "new.") != records[i])
			dns_lab_add(conf, records[i]);
}

static void
lab_start(struct dns_lab *lab, const char *host, bool has_new_key)
{
	struct buf conf = BUF_INIT(1 << 16);

	add_zone(&conf, has_new_key);
	dns_lab_start(lab, host, server_port, buf_text(&conf));
	buf_fini(&conf);
}

_Noreturn static void
process_run(int link, int serve)
{
	struct account account = {.uid = geteuid(), .gid = getegid(), .name = "test"};
	struct dns_process dns = {.link_fd = link,
	    .serve_fd = serve,
	    .resolver = resolver.address,
	    .server_port = server_port,
	    .account = &account};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (account.uid == 0)
		account.uid = account.gid = ACCOUNT_SPARE;
	close(link_fd);
	close(serve_fd);
	log_open(LOG_TO_STDERR, "dns", false);
	dns_process_run(&dns);
}

static int
world_start(void **state)
{
	int links[2], serves[2];

	(void)state;
	server_port = dns_lab_port();
	lab_start(&resolver, "127.0.0.1", true);
	lab_start(&primary, PRIMARY, true);
	lab_start(&secondary, SECONDARY, false);
	must(ipc_pair(links, NULL) == 0 && ipc_pair(serves, NULL) == 0);
	link_fd = links[0];
	serve_fd = serves[0];
	process = fork();
	must(process >= 0);
	if (process == 0)
		process_run(links[1], serves[1]);
	close(links[1]);
	close(serves[1]);
	return 0;
}

static int
world_stop(void **state)
{
	(void)state;
	if (process > 0) {
		(void)kill(process, SIGKILL);
		(void)waitpid(process, NULL, 0);
	}
	dns_lab_stop(&resolver);
	dns_lab_stop(&primary);
	dns_lab_stop(&secondary);
	return 0;
}

static struct addr
address(const char *text)
{
	struct addr addr;

	must(addr_parse(view_of(text), &addr, NULL) == 0);
	return addr;
}

/* TEXTS: the payload's, each with its NUL. Answers the id. */
static uint64_t
ask(enum dns_kind kind, struct view texts, const char *egress)
{
	struct buf frame = BUF_INIT(DNS_FRAME_MAX);
	struct dns_question_head head = {.kind = kind, .id = ++last_id};

	if (egress != NULL) {
		head.n_egress = 1;
		head.with_answers = 1;
	}
	buf_add_bytes(&frame, &head, sizeof(head));
	buf_add(&frame, texts);
	if (egress != NULL) {
		struct addr addr = address(egress);
		buf_add_bytes(&frame, &addr, sizeof(addr));
	}
	assert_int_equal(ipc_send(serve_fd, frame.p, frame.n, NULL), 0);
	buf_fini(&frame);
	return head.id;
}

static void
take(struct reply *reply)
{
	static char frame[DNS_FRAME_MAX];
	struct err err = ERR_INIT;

	if (ipc_recv(serve_fd, frame, sizeof(frame), &reply->n, PATIENCE_MS, &err) != 1)
		fail_msg("no answer: %s", err.text);
	assert_true(reply->n >= sizeof(reply->head));
	memcpy(&reply->head, frame, sizeof(reply->head));
	reply->n -= sizeof(reply->head);
	memcpy(reply->answers, frame + sizeof(reply->head), reply->n);
	assert_in_range(reply->head.ttl, DNS_TTL_MIN, DNS_TTL_MAX);
}

static void
ask_and_take(enum dns_kind kind, struct view texts, const char *egress, struct reply *reply)
{
	uint64_t id = ask(kind, texts, egress);

	take(reply);
	assert_int_equal(reply->head.id, id);
	assert_int_equal(reply->head.kind, kind);
}

#define TEXTS_HERE(text)                                                                   \
	{                                                                                  \
		(text), sizeof(text)                                                       \
	}
#define TEXTS(text) ((struct view)TEXTS_HERE(text))

static void
evaluates_spf(void **state)
{
	static const struct {
		struct view texts;
		const char *egress;
		enum spf_outcome want;
		const char *term;
		uint32_t ttl;
		bool is_per_message;
	} cases[] = {
	    {TEXTS_HERE("example.org\0a@example.org\0mx.example.net"), "192.0.2.9",
		SPF_EVAL_PASS, "include:a.example.org", 100, false},
	    {TEXTS_HERE("example.org\0a@example.org\0mx.example.net"), "198.51.100.1",
		SPF_EVAL_FAIL, "-all", 100, false},
	    {TEXTS_HERE("local.example.org\0a@local.example.org\0h"), "192.0.2.9",
		SPF_EVAL_FAIL, "-all", 77, true},
	    {TEXTS_HERE("bad.example.org\0a@bad.example.org\0h"), "192.0.2.9",
		SPF_EVAL_PERMERROR, "nonsense", 300, false},
	    {TEXTS_HERE("nothing.example.org\0a@nothing.example.org\0h"), "192.0.2.9",
		SPF_EVAL_NONE, "", 77, false},
	    {TEXTS_HERE("x.refused.org\0a@x.refused.org\0h"), "192.0.2.9",
		SPF_EVAL_TEMPERROR, "", DNS_TTL_FAILURE, false},
	};
	static struct reply reply;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct dns_spf_reply *spf = &reply.head.spf;

		ask_and_take(DNS_ASK_SPF, cases[i].texts, cases[i].egress, &reply);
		if (spf->outcome != cases[i].want ||
		    (spf->is_per_message != 0) != cases[i].is_per_message ||
		    strcmp(spf->term, cases[i].term) != 0)
			fail_msg("%s from %s: got %s by '%s' (%s), want %s by '%s'",
			    cases[i].texts.p, cases[i].egress,
			    spf_outcome_name((enum spf_outcome)spf->outcome), spf->term,
			    spf->problem, spf_outcome_name(cases[i].want), cases[i].term);
		if (reply.head.ttl > cases[i].ttl || reply.head.ttl + 10 < cases[i].ttl)
			fail_msg("%s: got TTL %u, want %u", cases[i].texts.p,
			    reply.head.ttl, cases[i].ttl);
		/* And what DNS said comes along. */
		struct arena *arena = arena_new(0);
		struct answers *answers = answers_new(arena);
		struct view packed = {reply.answers, reply.n};
		assert_int_equal(answers_unpack(answers, packed, NULL), 0);
		assert_true(answers_count(answers) > 0);
		arena_free(arena);
	}
}

static void
finds_dmarc(void **state)
{
	static struct reply reply;
	const struct dns_dmarc_reply *dmarc = &reply.head.dmarc;

	(void)state;
	ask_and_take(DNS_ASK_DMARC, TEXTS("www.example.org"), NULL, &reply);
	assert_int_equal(dmarc->by_list.state, DMARC_PRESENT);
	assert_int_equal(dmarc->by_list.asks, DMARC_ASKS_REJECT);
	assert_true(dmarc->by_list.is_strict_dkim && !dmarc->by_list.is_strict_spf);
	assert_string_equal(dmarc->by_list.domain, "example.org");
	assert_string_equal(dmarc->by_tree.domain, "example.org");
	ask_and_take(DNS_ASK_DMARC, TEXTS("x.refused.org"), NULL, &reply);
	assert_int_equal(dmarc->by_list.state, DMARC_UNANSWERED);
	assert_int_equal(reply.head.ttl, DNS_TTL_FAILURE);
}

static void
reads_keys(void **state)
{
	static struct reply reply;
	const struct dns_key_reply *key = &reply.head.key;

	(void)state;
	ask_and_take(DNS_ASK_KEY, TEXTS("example.org\0same"), NULL, &reply);
	assert_int_equal(key->state, DNS_FOUND);
	assert_int_equal(key->published.faults, 0);
	assert_int_equal(key->published.algorithm, SIGN_ED25519_SHA256);
	assert_in_range(reply.head.ttl, 30, 40);
	ask_and_take(DNS_ASK_KEY, TEXTS("example.org\0gone"), NULL, &reply);
	assert_int_equal(key->published.faults & KEY_FAULT_REVOKED, KEY_FAULT_REVOKED);
	ask_and_take(DNS_ASK_KEY, TEXTS("example.org\0never"), NULL, &reply);
	assert_int_equal(key->state, DNS_NO_NAME);
	assert_int_equal(key->published.faults, KEY_FAULT_NO_RECORD);
	ask_and_take(DNS_ASK_KEY, TEXTS("refused.org\0s"), NULL, &reply);
	assert_int_equal(key->state, DNS_FAILED);
	assert_int_equal(reply.head.ttl, DNS_TTL_FAILURE);
}

/* Two servers that differ, and one that is not there. */
static void
asks_every_server(void **state)
{
	static struct reply reply;
	const struct dns_key_reply *key = &reply.head.key;

	(void)state;
	(void)ask(DNS_ASK_KEY_EVERYWHERE, TEXTS("example.org\0same"), NULL);
	(void)ask(DNS_ASK_KEY_EVERYWHERE, TEXTS("example.org\0new"), NULL);
	for (int i = 0; i < 2; i++) {
		bool is_new;

		take(&reply);
		is_new = reply.head.id == last_id;
		assert_int_equal(key->n_servers, 3);
		assert_int_equal(key->n_answered, 2);
		if (key->n_same != (is_new ? 1 : 2))
			fail_msg("%s: %u of %u servers have the same",
			    is_new ? "new" : "same", key->n_same, key->n_answered);
		if (!is_new)
			assert_string_equal(key->lagging, "");
		else if (key->state == DNS_FOUND)
			assert_string_equal(
			    key->lagging, "ns2.example.org (" SECONDARY ")");
		else
			assert_string_equal(key->lagging, "ns1.example.org (" PRIMARY ")");
	}
}

/* Takes DNS_SPF_SECONDS. */
static void
answers_in_time_what_nobody_answers(void **state)
{
	static struct reply reply;
	int64_t before = clock_mono();

	(void)state;
	uint64_t slow = ask(
	    DNS_ASK_SPF, TEXTS("hangs.example.org\0a@hangs.example.org\0h"), "192.0.2.9");
	uint64_t fast =
	    ask(DNS_ASK_SPF, TEXTS("example.org\0a@example.org\0h"), "192.0.2.9");
	take(&reply);
	assert_int_equal(reply.head.id, fast);
	assert_int_equal(reply.head.spf.outcome, SPF_EVAL_PASS);
	assert_in_range(clock_mono() - before, 0, 2500000);
	take(&reply);
	assert_int_equal(reply.head.id, slow);
	assert_int_equal(reply.head.spf.outcome, SPF_EVAL_PENDING);
	assert_int_equal(reply.head.ttl, DNS_TTL_FAILURE);
	assert_in_range(clock_mono() - before, (int64_t)DNS_SPF_SECONDS * 1000000 - 1000,
	    (int64_t)DNS_SPF_SECONDS * 1000000 + 500000);
}

/* The one whose link ends, ends. Last of all. */
static void
ends_with_its_link(void **state)
{
	int status;

	(void)state;
	close(link_fd);
	assert_int_equal(waitpid(process, &status, 0), process);
	process = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(evaluates_spf),
	    cmocka_unit_test(finds_dmarc),
	    cmocka_unit_test(reads_keys),
	    cmocka_unit_test(asks_every_server),
	    cmocka_unit_test(answers_in_time_what_nobody_answers),
	    cmocka_unit_test(ends_with_its_link),
	};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
