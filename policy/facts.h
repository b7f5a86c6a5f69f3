/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_FACTS_H
#define POLICY_FACTS_H

/*
 * What is known about one message when it is judged. Filled by milter/session.c (live), by
 * journal/ (as recorded) or by 'frank test' (written by hand), and never changed after
 * that. The journal keeps these, not conclusions from them, so that the same function can
 * be run again with a trace (explain) or under another policy (replay).
 *
 * All text is borrowed from whoever filled it in and is raw: it came from outside. Domains
 * in struct fact_address are lower-case A-labels (RFC 5890); local parts are as they came.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/net.h"
#include "lib/view.h"

enum fact_path {
	PATH_SUBMISSION, /* logged in with SASL */
	PATH_RELAY,      /* a trusted client without a login */
	PATH_LOCAL,      /* sendmail(1) and Postfix's own mail: no SMTP client */
	PATH_REENTRY,    /* handed back by a content filter; judged before */
	PATH_INBOUND,    /* everything else */
};

struct fact_address {
	struct view text; /* as shown: local@domain; empty: the null sender, or no author */
	struct view local;
	struct view domain; /* empty when the address has none */
};

enum fact_fragile {
	FRAGILE_LONG_LINE =
	    1
	    << 0, /* a line over 998 octets, body or signed header: Postfix will fold it */
	FRAGILE_EIGHT_BIT =
	    1 << 1, /* 8-bit body: a next hop without 8BITMIME gets it re-encoded */
	FRAGILE_BARE_CR = 1 << 2,
	FRAGILE_NUL = 1 << 3,
};

/*
 * Advice. Zero always means "not known", so that facts which nobody filled in are what they
 * should be.
 */

/* What a receiver gets for the sender's domain: the worst over our egress addresses. */
enum fact_spf {
	SPF_UNKNOWN, /* no answer to a look-up: time-out, our deadline, nobody asked */
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_NEUTRAL,
	SPF_NONE,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

/* The record that applies to the author's domain, and what it asks (p, sp or np). */
enum fact_dmarc_record {
	DMARC_RECORD_UNKNOWN,
	DMARC_RECORD_ABSENT,
	DMARC_RECORD_NONE,
	DMARC_RECORD_QUARANTINE,
	DMARC_RECORD_REJECT,
};

/*
 * Receivers that walk the tree may find another record, and other Organizational Domains.
 * Where 'record' is unknown only the public suffix list is gone by, and where that gave
 * nothing only the tree.
 */
struct fact_dmarc_tree {
	enum fact_dmarc_record record;
	bool is_strict_spf, is_strict_dkim;
	struct view domain; /* where the record stands */
	/* Organizational Domains: the author's, and that of the domain that SPF speaks for.
	 */
	struct view author, spf;
};

enum fact_dmarc { DMARC_UNKNOWN, DMARC_PASS, DMARC_FAIL, DMARC_NONE };

/* A key in DNS as compared with our private one. */
enum fact_key_state { KEY_UNKNOWN, KEY_READY, KEY_UNPUBLISHED, KEY_MISMATCHED };

/* Did libopendkim or libspf2 see it as we do? */
enum fact_seen { SEEN_UNKNOWN, SEEN_AGREES, SEEN_DISAGREES };

struct fact_key {
	struct view domain, selector;
	enum fact_key_state state;
	/* With KEY_UNKNOWN: the resolver sees this very key, but a server lacks it, or has
	 * not been asked. */
	bool is_published;
	/* With KEY_READY: published as testing (t=y), and what it signs may be treated as
	 * unsigned (RFC 6376 3.6.1). */
	bool is_testing;
	int64_t last_ready;     /* wall, seconds; 0: never seen so */
	enum fact_seen opinion; /* libopendkim's */
};

/* NO_KEY: a meter 'per user' and no login, and the like. EXEMPT: an admin said that this
 * key is not to be measured for a while; it reads 0. */
enum fact_reading { READING_UNKNOWN, READING_NO_KEY, READING_KNOWN, READING_EXEMPT };
enum fact_usual {
	USUAL_UNKNOWN,
	USUAL_OWN,
	USUAL_SITE /* the median of the site stands in */
};

struct fact_meter {
	struct view name; /* as the policy calls it */
	enum fact_reading state;
	uint64_t reading; /* with this message in it */
	enum fact_usual usual_of;
	uint64_t usual; /* in a window of this length at this hour */
};

/*
 * What a map gave that is not part of the policy (postmap), or that a case sets in place of
 * what is. KEY is empty where the answer is for whatever is asked.
 */
enum fact_answer { ANSWER_UNKNOWN, ANSWER_NONE, ANSWER_FOUND };

struct fact_lookup {
	struct view map, key;
	enum fact_answer answer;
	struct view values; /* "value, value", as in Postfix's tables */
};

enum {
	FACTS_RCPT_SAMPLE = 100, /* recipients remembered by address */
	FACTS_KEYS_MAX = 16,
	FACTS_METERS_MAX = 64,
	/* Sender and author with three keys each, and as many for each map of numbers. */
	FACTS_LOOKUPS_MAX = 48,
};

struct facts {
	int64_t time;      /* wall, microseconds */
	int local_date;    /* 20260302, in 'set timezone' */
	int local_minute;  /* of the day */
	int local_weekday; /* 0 Sunday .. 6 Saturday */

