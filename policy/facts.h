/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

/*
 * What is known about one message when it is judged. Filled by milter/session.c (live), by
 * journal/ (as recorded) or by 'frank test' (written by hand), and never changed after that.
 * The journal keeps these, not conclusions from them, so that the same function can be run again
 * with a trace (explain) or under another policy (replay).
 *
 * All text is borrowed from whoever filled it in and is raw: it came from outside. Domains in
 * struct fact_address are lower-case A-labels (RFC 5890); local parts are as they came.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/net.h"
#include "lib/view.h"

enum fact_path {
	PATH_SUBMISSION,	/* logged in with SASL */
	PATH_RELAY,		/* a trusted client without a login */
	PATH_LOCAL,		/* sendmail(1) and Postfix's own mail: no SMTP client */
	PATH_REENTRY,		/* handed back by a content filter; judged before */
	PATH_INBOUND,		/* everything else */
};

struct fact_address {
	struct view	text;	/* as shown: local@domain; empty: the null sender, or no author */
	struct view	local;
	struct view	domain;	/* empty when the address has none */
};

enum fact_fragile {
	FRAGILE_LONG_LINE = 1 << 0,	/* a line over 998 octets, body or signed header: Postfix will fold it */
	FRAGILE_EIGHT_BIT = 1 << 1,	/* 8-bit body: a next hop without 8BITMIME gets it re-encoded */
	FRAGILE_BARE_CR   = 1 << 2,
	FRAGILE_NUL       = 1 << 3,
};

enum { FACTS_RCPT_SAMPLE = 100 };	/* recipients remembered by address */

struct facts {
	int64_t			 time;		/* wall, microseconds */
	int			 local_date;	/* 20260302, in 'set timezone' */
	int			 local_minute;	/* of the day */
	int			 local_weekday;	/* 0 Sunday .. 6 Saturday */

	enum fact_path		 path;
	struct view		 user;		/* the login as Postfix gave it; empty: none */
	struct addr		 client;	/* ADDR_NONE: no SMTP client */
	struct view		 helo;
	struct view		 queue_id;
	struct view		 message_id;	/* without the angle brackets */

	struct fact_address	 sender;	/* RFC5321.MailFrom; empty text: null sender */
	struct fact_address	 author;	/* the one mailbox of RFC5322.From */
	struct view		 unclear;	/* why the author is unclear ("two From fields"); empty: clear */

	uint32_t		 rcpts;		/* all of them */
	const struct fact_address *rcpt_sample;	/* the first FACTS_RCPT_SAMPLE at most */
	uint32_t		 n_rcpt_sample;
	const uint32_t		*rcpt_fits;	/* for each rcpt test of THIS policy (policy_rcpt_tests): */
	uint32_t		 n_rcpt_fits;	/*   how many recipients fit it; 0 when not known */

	uint64_t		 size;		/* bytes of header and body as the milter saw them */
	unsigned		 fragile;	/* enum fact_fragile */
};

const char *fact_path_name(enum fact_path path);		/* "submission" ... */
bool fact_path_of(struct view name, enum fact_path *ret_path);

#endif
