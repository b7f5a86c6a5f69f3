/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "milter/link.h"
#include "milter/tables_process.h"
#include "milter/tables_queue.h"

/* The real process; postmap is a shell script that does what the table's name says. */

static const char script[] = "#!/bin/sh\n"
			     "cd \"${0%/*}\" && echo \"$3\" >>runs\n"
			     "case $3 in\n"
			     "*:hangs) exec sleep 60;;\n"
			     "*:slow) sleep 0.5;;\n"
			     "*:dead) echo 'postmap: fatal: table is dead' >&2; exit 1;;\n"
			     "esac\n"
			     "found=1\n"
			     "while read -r key; do\n"
			     "	case $key in no*) ;; *) printf '%s\\t%s of %s\\n' \"$key\" "
			     "\"$key\" \"$3\"; found=0;; esac\n"
			     "done\n"
			     "exit $found\n";

enum { PATIENCE_MS = 20000 };

static char dir[] = "/tmp/frank-tables-XXXXXX", program[64], runs[64];
static pid_t process;
static int serve_fd;
static struct link *supervisor;
static uint64_t last_id;

_Noreturn static void
process_run(int link, int serve)
{
	struct account account = {.uid = geteuid(), .gid = getegid(), .name = "test"};
	const struct tables_process tables = {
	    .link_fd = link, .serve_fd = serve, .program = program, .account = &account};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setpgid(0, 0);
	if (account.uid == 0)
		account.uid = account.gid = ACCOUNT_SPARE;
	close(supervisor->fd);
	close(serve_fd);
	log_open(LOG_TO_STDERR, "tables", false);
	tables_process_run(&tables);
}

static void
allow(const char *table, uint64_t generation)
{
	must(link_send(supervisor, LINK_TABLE, 0, generation, view_of(table), NULL) == 0);
}

static int
process_start(void **state)
{
	int links[2], serves[2];

	(void)state;
	must(ipc_pair(links, NULL) == 0 && ipc_pair(serves, NULL) == 0);
	supervisor = link_new(links[0]);
	serve_fd = serves[0];
	must(truncate(runs, 0) == 0);
	process = fork();
	must(process >= 0);
	if (process == 0)
		process_run(links[1], serves[1]);
	close(links[1]);
	close(serves[1]);
	return 0;
}

static int
process_stop(void **state)
{
	(void)state;
	if (process > 0) {
		(void)kill(-process, SIGKILL);
		(void)waitpid(process, NULL, 0);
	}
	link_free(supervisor);
	close(serve_fd);
	return 0;
}

/* How often TABLE was asked. */
static int
runs_of(const char *table)
{
	FILE *file = fopen(runs, "r");
	char line[256];
	int n = 0;

	must(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL)
		n += strncmp(line, table, strlen(table)) == 0;
	fclose(file);
	return n;
}

static uint64_t
ask(const char *table, struct view key)
{
	struct tables_question_frame frame = {.head = {.kind = TABLES_ASK,
						  .n_table = (uint32_t)strlen(table),
						  .n_key = (uint32_t)key.n,
						  .id = ++last_id}};

	memcpy(frame.payload, table, frame.head.n_table);
	memcpy(frame.payload + frame.head.n_table, key.p, key.n);
	assert_int_equal(
	    ipc_send(serve_fd, &frame,
		sizeof(frame.head) + frame.head.n_table + frame.head.n_key, NULL),
	    0);
	return last_id;
}

static void
take(struct tables_answer_frame *frame)
{
	struct err err = ERR_INIT;
	size_t n;

	memset(frame, 0, sizeof(*frame));
	if (ipc_recv(serve_fd, frame, sizeof(*frame), &n, PATIENCE_MS, &err) != 1)
		fail_msg("no answer: %s", err.text);
	assert_int_equal(
	    n, sizeof(frame->head) + frame->head.n_values + frame->head.n_words);
}

