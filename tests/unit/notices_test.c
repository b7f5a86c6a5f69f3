/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Who is told of an incident, when, and what is done when nobody can be: the thread's steps
 * by hand, with a clock in our hand, a server that says what it is given, and a state.db.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "journal/db.h"
#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/file.h"
#include "milter/incident_text.h"
#include "milter/notices.h"
#include "tests/unit/journal_lab.h"
#include "tests/unit/smtp_lab.h"

enum { SECOND = 1000000 };

static const char *const takes_it[] = {"220 x\r\n", "250 x\r\n", "250 x\r\n", "250 x\r\n",
    "354 x\r\n", "250 2.0.0 queued as 4cX\r\n", NULL};

struct world {
	struct generation generation;
	struct incidents *incidents;
	struct notices *notices;
	struct own_mail_secret secret;
	const char *dir;
	int64_t passed; /* microseconds since LAB_TIME */
	struct buf said, acts;
};

static struct generation *
fake_hold(void *context)
{
	struct world *world = context;

	return &world->generation;
}

static void
fake_let_go(void *context, struct generation *generation)
{
	(void)context;
	(void)generation;
}

static struct clock
fake_now(void *context)
{
	const struct world *world = context;

	return (struct clock){.wall = LAB_TIME + world->passed,
	    .mono = 100 * (int64_t)SECOND + world->passed};
}

static void
fake_say(void *context, bool is_bad, struct view text)
{
	struct world *world = context;

	buf_addf(&world->said, "%s%.*s\n", is_bad ? "! " : "", VIEW_ARG(text));
}

static void
fake_act(void *context, int64_t time, struct view who, struct view text)
{
	struct world *world = context;

	buf_addf(&world->acts, "%lld %.*s: %.*s\n", (long long)(time - LAB_TIME),
	    VIEW_ARG(who), VIEW_ARG(text));
}

static void
fake_alert_told(void *context, const struct alert_news *alert)
{
	struct world *world = context;

	buf_addf(&world->acts, "told of ");
	alert_say(alert, &world->acts);
	buf_add_char(&world->acts, '\n');
}

