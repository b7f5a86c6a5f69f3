/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What the supervisor hears of other processes while it waits for a policy to be loaded. */

#include <sys/prctl.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "milter/dns_process.h"
#include "milter/milter_process.h"
#include "milter/notify.h"
#include "milter/receiver_process.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

enum { GENERATION = 7 };

static struct supervisor supervisor;
static struct link *milter; /* its end */

/* ---- what children.c has of others, and what does not happen here ---- */

void
milter_process_run(const struct milter_process *process)
{
	(void)process;
	abort();
}

void
dns_process_run(const struct dns_process *process)
{
	(void)process;
	abort();
}

void
receiver_process_run(const struct receiver_process *process)
{
	(void)process;
	abort();
}

int
spawn(const struct spawn *spawn_as, pid_t *ret_pid, struct err *err)
{
	(void)spawn_as;
	(void)ret_pid;
	return err_set(err, ERR_TEMP, "nothing is started here");
}

int
children_start_keys(struct supervisor *of, struct config *config, struct child *ret_child,
    struct key_sockets *ret_sockets, struct buf *messages, struct err *err)
{
	(void)of;
	(void)config;
	(void)ret_child;
	(void)ret_sockets;
	(void)messages;
	return err_set(err, ERR_TEMP, "nothing is started here");
}

void
key_sockets_close(struct key_sockets *sockets)
{
	(void)sockets;
}

int
children_start_tables(struct supervisor *of, struct helper *helper, struct err *err)
{
	(void)of;
	(void)helper;
	return err_set(err, ERR_TEMP, "nothing is started here");
}

int
children_start_follow(struct supervisor *of, struct helper *helper, struct err *err)
{
	(void)of;
	(void)helper;
	return err_set(err, ERR_TEMP, "nothing is started here");
}

void
reload_answer(struct supervisor *of, uint32_t client, int exit_code, const char *who,
    struct view messages)
{
	(void)of;
	(void)client;
	(void)exit_code;
	(void)who;
	(void)messages;
}

void
notify(const char *state)
{
	(void)state;
}

/* ---- tests ---- */

static pid_t
sleeper(void)
{
	pid_t pid = fork();

	must(pid >= 0);
	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (; pid == 0;)
		(void)pause();
	return pid;
}

static int
begin(void **state)
{
	int pair[2];

	(void)state;
	must(ipc_pair(pair, NULL) == 0);
	supervisor = (struct supervisor){.generation = GENERATION - 1};
	supervisor.milter.link = link_new(pair[0]);
	milter = link_new(pair[1]);
	supervisor.keys.pid = sleeper();
	for (unsigned i = 0; i < HELPERS; i++)
		supervisor.helpers[i].child.pid = sleeper();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	children_end(&supervisor.milter);
	children_end(&supervisor.keys);
	for (unsigned i = 0; i < HELPERS; i++)
		children_end(&supervisor.helpers[i].child);
	link_free(milter);
	return 0;
}

static bool
is_killed(struct child *child)
{
	siginfo_t info = {.si_pid = 0};

	must(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0);
	return info.si_pid == child->pid;
}

static void
say(enum link_type type, uint64_t generation)
{
	assert_int_equal(link_send(milter, type, 0, generation, VIEW_NONE, NULL), 0);
}

static int
load(void)
{
	char name[] = "frank.conf";
	struct config config = {.hash = "abc", .main_name = name};
	int any[1 + KEY_SLOTS];

	for (size_t i = 0; i < ARRAY_LEN(any); i++)
		any[i] = STDERR_FILENO;
	struct key_sockets sockets = {.request = any[0]};
	for (size_t i = 0; i < KEY_SLOTS; i++)
		sockets.slot[i] = any[i + 1];
	return children_offer(&supervisor, &config, GENERATION, &sockets, NULL);
}

/* Waits for what is on its way to CHILD. */
static void
assert_killed(struct child *child)
{
	siginfo_t info = {.si_pid = 0};

	must(waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT) == 0);
	assert_int_equal(info.si_status, SIGKILL);
}

