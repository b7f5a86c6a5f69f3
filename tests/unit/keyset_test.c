/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "lib/bug.h"

#include "tests/unit/keyset_tree.h"

/* RFC 8463 A.2. */
static const char ed25519_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

static void
make_rsa(const char *name)
{
	struct buf pem = BUF_INIT(KEY_FILE_MAX);

	assert_int_equal(key_generate(KEY_RSA2048, &pem, NULL), 0);
	tree_make_file(name, 0600, buf_text(&pem));
	buf_fini(&pem);
}

static void
expect_entry(const struct keyset *set, size_t i, const char *domain, const char *selector)
{
	const struct keyset_entry *entry = keyset_at(set, i);

	if (strcmp(entry->domain, domain) != 0 || strcmp(entry->selector, selector) != 0)
		fail_msg("entry %zu: got %s %s, want %s %s", i, entry->domain,
		    entry->selector, domain, selector);
}

static void
test_tree(void **state)
{
	struct keyset *set;

	(void)state;
	tree_make_dir("example.org", 0700);
	tree_make_dir("Example.NET", 0755);
	tree_make_dir(".git", 0700);
	make_rsa("example.org/2026.pem");
	tree_make_file("example.org/ed.pem", 0400, ed25519_key);
	tree_make_file("example.org/README", 0644, "not a key");
	tree_make_file("example.org/.ed.pem", 0644, "not a key");
	tree_make_file("Example.NET/S1.pem", 0600, ed25519_key);
	tree_make_file("note", 0644, "not a key");
	tree_make_file(".git/x.pem", 0644, "not a key");
	set = tree_load();
	assert_int_equal(keyset_faults(set), 0);
	assert_int_equal(keyset_count(set), 3);
	expect_entry(set, 0, "example.net", "s1");
	expect_entry(set, 1, "example.org", "2026");
	expect_entry(set, 2, "example.org", "ed");
	assert_int_equal(keyset_at(set, 1)->algorithm, SIGN_RSA_SHA256);
	assert_int_equal(keyset_at(set, 2)->algorithm, SIGN_ED25519_SHA256);
	assert_string_equal(keyset_at(set, 2)->name, "");
	assert_true(keyset_at(set, 1)->mtime > 1700000000);
	assert_true(keyset_at(set, 0)->content_hash == keyset_at(set, 2)->content_hash);
	assert_true(keyset_at(set, 0)->content_hash != keyset_at(set, 1)->content_hash);
	keyset_free(set);
}

/* One good key among all that can be wrong: it is used, and each fault is named with its
 * remedy. */
static void
test_planted(void **state)
{
	struct keyset *set;
	char truncated[80];

	(void)state;
	snprintf(truncated, sizeof(truncated), "%.60s", ed25519_key);
	tree_make_dir("good.example", 0700);
	tree_make_file("good.example/s.pem", 0600, ed25519_key);
	tree_make_file("good.example/readable.pem", 0644, ed25519_key);
	tree_make_file("good.example/group.pem", 0640, ed25519_key);
	tree_make_file("good.example/empty.pem", 0600, "");
	tree_make_file("good.example/cut.pem", 0600, truncated);
	tree_make_file("good.example/no selector.pem", 0600, ed25519_key);
	assert_int_equal(
	    symlink(tree_path("good.example/s.pem"), tree_path("good.example/link.pem")),
	    0);
	assert_int_equal(mkfifo(tree_path("good.example/fifo.pem"), 0600), 0);
	tree_make_dir("good.example/dir.pem", 0700);
	tree_make_dir("open.example", 0770);
	tree_make_file("open.example/s.pem", 0600, ed25519_key);
	tree_make_dir("bad..domain", 0700);
	assert_int_equal(
	    symlink(tree_path("good.example"), tree_path("linked.example")), 0);
	tree_make_file("stray.pem", 0600, ed25519_key);
	set = tree_load();
	tree_expect_fault(set, "good.example/readable.pem", "chmod 0600 /tmp/");
	tree_expect_fault(set, "good.example/group.pem", "chmod 0600 /tmp/");
	tree_expect_fault(set, "good.example/empty.pem", "empty");
	tree_expect_fault(set, "good.example/cut.pem", "frank key new good.example");
	tree_expect_fault(set, "no selector.pem", "is not a selector");
	tree_expect_fault(set, "good.example/link.pem", "symbolic link");
	tree_expect_fault(set, "good.example/fifo.pem", "no regular file");
	tree_expect_fault(set, "good.example/dir.pem", "no regular file");
	tree_expect_fault(set, "open.example", "chmod go-w /tmp/");
	tree_expect_fault(set, "bad..domain", "is not a domain");
	tree_expect_fault(set, "linked.example", "symbolic link");
	tree_expect_fault(set, "stray.pem", "mkdir");
	assert_int_equal(keyset_faults(set), 12);
	assert_int_equal(keyset_count(set), 1);
	expect_entry(set, 0, "good.example", "s");
	keyset_free(set);
}

