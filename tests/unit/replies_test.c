/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* The table that is shipped explains what it says that it does; and what the language of
 * such tables means. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "replies/replies.h"

enum { LEAST = 80 };

static struct replies *
read_shipped(void)
{
	const char *source = getenv("FRANK_SRC");
	struct replies *replies = replies_new();
	struct buf text = BUF_INIT(REPLIES_FILE_MAX);
	struct err err = ERR_INIT;
	char path[4096];

	snprintf(
	    path, sizeof(path), "%s/contrib/replies.conf", source != NULL ? source : ".");
	if (file_read(path, &text, &err) == -1 ||
	    replies_read(replies, "replies.conf", buf_view(&text), &err) == -1)
		fail_msg("%s", err.text);
	buf_fini(&text);
	return replies;
}

static void
test_shipped(void **state)
{
	struct replies *replies = read_shipped();
	struct err err = ERR_INIT;

	(void)state;
	if (replies_check(replies, &err) == -1)
		fail_msg("%s", err.text);
	assert_true(replies_count(replies) >= LEAST);
	replies_free(replies);
}

/* What an admin reads at three in the morning is short, and ends. */
static void
test_shipped_words(void **state)
{
	struct replies *replies = read_shipped();

	(void)state;
	for (size_t i = 0; i < replies_count(replies); i++) {
		const struct replies_entry *entry = replies_at(replies, i);

		if (entry->means.n > 110 || entry->remedy.n > 300)
			fail_msg("%.*s: too long", VIEW_ARG(entry->name));
		if (!view_ends(entry->means, VIEW(".")))
			fail_msg("%.*s: 'means' is no sentence", VIEW_ARG(entry->name));
		if (entry->remedy.p[0] < 'A' || entry->remedy.p[0] > 'Z')
			fail_msg("%.*s: 'do' has no capital", VIEW_ARG(entry->name));
	}
	replies_free(replies);
}

/* A code that comes with 4 or with 5 in front: what was refused for good is not tried
 * again, and nobody is told to wait for that. */
static void
test_refused_for_good(void **state)
{
	static const char *const codes[] = {"5.3.0", "5.3.1", "5.3.2", "5.3.9", "5.4.0",
	    "5.4.5", "5.4.9", "5.7.15", "5.7.16"};
	struct replies *replies = read_shipped();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		const struct replies_entry *entry =
		    replies_find(replies, view_of(codes[i]), VIEW(""), VIEW("no"));

		assert_non_null(entry);
		if (memmem(entry->remedy.p, entry->remedy.n, "5xx", 3) == NULL)
			fail_msg("%s: %.*s", codes[i], VIEW_ARG(entry->remedy));
	}
	replies_free(replies);
}

/* Every class has its line in frank-replies(5). */
static void
test_manual(void **state)
{
	const char *source = getenv("FRANK_SRC"), *class;
	struct buf text = BUF_INIT(REPLIES_FILE_MAX);
	struct err err = ERR_INIT;
	char path[4096], line[64];

	(void)state;
	snprintf(
	    path, sizeof(path), "%s/doc/frank-replies.5", source != NULL ? source : ".");
	if (file_read(path, &text, &err) == -1)
		fail_msg("%s", err.text);
	for (size_t i = 0; (class = replies_class(i)) != NULL; i++) {
		snprintf(line, sizeof(line), "\n.It Cm %s\n", class);
		if (strstr(buf_text(&text), line) == NULL)
			fail_msg("%s is not in frank-replies(5)", class);
	}
	buf_fini(&text);
}

/* ---- what fits ---- */

/* The body of an entry, behind its match lines. */
#define REST "\nclass policy\nmeans m\ndo d\nsource s\ntest x\n"

struct fits {
	const char *match, *dsn, *relay, *text;
	bool want;
};