static void
hears_while_loading(void **state)
{
	static const enum link_type types[] = {[HELPER_RECEIVER] = LINK_RECEIVER_HUNG,
	    [HELPER_DNS] = LINK_DNS_HUNG,
	    [HELPER_TABLES] = LINK_TABLES_HUNG};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(types); i++)
		say(types[i], (uint64_t)supervisor.helpers[i].child.pid);
	say(LINK_KEYS_HUNG, supervisor.generation);
	say(LINK_LOADED, GENERATION);
	assert_int_equal(load(), 0);
	(void)alarm(20);
	for (unsigned i = 0; i < ARRAY_LEN(types); i++)
		assert_killed(&supervisor.helpers[i].child);
	assert_false(is_killed(&supervisor.helpers[HELPER_FOLLOW].child));
	assert_killed(&supervisor.keys);
	(void)alarm(0);
}

static void
say_untaken(enum link_type given, uint64_t generation)
{
	static struct link_frame in; /* a large one */

	in.type = LINK_UNTAKEN;
	in.number = given;
	in.generation = generation;
	children_kill_hung(&supervisor, &in);
}

/* What the milter process had no room for is started again; not what is in its place, nor
 * what is of another kind. */
static void
hears_what_was_not_taken(void **state)
{
	static const struct {
		enum link_type given;
		enum helper_place place;
	} helpers[] = {{LINK_RECEIVER, HELPER_RECEIVER}, {LINK_DNS, HELPER_DNS},
	    {LINK_TABLES, HELPER_TABLES}, {LINK_FOLLOW, HELPER_FOLLOW}};

	(void)state;
	(void)alarm(20);
	for (size_t i = 0; i < ARRAY_LEN(helpers); i++) {
		struct child *child = &supervisor.helpers[helpers[i].place].child;

		say_untaken(helpers[i].given, (uint64_t)child->pid + 1);
		say_untaken(LINK_POOL, (uint64_t)child->pid);
		assert_false(is_killed(child));
		say_untaken(helpers[i].given, (uint64_t)child->pid);
		assert_killed(child);
	}
	say_untaken(LINK_POOL, supervisor.generation + 1);
	assert_false(is_killed(&supervisor.keys));
	say_untaken(LINK_POOL, supervisor.generation);
	assert_killed(&supervisor.keys);
	(void)alarm(0);
}

/* What was said of a process is not meant for the one in its place. */
static void
spares_the_successor(void **state)
{
	(void)state;
	say(LINK_DNS_HUNG, (uint64_t)supervisor.helpers[HELPER_DNS].child.pid + 1);
	say(LINK_RECEIVER_HUNG, 0);
	say(LINK_KEYS_HUNG, GENERATION);
	say(LINK_LOADED, GENERATION);
	assert_int_equal(load(), 0);
	for (unsigned i = 0; i < HELPERS; i++)
		assert_false(is_killed(&supervisor.helpers[i].child));
	assert_false(is_killed(&supervisor.keys));
}

/* A program that a helper runs does not outlive it. */
static void
takes_along_what_it_runs(void **state)
{
	struct child *tables = &supervisor.helpers[HELPER_TABLES].child;
	int alive[2];
	char byte;

	(void)state;
	must(pipe(alive) == 0);
	children_end(tables);
	tables->pid = fork();
	must(tables->pid >= 0);
	if (tables->pid == 0) {
		must(setpgid(0, 0) == 0 && fork() >= 0);
		must(write(alive[1], "", 1) == 1);
		for (;;)
			(void)pause();
	}
	close(alive[1]);
	for (int i = 0; i < 2; i++)
		assert_int_equal(read(alive[0], &byte, 1), 1);
	say(LINK_TABLES_HUNG, (uint64_t)tables->pid);
	say(LINK_LOADED, GENERATION);
	assert_int_equal(load(), 0);
	(void)alarm(20);
	/* The last of them has gone. */
	assert_int_equal(read(alive[0], &byte, 1), 0);
	(void)alarm(0);
	close(alive[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(takes_along_what_it_runs, begin, end),
	    cmocka_unit_test_setup_teardown(hears_while_loading, begin, end),
	    cmocka_unit_test_setup_teardown(hears_what_was_not_taken, begin, end),
	    cmocka_unit_test_setup_teardown(spares_the_successor, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