/* The answer to question ID: "=values", "-" or "?words". */
static void
expect(uint64_t id, const char *want)
{
	struct tables_answer_frame frame;
	char got[TABLES_VALUES_MAX];

	take(&frame);
	snprintf(got, sizeof(got), "%c%.*s", "?-="[frame.head.answer],
	    (int)(frame.head.n_values + frame.head.n_words), frame.payload);
	assert_string_equal(got, want);
	assert_int_equal(frame.head.id, id);
}

static void
test_answers(void **state)
{
	(void)state;
	allow("hash:fine", 1);
	allow("hash:dead", 1);
	expect(
	    ask("hash:fine", VIEW("alice@example.org")), "=alice@example.org,of,hash:fine");
	expect(ask("hash:fine", VIEW("nobody")), "-");
	expect(ask("hash:dead", VIEW("a")), "?fatal: table is dead");
	expect(ask("hash:fine", VIEW("a\nb")), "?this cannot be asked");
	expect(ask("hash:fine", VIEW("")), "?this cannot be asked");
	assert_int_equal(runs_of("hash:fine"), 2);
}

/* Only what a policy names: not whatever somebody who has the milter process wants. */
static void
test_allowed(void **state)
{
	(void)state;
	expect(ask("texthash:/etc/shadow", VIEW("root")), "?this cannot be asked");
	allow("hash:a", 1);
	allow("hash:b", 1);
	expect(ask("hash:a", VIEW("no")), "-");
	expect(ask("hash:", VIEW("a")), "?this cannot be asked");
	/* Messages of the policy before may be under way; not of the one before that. */
	allow("hash:b", 2);
	expect(ask("hash:a", VIEW("no")), "-");
	allow("hash:b", 3);
	expect(ask("hash:a", VIEW("no")), "?this cannot be asked");
	expect(ask("hash:b", VIEW("no")), "-");
	assert_int_equal(runs_of("texthash"), 0);
}

/* What comes while a table is being asked goes together into the next run. */
static void
test_batches(void **state)
{
	enum { MORE = TABLES_BATCH_MAX + 8 };
	struct tables_answer_frame frame;

	(void)state;
	allow("hash:slow", 1);
	(void)ask("hash:slow", VIEW("first"));
	while (runs_of("hash:slow") == 0)
		usleep(1000);
	for (int i = 0; i < MORE; i++) {
		char key[32];
		snprintf(key, sizeof(key), "key%d", i);
		(void)ask("hash:slow", view_of(key));
	}
	for (int i = 0; i < 1 + MORE; i++) {
		take(&frame);
		assert_int_equal(frame.head.answer, ANSWER_FOUND);
	}
	assert_int_equal(runs_of("hash:slow"), 3);
}

static void
test_hangs(void **state)
{
	const struct tables_question_head ping = {.kind = TABLES_PING, .id = 77};
	struct tables_answer_frame frame;
	int64_t began = clock_mono();

	(void)state;
	allow("hash:hangs", 1);
	allow("hash:fine", 1);
	uint64_t id = ask("hash:hangs", VIEW("a"));
	uint64_t behind = ask("hash:hangs", VIEW("b"));
	/* Neither pings nor other tables wait for it. */
	assert_int_equal(ipc_send(serve_fd, &ping, sizeof(ping), NULL), 0);
	take(&frame);
	assert_int_equal(frame.head.kind, TABLES_PING);
	assert_int_equal(frame.head.id, 77);
	expect(ask("hash:fine", VIEW("no")), "-");
	assert_true(clock_mono() - began < TABLES_RUN_MS * INT64_C(1000));
	char words[128];
	snprintf(words, sizeof(words), "?%s did not end in time", program);
	expect(id, words);
	assert_true(clock_mono() - began >= TABLES_RUN_MS * INT64_C(1000));
	expect(behind, words);
}

static void
test_nonsense(void **state)
{
	static const char junk[sizeof(struct tables_question_frame) + 1];
	struct tables_question_head head = {.kind = 9};
	struct tables_answer_frame frame;

	(void)state;
	allow("hash:fine", 1);
	assert_int_equal(ipc_send(serve_fd, junk, 1, NULL), 0);
	assert_int_equal(ipc_send(serve_fd, junk, sizeof(junk), NULL), 0);
	assert_int_equal(ipc_send(serve_fd, &head, sizeof(head), NULL), 0);
	take(&frame);
	head.kind = TABLES_ASK;
	head.n_key = UINT32_MAX;
	assert_int_equal(ipc_send(serve_fd, &head, sizeof(head), NULL), 0);
	expect(ask("hash:fine", VIEW("no")), "-");
}

