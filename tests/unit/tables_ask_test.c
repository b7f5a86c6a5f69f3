/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What postmap says, and what may be made of it: an answer is believed only when all of it
 * is understood. postmap is a shell script here.
 */

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "milter/tables_ask.h"

enum { PATIENCE_MS = 20000, SHORT_MS = 300 };

static struct tables_item items[TABLES_BATCH_MAX];
static char words[TABLES_WORDS_MAX], program[512], counter[512];

/* Items for keys with blanks between them. */
static size_t
keys(const char *text)
{
	struct view rest = view_of(text), key;
	size_t n = 0;

	memset(items, 0, sizeof(items));
	while (view_cut(&rest, ' ', &key)) {
		items[n].n_key = key.n;
		memcpy(items[n++].key, key.p, key.n);
	}
	return n;
}

/* "a=x,y b- c?": found, not there, unknown. */
static const char *
answers(size_t n)
{
	static char text[4096];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct tables_item *item = &items[i];
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s%s%.*s",
		    i > 0 ? " " : "", (int)item->n_key, item->key,
		    item->answer == ANSWER_FOUND  ? "="
		    : item->answer == ANSWER_NONE ? "-"
						  : "?",
		    item->answer == ANSWER_FOUND ? (int)item->n_values : 0, item->values);
	}
	return text;
}

/* ---- keys ---- */

