/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/postfix_private.h"

const struct doctor_check doctor_postfix[] = {
    {"postfix-submission", DOCTOR_ONCE,
	"mail that does not pass frankd leaves unsigned, and nobody judges it",
	check_milter_smtpd},
    {"postfix-local", DOCTOR_ONCE,
	"cron and web scripts send by sendmail(1), which asks other milters than SMTP does",
	check_milter_local},
    {"postfix-order", DOCTOR_ONCE,
	"each milter sees what those before it have changed: a signature that is not made "
	"last is broken by the next",
	check_milter_order},
    {"postfix-action", DOCTOR_ONCE,
	"what Postfix does while frankd does not answer decides whether mail leaves "
	"unsigned",
	check_milter_action},
    {"postfix-timeouts", DOCTOR_ONCE,
	"a milter that is given up too soon defers good mail, one that is waited for too "
	"long lets clients send it twice",
	check_milter_timeouts},
    {"postfix-protocol", DOCTOR_ONCE, "an older milter protocol hides what frankd goes by",
	check_milter_protocol},
    {"postfix-macros", DOCTOR_ONCE,
	"by macros frankd learns who logged in and the queue id", check_milter_macros},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
