/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/ipc.h"
#include "lib/listen.h"

#define FRAME(literal)                                                                     \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static void
parses_requests(void **state)
{
	static const struct {
		struct view frame;
		const char *words; /* NULL: malformed */
	} cases[] = {
	    {FRAME("reload\0"), "<reload>"},
	    {FRAME("status\0--json\0"), "<status><--json>"},
	    {FRAME("log\0--user\0\0"), "<log><--user><>"},
	    {FRAME("1\0002\0003\0004\0005\0006\0007\0008\0009\00010\00011\00012\00013\00014"
		   "\00015\00016\0"),
		"<1><2><3><4><5><6><7><8><9><10><11><12><13><14><15><16>"},
	    {FRAME("1\0002\0003\0004\0005\0006\0007\0008\0009\00010\00011\00012\00013\00014"
		   "\00015\00016\00017\0"),
		NULL},
	    {FRAME(""), NULL},
	    {FRAME("\0"), NULL},
	    {FRAME("\0reload\0"), NULL},
	    {FRAME("reload"), NULL},
	    {FRAME("reload\0x"), NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *words[CONTROL_WORDS_MAX];
		struct err err = ERR_INIT;
		char frame[200], got[200] = "";
		size_t n = 0;
		int result;

		memcpy(frame, cases[i].frame.p, cases[i].frame.n);
		result = control_parse(frame, cases[i].frame.n, words, &n, &err);
		for (size_t k = 0; k < n; k++)
			(void)snprintf(
			    got + strlen(got), sizeof(got) - strlen(got), "<%s>", words[k]);
		if (cases[i].words == NULL
			? result != -1 || n != 0 || err.code == ERR_NONE
			: result != 0 || strcmp(got, cases[i].words) != 0)
			fail_msg("case %zu: got %d %s", i, result, got);
	}
}

static void
bounds_requests(void **state)
{
	static char frame[CONTROL_REQUEST_MAX + 1];
	const char *words[CONTROL_WORDS_MAX];
	size_t n;

	(void)state;
	memset(frame, 'a', sizeof(frame) - 1);
	assert_int_equal(control_parse(frame, sizeof(frame), words, &n, NULL), -1);
	assert_int_equal(control_parse(frame + 1, sizeof(frame) - 1, words, &n, NULL), 0);
}

struct server {
	int fd;
	const char *frames[4]; /* the answer; NULL: none more */
	char request[100];
	size_t request_n;
};

static void *
serve(void *context)
{
	struct server *server = context;
	struct err err = ERR_INIT;
	int fd = accept(server->fd, NULL, NULL);

	if (ipc_recv(fd, server->request, sizeof(server->request), &server->request_n, 5000,
		&err) != 1)
		server->request_n = 0;
	for (size_t i = 0; i < ARRAY_LEN(server->frames) && server->frames[i] != NULL; i++)
		if (server->frames[i][0] == 'x')
			(void)control_finish(fd, server->frames[i][1] - '0');
		else if (server->frames[i][0] == '?')
			(void)ipc_send(fd, "?", 1, &err);
		else
			(void)control_answer(fd, server->frames[i][0] == 'e',
			    view_of(server->frames[i] + 1));
	(void)close(fd);
	return NULL;
}

static void
collect(void *context, int is_error, struct view text)
{
	struct buf *shown = context;

	buf_addf(shown, "%c:", is_error ? 'e' : 'd');
	buf_add(shown, text);
	buf_add_char(shown, '|');
}

static void
asks_and_is_answered(void **state)
{
	static const struct {
		const char *frames[4], *shown;
		int result;
		const char *why;
	} cases[] = {
	    {{"dall is well\n", "x0"}, "d:all is well\n|", 0, ""},
	    {{"dout", "ewarning", "dmore", "x7"}, "d:out|e:warning|d:more|", 7, ""},
	    {{"x0"}, "", 0, ""},
	    {{"d", "x0"}, "", 0, ""},
	    {{"dhalf"}, "d:half|", -1, "frankd broke off its answer"},
	    {{"?"}, "", -1, "frankd answered in a way not known here"},
	};
	char dir[] = "/tmp/control_test.XXXXXX", address[64];
	const char *const words[] = {"status", "", "--json"};
	struct listen_owner owner = {geteuid(), getegid(), 0600};
	struct server server;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(address, sizeof(address), "unix:%s/sock", dir);
	assert_int_equal(
	    listen_open(view_of(address), SOCK_SEQPACKET, &owner, &server.fd, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf shown = BUF_INIT(1000);
		struct err err = ERR_INIT;
		pthread_t thread;
		int result;

		memcpy(server.frames, cases[i].frames, sizeof(server.frames));
		assert_int_equal(pthread_create(&thread, NULL, serve, &server), 0);
		result = control_ask(address + 5, words, 3, collect, &shown, &err);
		(void)pthread_join(thread, NULL);
		if (result != cases[i].result ||
		    strcmp(buf_text(&shown), cases[i].shown) != 0 ||
		    strcmp(err.text, cases[i].why) != 0)
			fail_msg("case %zu: got %d \"%s\" \"%s\"", i, result,
			    buf_text(&shown), err.text);
		assert_int_equal(server.request_n, 15);
		assert_memory_equal(server.request, "status\0\0--json", 15);
		buf_fini(&shown);
	}
	(void)close(server.fd);
	(void)unlink(address + 5);
	(void)rmdir(dir);
}

static void
says_why_it_cannot_ask(void **state)
{
	static char longest[CONTROL_REQUEST_MAX];
	const char *const reload[] = {"reload"}, *const large[] = {"x", longest};
	char dir[] = "/tmp/control_test.XXXXXX", address[64];
	struct err err = ERR_INIT;
	int fd;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	assert_int_equal(control_ask("/nowhere/sock", reload, 1, collect, NULL, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_int_equal(control_ask("/nowhere/sock", large, 2, collect, NULL, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(control_ask("/nowhere/sock", reload, 0, collect, NULL, &err), -1);
	assert_int_equal(control_ask(longest, reload, 1, collect, NULL, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	/* A socket whose daemon is gone. */
	assert_non_null(mkdtemp(dir));
	(void)snprintf(address, sizeof(address), "unix:%s/sock", dir);
	assert_int_equal(listen_open(view_of(address), SOCK_SEQPACKET, NULL, &fd, NULL), 0);
	(void)close(fd);
	assert_int_equal(control_ask(address + 5, reload, 1, collect, NULL, &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	assert_non_null(strstr(err.text, "/sock: no frankd answers there"));
	(void)unlink(address + 5);
	(void)rmdir(dir);
}

static void *
read_slowly(void *context)
{
	static char frame[IPC_FRAME_MAX];
	size_t n, *total = context;
	int fd = (int)*total;

	*total = 0;
	while (ipc_recv(fd, frame, sizeof(frame), &n, IPC_FOREVER, NULL) == 1 &&
	       frame[0] == 'd')
		*total += n - 1;
	return NULL;
}

/* Long output is cut into frames; who does not read holds us up for 2 s at most. */
static void
answers_at_length(void **state)
{
	enum { LONG = 3000000 };
	char *text = mem_zeroed(1, LONG);
	pthread_t thread;
	size_t total;
	int64_t start;
	int pair[2];

	(void)state;
	assert_int_equal(ipc_pair(pair, NULL), 0);
	total = (size_t)pair[1];
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &total), 0);
	assert_int_equal(control_answer(pair[0], 0, (struct view){text, LONG}), 0);
	assert_int_equal(control_finish(pair[0], 0), 0);
	(void)pthread_join(thread, NULL);
	assert_int_equal(total, LONG);
	start = clock_mono();
	assert_int_equal(control_answer(pair[0], 0, (struct view){text, LONG}), -1);
	assert_in_range(clock_mono() - start, 1900000, 4000000);
	(void)close(pair[1]);
	assert_int_equal(control_finish(pair[0], 0), -1);
	(void)close(pair[0]);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parses_requests),
	    cmocka_unit_test(bounds_requests),
	    cmocka_unit_test(asks_and_is_answered),
	    cmocka_unit_test(says_why_it_cannot_ask),
	    cmocka_unit_test(answers_at_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
