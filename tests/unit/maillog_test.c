/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Lines as Postfix writes them, and what they say. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "maillog/maillog.h"

static const char *const kinds[] = {"nothing", "unknown", "client", "pickup", "id",
    "queued", "delivery", "expired", "removed", "held", "released", "deleted", "requeued",
    "bounce", "rejected", "milter"};

static void
add(struct buf *out, const char *name, struct view text)
{
	if (text.n > 0)
		buf_addf(out, " %s=%.*s", name, VIEW_ARG(text));
}

static void
show(const struct maillog_event *event, struct buf *out)
{
	buf_reset(out);
	buf_add_text(out, kinds[event->kind]);
	if (event->kind == MAILLOG_NOTHING || event->kind == MAILLOG_UNKNOWN)
		return;
	add(out, "id", event->id);
	add(out, "other", event->other_id);
	add(out, "client", event->client);
	add(out, "login", event->login);
	add(out, "message-id", event->message_id);
	add(out, "sender", event->sender);
	if (event->kind == MAILLOG_QUEUED)
		buf_addf(out, " size=%llu rcpts=%u", (unsigned long long)event->size,
		    event->rcpts);
	add(out, "rcpt", event->rcpt);
	add(out, "orig", event->orig_rcpt);
	add(out, "relay", event->relay);
	add(out, "dsn", event->dsn);
	if (event->kind == MAILLOG_DELIVERY)
		buf_addf(out, " %s after %u=%u+%u+%u+%u",
		    maillog_status_name(event->status), event->delay_ms,
		    event->delays_ms[0], event->delays_ms[1], event->delays_ms[2],
		    event->delays_ms[3]);
	add(out, "by", event->by);
	add(out, "text", event->text);
}

struct said {
	const char *program, *message, *want;
};

static void
expect(const struct said *cases, size_t n)
{
	struct buf out = BUF_INIT(65536);

	for (size_t i = 0; i < n; i++) {
		char program[64];
		struct maillog_event event;

		snprintf(program, sizeof(program), "postfix/%s", cases[i].program);
		maillog_parse(view_of(program), view_of(cases[i].message), &event);
		show(&event, &out);
		if (strcmp(buf_text(&out), cases[i].want) != 0)
			fail_msg("%s\ngot  %s\nwant %s", cases[i].message, buf_text(&out),
			    cases[i].want);
	}
	buf_fini(&out);
}

