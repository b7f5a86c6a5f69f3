/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* Does mail pass frankd, and how does Postfix speak with it? */

#include "tests/doctor/lab.h"

#define LOGIN "submission/inet/smtpd_sasl_auth_enable = yes\n"

static const struct variant submission[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"by its full path, as a service without a chroot has it", DOCTOR_OK,
	.main = "smtpd_milters = unix:/var/spool/postfix//frank/milter.sock\n"},
    {"frankd on a port", DOCTOR_OK, .main = "smtpd_milters = inet:localhost:8891\n",
	.policy = "set listen \"inet:127.0.0.1:8891\"\naccept\n"},
    {"no milter at all", DOCTOR_BAD, .main = "smtpd_milters =\n"},
    {"others, but not frankd", DOCTOR_BAD,
	.main = "smtpd_milters = inet:localhost:11332, { unix:opendmarc/s.sock, "
		"default_action=accept }\n"},
    {"frankd on another port", DOCTOR_BAD, .main = "smtpd_milters = inet:localhost:8892\n",
	.policy = "set listen \"inet:127.0.0.1:8891\"\naccept\n"},
    {"switched off for submission alone", DOCTOR_BAD,
	.overrides = LOGIN "submission/inet/smtpd_milters =\n"},
    {"one of the services with logins", DOCTOR_BAD,
	.master = "submission inet n - y - - smtpd\n"
		  "127.0.0.1:465 inet n - y - - smtpd\n",
	.overrides = LOGIN "127.0.0.1:465/inet/smtpd_sasl_auth_enable = yes\n"
			   "127.0.0.1:465/inet/smtpd_milters = unix:it's/here\n"},
    {"logins on port 25, by main.cf", DOCTOR_BAD, .main = "smtpd_sasl_auth_enable = yes\n",
	.overrides = "smtp/inet/smtpd_milters = \n"},
    {"a parameter of the service's own", DOCTOR_OK, .main = "smtpd_milters =\n",
	.overrides = LOGIN "submission/inet/smtpd_milters = $mua_milters\n"
			   "submission/inet/mua_milters = unix:frank/milter.sock\n",
	.master = "submission inet n - y - - smtpd\n"},
    {"no_milters", DOCTOR_BAD,
	.overrides = LOGIN "submission/inet/receive_override_options = "
			   "no_address_mappings, no_milters\n"},
    {"a filter before the queue", DOCTOR_BAD,
	.overrides = LOGIN "submission/inet/smtpd_proxy_filter = 127.0.0.1:10024\n"},
    {"milters by client", DOCTOR_UNKNOWN, .main = "smtpd_milter_maps = cidr:/etc/m\n"},
    {"port 25 without frankd", DOCTOR_UNKNOWN,
	.overrides = LOGIN "smtp/inet/smtpd_milters =\n"},
    {"behind a filter", DOCTOR_OK,
	.master = "submission inet n - y - - smtpd\n"
		  "127.0.0.1:10025 inet n - y - - smtpd\n",
	.overrides = LOGIN "127.0.0.1:10025/inet/smtpd_milters =\n"
			   "127.0.0.1:10025/inet/content_filter =\n"},
    {"behind a filter, with logins for all in main.cf", DOCTOR_OK,
	.main = "smtpd_sasl_auth_enable = yes\n",
	.master = "smtp inet n - y - - smtpd\nlocalhost:10025 inet n - y - - smtpd\n",
	.overrides = "localhost:10025/inet/smtpd_milters =\n"
		     "localhost:10025/inet/receive_override_options = no_milters\n"},
    {"behind a filter, where milters are switched off", DOCTOR_OK,
	.master = "smtp inet n - y - - smtpd\n127.0.0.1:10025 inet n - y - - smtpd\n",
	.overrides = "127.0.0.1:10025/inet/receive_override_options = no_milters\n"},
    {"nothing but a filter's way back", DOCTOR_OK,
	.master = "127.0.0.1:10025 inet n - y - - smtpd\n",
	.overrides = "127.0.0.1:10025/inet/smtpd_milters =\n"
		     "127.0.0.1:10025/inet/content_filter =\n"},
    {"on loopback, and nothing says that it is a filter's", DOCTOR_BAD,
	.master = "127.0.0.1:10025 inet n - y - - smtpd\n",
	.overrides = "127.0.0.1:10025/inet/smtpd_milters =\n"
		     "127.0.0.1:10025/inet/smtpd_sasl_auth_enable = yes\n"},
    {"submission on loopback, with no_milters", DOCTOR_BAD,
	.master = "127.0.0.1:587 inet n - y - - smtpd\n",
	.overrides = "127.0.0.1:587/inet/receive_override_options = no_milters\n"
		     "127.0.0.1:587/inet/smtpd_sasl_auth_enable = yes\n"},
    {"behind postscreen", DOCTOR_OK,
	.master = "smtp inet n - y - 1 postscreen\nsmtpd pass - - y - - smtpd\n"
		  "submission inet n - y - - smtpd\n"},
    {"neither yes nor no", DOCTOR_UNKNOWN,
	.main = "smtpd_sasl_auth_enable = maybe\nsmtpd_milters =\n", .overrides = ""},
    {"it refers to itself", DOCTOR_UNKNOWN, .main = "smtpd_milters = $smtpd_milters\n"},
    {"no smtpd", DOCTOR_UNKNOWN, .master = "pickup unix n - y 60 1 pickup\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant local[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"no milter", DOCTOR_BAD, .main = "non_smtpd_milters =\n"},
    {"another milter", DOCTOR_BAD, .main = "non_smtpd_milters = inet:127.0.0.1:11332\n"},
    {"as for smtpd, and frankd is not there either", DOCTOR_BAD,
	.main = "smtpd_milters = inet:127.0.0.1:11332\n"
		"non_smtpd_milters = inet:127.0.0.1:9, ${smtpd_milters}\n"},
    {"switched off for this cleanup", DOCTOR_BAD,
	.overrides = "cleanup/unix/non_smtpd_milters =\n"},
    {"no_milters", DOCTOR_BAD,
	.overrides = "pickup/unix/receive_override_options = no_milters\n"},
    {"a cleanup of its own", DOCTOR_BAD,
	.master = "pickup unix n - y 60 1 pickup\n"
		  "cleanup unix n - y - 0 cleanup\n"
		  "preclean unix n - y - 0 cleanup\n",
	.overrides = "pickup/unix/cleanup_service_name = preclean\n"
		     "preclean/unix/non_smtpd_milters =\n"},
    {"no pickup", DOCTOR_OK, .master = "smtp inet n - y - - smtpd\n"},
    {"a cleanup that is not there", DOCTOR_UNKNOWN,
	.main = "cleanup_service_name = mopup\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant order[] = {
    {"fine", DOCTOR_OK,
	.main = "smtpd_milters = inet:localhost:11332, unix:frank/milter.sock\n"},
    {"one behind it", DOCTOR_BAD,
	.main = "smtpd_milters = unix:frank/milter.sock, { inet:localhost:11332, "
		"default_action=accept }\n"},
    {"behind it for submission alone, with settings", DOCTOR_BAD,
	.overrides = LOGIN
	"submission/inet/smtpd_milters = { unix:frank/milter.sock, "
	"{ default_action = tempfail }, connect_timeout=2s } unix:clamav/milter.sock\n"},
    {"a second signer", DOCTOR_UNKNOWN,
	.main = "smtpd_milters = unix:opendkim/opendkim.sock, unix:frank/milter.sock\n"},
    {"for sendmail(1) alone", DOCTOR_BAD,
	.main = "non_smtpd_milters = unix:frank/milter.sock inet:127.0.0.1:8892\n"},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant action[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"accept", DOCTOR_BAD, .main = "milter_default_action = accept\n"},
    {"accept for all, and others may have their reasons", DOCTOR_BAD,
	.main = "milter_default_action = accept\n"
		"smtpd_milters = inet:127.0.0.1:11332, unix:frank/milter.sock\n"},
    {"accept, but not for frankd", DOCTOR_OK,
	.main = "milter_default_action = accept\nsmtpd_milters = { unix:frank/milter.sock, "
		"default_action=tempfail }\n"},
    {"accept for frankd alone", DOCTOR_BAD,
	.main = "smtpd_milters = inet:127.0.0.1:11332 { unix:frank/milter.sock, "
		"{ default_action = accept }, command_timeout=9s }\n"},
    {"quarantine for submission alone", DOCTOR_BAD,
	.overrides = LOGIN "submission/inet/milter_default_action = quarantine\n"},
    {"reject", DOCTOR_BAD, .main = "milter_default_action = reject\n"},
    {"reject, as the policy wants it", DOCTOR_OK,
	.main = "milter_default_action = reject\n",
	.policy = "set on-error reject\naccept\n"},
    {"a word that is not known", DOCTOR_UNKNOWN, .main = "milter_default_action = retry\n"},
    {"by macros that hide it", DOCTOR_BAD,
	.main = "non_smtpd_milters = ${smtpd_milters}\nsmtpd_milters = $all_milters\n"
		"all_milters = { unix:frank/milter.sock, default_action=accept }\n"},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant timeouts[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"fine, for frankd alone", DOCTOR_OK,
	.main = "smtpd_milters = { unix:frank/milter.sock, connect_timeout=2s, "
		"command_timeout=5s, content_timeout=30s }\n"},
    {"too short", DOCTOR_BAD,
	.main = "milter_connect_timeout = 0\nmilter_command_timeout = 1s\n"
		"milter_content_timeout = 5s\n"},
    {"shorter than the policy needs", DOCTOR_BAD,
	.main = "smtpd_milters = { unix:frank/milter.sock, content_timeout=30s }\n",
	.policy = "set dns-deadline 30s\naccept\n"},
    {"too long", DOCTOR_BAD,
	.main = "milter_connect_timeout = 5m\nmilter_command_timeout = 1h\n"
		"milter_content_timeout = 10m\n"},
    {"no duration", DOCTOR_UNKNOWN, .main = "milter_content_timeout = long\n"},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant protocol[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"old", DOCTOR_BAD, .main = "milter_protocol = 2\n"},
    {"old for frankd alone", DOCTOR_BAD,
	.main = "smtpd_milters = { unix:frank/milter.sock, protocol=4 }\n"},
    {"with words behind it", DOCTOR_OK, .main = "milter_protocol = 6, no_header_reply\n"},
    {"no number", DOCTOR_UNKNOWN, .main = "milter_protocol = six\n"},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

static const struct variant macros[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"lists from somewhere, and frankd asks for its own", DOCTOR_OK,
	.main = "milter_mail_macros = {mail_addr}\n"},
    {"they have what is needed", DOCTOR_OK, .main = "milter_protocol = 4\n"},
    {"they lack it, and frankd cannot ask", DOCTOR_BAD,
	.main = "milter_protocol = 4\nmilter_mail_macros = {mail_addr}\n"
		"milter_end_of_data_macros =\n"},
    {"lacking for submission", DOCTOR_BAD, .main = "milter_protocol = 4\n",
	.overrides = LOGIN "submission/inet/milter_mail_macros = i {auth_type}\n"},
    {"frankd is nowhere", DOCTOR_UNKNOWN, .main = "smtpd_milters =\n"},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

const struct variants cases_milter[] = {
    VARIANTS("postfix-submission", submission),
    VARIANTS("postfix-local", local),
    VARIANTS("postfix-order", order),
    VARIANTS("postfix-action", action),
    VARIANTS("postfix-timeouts", timeouts),
    VARIANTS("postfix-protocol", protocol),
    VARIANTS("postfix-macros", macros),
    {.check = NULL},
};
