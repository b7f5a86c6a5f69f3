/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Single parameters. */

#include "tests/doctor/lab.h"

static const struct variant bounces[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"fine, among others", DOCTOR_OK,
	.main = "internal_mail_filter_classes = notify, bounce\n"},
    {"not set", DOCTOR_BAD, .main = "internal_mail_filter_classes =\n"},
    {"others", DOCTOR_BAD, .main = "internal_mail_filter_classes = notify\n"},
    {"for the service", DOCTOR_BAD,
	.overrides = "bounce/unix/internal_mail_filter_classes =\n"},
    {"no such parameter", DOCTOR_UNKNOWN, .main = "!internal_mail_filter_classes\n"},
    {"no bounce", DOCTOR_UNKNOWN, .master = "smtp inet n - y - - smtpd\n"},
};

static const struct variant bare_newline[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"no", DOCTOR_BAD, .main = "smtpd_forbid_bare_newline = no\n"},
    {"no, by a Postfix that has only yes and no", DOCTOR_BAD,
	.main = "smtpd_forbid_bare_newline = no\n"
		"!smtpd_forbid_bare_newline_reject_code\n"},
    {"note, for one service", DOCTOR_BAD,
	.overrides = "smtp/inet/smtpd_forbid_bare_newline = note\n"},
    {"a word that is not known", DOCTOR_UNKNOWN,
	.main = "smtpd_forbid_bare_newline = later\n"},
    {"before 3.5.23, 3.6.13, 3.7.9", DOCTOR_UNKNOWN,
	.main = "!smtpd_forbid_bare_newline\n"},
    {"no smtpd", DOCTOR_UNKNOWN, .master = "pickup unix n - y 60 1 pickup\n"},
};

static const struct variant queue_ids[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"short", DOCTOR_BAD, .main = "enable_long_queue_ids = no\n"},
    {"neither yes nor no", DOCTOR_UNKNOWN, .main = "enable_long_queue_ids = 1\n"},
    {"before 2.9", DOCTOR_UNKNOWN, .main = "!enable_long_queue_ids\n"},
};

static const struct variant compatibility[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"2", DOCTOR_OK, .main = "compatibility_level = 2\n"},
    {"not set", DOCTOR_BAD, .main = "compatibility_level = 0\n"},
    {"no level", DOCTOR_UNKNOWN, .main = "compatibility_level = new\n"},
    {"before 3.0", DOCTOR_UNKNOWN, .main = "!compatibility_level\n"},
};

static const struct variant names[] = {
    {"fine", DOCTOR_OK,
	.main = "myhostname = mail.frank.test\nmydomain = frank.test\n"
		"myorigin = $mydomain\n"},
    {"as it comes", DOCTOR_BAD, .main = "myhostname = localhost.localdomain\n"},
    {"a bare name", DOCTOR_BAD,
	.main = "myhostname = mx\nmydomain = localdomain\nmyorigin = mx\n",
	.policy = "set helo mx.frank.test\naccept\n"},
    {"an example's", DOCTOR_BAD, .main = "myhostname = mail.Example.com\n"},
    {"not quite an example's", DOCTOR_OK,
	.main = "myhostname = mail.myexample.com\nmydomain = myexample.com\n"},
    {"of the house", DOCTOR_UNKNOWN,
	.main = "myhostname = mx.office.lan\nmydomain = office.lan\n"},
    {"in a file", DOCTOR_OK,
	.main = "myhostname = mail.frank.test\nmydomain = frank.test\n"
		"myorigin = /FILES/mailname\n"},
    {"in a file that is not there", DOCTOR_UNKNOWN,
	.main = "myhostname = mail.frank.test\nmydomain = frank.test\n"
		"myorigin = /FILES/no-such\n"},
};

static const struct variant helo[] = {
    {"fine", DOCTOR_OK, .policy = "set helo mail.example.org\naccept\n"},
    {"in capitals", DOCTOR_OK, .main = "smtp_helo_name = MAIL.example.org\n",
	.policy = "set helo mail.example.org\naccept\n"},
    {"another", DOCTOR_BAD, .main = "myhostname = mail.frank.test\n",
	.policy = "set helo mx.frank.test\naccept\n"},
    {"a host's name alone", DOCTOR_BAD, .main = "myhostname = vm\n",
	.policy = "set helo mail.example.org\naccept\n"},
    {"nobody's name", DOCTOR_BAD, .main = "smtp_helo_name = localhost.localdomain\n",
	.policy = "set helo mail.example.org\naccept\n"},
    {"another for one client", DOCTOR_BAD,
	.overrides = "relay/unix/smtp_helo_name = out.example.org\n",
	.policy = "set helo mail.example.org\naccept\n"},
    {"not set", DOCTOR_UNKNOWN, .main = NULL},
    {"no client", DOCTOR_UNKNOWN, .master = "smtp inet n - y - - smtpd\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant relayhost[] = {
    {"fine", DOCTOR_OK, .policy = "set egress 192.0.2.25\naccept\n"},
    {"by a relay, whose addresses are set", DOCTOR_OK,
	.main = "relayhost = [out.frank.test]\n",
	.policy = "set egress { 192.0.2.25, 2001:db8::25 }\naccept\n"},
    {"by a relay, and ours are set", DOCTOR_BAD,
	.main = "relayhost = [out.frank.test]:587\n",
	.policy = "set egress { 192.0.2.25, 127.0.0.1 }\naccept\n"},
    {"by default_transport", DOCTOR_BAD,
	.main = "default_transport = smtp:[192.0.2.9]:25\n",
	.policy = "set egress 127.0.0.1\naccept\n"},
    {"nothing is set", DOCTOR_UNKNOWN, .main = "relayhost = out.frank.test\n"},
    {"something on this machine", DOCTOR_UNKNOWN, .main = "relayhost = [127.0.0.1]:10026\n",
	.policy = "set egress 192.0.2.25\naccept\n"},
    {"by sender", DOCTOR_UNKNOWN,
	.main = "sender_dependent_relayhost_maps = hash:/etc/postfix/relays\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant unused[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"a letter is missing", DOCTOR_BAD, .main = "smtpd_proxy_filte = 127.0.0.1:1\n",
	.warnings = "/usr/sbin/postconf: warning: /etc/postfix/main.cf: unused parameter: "
		    "smtpd_proxy_filte=127.0.0.1:1\n"},
    {"in master.cf", DOCTOR_BAD,
	.warnings =
	    "/usr/sbin/postconf: warning: /etc/postfix/master.cf: unused parameter: "
	    "content_fliter=\n"},
    {"a leftover", DOCTOR_UNKNOWN, .main = "frobnicate = yes\n",
	.warnings = "/usr/sbin/postconf: warning: /etc/postfix/main.cf: unused parameter: "
		    "frobnicate=yes\n"},
    {"other words", DOCTOR_UNKNOWN,
	.warnings = "postconf: warning: /etc/postfix/main.cf: undefined parameter: nope\n"
		    "something else\n"},
};

const struct variants cases_settings[] = {
    VARIANTS("postfix-bounces", bounces),
    VARIANTS("postfix-bare-newline", bare_newline),
    VARIANTS("postfix-queue-ids", queue_ids),
    VARIANTS("postfix-compatibility", compatibility),
    VARIANTS("postfix-names", names),
    VARIANTS("postfix-helo", helo),
    VARIANTS("postfix-relayhost", relayhost),
    VARIANTS("postfix-unused", unused),
    {.check = NULL},
};
