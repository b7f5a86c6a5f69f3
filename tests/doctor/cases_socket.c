/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* frankd's socket: run.sh and lab_socket() make those in /FILES/queue. */

#include "tests/doctor/lab.h"

#define QUEUE  "queue_directory = /FILES/queue\nmail_owner = nobody\n"
#define LISTEN "set listen \"unix:/FILES/queue/open/milter.sock\"\naccept\n"
#define OPEN   "unix:open/milter.sock"
#define FULL   "unix:/FILES/queue/open/milter.sock"
#define PORT   "set listen \"inet:127.0.0.1:8891\"\naccept\n"

static const struct variant socket_cases[] = {
    {"fine", DOCTOR_OK, .main = QUEUE "smtpd_milters = " OPEN, .policy = LISTEN},
    {"fine by its full path, without a chroot", DOCTOR_OK,
	.main = QUEUE "smtpd_milters = " FULL, .master = "smtp inet n - n - - smtpd\n",
	.policy = LISTEN},
    {"its full path in a chroot", DOCTOR_BAD,
	.main = QUEUE "smtpd_milters = { " FULL ", default_action=tempfail }",
	.policy = LISTEN},
    {"a path of the chroot, without one", DOCTOR_BAD,
	.main = QUEUE "smtpd_milters = unix:/open/milter.sock\n",
	.master = "smtp inet n - n - - smtpd\n", .policy = LISTEN},
    {"a path of the chroot, in it", DOCTOR_OK,
	.main = QUEUE "smtpd_milters = unix:/open/milter.sock\n", .policy = LISTEN},
    {"outside of the queue directory, in a chroot", DOCTOR_BAD,
	.main = "smtpd_milters = unix:/run/frank/milter.sock\n",
	.policy = "set listen \"unix:/run/frank/milter.sock\"\naccept\n"},
    {"chrooted or not, one cannot know", DOCTOR_UNKNOWN,
	.main = QUEUE "compatibility_level = x\nsmtpd_milters = " FULL,
	.master = "smtp inet n - - - - smtpd\n", .policy = LISTEN},
    {"it is not there", DOCTOR_BAD, .main = QUEUE "smtpd_milters = unix:open/none.sock\n",
	.policy = "set listen \"unix:/FILES/queue/open/none.sock\"\naccept\n"},
    {"no socket", DOCTOR_BAD, .main = QUEUE "smtpd_milters = unix:open/file\n",
	.policy = "set listen \"unix:/FILES/queue/open/file\"\naccept\n"},
    {"a directory that is closed", DOCTOR_BAD,
	.main = QUEUE "smtpd_milters = unix:closed/s\n",
	.policy = "set listen \"unix:/FILES/queue/closed/s\"\naccept\n"},
    {"a socket for others", DOCTOR_BAD,
	.main = QUEUE "smtpd_milters = unix:open/own.sock\n",
	.policy = "set listen \"unix:/FILES/queue/open/own.sock\"\naccept\n"},
    {"an owner that is nobody's", DOCTOR_UNKNOWN,
	.main = "queue_directory = /FILES/queue\nmail_owner = no-such-user\n"
		"smtpd_milters = " OPEN,
	.policy = LISTEN},
    {"a port by number", DOCTOR_OK, .main = "smtpd_milters = inet:127.0.0.1:8891\n",
	.policy = PORT},
    {"a port by name, without a chroot", DOCTOR_OK,
	.main = "smtpd_milters = inet:localhost:8891\n",
	.master = "smtp inet n - n - - smtpd\n", .policy = PORT},
    {"a port by name, and the chroot knows it", DOCTOR_OK,
	.main = QUEUE "smtpd_milters = inet:localhost:8891\n", .policy = PORT},
    {"a port by name, and the chroot knows others", DOCTOR_UNKNOWN,
	.main = QUEUE "smtpd_milters = inet:127.0.0.1.localhost:8891\n",
	.policy = "set listen \"inet:127.0.0.1:8891\"\naccept\n"},
    {"a port by name, in a bare chroot", DOCTOR_BAD,
	.main = "queue_directory = /FILES/bare-queue\nsmtpd_milters = "
		"inet:localhost:8891\n",
	.policy = PORT},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

const struct variants cases_socket[] = {
    VARIANTS("postfix-socket", socket_cases),
    {.check = NULL},
};