/* TEXT is the policy from now on. */
static void policy_set(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
policy_set(struct world *world, const char *format, ...)
{
	struct bundle *bundle = bundle_new(NULL);
	struct buf text = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct diag diag;
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	buf_add_text(&text, "keys \"keys\"\naccept\n");
	diag_init(&diag);
	(void)bundle_put(bundle, VIEW("frank.conf"), buf_view(&text), &err);
	(void)bundle_put(bundle, VIEW(POLICY_KEYS_FILE),
	    VIEW("- example.org s2026 rsa-sha256 1767225600\n"), &err);
	policy_free(world->generation.policy);
	world->generation.policy =
	    policy_load(bundle, "frank.conf", (struct map_seed){1, 2}, 0, &diag);
	if (world->generation.policy == NULL)
		fail_msg("%s", buf_text(&diag.out));
	diag_fini(&diag);
	bundle_free(bundle);
	buf_fini(&text);
}

static void
notices_begin(struct world *world)
{
	const struct notices_calls calls = {.context = world,
	    .hold = fake_hold,
	    .let_go = fake_let_go,
	    .now = fake_now,
	    .say = fake_say,
	    .act = fake_act,
	    .alert_told = fake_alert_told};

	world->incidents = incidents_new();
	world->notices = notices_new(
	    &calls, world->incidents, &world->secret, world->dir, "host.example.org");
}

static void
notices_over(struct world *world)
{
	notices_free(world->notices);
	incidents_free(world->incidents);
}

static int
world_make(void **state)
{
	struct world *world = mem_zeroed(1, sizeof(*world));

	world->dir = lab_dir();
	buf_init(&world->said, 65536);
	buf_init(&world->acts, 65536);
	own_mail_secret_make(&world->secret);
	notices_begin(world);
	*state = world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	notices_over(world);
	policy_free(world->generation.policy);
	buf_fini(&world->said);
	buf_fini(&world->acts);
	lab_remove();
	free(world);
	return 0;
}

static void
hold(struct world *world, const char *key, unsigned messages)
{
	const struct fact_address rcpt = {
	    .text = VIEW("x@example.com"), .domain = VIEW("example.com")};
	const struct facts facts = {.time = LAB_TIME + world->passed,
	    .queue_id = VIEW("4cXyZ71kq"),
	    .rcpts = 1,
	    .rcpt_sample = &rcpt,
	    .n_rcpt_sample = 1};
	const struct decision decision = {.verdict = VERDICT_HOLD,
	    .label = VIEW("too much"),
	    .place = VIEW("frank.conf:41"),
	    .key = view_of(key),
	    .notify = strcmp(key, "quiet") != 0};
	const struct incident_held held = {
	    .facts = &facts, .decision = &decision, .origin = view_of(key)};

	for (unsigned i = 0; i < messages; i++)
		incidents_held(world->incidents, &held);
}

/* SECONDS go by, and then the thread looks. */
static void
step(struct world *world, int64_t seconds)
{
	world->passed += seconds * SECOND;
	notices_step(world->notices);
}

static struct notices_status
status_of(struct world *world)
{
	struct notices_status status;

	notices_status(world->notices, &status);
	return status;
}

static bool
has(const struct buf *text, const char *part)
{
	return memmem(text->p, text->n, part, strlen(part)) != NULL;
}

static unsigned
count(const struct buf *text, const char *part)
{
	unsigned n = 0;
	const char *at = buf_text(text);

	for (; (at = strstr(at, part)) != NULL; at++)
		n++;
	return n;
}

static void
test_sends(void **state)
{
	struct world *world = *state;
	struct smtp_server server;

	smtp_server_start(&server, takes_it);
	policy_set(
	    world, "set notify-to Admin@Example.org\nset notify-smtp %s\n", server.address);
	hold(world, "alice", 3);
	step(world, 0);
	assert_string_equal(buf_text(&world->said),
	    "! incident 1 opened: 3 messages of alice held: too much (frank.conf:41)\n");
	assert_string_equal(buf_text(&world->acts),
	    "0 frankd: incident 1 opened: 3 messages of alice "
	    "held: too much (frank.conf:41)\n");
	assert_int_equal(status_of(world).sent, 0);
	hold(world, "alice", 2);
	step(world, 2);
	smtp_server_wait(&server);
	if (!view_starts(buf_view(&server.heard),
		VIEW("EHLO host.example.org\r\nMAIL FROM:<postmaster@Example.org>\r\n"
		     "RCPT TO:<Admin@Example.org>\r\nDATA\r\n"
		     "From: Frank <postmaster@Example.org>\r\nTo: <Admin@Example.org>\r\n"
		     "Subject: frank: 5 messages of alice held: too much\r\n"
		     "Date: Mon, 02 Mar 2026 09:03:02 +0000\r\nMessage-ID: <frank.1.")))
		fail_msg("%s", buf_text(&server.heard));
	assert_true(has(&world->said,
	    "\nnotice of incident 1 to Admin@Example.org: 250 2.0.0 queued as 4cX\n"));
	assert_int_equal(status_of(world).sent, 1);
	assert_int_equal(status_of(world).waiting, 0);
	smtp_server_end(&server);
}

/* The field in it is the one that a session would know. */
static void
test_marks_it(void **state)
{
	struct world *world = *state;
	struct smtp_server server;
	char id[256], mark[256], date[64];
	const char *at;

	smtp_server_start(&server, takes_it);
	policy_set(world,
	    "set helo mail.example.net\nset notify-to admin@example.com\n"
	    "set notify-smtp %s\n",
	    server.address);
	hold(world, "alice", 1);
	step(world, 2);
	smtp_server_wait(&server);
	const char *text = buf_text(&server.heard);
	/* No key for example.com: our own name. */
	assert_non_null(strstr(text, "MAIL FROM:<postmaster@mail.example.net>\r\n"));
	assert_non_null(at = strstr(text, "Message-ID: <"));
	assert_int_equal(sscanf(at, "Message-ID: <%250[^>]>", id), 1);
	assert_non_null(at = strstr(text, "X-Frank-Notice: "));
	assert_int_equal(sscanf(at, "X-Frank-Notice: %250[^\r]", mark), 1);
	assert_non_null(at = strstr(text, "Date: "));
	assert_int_equal(sscanf(at, "Date: %60[^\r]", date), 1);
	const struct own_mail mail = {.message_id = view_of(id),
	    .rcpt = VIEW("admin@example.com"),
	    .date = view_of(date)};
	assert_true(
	    own_mail_is(&world->secret, &mail, view_of(mark), LAB_TIME / SECOND + 5));
	smtp_server_end(&server);
}

/* Never lost: 1, 5, 15, 15 minutes; said once, shown as long as it is so. */
static void
test_tries_again(void **state)
{
	struct world *world = *state;
	struct smtp_server server;
	static const int64_t waits[] = {60, 300, 900, 900};

	policy_set(world, "set notify-to a@example.org\nset notify-smtp 127.0.0.1:1\n");
	hold(world, "alice", 1);
	step(world, 2);
	struct notices_status status = status_of(world);
	assert_string_equal(
	    status.trouble, "cannot connect to 127.0.0.1:1: Connection refused");
	assert_int_equal(status.waiting, 1);
	smtp_server_start(&server, takes_it);
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		/* A server that would take it is not asked too early. */
		policy_set(world, "set notify-to a@example.org\nset notify-smtp %s\n",
		    server.address);
		step(world, waits[i] - 1);
		assert_int_equal(status_of(world).sent, 0);
		policy_set(
		    world, "set notify-to a@example.org\nset notify-smtp 127.0.0.1:1\n");
		step(world, 1);
	}
	assert_int_equal(count(&world->said, "cannot be sent"), 1);
	policy_set(
	    world, "set notify-to a@example.org\nset notify-smtp %s\n", server.address);
	step(world, 900);
	smtp_server_wait(&server);
	status = status_of(world);
	assert_string_equal(status.trouble, "");
	assert_int_equal(status.sent, 1);
	assert_int_equal(status.waiting, 0);
	smtp_server_end(&server);
}

