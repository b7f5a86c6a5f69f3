/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* The SMTP client against servers that say what a table has for them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/smtp.h"
#include "tests/unit/smtp_lab.h"

enum { REPLIES_MAX = 8 };

static struct smtp_mail
mail_to(const char *server)
{
	return (struct smtp_mail){.server = server,
	    .helo = VIEW("mail.example.org"),
	    .sender = VIEW("postmaster@example.org"),
	    .rcpt = VIEW("admin@example.org"),
	    .text = VIEW("Subject: x\n\n.\n..two\r\nlast")};
}

#define FINE "220 hello\r\n", "250 hello\r\n", "250 ok\r\n", "250 ok\r\n"

static void
test_delivers(void **state)
{
	static const char *const replies[] = {"220-hello\r\n220 there\r\n",
	    "250-mail.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n", "250 2.1.0 ok\n",
	    "250\r\n", "354 go on\r\n", "250-2.0.0\r\n250 2.0.0 queued as 4cX\r\n", NULL};
	struct smtp_server server;
	struct buf reply = BUF_INIT(256);
	struct err err = ERR_INIT;

	(void)state;
	smtp_server_start(&server, replies);
	struct smtp_mail mail = mail_to(server.address);
	if (smtp_send(&mail, 10000, &reply, &err) != 0)
		fail_msg("%s", err.text);
	assert_string_equal(buf_text(&reply), "250 2.0.0 queued as 4cX");
	smtp_server_wait(&server);
	assert_string_equal(buf_text(&server.heard),
	    "EHLO mail.example.org\r\nMAIL FROM:<postmaster@example.org>\r\n"
	    "RCPT TO:<admin@example.org>\r\nDATA\r\n"
	    "Subject: x\r\n\r\n..\r\n...two\r\nlast\r\n.\r\nQUIT\r\n");
	smtp_server_end(&server);
	buf_fini(&reply);
}

static void
test_says_why_not(void **state)
{
	static char long_line[3 * SMTP_LINE_MAX], many[SMTP_REPLY_LINES * 8 + 64];
	static const struct {
		const char *name;
		const char *replies[REPLIES_MAX];
		enum err_code code;
		const char *says;
	} cases[] = {
	    {"not now", {"421 4.3.2 busy\r\n"}, ERR_TEMP,
		"answered the connection with: 421 4.3.2 busy"},
	    {"no EHLO, no HELO", {"220 x\r\n", "502 what\r\n", "502 no\r\n"}, ERR_CONFIG,
		"answered HELO with: 502 no"},
	    {"sender", {"220 x\r\n", "250 x\r\n", "451 4.7.1 later\r\n"}, ERR_TEMP,
		"answered MAIL with: 451 4.7.1 later"},
	    {"recipient",
		{"220 x\r\n", "250 x\r\n", "250 x\r\n",
		    "550-5.1.1 no\r\n550 no "
		    "such user\r\n"},
		ERR_CONFIG, "answered RCPT with: 550 no such user"},
	    {"data", {FINE, "554 no\r\n"}, ERR_CONFIG, "answered DATA with: 554 no"},
	    {"a 250 to DATA is no 354", {FINE, "250 no\r\n"}, ERR_TEMP,
		"answered DATA with: 250 no"},
	    {"the message", {FINE, "354 go\r\n", "451 4.7.1 milter\r\n"}, ERR_TEMP,
		"answered the message with: 451 4.7.1 milter"},
	    {"breaks off", {NULL}, ERR_TEMP, "closed the connection"},
	    {"not SMTP", {"SSH-2.0-x\r\n"}, ERR_TEMP, "does not speak SMTP: SSH-2.0-x"},
	    {"two codes in one reply", {"220-x\r\n250 y\r\n"}, ERR_TEMP,
		"does not speak SMTP: 250 y"},
	    {"a long line", {long_line}, ERR_TEMP, "with a line over 2048 bytes"},
	    {"many lines", {many}, ERR_TEMP, "with more than 64 lines"},
	};

	(void)state;
	memset(long_line, '2', sizeof(long_line) - 1);
	for (size_t i = 0; i + 8 < sizeof(many); i += 7)
		memcpy(many + i, "220-x\r\n", 7);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct smtp_server server;
		struct err err = ERR_INIT;
		smtp_server_start(&server, cases[i].replies);
		struct smtp_mail mail = mail_to(server.address);
		int result = smtp_send(&mail, 10000, NULL, &err);
		if (result != -1 || err.code != cases[i].code ||
		    !view_ends(view_of(err.text), view_of(cases[i].says)))
			fail_msg("%s: got %d, %d, \"%s\"", cases[i].name, result,
			    (int)err.code, err.text);
		smtp_server_end(&server);
	}
}

