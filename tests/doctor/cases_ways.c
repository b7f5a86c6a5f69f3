/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Ways around frankd: filters that hand mail back, and who may send as whom. */

#include "tests/doctor/lab.h"

#define LOGIN  "submission/inet/smtpd_sasl_auth_enable = yes\n"
#define FILTER "smtp-amavis:[127.0.0.1]:10024\n"
#define MASTER                                                                             \
	"smtp inet n - y - - smtpd\n"                                                      \
	"submission inet n - y - - smtpd\n"                                                \
	"127.0.0.1:10025 inet n - y - - smtpd\n"
#define BACK "127.0.0.1:10025/inet/content_filter =\n"
#define AWAY "127.0.0.1:10025/inet/receive_override_options = no_milters\n"

static const struct variant reentry[] = {
    {"no filter", DOCTOR_OK, .main = NULL},
    {"signed when it comes back", DOCTOR_OK, .main = "content_filter = " FILTER,
	.master = MASTER, .overrides = LOGIN BACK, .policy = "set reentry 10025\naccept\n"},
    {"judged twice, and another port is set", DOCTOR_BAD,
	.main = "content_filter = " FILTER, .master = MASTER, .overrides = LOGIN BACK,
	.policy = "set reentry { 25 }\naccept\n"},
    {"judged twice", DOCTOR_BAD, .main = "content_filter = " FILTER, .master = MASTER,
	.overrides = LOGIN BACK},
    {"the policy waits for it, and nobody asks frankd", DOCTOR_BAD,
	.main = "content_filter = " FILTER, .master = MASTER,
	.overrides = LOGIN BACK "127.0.0.1:10025/inet/smtpd_milters =\n",
	.policy = "set reentry 10025\naccept\n"},
    {"no_milters behind the filter", DOCTOR_BAD, .main = "content_filter = " FILTER,
	.master = MASTER, .overrides = LOGIN BACK AWAY,
	.policy = "set reentry 10025\naccept\n"},
    {"signed before the filter", DOCTOR_UNKNOWN, .main = "content_filter = " FILTER,
	.master = MASTER, .overrides = LOGIN BACK AWAY},
    {"never signed", DOCTOR_UNKNOWN, .main = "content_filter = " FILTER "smtpd_milters =\n",
	.master = MASTER, .overrides = LOGIN BACK},
    {"a port by a name that is not known", DOCTOR_UNKNOWN,
	.main = "content_filter = " FILTER,
	.master = "submission inet n - y - - smtpd\nlocalhost:back inet n - y - - smtpd\n",
	.overrides = LOGIN "localhost:back/inet/content_filter =\n"},
    {"submission does not filter, and takes nothing back", DOCTOR_UNKNOWN,
	.main = "content_filter = " FILTER,
	.overrides = LOGIN "submission/inet/content_filter =\n"},
    {"back on an address of the network", DOCTOR_OK, .main = "content_filter = " FILTER,
	.master = "submission inet n - y - - smtpd\n192.0.2.1:10025 inet n - y - - smtpd\n",
	.overrides = LOGIN "192.0.2.1:10025/inet/content_filter =\n",
	.policy = "set reentry 10025\naccept\n"},
    {"nobody takes it back", DOCTOR_UNKNOWN, .main = "content_filter = " FILTER},
    {"nobody listens there", DOCTOR_UNKNOWN,
	.policy = "set reentry { 587, 10026 }\naccept\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

#define MAPS "smtpd_sender_login_maps = proxy:mysql:/etc/postfix/senders.cf\n"
#define OWNS                                                                               \
	"reject path submission not owns author reply \"5.7.1 not \\\" yours\"\naccept\n"

static const struct variant logins[] = {
    {"by the policy alone", DOCTOR_OK, .policy = OWNS},
    {"by the same table", DOCTOR_OK, .main = MAPS,
	.policy = "map <owners> postmap \"proxy:mysql:/etc/postfix/senders.cf\"\n"
		  "set owners <owners>\n" OWNS},
    {"by Postfix alone", DOCTOR_OK,
	.main = MAPS "smtpd_sender_restrictions = reject_sender_login_mismatch\n"},
    {"by nobody", DOCTOR_BAD, .policy = "accept label \"nobody owns it\"\n"},
    {"a table that nobody asks", DOCTOR_BAD,
	.main = MAPS "smtpd_sender_restrictions = permit_mynetworks\n", .policy = OWNS},
    {"a table of the service's own that nobody asks", DOCTOR_BAD,
	.overrides = LOGIN "submission/inet/smtpd_sender_login_maps = hash:/etc/s\n"
			   "submission/inet/smtpd_sender_restrictions =\n"},
    {"two truths", DOCTOR_UNKNOWN,
	.main = MAPS "smtpd_recipient_restrictions = permit_mynetworks, "
		     "reject_authenticated_sender_login_mismatch\n",
	.policy = OWNS},
    {"an empty table", DOCTOR_UNKNOWN,
	.main = "smtpd_relay_restrictions = reject_known_sender_login_mismatch\n"},
    {"no logins", DOCTOR_OK, .overrides = ""},
    {"neither yes nor no", DOCTOR_UNKNOWN, .main = "smtpd_sasl_auth_enable =\n",
	.overrides = ""},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

const struct variants cases_ways[] = {
    VARIANTS("postfix-reentry", reentry),
    VARIANTS("postfix-logins", logins),
    {.check = NULL},
};