static void
test_nobody_to_tell(void **state)
{
	struct world *world = *state;

	policy_set(world, "set notify-smtp 127.0.0.1:1\n");
	hold(world, "alice", 1);
	step(world, 2);
	step(world, 1);
	assert_int_equal(status_of(world).waiting, 0);
	assert_string_equal(status_of(world).trouble, "");
	assert_int_equal(count(&world->said, "\n"), 1);
	/* Nor is he told later of what is over. */
	policy_set(world, "set notify-to a@example.org\nset notify-smtp 127.0.0.1:1\n");
	step(world, 3600);
	assert_string_equal(status_of(world).trouble, "");
}

static void
script(const char *path, const char *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(file_create(path, 0755, view_of(text), &err), 0);
}

static void
test_command(void **state)
{
	struct world *world = *state;
	struct buf told = BUF_INIT(65536);
	struct err err = ERR_INIT;
	char path[512], fails[512], text[1024];

	snprintf(path, sizeof(path), "%s", lab_path("page"));
	snprintf(text, sizeof(text), "#!/bin/sh\ncat >>%s\n", lab_path("told"));
	script(path, text);
	snprintf(fails, sizeof(fails), "%s", lab_path("fails"));
	script(fails, "#!/bin/sh\necho no modem >&2\necho more >&2\nexit 3\n");
	policy_set(world, "set notify-command \"%s\"\n", path);
	hold(world, "alice", 1);
	step(world, 2);
	step(world, 1);
	hold(world, "alice", 1);
	step(world, 1800);
	step(world, 1);
	(void)incidents_close(
	    world->incidents, 1, "kim", VIEW("known"), LAB_TIME + world->passed, &err);
	step(world, 1);
	step(world, 1);
	assert_true(
	    has(&world->acts, " kim: incident 1 closed by kim (known): 2 messages"));
	assert_int_equal(file_read(lab_path("told"), &told, &err), 0);
	assert_int_equal(count(&told, "\n"), 3);
	assert_true(view_starts(buf_view(&told),
	    VIEW("{\"@timestamp\":\"2026-03-02T09:03:02.000Z\",\"host.name\":"
		 "\"host.example.org\",\"event.action\":\"incident-opened\","
		 "\"frank.incident\":1,\"event.reason\":\"too much\"")));
	assert_int_equal(count(&told, "\"event.action\":\"incident-doubled\""), 1);
	assert_int_equal(count(&told, "\"event.action\":\"incident-closed\""), 1);
	assert_int_equal(count(&told, "\"frank.close_reason\":\"known\""), 1);
	assert_int_equal(status_of(world).failed_commands, 0);

	/* What fails is said, and not done again. */
	policy_set(world, "set notify-command \"%s\"\n", fails);
	hold(world, "bob", 1);
	buf_reset(&world->said);
	step(world, 2);
	step(world, 60);
	snprintf(
	    text, sizeof(text), "! notify-command: %s ended with 3: no modem\n", fails);
	assert_true(has(&world->said, text));
	assert_int_equal(count(&world->said, "notify-command"), 1);
	policy_set(world, "set notify-command /nonexistent/page\n");
	hold(world, "carol", 1);
	step(world, 2);
	assert_true(has(&world->said, "! notify-command: cannot run /nonexistent/page"));
	assert_int_equal(status_of(world).failed_commands, 2);
	buf_fini(&told);
}

