/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A message taken apart: without GMime, and, where it was built in, with it; and what is
 * left of HTML.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "ctl/mail.h"

/* A line for each item. */
static const char *
told(struct view items)
{
	static struct buf text = BUF_INIT(1 << 20);
	struct mail_item item;

	buf_reset(&text);
	while (mail_next(&items, &item))
		buf_addf(&text, "%d %.*s|%.*s|%llu|%s%s%s%.*s\n", (int)item.kind,
		    VIEW_ARG(item.name), VIEW_ARG(item.type), (unsigned long long)item.size,
		    item.is_attachment ? "attached " : "", item.was_html ? "html " : "",
		    item.was_cut ? "cut " : "", VIEW_ARG(item.text));
	assert_int_equal(items.n, 0);
	return buf_text(&text);
}

static void
test_plain(void **state)
{
	const struct {
		const char *name, *raw, *want;
	} cases[] = {
	    {"fields and a body",
		"From: a@b\nSubject: one\n\ttwo\n  three\n\nHello\n\nyou\n",
		"1 From||0|a@b\n1 Subject||0|one two three\n"
		"2 1|as it was sent|11|\n3 1|as it was sent|11|Hello\n\nyou\n\n"},
	    {"CR LF", "From: a@b\r\n\r\nx\r\n",
		"1 From||0|a@b\n2 1|as it was sent|3|\n3 1|as it was sent|3|x\r\n\n"},
	    {"no body", "From: a@b\n",
		"1 From||0|a@b\n2 1|as it was sent|0|\n"
		"3 1|as it was sent|0|\n"},
	    {"nothing", "", "2 1|as it was sent|0|\n3 1|as it was sent|0|\n"},
	    {"no end of line", "From: a@b",
		"1 From||0|a@b\n2 1|as it was sent|0|\n"
		"3 1|as it was sent|0|\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf items = BUF_INIT(1 << 20);

		mail_plain(view_of(cases[i].raw), &items);
		const char *got = told(buf_view(&items));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got\n%s", cases[i].name, got);
		buf_fini(&items);
	}
}

static void
test_html(void **state)
{
	const struct {
		const char *html, *want;
	} cases[] = {
	    {"plain", "plain"},
	    {"a  b\n\tc", "a b c"},
	    {"<p>one</p><p>two<br>three", "one\n\ntwo\nthree"},
	    {"<P CLASS=\"a>b\">x</P>", "x\n"},
	    {"a<script>if (1 < 2) { x(); }</script>b", "ab"},
	    {"a<STYLE>p { }</Style >c</style>d", "ad"},
	    {"a<!-- <p> -->b", "ab"},
	    {"a<!-- and no end", "a"},
	    {"a<script>and no end", "a"},
	    {"<a href='http://x.test/?a=1'>bank</a>!", "bank <http://x.test/?a=1>!"},
	    {"<a HREF=http://x.test>bank</a>", "bank <http://x.test>"},
	    {"<a href=\"one\">x<a href=\"two\">y", "x <one>y <two>"},
	    {"1 < 2 &amp; 3 &gt; 2 &#65;&#x42;&#xe4;&#8364;&#x1F600;",
		"1 < 2 & 3 > 2 ABä€😀"},
	    {"&#27;[2J &#x9b;&unknown; &#; &#99999999;",
		"[2J \xc2\x9b&unknown; &#; &#99999999;"},
	    {"<b \"never closed>x</b>y", "xy"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(4096);

		mail_html(view_of(cases[i].html), &out);
		if (strcmp(buf_text(&out), cases[i].want) != 0)
			fail_msg("%s: got '%s'", cases[i].html, buf_text(&out));
		buf_fini(&out);
	}
}

/* In its own process, as frank does it. */
static void
test_parts(void **state)
{
	static const char raw[] =
	    "Subject: =?iso-8859-1?q?Gr=FC=DFe?= =?utf-8?b?w7w=?=\n"
	    "Content-Type: multipart/mixed; boundary=X\n\n"
	    "--X\nContent-Type: multipart/alternative; boundary=Y\n\n"
	    "--Y\nContent-Type: text/html\n\n<p>other</p>\n"
	    "--Y\nContent-Type: text/plain; charset=koi8-r\n"
	    "Content-Transfer-Encoding: base64\n\n8NLJ18XU\n--Y--\n"
	    "--X\nContent-Type: text/html; charset=utf-8\n\n<p>alone</p>\n"
	    "--X\nContent-Type: text/plain\nContent-Disposition: attachment;\n"
	    " filename=\"=?utf-8?q?=C3=BC.txt?=\"\n\nnot shown\n"
	    "--X\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: "
	    "base64\n\n"
	    "AAEC\n"
	    "--X\nContent-Type: message/rfc822\n\nSubject: inner\n\nhi\n--X--\n";
	static const char want[] = "1 Subject||0|Grüßeü\n"
				   "1 Content-Type||0|multipart/mixed; boundary=X\n"
				   "2 1.1|text/html|12|\n"
				   "2 1.2|text/plain|6|\n3 1.2|text/plain|6|Привет\n"
				   "2 2|text/html|12|\n3 2|text/html|12|html alone\n\n"
				   "2 3|text/plain|9|attached ü.txt\n"
				   "2 4|image/png|3|a.png\n"
				   "2 5|message/rfc822|0|\n";
	struct buf items = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;

	(void)state;
	if (mail_take_apart(VIEW(raw), &items, &err) != 0)
		fail_msg("%s", err.text);
	const char *got = told(buf_view(&items));
	if (!mail_has_parts())
		assert_non_null(strstr(got, "2 1|as it was sent|"));
	else if (strcmp(got, want) != 0)
		fail_msg("got\n%s", got);
	buf_fini(&items);
}

/* As many parts as it takes, one in the other or side by side, and the end missing. */
static void
test_limits(void **state)
{
	struct buf raw = BUF_INIT(64 << 20), items = BUF_INIT(MAIL_REPLY_MAX);
	struct err err = ERR_INIT;

	(void)state;
	buf_add_text(&raw, "Content-Type: multipart/mixed; boundary=X\n");
	for (int i = 0; i < MAIL_FIELDS_MAX + 3; i++)
		buf_addf(&raw, "X-%d: y\n", i);
	buf_add_char(&raw, '\n');
	for (int i = 0; i < MAIL_PARTS_MAX + 7; i++)
		buf_add_text(&raw, "--X\nContent-Type: text/plain\n\nx\n");
	if (mail_take_apart(buf_view(&raw), &items, &err) != 0)
		fail_msg("%s", err.text);
	const char *got = told(buf_view(&items));
	assert_non_null(strstr(got, "4 ||4|\n"));
	if (mail_has_parts())
		assert_true(strstr(got, "4 ||7|\n") != NULL &&
			    strstr(got, "2 500|") != NULL && strstr(got, "2 501|") == NULL);
	buf_reset(&raw);
	buf_reset(&items);
	for (int i = 0; i < 20000; i++)
		buf_addf(
		    &raw, "Content-Type: multipart/mixed; boundary=X%d\n\n--X%d\n", i, i);
	if (mail_take_apart(buf_view(&raw), &items, &err) != 0)
		fail_msg("%s", err.text);
	buf_fini(&raw);
	buf_fini(&items);
}

/* What comes back from that process is not trusted. */
static void
test_items_are_checked(void **state)
{
	const struct mail_item item = {
	    .kind = MAIL_FIELD, .name = VIEW("Subject"), .text = VIEW("hello")};
	struct buf items = BUF_INIT(4096);
	struct mail_item got;

	(void)state;
	mail_add(&items, &item);
	for (size_t n = 0; n < items.n; n++) {
		struct view rest = view_head(buf_view(&items), n);
		assert_false(mail_next(&rest, &got));
	}
	struct view rest = buf_view(&items);
	assert_true(mail_next(&rest, &got));
	assert_true(view_is(got.text, VIEW("hello")));
	for (size_t i = 0; i < items.n - 12; i++) {
		items.p[i] = (char)0xff;
		rest = buf_view(&items);
		(void)mail_next(&rest, &got);
	}
	buf_fini(&items);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_html),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_items_are_checked),
	};

	return cmocka_run_group_tests_name("a message taken apart", tests, NULL, NULL);
}