static const struct said way[] = {
    {"submission/smtpd",
	"4jX3hQ6zJrz1bY0D: client=unknown[127.0.0.1], sasl_method=PLAIN, "
	"sasl_username=alice@out.test",
	"client id=4jX3hQ6zJrz1bY0D client=unknown[127.0.0.1] login=alice@out.test"},
    {"smtpd", "80EF3A720C4: client=mx.example.org[2001:db8::1]",
	"client id=80EF3A720C4 client=mx.example.org[2001:db8::1]"},
    {"cleanup", "4jX3hQ6zJrz1bY0D: message-id=<20261121202910.015293@vm>",
	"id id=4jX3hQ6zJrz1bY0D message-id=20261121202910.015293@vm"},
    {"qmgr", "4jX3hQ6zJrz1bY0D: from=<alice@out.test>, size=455, nrcpt=2 (queue active)",
	"queued id=4jX3hQ6zJrz1bY0D sender=alice@out.test size=455 rcpts=2"},
    {"qmgr", "4jX4884JxQz1bYkZ: from=<alice@out.test>, status=expired, returned to sender",
	"expired id=4jX4884JxQz1bYkZ sender=alice@out.test"},
    {"qmgr", "4jX4884JxQz1bYkZ: from=<>, status=force-expired, returned to sender",
	"expired id=4jX4884JxQz1bYkZ"},
    {"qmgr", "4jX4884JxQz1bYkZ: removed", "removed id=4jX4884JxQz1bYkZ"},
    {"pickup", "4jX47j1V: uid=0 from=<root>", "pickup id=4jX47j1V sender=root"},
    {"pickup", "4jX4884JxQz1bYkZ: uid=1000 from=<a@b.test> orig_id=80EF3A720C4",
	"pickup id=4jX4884JxQz1bYkZ other=80EF3A720C4 sender=a@b.test"},
    {"bounce", "4jX47j1QLMz1bYPn: sender non-delivery notification: 4jX47j1VDBz1bYR3",
	"bounce id=4jX47j1QLMz1bYPn other=4jX47j1VDBz1bYR3"},
    {"postsuper", "4jX3kY1L6wz1bZ3M: released from hold", "released id=4jX3kY1L6wz1bZ3M"},
    {"postsuper", "4jX3kY1L6wz1bZ3M: placed on hold", "held id=4jX3kY1L6wz1bZ3M"},
    {"postsuper", "4jX3lq5DXHz1bZ40: removed", "deleted id=4jX3lq5DXHz1bZ40"},
    {"postsuper", "4jX3lq5DXHz1bZ40: requeued", "requeued id=4jX3lq5DXHz1bZ40"},
    {"cleanup",
	"4jX3kY1L6wz1bZ3M: milter-hold: END-OF-MESSAGE from unknown[127.0.0.1]: milter "
	"triggers HOLD action; from=<a@out.test> to=<carol@rcpt2.test> proto=ESMTP "
	"helo=<c>",
	"held id=4jX3kY1L6wz1bZ3M by=milter text=END-OF-MESSAGE from unknown[127.0.0.1]: "
	"milter triggers HOLD action; from=<a@out.test> to=<carol@rcpt2.test> proto=ESMTP "
	"helo=<c>"},
    {"cleanup",
	"4jX3n22Nzwz1bY5H: milter-reject: END-OF-MESSAGE from unknown[127.0.0.1]: 4.7.1 "
	"Rate limit; from=<a@out.test> to=<bob@rcpt.test>",
	"rejected id=4jX3n22Nzwz1bY5H by=milter text=END-OF-MESSAGE from "
	"unknown[127.0.0.1]: 4.7.1 Rate limit; from=<a@out.test> to=<bob@rcpt.test>"},
    {"smtpd", "NOQUEUE: milter-reject: MAIL from unknown[127.0.0.1]: 451 4.7.1 later",
	"rejected by=milter text=MAIL from unknown[127.0.0.1]: 451 4.7.1 later"},
    {"smtpd", "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <x@y>: Relay",
	"rejected by=postfix text=RCPT from unknown[192.0.2.1]: 554 5.7.1 <x@y>: Relay"},
    {"smtpd", "warning: connect to Milter service inet:127.0.0.1:20210: Connection refused",
	"milter by=inet:127.0.0.1:20210 text=Connection refused"},
    {"cleanup",
	"warning: milter inet:127.0.0.1:20210: can't read SMFIC_BODYEOB reply packet "
	"header: Connection timed out",
	"milter by=inet:127.0.0.1:20210 text=can't read SMFIC_BODYEOB reply packet header: "
	"Connection timed out"},
};

static const struct said deliveries[] = {
    {"smtp",
	"4jX3hQ6zJrz1bY0D: to=<bob@rcpt.test>, relay=127.0.0.1[127.0.0.1]:20100, "
	"delay=0.06, delays=0.01/0.01/0/0.04, dsn=2.0.0, status=sent (250 2.0.0 Ok: sink "
	"001)",
	"delivery id=4jX3hQ6zJrz1bY0D rcpt=bob@rcpt.test relay=127.0.0.1[127.0.0.1]:20100 "
	"dsn=2.0.0 sent after 60=10+10+0+40 text=250 2.0.0 Ok: sink 001"},
    {"smtp",
	"4jX4884JxQz1bYkZ: to=<bob@rcpt.test>, orig_to=<list@out.test>, relay=none, "
	"conn_use=2, delay=86400, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to "
	"127.0.0.1[127.0.0.1]:20999: Connection refused)",
	"delivery id=4jX4884JxQz1bYkZ rcpt=bob@rcpt.test orig=list@out.test relay=none "
	"dsn=4.4.1 deferred after 86400000=0+0+0+0 text=connect to "
	"127.0.0.1[127.0.0.1]:20999: "
	"Connection refused"},
    {"smtp",
	"4jX47j1QLMz1bYPn: to=<u@rej5>, relay=127.0.0.1[127.0.0.1]:20105, delay=0.01, "
	"delays=0/0/0/0.01, dsn=5.1.1, status=bounced (host 127.0.0.1[127.0.0.1] said: 550 "
	"5.1.1 User unknown (in reply to RCPT TO command))",
	"delivery id=4jX47j1QLMz1bYPn rcpt=u@rej5 relay=127.0.0.1[127.0.0.1]:20105 "
	"dsn=5.1.1 bounced after 10=0+0+0+10 text=host 127.0.0.1[127.0.0.1] said: 550 "
	"5.1.1 User "
	"unknown (in reply to RCPT TO command)"},
    {"local",
	"4jX47j1QLMz1bYPn: to=<root@mx.test>, orig_to=<root>, relay=local, delay=0.2, "
	"delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)",
	"delivery id=4jX47j1QLMz1bYPn rcpt=root@mx.test orig=root relay=local dsn=2.0.0 "
	"sent after 200=100+0+0+100 text=delivered to mailbox"},
};

