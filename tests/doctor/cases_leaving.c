/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* What comes behind the signature. The tables are in tests/doctor/files. */

#include "tests/doctor/lab.h"

static const struct variant line_length[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"without a limit", DOCTOR_OK, .main = "smtp_line_length_limit = 0\n"},
    {"short", DOCTOR_BAD, .main = "smtp_line_length_limit = 990\n"},
    {"short for one client", DOCTOR_BAD,
	.overrides = "relay/unix/smtp_line_length_limit = 78\n"},
    {"no number", DOCTOR_UNKNOWN, .main = "smtp_line_length_limit = 1k\n"},
    {"no client", DOCTOR_UNKNOWN, .master = "smtp inet n - y - - smtpd\n"},
};

static const struct variant eight_bit[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"never", DOCTOR_OK,
	.main = "disable_mime_output_conversion = yes\n"
		"smtp_discard_ehlo_keywords = 8bitmime\n"},
    {"always", DOCTOR_BAD, .main = "smtp_discard_ehlo_keywords = pipelining, 8BITMIME\n"},
    {"always, by one client", DOCTOR_BAD,
	.overrides = "relay/unix/smtp_discard_ehlo_keywords = 8bitmime\n"},
    {"by address", DOCTOR_UNKNOWN,
	.main = "smtp_discard_ehlo_keyword_address_maps = hash:/etc/postfix/discard\n"},
    {"neither yes nor no", DOCTOR_UNKNOWN, .main = "disable_mime_output_conversion =\n"},
    {"no client", DOCTOR_UNKNOWN, .master = "smtp inet n - y - - smtpd\n"},
};

static const struct variant rewriting[] = {
    {"fine", DOCTOR_OK, .main = NULL},
    {"it takes out what nobody signs", DOCTOR_OK,
	.main = "smtp_header_checks = pcre:/FILES/private\n"},
    {"it changes the subject", DOCTOR_BAD,
	.main = "smtp_header_checks = pcre:/FILES/private, regexp:/FILES/subject\n"},
    {"it adds a field that is signed over", DOCTOR_BAD,
	.overrides = "relay/unix/smtp_header_checks = regexp:/FILES/prepend\n"},
    {"it changes the body", DOCTOR_BAD, .main = "smtp_body_checks = pcre:/FILES/body\n"},
    {"it warns of what is in the body", DOCTOR_OK,
	.main = "smtp_body_checks = pcre:/FILES/warn\n"},
    {"it changes parts", DOCTOR_BAD,
	.main = "smtp_mime_header_checks = pcre:/FILES/private\n"},
    {"it changes messages in messages", DOCTOR_BAD,
	.main = "smtp_nested_header_checks = pcre:/FILES/private\n"},
    {"it takes out the signature", DOCTOR_BAD,
	.main = "milter_header_checks = pcre:/FILES/signature\n"},
    {"it takes out what another milter adds", DOCTOR_OK,
	.main = "milter_header_checks = pcre:/FILES/private\n"},
    {"a pattern that is not simple", DOCTOR_UNKNOWN,
	.main = "smtp_header_checks = regexp:/FILES/complex\n"},
    {"a file that is not there", DOCTOR_UNKNOWN,
	.main = "smtp_body_checks = pcre:/FILES/no-such\n"},
    {"a table that is no file", DOCTOR_UNKNOWN,
	.main = "smtp_header_checks = mysql:/etc/postfix/checks\n"},
};

#define KEYS "keys \"keys\"\naccept\n"

static const struct variant generic[] = {
    {"fine", DOCTOR_OK, .main = NULL, .policy = KEYS},
    {"names of the machine only", DOCTOR_OK,
	.main = "smtp_generic_maps = hash:/FILES/machine\n", .policy = KEYS},
    {"an address of ours", DOCTOR_BAD, .main = "smtp_generic_maps = texthash:/FILES/ours\n",
	.policy = KEYS},
    {"a bare name, in our origin", DOCTOR_BAD,
	.main = "smtp_generic_maps = hash:/FILES/bare\nmyorigin = example.org\n",
	.policy = KEYS},
    {"for one client", DOCTOR_BAD,
	.overrides = "relay/unix/smtp_generic_maps = lmdb:/FILES/ours\n", .policy = KEYS},
    {"nobody looked at the keys", DOCTOR_UNKNOWN,
	.main = "smtp_generic_maps = hash:/FILES/machine\n"},
    {"a table that is no file", DOCTOR_UNKNOWN,
	.main = "smtp_generic_maps = pcre:/FILES/machine\n", .policy = KEYS},
    {"a file that is not there", DOCTOR_UNKNOWN,
	.main = "smtp_generic_maps = hash:/FILES/no-such\n", .policy = KEYS},
    {"no policy", DOCTOR_UNKNOWN, .policy = "!"},
};

const struct variants cases_leaving[] = {
    VARIANTS("postfix-line-length", line_length),
    VARIANTS("postfix-eight-bit", eight_bit),
    VARIANTS("postfix-rewriting", rewriting),
    VARIANTS("postfix-generic", generic),
    {.check = NULL},
};
