/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/bug.h"
#include "receiver/child.h"
#include "receiver/sandbox.h"
#include "receiver/serve.h"

#include "tests/unit/receiver_lab.h"

enum { NOBODY = 65534 };

static const struct lab_message plain = {
    .fields = {"From: a@example.org", "Subject: x"},
    .body = {"hello\r\n", 7},
};

static char place[] = "/tmp/receiver_sandbox_test.XXXXXX";

/* What CHILD's exit code is, run in a process of its own. */
static int
run_child(int (*child)(void *), void *argument)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child(argument));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* As the receiver process does it. */
static int
confine(void *argument)
{
	struct err err = ERR_INIT;
	bool was_root = geteuid() == 0;

	(void)argument;
	if (sandbox_root(place, &err) < 0)
		return 10;
	if (was_root &&
	    (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
		setresuid(NOBODY, NOBODY, NOBODY) != 0))
		return 11;
	return sandbox_limits(SANDBOX_MEMORY, &err) < 0 ? 12 : 0;
}

static int
can_reach_nothing(void *log)
{
	bool was_root = geteuid() == 0;
	int into = *(int *)log, result = confine(NULL);

	if (result != 0)
		return result;
	if (was_root && access("/etc", F_OK) == 0)
		return 1;
	if (write(into, "x", 1) != -1 || errno != EFBIG)
		return 2;
	if (fork() != -1)
		return 3;
	for (int i = 0; i < SANDBOX_FILES; i++)
		if (dup(into) == -1 && errno == EMFILE)
			return 0;
	return 4;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static int
can_have_little(void *unused)
{
	int result = confine(unused);

	if (result != 0)
		return result;
	return mmap(NULL, SANDBOX_MEMORY, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED
		   ? 0
		   : 1;
}
#endif

static int
take(struct receiver *receiver, uint32_t type, uint32_t stream, struct view payload,
    struct receiver_verdict *verdict)
{
	static char frame[sizeof(struct receiver_frame) + RECEIVER_PAYLOAD_MAX];
	const struct receiver_frame head = {.type = type, .stream = stream};

	memcpy(frame, &head, sizeof(head));
	if (payload.n > 0)
		memcpy(frame + sizeof(head), payload.p, payload.n);
	return receiver_take(receiver, frame, sizeof(head) + payload.n, verdict, NULL);
}

/* Four streams, full, and the signature of the last. */
static int
can_judge(void *argument)
{
	static char piece[RECEIVER_PAYLOAD_MAX];
	const struct view *value = argument, body = {piece, sizeof(piece)};
	struct receiver *receiver = receiver_new();
	struct receiver_verdict verdict;
	uint32_t last = RECEIVER_STREAMS - 1;
	int result = confine(NULL);

	if (result != 0)
		return result;
	memset(piece, 'x', sizeof(piece));
	for (uint32_t stream = 0; stream < RECEIVER_STREAMS; stream++) {
		(void)take(receiver, RECEIVER_OPEN, stream, VIEW_NONE, &verdict);
		for (int i = 0; i < RECEIVER_BODY_MAX / RECEIVER_PAYLOAD_MAX; i++)
			(void)take(receiver, RECEIVER_BODY, stream, body, &verdict);
	}
	(void)take(receiver, RECEIVER_BODY, last, VIEW("\r\n"), &verdict);
	(void)take(receiver, RECEIVER_FIELD, last, VIEW("From: a@example.org"), &verdict);
	(void)take(receiver, RECEIVER_SIGNATURE, last, *value, &verdict);
	if (take(receiver, RECEIVER_END, last, VIEW_NONE, &verdict) != 1)
		return 1;
	receiver_free(receiver);
	/* No key came along; all else has happened. */
	return strcmp(verdict.results[0].reason, "no key is known") == 0 ? 0 : 2;
}

static int
can_verify(void *argument)
{
	const struct view *value = argument;
	struct verify *verify = verify_new();
	struct view fields[LAB_FIELDS];
	const struct verify_message message = {
	    .fields = fields, .n_fields = lab_fields(&plain, fields), .body = plain.body};
	const struct verify_key key = {
	    VIEW("example.org"), VIEW("lab"), view_of(lab_record(plain.algorithm))};
	struct verify_answer answer;
	int result;

	verify_warm_up(verify);
	result = confine(NULL);
	if (result != 0)
		return result;
	verify_signature(verify, &message, *value, &key, &answer);
	return answer.opinion == RECEIVER_AGREES ? 0 : 1;
}

static void
confines(void **state)
{
	struct buf value = BUF_INIT(SIGN_HEADER_MAX);
	struct view view;
	FILE *log = tmpfile();
	int fd = fileno(log);

	(void)state;
	lab_sign(&plain, &value);
	view = buf_view(&value);
	assert_int_equal(run_child(can_reach_nothing, &fd), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_int_equal(run_child(can_have_little, NULL), 0);
#endif
	assert_int_equal(run_child(can_judge, &view), 0);
	assert_int_equal(run_child(can_verify, &view), 0);
	(void)fclose(log);
	buf_fini(&value);
}

static int
enter(void *path)
{
	struct err err = ERR_INIT;

	return sandbox_root(path, &err) == 0 ? 0 : 20 + (int)err.code;
}

static void
enters_empty_directories_only(void **state)
{
	char below[sizeof(place) + 8];

	(void)state;
	if (geteuid() != 0)
		skip();
	snprintf(below, sizeof(below), "%s/b", place);
	assert_int_equal(run_child(enter, below), 20 + ERR_MISSING);
	assert_int_equal(symlink("/", below), 0);
	assert_int_not_equal(run_child(enter, below), 0);
	assert_int_equal(run_child(enter, place), 20 + ERR_CONFIG); /* not empty now */
	assert_int_equal(unlink(below), 0);
	assert_int_equal(run_child(enter, place), 0);
	assert_int_equal(chmod(place, 0770), 0);
	assert_int_equal(run_child(enter, place), 20 + ERR_CONFIG);
	assert_int_equal(chmod(place, 0755), 0);
	assert_int_equal(chown(place, NOBODY, NOBODY), 0);
	assert_int_equal(run_child(enter, place), 20 + ERR_CONFIG);
	assert_int_equal(chown(place, 0, 0), 0);
	assert_int_equal(run_child(enter, place), 0);
}

/* A pointer to nowhere is what a parser's fault looks like from outside. */
static void
survives_the_crash_of_a_child(void **state)
{
	const struct verify_message message = {.body = plain.body};
	const struct verify_key key = {VIEW("example.org"), VIEW("lab"), {(char *)8, 100}};
	struct verify_answer answer = {.opinion = RECEIVER_AGREES};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    child_verify(&message, VIEW(" v=1"), &key, 10000, &answer, &err), -1);
	assert_int_equal(err.code, ERR_IO);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	assert_non_null(strstr(err.text, "crashed"));
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(confines),
	    cmocka_unit_test(enters_empty_directories_only),
	    cmocka_unit_test(survives_the_crash_of_a_child),
	};
	int failed;

	must(mkdtemp(place) != NULL && chmod(place, 0755) == 0);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(place);
	return failed;
}