/* Who chooses an address, or what a server says, cannot make us believe something else. */
static const struct said hostile[] = {
    {"smtp",
	"4jX3hQ6zJrz1bY0D: to=<\"x>, relay=good, dsn=2.0.0, status=sent (ok)\"@far.test>, "
	"relay=none, delay=1, dsn=5.1.1, status=bounced (no)",
	"delivery id=4jX3hQ6zJrz1bY0D rcpt=\"x>, relay=good, dsn=2.0.0, status=sent "
	"(ok)\"@far.test relay=none dsn=5.1.1 bounced after 1000=0+0+0+0 text=no"},
    {"qmgr",
	"4jX3hQ6zJrz1bY0D: from=<\"a>, size=1, nrcpt=1 (\"@b>, size=455, nrcpt=2 (queue "
	"active)",
	"queued id=4jX3hQ6zJrz1bY0D sender=\"a>, size=1, nrcpt=1 (\"@b size=455 rcpts=2"},
    {"smtp",
	"4jX3hQ6zJrz1bY0D: to=<bob@far.test>, relay=none, delay=1, dsn=4.0.0, "
	"status=deferred (host x said: 450 4.2.0 to=<eve@x>, dsn=2.0.0, status=sent (ok))",
	"delivery id=4jX3hQ6zJrz1bY0D rcpt=bob@far.test relay=none dsn=4.0.0 deferred "
	"after "
	"1000=0+0+0+0 text=host x said: 450 4.2.0 to=<eve@x>, dsn=2.0.0, status=sent (ok)"},
    {"submission/smtpd",
	"631D7A76019: client=unknown[192.0.2.9], sasl_method=PLAIN, "
	"sasl_username=eve@a.test, sasl_sender=\"x, sasl_username=bob@b.test, \"",
	"client id=631D7A76019 client=unknown[192.0.2.9] login=eve@a.test"},
    {"smtpd",
	"631D7A76019: client=unknown[192.0.2.9], sasl_sender=<x, sasl_username=bob@b.test, "
	">",
	"client id=631D7A76019 client=unknown[192.0.2.9]"},
    {"qmgr",
	"7A7A9A7601A: from=<a@x>, status=expired, returned to sender>, size=295, nrcpt=1 "
	"(queue active)",
	"unknown"},
    {"error",
	"7A7A9A7601A: to=<a@x>, relay=none, delay=0, dsn=2.0.0, status=sent (ok>, "
	"relay=none, delay=0.03, delays=0.01/0.01/0/0.01, dsn=5.1.3, status=bounced (bad "
	"address syntax)",
	"delivery id=7A7A9A7601A rcpt=a@x>, relay=none, delay=0, dsn=2.0.0, status=sent "
	"(ok relay=none dsn=5.1.3 bounced after 30=10+10+0+10 text=bad address syntax"},
    {"error",
	"7A7A9A7601A: to=<a@\"b>, relay=none, delay=0, delays=0/0/0/0, dsn=5.1.3, "
	"status=bounced (bad address syntax)",
	"delivery id=7A7A9A7601A rcpt=a@\"b relay=none dsn=5.1.3 bounced after 0=0+0+0+0 "
	"text=bad "
	"address syntax"},
    {"error", "7A7A9A7601A: to=<>, dsn=5.1.3, status=bounced (bad address syntax)",
	"delivery id=7A7A9A7601A dsn=5.1.3 bounced after 0=0+0+0+0 text=bad address "
	"syntax"},
    {"smtp",
	"7A7A9A7601A: to=<a@x>, relay=x[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent "
	"(250 ok>, relay=none, delay=0, dsn=5.1.3, status=bounced (bad address syntax)",
	"delivery id=7A7A9A7601A rcpt=a@x relay=x[192.0.2.9]:25 dsn=2.0.0 sent after "
	"1000=0+0+0+0 "
	"text=250 ok>, relay=none, delay=0, dsn=5.1.3, status=bounced (bad address syntax"},
    {"smtp", "4jX3hQ6zJrz1bY0D: to=<\"never ends", "unknown"},
    {"smtp", "4jX3hQ6zJrz1bY0D: to=<a@b>, relay=none, status=eaten (by a grue)", "unknown"},
    {"smtp", "4jX3hQ6zJrz1bY0D: to=<a@b>, relay=none", "unknown"},
    {"qmgr", "4jX3hQ6zJrz1bY0D: from=<a@b>, dance=1", "unknown"},
    {"smtp", "4jX3hQ6zJrz1bY0D: host far.test said: 421 busy", "nothing"},
    {"smtp", "", "nothing"},
    {"smtp", "ALL+: removed", "nothing"},
    {"smtp", "connect to far.test[192.0.2.1]:25: Connection timed out", "nothing"},
    {"smtpd", "warning: hostname x does not resolve to address 192.0.2.1", "nothing"},
    {"smtpd", "NOQUEUE: client=unknown[192.0.2.1]", "nothing"},
};