static void
test_unusable_place(void **state)
{
	struct keyset *set = keyset_new(geteuid());
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keyset_add_dir(set, "keys", &err), -1);
	assert_int_equal(keyset_add_dir(set, tree_path("missing"), &err), -1);
	assert_int_equal(err.code, ERR_MISSING);
	tree_make_dir("open", 0777);
	assert_int_equal(keyset_add_dir(set, tree_path("open"), &err), -1);
	assert_non_null(strstr(err.text, "chmod go-w"));
	tree_make_dir("open/below", 0700);
	assert_int_equal(keyset_add_dir(set, tree_path("open/below"), &err), -1);
	assert_non_null(strstr(err.text, "chmod go-w"));
	assert_int_equal(
	    keyset_add_file(set, "k", "a.example", "s", "relative.pem", &err), -1);
	keyset_parse(set);
	assert_int_equal(keyset_count(set), 0);
	keyset_free(set);
}

static void
test_files(void **state)
{
	struct keyset *set = keyset_new(geteuid());

	(void)state;
	tree_make_file("one.pem", 0600, ed25519_key);
	tree_make_file("two.pem", 0644, ed25519_key);
	tree_make_dir("open", 0777);
	tree_make_file("open/three.pem", 0600, ed25519_key);
	assert_int_equal(keyset_add_file(set, "fine",
			     "B\xc3\xbc"
			     "cher.example",
			     "s", tree_path("one.pem"), NULL),
	    0);
	assert_int_equal(
	    keyset_add_file(set, "bad", "b.example", "s", tree_path("two.pem"), NULL), 0);
	assert_int_equal(keyset_add_file(set, "worse", "c.example", "s",
			     tree_path("open/three.pem"), NULL),
	    0);
	assert_int_equal(
	    keyset_add_file(set, "gone", "d.example", "s", tree_path("four.pem"), NULL), 0);
	assert_int_equal(
	    keyset_add_file(set, "x", "d.example.", "s", tree_path("one.pem"), NULL), 0);
	keyset_parse(set);
	assert_int_equal(keyset_count(set), 1);
	expect_entry(set, 0, "xn--bcher-kva.example", "s");
	assert_string_equal(keyset_at(set, 0)->name, "fine");
	tree_expect_fault(set, "two.pem", "chmod 0600");
	tree_expect_fault(set, "open", "chmod go-w");
	tree_expect_fault(set, "four.pem", "");
	tree_expect_fault(set, "one.pem", "is not a domain");
	assert_int_equal(keyset_faults(set), 4);
	keyset_free(set);
}

static void
test_duplicates(void **state)
{
	struct keyset *set = keyset_new(geteuid());

	(void)state;
	tree_make_dir("a", 0700);
	tree_make_dir("a/example.org", 0700);
	tree_make_file("a/example.org/s.pem", 0600, ed25519_key);
	tree_make_dir("b", 0700);
	tree_make_dir("b/example.org", 0700);
	make_rsa("b/example.org/s.pem");
	assert_int_equal(keyset_add_dir(set, tree_path("a"), NULL), 0);
	assert_int_equal(keyset_add_dir(set, tree_path("b"), NULL), 0);
	assert_int_equal(keyset_add_file(set, "named", "example.org", "s",
			     tree_path("a/example.org/s.pem"), NULL),
	    0);
	assert_int_equal(keyset_add_file(set, "other", "example.org", "s",
			     tree_path("b/example.org/s.pem"), NULL),
	    0);
	keyset_parse(set);
	/* The same key under a name is no duplicate; another key is. */
	assert_int_equal(keyset_count(set), 2);
	assert_string_equal(keyset_at(set, 0)->name, "");
	assert_string_equal(keyset_at(set, 1)->name, "named");
	assert_int_equal(keyset_faults(set), 2);
	tree_expect_fault(set, "b/example.org/s.pem", "the first is");
	keyset_free(set);
}

