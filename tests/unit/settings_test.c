/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"
#include "policy/value.h"
#include "tests/unit/policy_lab.h"

static void
has_the_documented_defaults(void **state)
{
	struct policy *policy = lab_policy("accept\n", "", NULL);
	const struct policy_settings *settings = policy_settings(policy);

	(void)state;
	lab_same_view("default", "listen", settings->listen,
	    "unix:/var/spool/postfix/frank/milter.sock");
	lab_same_view("default", "control", settings->control, "/run/frank/control.sock");
	lab_same_view("default", "state", settings->state, "/var/lib/frank");
	lab_same_view("default", "user", settings->user, "frank");
	lab_same_view("default", "keys-user", settings->keys_user, "frank-keys");
	lab_same_view("default", "tables-user", settings->tables_user, "postfix");
	lab_same_view("default", "group", settings->group, "frank");
	lab_same_view("default", "socket-group", settings->socket_group, "postfix");
	lab_same_view("default", "delimiter", settings->recipient_delimiter, "");
	lab_same_view("default", "login-domain", settings->login_domain, "");
	lab_same_view("default", "timezone", settings->timezone, "");
	assert_int_equal(settings->on_error, ON_ERROR_DEFER);
	assert_int_equal(settings->journal, JOURNAL_BEST_EFFORT);
	assert_int_equal(settings->keep_days, 30);
	assert_int_equal(settings->recipients, RECIPIENTS_FULL);
	assert_int_equal(settings->header_canon, CANON_RELAXED);
	assert_int_equal(settings->body_canon, CANON_RELAXED);
	assert_int_equal(settings->signature_lifetime, 0);
	assert_int_equal(settings->n_egress + settings->n_reentry, 0);
	assert_int_equal(settings->n_blocklists, 0);
	policy_free(policy);
}

static void
takes_every_setting(void **state)
{
	struct policy *policy =
	    lab_policy("set listen unix:/tmp/m\nset control \"/tmp/c\"\n"
		       "set state /tmp/s\nset user 1234\nset keys-user k\n"
		       "set group g\nset socket-group s\nset tables-user t\n"
		       "set egress { 192.0.2.1, 2001:db8::1 }\n"
		       "set helo Mail.Example.ORG\nset login-domain A.test\n"
		       "set recipient-delimiter \"-\"\nset timezone Etc/GMT+1\n"
		       "set on-error reject\nset journal required\n"
		       "set keep 3650d\nset recipients hash\n"
		       "set canonicalization simple/relaxed\n"
		       "set signature-lifetime 7d\nset reentry 10025 65535\n"
		       "set blocklists { BL.example.org, dbl.example.net }\n"
		       "accept\n",
		"", NULL);
	const struct policy_settings *settings = policy_settings(policy);
	char text[ADDR_TEXT];

	(void)state;
	lab_same_view("set", "listen", settings->listen, "unix:/tmp/m");
	lab_same_view("set", "control", settings->control, "/tmp/c");
	lab_same_view("set", "state", settings->state, "/tmp/s");
	lab_same_view("set", "user", settings->user, "1234");
	lab_same_view("set", "keys-user", settings->keys_user, "k");
	lab_same_view("set", "group", settings->group, "g");
	lab_same_view("set", "tables-user", settings->tables_user, "t");
	lab_same_view("set", "socket-group", settings->socket_group, "s");
	lab_same_view("set", "helo", settings->helo, "mail.example.org");
	lab_same_view("set", "login-domain", settings->login_domain, "a.test");
	lab_same_view("set", "delimiter", settings->recipient_delimiter, "-");
	lab_same_view("set", "timezone", settings->timezone, "Etc/GMT+1");
	assert_int_equal(settings->n_egress, 2);
	lab_same("set", "egress", addr_text(settings->egress[1], text), "2001:db8::1");
	assert_int_equal(settings->on_error, ON_ERROR_REJECT);
	assert_int_equal(settings->journal, JOURNAL_REQUIRED);
	assert_int_equal(settings->keep_days, 3650);
	assert_int_equal(settings->recipients, RECIPIENTS_HASH);
	assert_int_equal(settings->header_canon, CANON_SIMPLE);
	assert_int_equal(settings->body_canon, CANON_RELAXED);
	assert_int_equal(settings->signature_lifetime, 7 * 86400);
	assert_int_equal(settings->n_reentry, 2);
	assert_int_equal(settings->reentry[1], 65535);
	assert_int_equal(settings->n_blocklists, 2);
	lab_same_view("set", "blocklists", settings->blocklists[0], "bl.example.org");
	lab_same_view("set", "blocklists", settings->blocklists[1], "dbl.example.net");
	policy_free(policy);
}