static void
follows_a_message(void **state)
{
	(void)state;
	expect(way, ARRAY_LEN(way));
}

static void
knows_what_became_of_a_recipient(void **state)
{
	(void)state;
	expect(deliveries, ARRAY_LEN(deliveries));
}

static void
is_not_led_astray(void **state)
{
	(void)state;
	expect(hostile, ARRAY_LEN(hostile));
}

static void
takes_lines_apart(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
	    {"Nov 21 20:31:01 mx postfix/smtp[15300]: 4jX: to=<a>",
		"0 11-21 20:31:01 mx|postfix/smtp|4jX: to=<a>"},
	    {"Nov  1 00:00:59 mx postfix/qmgr: x: removed",
		"0 11-1 00:00:59 mx|postfix/qmgr|x: removed"},
	    {"2026-11-21T20:31:01.123456+01:00 mx postfix/smtp[1]: hello",
		"1795289461123456 11-21 20:31:01 mx|postfix/smtp|hello"},
	    {"2026-11-21T20:31:01Z mx postfix/submission/smtpd[1]: hello",
		"1795293061000000 11-21 20:31:01 mx|postfix/submission/smtpd|hello"},
	    {"2026-11-21T20:31:01 mx postfix/smtp[1]: hello", ""},
	    {"Nov 21 25:31:01 mx postfix/smtp[1]: hello", ""},
	    {"Foo 21 20:31:01 mx postfix/smtp[1]: hello", ""},
	    {"Nov 21 20:31:01 mx postfix/smtp[1] hello", ""},
	    {"Nov 21 20:31:01 mx", ""},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maillog_line line;
		char got[512] = "";

		if (maillog_split(view_of(cases[i].line), &line))
			snprintf(got, sizeof(got),
			    "%lld %u-%u %02u:%02u:%02u %.*s|%.*s|%.*s",
			    (long long)line.time, line.month, line.day, line.hour,
			    line.minute, line.second, VIEW_ARG(line.host),
			    VIEW_ARG(line.program), VIEW_ARG(line.message));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s\ngot  %s\nwant %s", cases[i].line, got, cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_a_message),
	    cmocka_unit_test(knows_what_became_of_a_recipient),
	    cmocka_unit_test(is_not_led_astray),
	    cmocka_unit_test(takes_lines_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