	enum fact_path path;
	struct view user;   /* the login as Postfix gave it; empty: none */
	struct addr client; /* ADDR_NONE: no SMTP client */
	struct view helo;
	struct view queue_id;
	struct view message_id; /* without the angle brackets */

	struct fact_address sender; /* RFC5321.MailFrom; empty text: null sender */
	struct fact_address author; /* the one mailbox of RFC5322.From */
	struct view
	    unclear; /* why the author is unclear ("two From fields"); empty: clear */

	uint32_t rcpts;                         /* all of them */
	const struct fact_address *rcpt_sample; /* the first FACTS_RCPT_SAMPLE at most */
	uint32_t n_rcpt_sample;
	const uint32_t
	    *rcpt_fits;       /* for each rcpt test of THIS policy (policy_rcpt_tests): */
	uint32_t n_rcpt_fits; /*   how many recipients fit it; 0 when not known */

	uint64_t size;          /* bytes of header and body as the milter saw them */
	unsigned fragile;       /* enum fact_fragile */
	bool is_signed_already; /* by the author's domain, and not by us */

	enum fact_spf spf;
	struct addr spf_egress; /* the address that gave it; ADDR_NONE: not said */
	struct view spf_term;   /* that decided, and where: "-all of example.org"; or what
				   is wrong with the record; empty: not said */
	enum fact_seen spf_opinion; /* libspf2's */
	enum fact_dmarc_record
	    dmarc_record;                   /* found by the public suffix list (RFC 7489) */
	bool is_strict_spf, is_strict_dkim; /* aspf=s, adkim=s */
	struct view dmarc_domain;           /* where that record stands */
	struct fact_dmarc_tree tree;        /* the same by the tree walk (RFC 9989) */
	enum fact_dmarc dmarc_said;         /* a case says it; else it is predicted */
	bool has_age;
	uint64_t age; /* seconds since this login was first seen */

	const struct fact_key *keys; /* at most FACTS_KEYS_MAX; the others are unknown */
	uint32_t n_keys;
	const struct fact_meter
	    *meters; /* at most FACTS_METERS_MAX, best in the policy's order */
	uint32_t n_meters;
	const struct fact_lookup *lookups; /* at most FACTS_LOOKUPS_MAX */
	uint32_t n_lookups;
};

const char *fact_path_name(enum fact_path value); /* "submission" ... */
bool fact_path_of(struct view name, enum fact_path *ret_value);

/* "softfail", "reject", "absent", "unpublished" ...; "unknown" for all that is not known */
const char *fact_spf_name(enum fact_spf value);
bool fact_spf_of(struct view name, enum fact_spf *ret_value);
const char *fact_dmarc_name(enum fact_dmarc value);
bool fact_dmarc_of(struct view name, enum fact_dmarc *ret_value);
const char *fact_dmarc_record_name(enum fact_dmarc_record value);
bool fact_dmarc_record_of(struct view name, enum fact_dmarc_record *ret_value);
const char *fact_key_state_name(enum fact_key_state value);
bool fact_key_state_of(struct view name, enum fact_key_state *ret_value);
const char *fact_seen_name(enum fact_seen value);
bool fact_seen_of(struct view name, enum fact_seen *ret_value);

/* What is asked of the author's domain, by the list or by the tree: the stricter of what is
 * known. */
enum fact_dmarc_record fact_dmarc_asked(const struct facts *facts);

/* What is known of one of them; NULL: nothing. */
const struct fact_key *fact_key_find(
    const struct facts *facts, struct view domain, struct view selector);
/* HINT is where it stands if the facts are in the policy's order. */
const struct fact_meter *fact_meter_find(
    const struct facts *facts, struct view name, uint32_t hint);
/* The answer for KEY, or the one for whatever is asked. */
const struct fact_lookup *fact_lookup_find(
    const struct facts *facts, struct view map, struct view key);

#endif
