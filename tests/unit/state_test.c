/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* state.db: what goes in comes out, and a file that is none is set aside. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "journal/db.h"
#include "journal/state.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "tests/unit/journal_lab.h"

static void
add(void *context, const struct state_key *key)
{
	buf_addf(context,
	    "%.*s/%.*s %u alg %u, %s, faults %u, %lld %lld %lld %lld, ttl %u%s\n",
	    VIEW_ARG(key->domain), VIEW_ARG(key->selector), key->fingerprint[31],
	    key->algorithm, fact_key_state_name(key->state), key->faults,
	    (long long)key->first_seen, (long long)key->since, (long long)key->last_ready,
	    (long long)key->replaced, key->ttl, key->is_everywhere ? ", everywhere" : "");
}

static int
read_all(const char *dir, struct buf *out, bool *ret_is_damaged)
{
	struct err err = ERR_INIT;

	buf_reset(out);
	return state_keys_read(dir, add, out, ret_is_damaged, &err);
}

static struct state_key
key_of(const char *selector)
{
	struct state_key key = {.domain = VIEW("example.org"),
	    .selector = view_of(selector),
	    .algorithm = 1,
	    .state = KEY_READY,
	    .faults = 1024,
	    .first_seen = 1,
	    .since = 2,
	    .last_ready = INT64_C(5000000000),
	    .replaced = 4,
	    .ttl = 300,
	    .is_everywhere = true};

	memset(key.fingerprint, 7, sizeof(key.fingerprint));
	return key;
}

static void
test_round(void **state)
{
	struct buf out = BUF_INIT(65536);
	struct state_key keys[] = {key_of("s2025"), key_of("s2026")};
	struct err err = ERR_INIT;
	const char *dir = lab_dir();
	bool is_damaged;

	(void)state;
	assert_int_equal(read_all(dir, &out, &is_damaged), 0);
	keys[1].state = KEY_UNPUBLISHED;
	keys[1].is_everywhere = false;
	assert_int_equal(state_keys_write(dir, keys, 2, &is_damaged, &err), 0);
	keys[0].state = KEY_MISMATCHED;
	assert_int_equal(state_keys_write(dir, keys, 1, &is_damaged, &err), 0);
	assert_int_equal(read_all(dir, &out, &is_damaged), 1);
	assert_string_equal(buf_text(&out),
	    "example.org/s2025 7 alg 1, mismatched, faults 1024, 1 2 5000000000 4, ttl "
	    "300, everywhere\n"
	    "example.org/s2026 7 alg 1, unpublished, faults 1024, 1 2 5000000000 4, ttl "
	    "300\n");
	buf_fini(&out);
}

static void
overwrite(const char *path, struct view content)
{
	struct err err = ERR_INIT;

	unlink(path);
	assert_int_equal(file_create(path, 0640, content, &err), 0);
}

/* How many files in DIR begin with "state.db". */
static unsigned
files(void)
{
	char command[512];
	unsigned n = 0;

	snprintf(command, sizeof(command), "ls -d %s*", lab_path("state.db"));
	FILE *list = popen(command, "r");
	assert_non_null(list);
	while (fgets(command, sizeof(command), list) != NULL)
		n++;
	pclose(list);
	return n;
}

static void
test_damage(void **state)
{
	static char noise[8192];
	struct buf out = BUF_INIT(65536);
	struct state_key key = key_of("s2026");
	struct err err = ERR_INIT;
	bool is_damaged;

	(void)state;
	memset(noise, 'x', sizeof(noise));
	const char *dir = lab_dir();
	overwrite(lab_path("state.db"), (struct view){noise, sizeof(noise)});
	assert_int_equal(read_all(dir, &out, &is_damaged), -1);
	assert_true(is_damaged);
	assert_int_equal(files(), 1);
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);
	assert_int_equal(files(), 2);
	assert_int_equal(read_all(dir, &out, &is_damaged), 1);
	assert_true(out.n > 0);

	/* And when it is written first. */
	overwrite(lab_path("state.db"), (struct view){noise, sizeof(noise)});
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), -1);
	assert_true(is_damaged);
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);

	/* Empty: as if it were not there. */
	overwrite(lab_path("state.db"), VIEW_NONE);
	assert_int_equal(read_all(dir, &out, &is_damaged), 1);
	assert_int_equal(out.n, 0);
	buf_fini(&out);
}

/* Rows that somebody wrote by hand. */
static void
test_nonsense(void **state)
{
	struct buf out = BUF_INIT(65536);
	struct state_key key = key_of("s2026");
	struct err err = ERR_INIT;
	const char *dir = lab_dir();
	bool is_damaged;
	sqlite3 *db;

	(void)state;
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);
	assert_int_equal(db_open_write(lab_path("state.db"), &db, &err), 0);
	assert_int_equal(
	    db_run(db,
		"INSERT INTO key_state(domain, selector, fingerprint) VALUES"
		" ('a.example', 's', x'00'), ('a.example', 's', 'text'), ('', 's', "
		"zeroblob(32)), ('a.example', '', zeroblob(32));"
		"INSERT INTO key_state VALUES('b.example', 's', zeroblob(32), 99, -3, "
		"-1, 'x', NULL, 1e300, 2, 1e18, 'yes')",
		&err),
	    0);
	sqlite3_close(db);
	assert_int_equal(read_all(dir, &out, &is_damaged), 1);
	assert_string_equal(buf_text(&out),
	    "b.example/s 0 alg 0, unknown, faults 0, 0 0 9223372036854775807 2, ttl 0\n"
	    "example.org/s2026 7 alg 1, ready, faults 1024, 1 2 5000000000 4, ttl 300, "
	    "everywhere\n");
	/* A table of another make is no better than noise. */
	assert_int_equal(db_open_write(lab_path("state.db"), &db, &err), 0);
	assert_int_equal(
	    db_run(db, "DROP TABLE key_state; CREATE TABLE key_state(x)", &err), 0);
	sqlite3_close(db);
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), -1);
	assert_true(is_damaged);
	assert_int_equal(state_keys_write(dir, &key, 1, &is_damaged, &err), 0);
	buf_fini(&out);
}

static int
remove_dir(void **state)
{
	(void)state;
	lab_remove();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(test_round, remove_dir),
	    cmocka_unit_test_teardown(test_damage, remove_dir),
	    cmocka_unit_test_teardown(test_nonsense, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