static void
test_ends(void **state)
{
	int status;

	(void)state;
	(void)shutdown(serve_fd, SHUT_RDWR);
	assert_int_equal(waitpid(process, &status, 0), process);
	process = 0;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- the queue by itself ---- */

static void
test_queue(void **state)
{
	static struct tables_batch batch, other;
	struct tables_queue queue;
	int64_t late = TABLES_STALE_MS * INT64_C(1000) + 1;

	(void)state;
	tables_queue_init(&queue);
	tables_queue_allow(&queue, VIEW("a:"), 1);
	tables_queue_allow(&queue, VIEW("b:"), 1);
	assert_false(tables_queue_take(&queue, 0, &batch));
	assert_true(tables_queue_add(&queue, VIEW("a:"), VIEW("1"), 1, 0));
	assert_true(tables_queue_add(&queue, VIEW("b:"), VIEW("2"), 2, 0));
	assert_true(tables_queue_take(&queue, 0, &batch));
	assert_string_equal(batch.table->name, "a:");
	/* One run a table: what is new waits, and each table has its turn. */
	assert_true(tables_queue_add(&queue, VIEW("a:"), VIEW("3"), 3, 0));
	assert_true(tables_queue_take(&queue, 0, &other));
	assert_string_equal(other.table->name, "b:");
	tables_queue_done(other.table);
	assert_false(tables_queue_take(&queue, 0, &other));
	/* A table that is asked is not forgotten under way. */
	tables_queue_allow(&queue, VIEW("b:"), 3);
	assert_false(tables_queue_add(&queue, VIEW("a:"), VIEW("6"), 6, 0));
	tables_queue_done(batch.table);
	assert_true(tables_queue_take(&queue, 0, &batch));
	assert_int_equal(batch.items[0].id, 3);
	tables_queue_done(batch.table);
	/* Whoever asked so long ago has gone. */
	assert_true(tables_queue_add(&queue, VIEW("b:"), VIEW("4"), 4, 0));
	assert_true(tables_queue_add(&queue, VIEW("b:"), VIEW("5"), 5, late));
	assert_true(tables_queue_take(&queue, late, &batch));
	assert_int_equal(batch.n_stale, 1);
	assert_int_equal(batch.stale[0], 4);
	assert_int_equal(batch.n, 1);
	assert_int_equal(batch.items[0].id, 5);
	tables_queue_done(batch.table);
	for (uint64_t i = 0; i < TABLES_WAITING_MAX; i++)
		assert_true(tables_queue_add(&queue, VIEW("b:"), VIEW("k"), i, 0));
	assert_false(tables_queue_add(&queue, VIEW("b:"), VIEW("k"), 9, 0));
	tables_queue_fini(&queue);
}

static int
world_start(void **state)
{
	(void)state;
	must(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	snprintf(program, sizeof(program), "%s/postmap", dir);
	snprintf(runs, sizeof(runs), "%s/runs", dir);
	FILE *file = fopen(program, "w");
	must(file != NULL && fputs(script, file) >= 0 && fclose(file) == 0);
	must(chmod(program, 0755) == 0);
	file = fopen(runs, "w");
	must(file != NULL && fclose(file) == 0 && chmod(runs, 0666) == 0);
	return 0;
}

static int
world_end(void **state)
{
	(void)state;
	(void)unlink(program);
	(void)unlink(runs);
	(void)rmdir(dir);
	return 0;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, process_start, process_stop)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queue),
	    TEST(test_answers),
	    TEST(test_allowed),
	    TEST(test_batches),
	    TEST(test_hangs),
	    TEST(test_nonsense),
	    TEST(test_ends),
	};

	return cmocka_run_group_tests(tests, world_start, world_end);
}