static const struct fits fits[] = {
    {"\"user unknown\"", "", "", "550 User  Unknown", true},
    {"\"user unknown\"", "", "", "550 User is Unknown", false},
    {"\"user * unknown\"", "", "", "550 User is Unknown", true},
    {"\"user * unknown\"", "", "", "550 unknown user", false},
    {"\"user*unknown\"", "", "", "550 userunknown", true},
    {"\" full\"", "", "", "550 mailbox full", true},
    {"\" full\"", "", "", "550 hopefull", false},
    /* codes */
    {"5.7.26", "5.7.26", "", "x", true},
    {"5.7.26", "4.7.26", "", "x", false},
    {"x.7.26", "4.7.26", "", "x", true},
    {"5.x.x", "5.0.0", "", "x", true},
    {"5.x.x", "", "", "host a[1.2.3.4] said: 550 no", true},
    {"5.x.x", "", "", "550 no", true},
    {"5.x.x", "", "", "450 no", false},
    {"5.x.x", "", "", "no code in 550 words", false},
    {"5.1.1", "", "", "550 #5.1.1 no", true},
    {"5.1.1", "", "", "550 from 5.1.1.5: no", false},
    {"5.1.1", "", "", "550 5.1.1-no", false},
    {"4.7.28", "", "", "421-4.7.28 slow 421 4.7.28 down", true},
    {"5.1.1", "5.1.1", "", "550 5.7.1 the log's code is the one", true},
    {"5.7.1", "5.1.1", "", "550 5.7.1 the log's code is the one", false},
    /* a reply of several lines */
    {"\"unusual rate of mail\"", "", "", "421-4.7.28 an unusual 421-4.7.28 rate of mail",
	true},
    {"\"one two three\"", "", "", "host a[1.2.3.4] said: 554-one 554-two 554 three", true},
    {"\"one two\"", "", "", "554-one??554 two", true},
    {"\"one two\"", "", "", "554-one 553 two", false},
    /* where it comes from */
    {"from google.com \"no way\"", "", "a.google.com[192.0.2.1]:25", "no way", true},
    {"from google.com \"no way\"", "", "google.com[192.0.2.1]:25", "no way", true},
    {"from google.com \"no way\"", "", "agoogle.com[192.0.2.1]:25", "no way", false},
    {"from google.com \"no way\"", "", "", "no way", false},
    {"from *.google.com \"no way\"", "", "", "host a.GOOGLE.com[1.2.3.4] said: no way",
	true},
    {"from google.com \"no way\"", "", "none",
	"connect to a.google.com[1.2.3.4]:25: no way", true},
    {"from google.com \"no way\"", "", "",
	"delivery temporarily suspended: host a.google.com[1.2.3.4] said: no way", true},
    {"from google.com \"no way\"", "", "b.example", "host a.google.com[1.2.3.4]: no way",
	false},
    /* all of them */
    {"4.x.x from google.com \"slow\"", "4.7.0", "a.google.com", "slow", true},
    {"4.x.x from google.com \"slow\"", "5.7.0", "a.google.com", "slow", false},
};

static void
test_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fits); i++) {
		struct replies *replies = replies_new();
		struct err err = ERR_INIT;
		char text[512];

		snprintf(text, sizeof(text), "reply a\nmatch %s" REST, fits[i].match);
		if (replies_read(replies, "t", view_of(text), &err) == -1)
			fail_msg("%s: %s", fits[i].match, err.text);
		bool got = replies_find(replies, view_of(fits[i].dsn),
			       view_of(fits[i].relay), view_of(fits[i].text)) != NULL;
		if (got != fits[i].want)
			fail_msg("%s on '%s' %s '%s': got %d", fits[i].match, fits[i].dsn,
			    fits[i].relay, fits[i].text, got);
		replies_free(replies);
	}
}

/* Bytes of any kind, and more of them than are looked at. */
static void
test_any_text(void **state)
{
	struct replies *replies = read_shipped();
	size_t n = 4 * REPLIES_TEXT_MAX;
	char *text = mem_zeroed(n, 1);

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		memset(text, (int)c, n);
		(void)replies_find(replies, VIEW(""), VIEW(""), (struct view){text, n - c});
	}
	memset(text, 'a', n);
	memcpy(text + n - 20, " connection refused", 20);
	assert_null(replies_find(replies, VIEW(""), VIEW(""), (struct view){text, n}));
	free(text);
	replies_free(replies);
}

static void
test_order(void **state)
{
	static const char first[] = "reply mine\nmatch 5.1.1" REST;
	static const char second[] = "reply theirs\nmatch 5.x.x" REST;
	struct replies *replies = replies_new();

	(void)state;
	assert_int_equal(replies_read(replies, "a", view_of(first), NULL), 0);
	assert_int_equal(replies_read(replies, "b", view_of(second), NULL), 0);
	assert_int_equal(replies_count(replies), 2);
	const struct replies_entry *entry =
	    replies_find(replies, VIEW("5.1.1"), VIEW(""), VIEW("x"));
	assert_true(view_is(entry->name, VIEW("mine")));
	assert_true(view_is(entry->file, VIEW("a")));
	entry = replies_find(replies, VIEW("5.1.2"), VIEW(""), VIEW("x"));
	assert_true(view_is(entry->name, VIEW("theirs")));
	replies_free(replies);
}

/* ---- mistakes ---- */

struct mistake {
	const char *text, *want;
};