/* A restart: numbers go on, and who was told is not told again. */
static void
test_keeps(void **state)
{
	struct world *world = *state;
	struct smtp_server server;
	struct incidents_status status;

	smtp_server_start(&server, takes_it);
	policy_set(
	    world, "set notify-to a@example.org\nset notify-smtp %s\n", server.address);
	hold(world, "alice", 1);
	step(world, 2);
	smtp_server_end(&server);
	hold(world, "bob", 1);
	/* As when frankd is stopped: what nobody has written yet is written now. */
	notices_write(world->notices);
	notices_over(world);
	buf_reset(&world->said);
	notices_begin(world);
	incidents_status(world->incidents, &status);
	assert_int_equal(status.open, 2);
	policy_set(world, "set notify-to a@example.org\nset notify-smtp 127.0.0.1:1\n");
	step(world, 1);
	assert_string_equal(buf_text(&world->said), "");
	step(world, 1);
	assert_true(has(&world->said, "the notice of incident 2 cannot be sent"));
	assert_int_equal(status_of(world).waiting, 1);
	hold(world, "carol", 1);
	step(world, 1);
	assert_true(has(&world->said, "incident 3 opened"));
	/* A day later they are over. */
	step(world, INCIDENT_IDLE_SECONDS);
	assert_true(has(&world->said,
	    "\nincident 1 closed by frankd (no message held for a day): 1 message of "
	    "alice held: too much (frank.conf:41)\n"));
}

/* One that cannot be written is said once, and tried again. */
static void
test_state_trouble(void **state)
{
	struct world *world = *state;

	policy_set(world, "%s", "");
	assert_int_equal(mkdir(lab_path("state.db"), 0700), 0);
	hold(world, "quiet", 1);
	step(world, 1);
	assert_true(status_of(world).state_trouble[0] != '\0');
	step(world, 60);
	assert_int_equal(count(&world->said, "incidents are not kept"), 1);
	assert_int_equal(rmdir(lab_path("state.db")), 0);
	step(world, 60);
	assert_string_equal(status_of(world).state_trouble, "");
	/* And nothing was lost by it. */
	struct incidents_status status;
	notices_over(world);
	notices_begin(world);
	incidents_status(world->incidents, &status);
	assert_int_equal(status.open, 1);
}

/* Somebody else is at the file for a moment: no trouble, and nothing lost. */
static void
test_state_is_busy(void **state)
{
	struct world *world = *state;
	struct incidents_status status;
	struct err err = ERR_INIT;
	sqlite3 *db;

	policy_set(world, "%s", "");
	assert_int_equal(db_open_write(lab_path("state.db"), &db, &err), 0);
	assert_int_equal(db_run(db, "BEGIN IMMEDIATE; CREATE TABLE x(y)", &err), 0);
	hold(world, "quiet", 1);
	step(world, 1);
	assert_string_equal(status_of(world).state_trouble, "");
	for (int i = 0; i < 10; i++)
		step(world, 1);
	assert_string_equal(
	    status_of(world).state_trouble, "state.db: locked by another process");
	assert_int_equal(db_run(db, "COMMIT", &err), 0);
	sqlite3_close(db);
	step(world, 60);
	assert_string_equal(status_of(world).state_trouble, "");
	notices_over(world);
	notices_begin(world);
	incidents_status(world->incidents, &status);
	assert_int_equal(status.open, 1);
}

