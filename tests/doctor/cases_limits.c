/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Limits that do not fit. */

#include "tests/doctor/lab.h"

static const struct variant limits[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"no limits of mailboxes", DOCTOR_OK,
	.main = "mailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n"},
    {"a mailbox smaller than a message", DOCTOR_BAD,
	.main = "message_size_limit = 60000000\nvirtual_mailbox_limit = 0\n"},
    {"messages without a limit", DOCTOR_BAD, .main = "message_size_limit = 0\n"},
    {"back before forth", DOCTOR_BAD, .main = "minimal_backoff_time = 2h\n"},
    {"too seldom", DOCTOR_BAD, .main = "queue_run_delay = 10m\n"},
    {"given up at once", DOCTOR_BAD, .main = "maximal_queue_lifetime = 1h\n"},
    {"given up before the second try", DOCTOR_BAD,
	.main = "maximal_queue_lifetime = 6h\nmaximal_backoff_time = 8h\n"},
    {"kept for months", DOCTOR_BAD, .main = "maximal_queue_lifetime = 100\n"},
    {"one destination has them all", DOCTOR_BAD, .master = "smtp unix - - y - 20 smtp\n"},
    {"one destination may have 100", DOCTOR_BAD,
	.main = "default_destination_concurrency_limit = 100\n"},
    {"one destination of smtp has them all", DOCTOR_BAD,
	.main = "smtp_destination_concurrency_limit = 200\n"},
    {"processes without a limit", DOCTOR_OK, .master = "smtp unix - - y - 0 smtp\n"},
    {"no number of processes", DOCTOR_UNKNOWN, .master = "smtp unix - - y - some smtp\n"},
    {"no duration", DOCTOR_UNKNOWN, .main = "queue_run_delay = often\n"},
    {"no number", DOCTOR_UNKNOWN, .main = "message_size_limit = 10M\n"},
    {"no such parameter", DOCTOR_UNKNOWN, .main = "!virtual_mailbox_limit\n"},
};

const struct variants cases_limits[] = {
    VARIANTS("machine-limits", limits),
    {.check = NULL},
};