static const struct mistake mistakes[] = {
    {"class policy\n", "t:1:1: no entry is open"},
    {"  x\n", "t:1:1: this line goes on with none"},
    {"reply A b\n", "t:1:7: a name has"},
    {"reply a\nreply b\n", "t:1:1: a has no 'match'"},
    {"reply a\nmatch 5.1.1\n", "t:1:1: a has no 'class'"},
    {"\n# x\nreply a\nmatch 5.1.1\nclass nonsense\n", "t:5:7: there is no such class"},
    {"reply a\nmatch 5.1.1 5.1.2\n", "t:2:13: a code for the second time"},
    {"reply a\nmatch 5.1\n", "t:2:7: '5.1' is no code"},
    {"reply a\nmatch 3.1.1\n", "t:2:7: '3.1.1' is no code"},
    {"reply a\nmatch \"abc\n", "t:2:7: the quotes are not closed"},
    {"reply a\nmatch  5.1.1 \"ab\"\n", "t:2:14: words that short"},
    {"reply a\nmatch \"***\"\n", "t:2:7: words that short"},
    {"reply a\nmatch from x.test\n", "t:2:18: this fits everything"},
    {"reply a\nmatch from \"abc\"\n", "t:2:12: 'from' needs a domain"},
    {"reply a\nmatch\n", "t:2:1: nothing stands behind this word"},
    {"reply a\nmatch 5.1.1\n  5.1.2\n", "t:2:7: a match is one line"},
    {"reply a\nmeans x\nmeans y\n", "t:3:1: this word for the second time"},
    {"reply a\nmeens x\n", "t:2:1: no such word"},
    {"reply a\r\n", "t:1:8: a control character"},
    {"reply a\nmatch 5.1.1" REST "reply a\n", "t:8:7: there is one of this name"},
};

static void
test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct replies *replies = replies_new();
		struct err err = ERR_INIT;
		int result = replies_read(replies, "t", view_of(mistakes[i].text), &err);

		if (result != -1 || err.code != ERR_CONFIG ||
		    !view_starts(view_of(err.text), view_of(mistakes[i].want)))
			fail_msg("%s\ngot  %s\nwant %s", mistakes[i].text, err.text,
			    mistakes[i].want);
		replies_free(replies);
	}
}

static const struct mistake unproved[] = {
    {"reply a\nmatch 5.1.1" REST, "t:7: no entry fits this test line"},
    {"reply a\nmatch 5.1.1\nmatch 5.1.2\nclass policy\nmeans m\ndo d\nsource s\n"
     "test 550 5.1.1 x\n",
	"t:3: no test line of a fits this match"},
    {"reply a\nmatch 5.x.x\nclass policy\nmeans m\ndo d\nsource s\ntest 550 x\n"
     "reply b\nmatch 5.1.1\nclass policy\nmeans m\ndo d\nsource s\ntest 550 5.1.1 x\n",
	"t:14: this test line of b is found by a (t:1)"},
};

static void
test_unproved(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unproved); i++) {
		struct replies *replies = replies_new();
		struct err err = ERR_INIT;

		if (replies_read(replies, "t", view_of(unproved[i].text), &err) == -1)
			fail_msg("%s", err.text);
		if (replies_check(replies, &err) != -1 ||
		    !view_starts(view_of(err.text), view_of(unproved[i].want)))
			fail_msg("got  %s\nwant %s", err.text, unproved[i].want);
		replies_free(replies);
	}
}

static void
test_limits(void **state)
{
	struct replies *replies = replies_new();
	struct buf text = BUF_INIT(2 * REPLIES_FILE_MAX);
	struct err err = ERR_INIT;

	(void)state;
	buf_add_text(&text, "reply a\nmeans ");
	for (size_t i = 0; i <= REPLIES_VALUE_MAX; i++)
		buf_add_char(&text, 'x');
	assert_int_equal(replies_read(replies, "t", buf_view(&text), &err), -1);
	assert_string_equal(err.text, "t:2:7: longer than 4000 bytes: shorten it");
	while (text.n <= REPLIES_FILE_MAX)
		buf_add_text(&text, "# ................................................\n");
	assert_int_equal(replies_read(replies, "t", buf_view(&text), &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_fini(&text);
	replies_free(replies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shipped),
	    cmocka_unit_test(test_shipped_words),
	    cmocka_unit_test(test_refused_for_good),
	    cmocka_unit_test(test_manual),
	    cmocka_unit_test(test_fits),
	    cmocka_unit_test(test_any_text),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_unproved),
	    cmocka_unit_test(test_limits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