static void
keeps_bounds(void **state)
{
	static const char *const refused[] = {
	    "set keep 0d",
	    "set keep 3651d",
	    "set keep 99999999999999999999d",
	    "set reentry 65536",
	    "set blocklists",
	    "set blocklists { a.example",
	    "set blocklists \"a b\"",
	    "set blocklists a..b",
	    "set reentry -1",
	    "set signature-lifetime 59m",
	    "set signature-lifetime 366d",
	    "set user \"a:b\"",
	    "set user abcdefghijklmnopqrstuvwxyzabcdefg",
	    "set user 4294967295",
	    "set state /a\" \"b",
	    "set listen unix:relative",
	    "set listen \"unix:/with blank\"",
	    "set listen inet:",
	    "set control \"\"",
	    "set helo \"\"",
	    "set helo .",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct buf text = BUF_INIT(1024), shown = BUF_INIT(1 << 16);

		buf_addf(&text, "%s\naccept\n", refused[i]);
		lab_refused(buf_text(&text), &shown);
		if (strstr(buf_text(&shown), ": error: ") == NULL)
			fail_msg("%s: got \"%s\"", refused[i], buf_text(&shown));
		buf_fini(&text);
		buf_fini(&shown);
	}
}

static void
limits_lists(void **state)
{
	struct buf text = BUF_INIT(1 << 16), shown = BUF_INIT(1 << 16);

	(void)state;
	buf_add_text(&text, "set reentry {");
	for (int i = 1; i <= SETTINGS_LIST_MAX + 1; i++)
		buf_addf(&text, "%s%d", i > 1 ? ", " : " ", i);
	buf_add_text(&text, " }\naccept\n");
	lab_refused(buf_text(&text), &shown);
	assert_non_null(strstr(buf_text(&shown), "more than 64 ports"));
	buf_fini(&text);
	buf_fini(&shown);
}

static void
reads_values(void **state)
{
	static const struct {
		const char *text;
		bool is_date;
		int days; /* from 2027-01-25 */
	} dates[] = {
	    {"2027-01-25", true, 0},
	    {"2027-01-24", true, -1},
	    {"2027-02-01", true, 7},
	    {"2028-02-29", true, 400},
	    {"2028-03-01", true, 401},
	    {"2027-02-29", false, 0},
	    {"2100-02-29", false, 0},
	    {"2027-13-01", false, 0},
	    {"2027-00-01", false, 0},
	    {"2027-01-00", false, 0},
	    {"2027-1-1", false, 0},
	    {"27-01-01", false, 0},
	    {"2027-01-01-", false, 0},
	    {"", false, 0},
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		int date = 0;

		if (value_date(view_of(dates[i].text), &date) != dates[i].is_date)
			fail_msg("%s: want %d", dates[i].text, dates[i].is_date);
		if (dates[i].is_date && value_days_between(20270125, date) != dates[i].days)
			fail_msg("%s: got %d days, want %d", dates[i].text,
			    value_days_between(20270125, date), dates[i].days);
	}
	assert_true(value_size(VIEW("10M"), &number) && number == 10 << 20);
	assert_true(value_size(VIEW("1500"), &number) && number == 1500);
	assert_true(value_size(VIEW("1G"), &number) && number == 1 << 30);
	assert_false(value_size(VIEW("M"), &number));
	assert_false(value_size(VIEW("1m"), &number));
	assert_false(value_size(VIEW("99999999999999999G"), &number));
	assert_false(value_size(VIEW("99999999999999999999"), &number));
	assert_true(value_duration(VIEW("90s"), &number) && number == 90);
	assert_true(value_duration(VIEW("14d"), &number) && number == 14 * 86400);
	assert_false(value_duration(VIEW("10"), &number));
	assert_false(value_duration(VIEW("10D"), &number));
	assert_false(value_duration(VIEW("1.5h"), &number));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_the_documented_defaults),
	    cmocka_unit_test(takes_every_setting),
	    cmocka_unit_test(keeps_bounds),
	    cmocka_unit_test(limits_lists),
	    cmocka_unit_test(reads_values),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