static void
expect_signs(struct keyset_thread *thread, size_t i)
{
	const uint8_t digest[SIGN_DIGEST] = {7};
	uint8_t signature[SIGN_SIGNATURE_MAX];
	struct err err = ERR_INIT;
	size_t n = 0;

	if (keyset_sign(thread, i, digest, signature, &n, &err) < 0)
		fail_msg("key %zu: %s", i, err.text);
	assert_int_equal(n, 64);
}

static void *
sign_all(void *context)
{
	struct keyset *set = context;
	struct keyset_thread *thread = keyset_thread_new(set);

	for (size_t i = 0; i < keyset_count(set); i++)
		expect_signs(thread, i);
	keyset_thread_free(thread);
	return NULL;
}

/* More keys than are parsed at once, one of them damaged where only parsing sees it. */
static void
test_lazy(void **state)
{
	const uint8_t digest[SIGN_DIGEST] = {7};
	uint8_t signature[SIGN_SIGNATURE_MAX];
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	struct keyset_thread *thread;
	struct err err = ERR_INIT;
	struct keyset *set;
	pthread_t others[4];
	size_t n;
	int bits;

	(void)state;
	tree_make_dir("example.org", 0700);
	for (int i = 0; i <= KEYSET_EAGER; i++) {
		char name[64];

		snprintf(name, sizeof(name), "example.org/k%03d.pem", i);
		tree_make_file(name, 0600, ed25519_key);
	}
	tree_make_file("example.org/no.pem", 0600, "no key at all");
	set = tree_load();
	assert_int_equal(keyset_count(set), KEYSET_EAGER + 1);
	assert_int_equal(keyset_faults(set), 1);
	assert_int_equal(keyset_at(set, 5)->algorithm, SIGN_ED25519_SHA256);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(pthread_create(&others[i], NULL, sign_all, set), 0);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_int_equal(pthread_join(others[i], NULL), 0);
	assert_int_equal(keyset_public(set, 5, &public, &bits, &err), 0);
	assert_int_equal(bits, 256);
	assert_string_equal(
	    buf_text(&public), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
	keyset_free(set);

	tree_make_file("example.org/a.pem", 0600,
	    "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
	set = tree_load();
	assert_int_equal(keyset_count(set), KEYSET_EAGER + 2);
	thread = keyset_thread_new(set);
	assert_int_equal(keyset_sign(thread, 0, digest, signature, &n, &err), -1);
	assert_non_null(strstr(err.text, "example.org/a.pem"));
	expect_signs(thread, 1);
	keyset_thread_free(thread);
	keyset_free(set);
	buf_fini(&public);
}

/* A key that is short, but used. */
static void
test_weak(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(1024U);
	struct keyset *set;
	FILE *file;

	(void)state;
	tree_make_dir("example.org", 0700);
	tree_make_file("example.org/s.pem", 0600, "");
	file = fopen(tree_path("example.org/s.pem"), "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, pkey, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
	EVP_PKEY_free(pkey);
	set = tree_load();
	assert_int_equal(keyset_count(set), 1);
	tree_expect(
	    set, true, "example.org/s.pem: RSA of 1024 bits", "frank key new example.org");
	keyset_free(set);
}

static void
test_empty(void **state)
{
	struct keyset *set = tree_load();

	(void)state;
	assert_int_equal(keyset_count(set), 0);
	assert_int_equal(keyset_faults(set), 0);
	keyset_free(set);
	keyset_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_tree, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_planted, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_unusable_place, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_files, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_duplicates, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_lazy, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_weak, tree_set_up, tree_tear_down),
	    cmocka_unit_test_setup_teardown(test_empty, tree_set_up, tree_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