/* RFC 5321 3.2: a server that has no EHLO is greeted again. */
static void
test_helo(void **state)
{
	static const char *const replies[] = {"220 x\r\n", "500 what\r\n", "250 x\r\n",
	    "250 x\r\n", "250 x\r\n", "354 x\r\n", "250 x\r\n", NULL};
	struct smtp_server server;
	struct err err = ERR_INIT;

	(void)state;
	smtp_server_start(&server, replies);
	struct smtp_mail mail = mail_to(server.address);
	mail.sender = VIEW_NONE;
	if (smtp_send(&mail, 10000, NULL, &err) != 0)
		fail_msg("%s", err.text);
	smtp_server_wait(&server);
	assert_true(view_starts(buf_view(&server.heard),
	    VIEW("EHLO mail.example.org\r\nHELO mail.example.org\r\nMAIL FROM:<>\r\n")));
	smtp_server_end(&server);
}

static void
test_hangs(void **state)
{
	static const char *const at[][REPLIES_MAX] = {
	    {"hang"}, {"220 x\r\n", "hang"}, {FINE, "354 x\r\n", "hang"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		struct smtp_server server;
		struct err err = ERR_INIT;
		int64_t began = clock_mono();
		smtp_server_start(&server, at[i]);
		struct smtp_mail mail = mail_to(server.address);
		assert_int_equal(smtp_send(&mail, 200, NULL, &err), -1);
		assert_int_equal(err.code, ERR_TEMP);
		assert_true(view_ends(view_of(err.text), VIEW("did not answer in time")));
		assert_true(clock_mono() - began < 5000000);
		smtp_server_end(&server);
	}
}

static void
test_not_there(void **state)
{
	static const struct {
		const char *server;
		enum err_code code;
		const char *says;
	} cases[] = {
	    {"127.0.0.1:1", ERR_TEMP, "cannot connect to 127.0.0.1:1: Connection refused"},
	    {"[::1]:1", ERR_TEMP, "cannot connect to [::1]:1: "},
	    {"nonsense", ERR_CONFIG, "'nonsense' is no host and port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct smtp_mail mail = mail_to(cases[i].server);
		struct err err = ERR_INIT;
		assert_int_equal(smtp_send(&mail, 1000, NULL, &err), -1);
		if (err.code != cases[i].code ||
		    !view_starts(view_of(err.text), view_of(cases[i].says)))
			fail_msg("%s: %d %s", cases[i].server, (int)err.code, err.text);
	}
}

/* An address must not become a command. */
static void
test_unsayable(void **state)
{
	static const char *const bad[] = {
	    "a\r\nRCPT TO:<b@c>", "a b@c", "a>@c", "a\x01@c", "a<b"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		for (int which = 0; which < 3; which++) {
			struct smtp_mail mail = mail_to("127.0.0.1:1");
			struct err err = ERR_INIT;
			struct view *at[] = {&mail.sender, &mail.rcpt, &mail.helo};
			*at[which] = view_of(bad[i]);
			assert_int_equal(smtp_send(&mail, 1000, NULL, &err), -1);
			assert_int_equal(err.code, ERR_BAD_INPUT);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_delivers),
	    cmocka_unit_test(test_says_why_not),
	    cmocka_unit_test(test_helo),
	    cmocka_unit_test(test_hangs),
	    cmocka_unit_test(test_not_there),
	    cmocka_unit_test(test_unsayable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