/* Whatever is in the names: ASCII, one header, no line that SMTP would not take. */
static void
test_mail_is_safe(void **state)
{
	static const char *const keys[] = {"alice",
	    "a\r\nBcc: eve@example.com\r\n\r\nhello",
	    "\xc3\xbc\xe2\x82\xac\xf0\x9f\x93\xac", "\xff\xfe\x80", "\x1b[2J\x07",
	    "=?utf-8?B?Zm9v?=", "\xe2\x80\xae evil"};
	const struct notice_frame frame = {.from_domain = "example.org",
	    .to = "admin@example.org",
	    .host = "host.example.org",
	    .message_id = "1@example.org",
	    .mark = "1 abc",
	    .now = LAB_TIME};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(keys); i++) {
		struct state_incident *row = mem_zeroed(1, sizeof(*row));
		struct buf mail = BUF_INIT(1 << 20);
		row->number = 1;
		row->began = row->last = LAB_TIME;
		row->messages = row->rcpts = 7;
		snprintf(row->label, sizeof(row->label), "%.60s", keys[i / 2]);
		for (size_t n = 0; n + 40 < sizeof(row->key); n = strlen(row->key))
			snprintf(row->key + n, sizeof(row->key) - n, "%s", keys[i / 2]);
		snprintf(row->queue_id, sizeof(row->queue_id), "%s",
		    i % 2 == 0 ? "4cXyZ71kq" : "; rm -rf /");
		row->closed = i % 2 == 0 ? 0 : LAB_TIME;
		notice_mail(
		    row, i % 2 == 0 ? INCIDENT_OPENED : INCIDENT_CLOSED, &frame, &mail);
		struct view rest = buf_view(&mail), line;
		unsigned subjects = 0, from = 0;
		while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
			assert_true(line.n < 998);
			for (size_t at = 0; at < line.n; at++)
				assert_true(line.p[at] >= ' ' && line.p[at] <= '~');
			subjects += view_starts(line, VIEW("Subject:"));
			from += view_starts(line, VIEW("From:"));
			assert_false(view_starts_nocase(line, VIEW("Bcc")));
			assert_null(memmem(line.p, line.n, "explain ;", 9));
		}
		assert_int_equal(subjects, 1);
		assert_int_equal(from, 1);
		assert_false(mail.full);
		buf_fini(&mail);
		free(row);
	}
}

/* Who has not got the mail yet was not told. */
static void
test_alert_is_told(void **state)
{
	struct world *world = *state;
	struct alert_news alert = {.kind = ALERT_HOLD, .time = LAB_TIME, .since = LAB_TIME};
	struct smtp_server server;

	snprintf(alert.text, sizeof(alert.text), "3 messages wait");
	policy_set(world, "set notify-to a@example.org\nset notify-smtp 127.0.0.1:1\n");
	notices_alert(world->notices, &alert);
	step(world, 1);
	assert_string_equal(buf_text(&world->acts), "");
	smtp_server_start(&server, takes_it);
	policy_set(
	    world, "set notify-to a@example.org\nset notify-smtp %s\n", server.address);
	step(world, 60);
	smtp_server_wait(&server);
	assert_string_equal(
	    buf_text(&world->acts), "told of hold-alert: 3 messages wait\n");
	smtp_server_end(&server);

	/* And when nobody wants mail. */
	alert.is_over = true;
	policy_set(world, "%s", "");
	notices_alert(world->notices, &alert);
	step(world, 1);
	assert_true(has(&world->acts, "told of over: hold-alert: 3 messages wait\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_alert_is_told, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_sends, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_marks_it, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_tries_again, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_nobody_to_tell, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_command, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_keeps, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_state_trouble, world_make, world_end),
	    cmocka_unit_test_setup_teardown(test_state_is_busy, world_make, world_end),
	    cmocka_unit_test(test_mail_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