static void
test_keys(void **state)
{
	char long_key[TABLES_KEY_MAX + 2];

	(void)state;
	memset(long_key, 'k', sizeof(long_key));
	const struct {
		struct view key;
		bool is_safe;
	} cases[] = {
	    {VIEW("alice@example.org"), true},
	    {VIEW("two words@example.org"), true},
	    {VIEW("-q"), true}, /* a line of stdin, no option */
	    {VIEW("#x"), true},
	    {VIEW("gr\xc3\xbc\xc3\x9f"
		  "e@example.org"),
		true},
	    {VIEW(""), false},
	    {VIEW("a\nb"), false},
	    {VIEW("a\r"), false},
	    {VIEW("a\tb"), false},
	    {VIEW("a\0b"), false},
	    {VIEW("a\x7f"), false},
	    {VIEW("\xff@example.org"), false},
	    {VIEW("a\xc3"), false},
	    {VIEW("\xc0\x8a"), false}, /* a line end, written too long */
	    {{long_key, TABLES_KEY_MAX}, true},
	    {{long_key, TABLES_KEY_MAX + 1}, false},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (tables_key_is_safe(cases[i].key) != cases[i].is_safe)
			fail_msg("case %zu: %.*s", i, VIEW_ARG(cases[i].key));
}

/* ---- output ---- */

/* What a value with a line end in it says of another key is never believed. */
static void
test_both(void **state)
{
	static const struct {
		const char *keys, *out, *want; /* want NULL: not understood */
	} cases[] = {
	    {"a b", "", "a- b-"},
	    {"a b", "a\tx\na\tx\n", "a=x b-"},
	    {"a b", "b\tx\nb\tx\n", "a- b=x"},
	    {"a b", "a\tx\nb\ty\nb\ty\na\tx\n", "a=x b=y"},
	    {"a", "a\tx\n", "a=x"},
	    /* The value of a: "x\nb\tmine". */
	    {"a b", "a\tx\nb\tmine\na\tx\nb\tmine\n", NULL},
	    {"b a", "a\tx\nb\tmine\na\tx\nb\tmine\n", NULL},
	    {"a", "a\tx\nb\tmine\n", NULL},
	    /* "x\nb\tmine\nb\tmine" */
	    {"a b", "a\tx\nb\tmine\nb\tmine\na\tx\nb\tmine\nb\tmine\n", NULL},
	    /* Of a in the middle, for who is asked before and after. */
	    {"b a c", "a\tx\nc\tmine\na\tx\nc\tmine\n", NULL},
	    {"b a c", "a\tx\nb\tmine\na\tx\nb\tmine\n", NULL},
	    {"a b", "a\tx\na\ty\n", NULL}, /* it changed in between */
	    {"a b", "b\tx\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = keys(cases[i].keys);
		bool is_good = tables_read_both(view_of(cases[i].out), items, n);
		if (is_good != (cases[i].want != NULL) ||
		    (is_good && strcmp(answers(n), cases[i].want) != 0))
			fail_msg(
			    "case %zu: %s", i, is_good ? answers(n) : "not understood");
	}
}

static void
test_output(void **state)
{
	static const struct {
		const char *keys, *out, *want; /* want NULL: not understood */
	} cases[] = {
	    {"a b c", "", "a- b- c-"},
	    {"a b c", "a\tx\nc\ty\n", "a=x b- c=y"},
	    {"a", "a\tx, y\tz ,,w\n", "a=x,y,z,w"},
	    {"a b", "a\tx,\r\nb\t,y\n", "a=x b=y"},
	    {"a", "a\tb\ta\n", "a=b,a"},
	    {"@x -q", "@x\t1\n-q\t2\n", "@x=1 -q=2"},
	    {"a a", "a\tx\na\tx\n", "a=x a=x"},
	    /* An empty entry says nothing. */
	    {"a b", "a\t\nb\t , \n", "a? b?"},
	    /* A value of two lines, the second one as if for another key. */
	    {"a", "a\tx\na\ty\n", NULL},
	    {"a b", "a\tx\nb\tevil\nb\ty\n", NULL},
	    {"a b", "a\tx\nrest\nb\ty\n", NULL},
	    {"a b", "a\tx\n\nb\ty\n", NULL},
	    /* Not in order, not asked, not whole, no answer at all. */
	    {"a b", "b\ty\na\tx\n", NULL},
	    {"a", "ab\tx\n", NULL},
	    {"ab", "a\tx\n", NULL},
	    {"A", "a\tx\n", NULL},
	    {"a", "a\tx", NULL},
	    {"a", "a x\n", NULL},
	    {"a", "a\n", NULL},
	    {"a", "usage: postmap\n", NULL},
	    {"a", "\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = keys(cases[i].keys);
		bool is_good = tables_read(view_of(cases[i].out), items, n);
		if (is_good != (cases[i].want != NULL) ||
		    (is_good && strcmp(answers(n), cases[i].want) != 0))
			fail_msg("%s: got %d %s", cases[i].out, is_good, answers(n));
	}
	size_t n = keys("a");
	assert_false(tables_read(VIEW("a\tx\0y\nz\n"), items, n));
	assert_true(tables_read(VIEW("a\tx\0y\n"), items, n));
	assert_memory_equal(items[0].values, "x\0y", items[0].n_values);
}

/* As long as the journal can keep it, and then not at all. */
static void
test_long_entry(void **state)
{
	static char out[TABLES_VALUES_MAX + 16];

	(void)state;
	for (int more = 0; more < 2; more++) {
		size_t n = keys("a"), length = TABLES_VALUES_MAX - 1 + (size_t)more;
		memset(out, 'x', sizeof(out));
		memcpy(out, "a\t", 2);
		out[2 + length] = '\n';
		assert_true(tables_read((struct view){out, length + 3}, items, n));
		assert_int_equal(
		    items[0].answer, more == 0 ? ANSWER_FOUND : ANSWER_UNKNOWN);
	}
	assert_int_equal(items[0].n_values, 0);
}

/* ---- stderr ---- */

static void
test_errors(void **state)
{
	static const struct {
		const char *errors;
		enum tables_trouble want;
		const char *words;
	} cases[] = {
	    {"", TABLES_FINE, ""},
	    {"\n", TABLES_FINE, ""},
	    {"postmap: warning: /etc/postfix/main.cf, line 3: overriding earlier entry: "
	     "a=b\n",
		TABLES_FINE, ""},
	    {"postmap: warning: /x, line 2: duplicate entry: \"a\"\n", TABLES_FINE, ""},
	    {"postmap: warning: database /x.db is older than source file /x\n", TABLES_FINE,
		""},
	    {"postmap: warning: connect to mysql server db1: gone\n", TABLES_FINE, ""},
	    {"postmap: warning: regexp map /x, line 2: Invalid regular expression\n",
		TABLES_DOUBTFUL,
		"warning: regexp map /x, line 2: Invalid regular expression"},
	    {"postmap: fatal: open database /x.db: No such file or directory\n",
		TABLES_FAILED, "fatal: open database /x.db: No such file or directory"},
	    {"postmap: warning: connect to TCP map a: refused\npostmap: fatal: table "
	     "tcp:a: "
	     "query error\n",
		TABLES_FAILED, "fatal: table tcp:a: query error"},
	    {"postmap: warning: something\npostmap: panic: bug\npostmap: fatal: more",
		TABLES_FAILED, "panic: bug"},
	    {"postmap: error: x", TABLES_FAILED, "error: x"},
	    {"ld.so: out of luck\n", TABLES_DOUBTFUL, "ld.so: out of luck"},
	    /* Words that a key can bring in are no verdict. */
	    {"postmap: warning: no good key: fatal: x\n", TABLES_DOUBTFUL,
		"warning: no good key: fatal: x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		words[0] = '\0';
		assert_int_equal(
		    tables_judge(view_of(cases[i].errors), words), cases[i].want);
		assert_string_equal(words, cases[i].words);
	}
}

static void
test_long_words(void **state)
{
	char line[2 * TABLES_WORDS_MAX];

	(void)state;
	memset(line, 'w', sizeof(line));
	words[0] = '\0';
	assert_int_equal(
	    tables_judge((struct view){line, sizeof(line)}, words), TABLES_DOUBTFUL);
	assert_int_equal(strlen(words), TABLES_WORDS_MAX - 1);
}

/* ---- runs ---- */

/* postmap is BODY; its table is $3, its keys are on stdin. Each run is counted. */
static struct tables_postmap
postmap_is(const char *body, int milliseconds)
{
	FILE *file = fopen(program, "w");

	must(file != NULL);
	fprintf(file, "#!/bin/sh\necho >>%s\n%s\n", counter, body);
	must(fclose(file) == 0 && chmod(program, 0755) == 0);
	(void)unlink(counter);
	return (struct tables_postmap){.program = program, .milliseconds = milliseconds};
}

static int
runs(void)
{
	struct stat st;

	return stat(counter, &st) == 0 ? (int)st.st_size : 0;
}

static void
expect(const char *body, const char *asked, const char *want, int n_runs)
{
	struct tables_postmap postmap = postmap_is(body, PATIENCE_MS);
	size_t n = keys(asked);
	bool is_answered = tables_ask(&postmap, "hash:/etc/postfix/x", items, n, words);

	if (strcmp(answers(n), want) != 0 || runs() != n_runs)
		fail_msg("%s: got %s, want %s; %d runs; %s", body, answers(n), want, runs(),
		    words);
	assert_int_equal(is_answered, strpbrk(want, "=-") != NULL);
}

static void
test_runs(void **state)
{
	(void)state;
	expect("test \"$*\" = '-q - hash:/etc/postfix/x' || exit 9; "
	       "while read k; do case $k in a) printf 'a\\tx\\n';; esac; done",
	    "a b", "a=x b-", 1);
	assert_string_equal(words, "");
	/* The value of a is one for b, too: asked one by one, b is not there. */
	expect("found=1; while read k; do case $k in a) found=0; printf "
	       "'a\\tx\\nb\\tmine\\n';; "
	       "esac; done; exit $found",
	    "a b", "a? b-", 3);
	expect("exit 1", "a b", "a- b-", 1);
	/* Found, and says it is not; not found, and says it is; anything else. */
	expect("read k; printf '%s\\tx\\n' \"$k\"; exit 1", "a", "a?", 1);
	expect("exit 0", "a", "a?", 1);
	assert_string_equal(words, "postmap ended with status 0");
	expect("exit 2", "a", "a?", 1);
	expect("read k; printf '%s\\tx\\n' \"$k\"; kill -SEGV $$", "a", "a?", 1);
	assert_string_equal(words, "postmap ended with status 139");
	expect("echo 'postmap: fatal: no' >&2; exit 1", "a", "a?", 1);
	assert_string_equal(words, "fatal: no");
	expect("echo WHAT", "a", "a?", 1);
	assert_string_equal(words, "postmap printed something else than answers");
	expect("read k; printf '%s\\t\\n' \"$k\"", "a", "a?", 1);
	assert_string_equal(words, "an entry is empty or longer than 3000 bytes");
	/* In doubt what was found counts, and that nothing was does not. */
	expect("echo 'postmap: warning: x, line 2: odd' >&2; "
	       "while read k; do case $k in a) printf 'a\\tx\\n';; esac; done",
	    "a b", "a=x b?", 1);
	assert_string_equal(words, "warning: x, line 2: odd");
	expect("yes 'postmap: warning: duplicate entry' | head -n 3000 >&2; exit 1", "a",
	    "a?", 1);
	/* A flood is no answer. */
	expect("read k; printf '%s\\t' \"$k\"; yes | head -c 9000000; echo", "a", "a?", 1);
}

static void
test_config_dir(void **state)
{
	struct tables_postmap postmap =
	    postmap_is("test \"$*\" = '-c /etc/other -q - hash:x' && exit 1", PATIENCE_MS);

	(void)state;
	postmap.config_dir = "/etc/other";
	size_t n = keys("a");
	assert_true(tables_ask(&postmap, "hash:x", items, n, words));
	assert_string_equal(answers(n), "a-");
}

/* One key that the table cannot cope with costs only itself. */
static void
test_poison(void **state)
{
	static const char poisoned[] =
	    "found=1; while read k; do case $k in p*) echo 'postmap: fatal: p' >&2; exit "
	    "1;; "
	    "n*) ;; *) printf '%s\\tx\\n' \"$k\"; found=0;; esac; done; exit $found";

	(void)state;
	expect(poisoned, "a n b", "a=x n- b=x", 1);
	expect(poisoned, "a p n b", "a=x p? n- b=x", 5);
	assert_string_equal(words, "fatal: p");
	expect(poisoned, "p1 a p2 p3 b", "p1? a=x p2? p3? b=x", 6);
	/* So many in a row, and it is the table. */
	expect(poisoned, "a p1 p2 p3 b", "a=x p1? p2? p3? b?", 5);
	expect("echo 'postmap: fatal: dead' >&2; exit 1", "a b c d e f g h",
	    "a? b? c? d? e? f? g? h?", 1 + TABLES_GIVE_UP);
}

static void
test_time(void **state)
{
	struct tables_postmap postmap = postmap_is("exec sleep 60", SHORT_MS);
	int64_t start = clock_mono();

	(void)state;
	size_t n = keys("a b c");
	assert_false(tables_ask(&postmap, "tcp:x", items, n, words));
	assert_string_equal(answers(n), "a? b? c?");
	assert_non_null(strstr(words, "did not end in time"));
	/* The time is for all of it. */
	assert_int_equal(runs(), 1);
	assert_true(clock_mono() - start < 20 * SHORT_MS * INT64_C(1000));
}

static void
test_no_program(void **state)
{
	const struct tables_postmap postmap = {
	    .program = "/no/such/postmap", .milliseconds = SHORT_MS};

	(void)state;
	size_t n = keys("a");
	assert_false(tables_ask(&postmap, "hash:x", items, n, words));
	assert_string_equal(answers(n), "a?");
	assert_non_null(strstr(words, "/no/such/postmap"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_both),
	    cmocka_unit_test(test_output),
	    cmocka_unit_test(test_long_entry),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_long_words),
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_config_dir),
	    cmocka_unit_test(test_poison),
	    cmocka_unit_test(test_time),
	    cmocka_unit_test(test_no_program),
	};
	const char *dir = getenv("TMPDIR");

	snprintf(program, sizeof(program), "%s/postmap", dir != NULL ? dir : "/tmp");
	snprintf(counter, sizeof(counter), "%s/postmap.runs", dir != NULL ? dir : "/tmp");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
