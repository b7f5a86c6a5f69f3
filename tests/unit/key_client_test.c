/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The milter process's end of a key process, against a key process made of one thread that
 * can be told to stay silent, to answer late, or to die.
 */

#include <sys/socket.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/ipc.h"
#include "milter/key_client.h"
#include "milter/key_wire.h"

enum fake_mode { ANSWER, REFUSE, SILENT, OLD_ANSWER_FIRST };

struct fake {
	int request;
	int slot[KEY_SLOTS];
	enum fake_mode mode;
	pthread_t thread;
};

static void
fake_reply(const struct fake *fake, const struct key_request *request, uint32_t sequence)
{
	struct key_reply reply = {.sequence = sequence, .status = 0, .n = SIGN_DIGEST};

	memcpy(reply.bytes, request->digest, SIGN_DIGEST);
	if (fake->mode == REFUSE) {
		reply.status = -1;
		reply.n = 8;
		memcpy(reply.bytes, "not mine", 8);
	}
	(void)send(fake->slot[request->slot], &reply, sizeof(reply), MSG_NOSIGNAL);
}

static void *
fake_run(void *argument)
{
	struct fake *fake = argument;
	struct key_request request;

	while (
	    recv(fake->request, &request, sizeof(request), 0) == (ssize_t)sizeof(request)) {
		if (fake->mode == SILENT)
			continue;
		if (fake->mode == OLD_ANSWER_FIRST) {
			struct key_request old = request;
			memset(old.digest, 0xee, sizeof(old.digest));
			fake_reply(fake, &old, request.sequence - 1);
		}
		fake_reply(fake, &request, request.sequence);
	}
	return NULL;
}

/* A key process with its sockets attached to CLIENT. */
static struct fake *
fake_start(struct key_client *client, enum fake_mode mode)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	int pair[2], ours[KEY_SLOTS], request;
	struct err err = ERR_INIT;

	assert_non_null(fake);
	assert_int_equal(ipc_pair(pair, &err), 0);
	request = pair[0];
	fake->request = pair[1];
	for (int i = 0; i < KEY_SLOTS; i++) {
		assert_int_equal(ipc_pair(pair, &err), 0);
		ours[i] = pair[0];
		fake->slot[i] = pair[1];
	}
	fake->mode = mode;
	key_client_attach(client, request, ours);
	assert_int_equal(pthread_create(&fake->thread, NULL, fake_run, fake), 0);
	return fake;
}

static void
fake_die(struct fake *fake)
{
	(void)shutdown(fake->request, SHUT_RDWR);
	pthread_join(fake->thread, NULL);
	close(fake->request);
	for (int i = 0; i < KEY_SLOTS; i++)
		close(fake->slot[i]);
	free(fake);
}

static int
sign_once(struct key_client *client, uint8_t fill, struct err *err)
{
	uint8_t digest[SIGN_DIGEST];
	struct sign_signature signature;

	memset(digest, fill, sizeof(digest));
	if (key_client_sign(client, 3, VIEW("example.org"), digest, &signature, err) != 0)
		return -1;
	assert_int_equal(signature.n, SIGN_DIGEST);
	assert_memory_equal(signature.bytes, digest, SIGN_DIGEST);
	return 0;
}

static void
test_answers(void **state)
{
	struct key_client *client = key_client_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_false(key_client_is_ready(client));
	struct fake *fake = fake_start(client, ANSWER);
	assert_true(key_client_is_ready(client));
	for (uint8_t i = 0; i < 200; i++)
		assert_int_equal(sign_once(client, i, &err), 0);
	fake->mode = REFUSE;
	assert_int_equal(sign_once(client, 1, &err), -1);
	assert_string_equal(err.text, "not mine");
	assert_false(key_client_take_hung(client));
	/* An answer to an earlier, given-up request in the same slot is not taken for ours.
	 */
	fake->mode = OLD_ANSWER_FIRST;
	assert_int_equal(sign_once(client, 7, &err), 0);
	fake_die(fake);
	key_client_free(client);
}

static void
test_silence(void **state)
{
	struct key_client *client = key_client_new();
	struct err err = ERR_INIT;

	(void)state;
	struct fake *fake = fake_start(client, SILENT);
	int64_t began = clock_mono();
	assert_int_equal(sign_once(client, 1, &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_true(clock_mono() - began >= KEY_PATIENCE_MS * 900);
	assert_true(key_client_take_hung(client));
	assert_false(key_client_take_hung(client));
	fake_die(fake);
	key_client_free(client);
}

static void *
successor_start(void *argument)
{
	struct key_client *client = argument;

	return fake_start(client, ANSWER);
}

/* The process dies with nobody to replace it: an error in time. With a successor: no error
 * at all. */
static void
test_death(void **state)
{
	struct key_client *client = key_client_new();
	struct err err = ERR_INIT;
	pthread_t thread;
	void *successor;

	(void)state;
	fake_die(fake_start(client, ANSWER));
	assert_int_equal(sign_once(client, 1, &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_false(key_client_is_ready(client));

	assert_int_equal(pthread_create(&thread, NULL, successor_start, client), 0);
	assert_int_equal(sign_once(client, 2, &err), 0);
	pthread_join(thread, &successor);
	fake_die(successor);
	key_client_free(client);
}

static void *
sign_many(void *argument)
{
	struct key_client *client = argument;
	struct err err = ERR_INIT;
	intptr_t failed = 0;

	for (int i = 0; i < 200; i++)
		failed += sign_once(client, (uint8_t)i, &err) != 0;
	return (void *)failed;
}

/* More callers than slots, and the process replaced under them: everyone gets the own
 * answer. */
static void
test_crowd(void **state)
{
	enum { CALLERS = KEY_SLOTS + 8 };
	struct key_client *client = key_client_new();
	pthread_t threads[CALLERS];
	void *failed;

	(void)state;
	struct fake *fake = fake_start(client, ANSWER);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_many, client), 0);
	for (int i = 0; i < 5; i++) {
		struct fake *next = fake_start(client, ANSWER);
		fake_die(fake);
		fake = next;
	}
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	fake_die(fake);
	key_client_free(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_death),
	    cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
