/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_VERIFY_H
#define CTL_VERIFY_H

/* The parts of 'frank verify': a message taken apart, the keys that verify it, and what
 * libopendkim says. */

#include <stdbool.h>
#include <stddef.h>

#include "auth/dns.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"
#include "receiver/verify.h"

#include "ctl/ctl.h"

enum {
	MAIL_MAX = 64 << 20, /* bytes */
	MAIL_SIGNATURES_MAX = 32,
	MAIL_KEYS_MAX = 64,
	MAIL_DNS_MILLISECONDS = 5000,
};

struct mail {
	struct buf raw, text; /* as read; with CRLF, where it had LF */
	bool was_lf;
	struct view *fields; /* without the signatures */
	size_t n_fields;
	struct view values[MAIL_SIGNATURES_MAX]; /* of the DKIM-Signature fields */
	size_t n_values, n_left_out;
	struct view body;
};

/* PATH "-": standard input. Anything that is no message is ERR_MISSING. */
int mail_read(const char *path, struct mail *mail, struct err *err);
/* The same of TEXT, which is copied. */
int mail_take(struct view text, struct mail *mail, struct err *err);
void mail_fini(struct mail *mail);

/* Keys that were named on the command line, and DNS for the others. */
struct mail_keys {
	struct {
		struct buf text;
		struct verify_key key;
	} given[MAIL_KEYS_MAX];
	size_t n_given;
	const struct ctl *ctl;
	const char *resolver; /* NULL: what the configuration says, else the system's */
	struct dns *dns;      /* once it is needed */
};

/* "DOMAIN/SELECTOR=RECORD", or "=FILE" with a record in it as 'frank key new' prints it. */
int mail_keys_add(struct mail_keys *keys, const char *argument, struct err *err);
void mail_keys_stop(
    struct mail_keys *keys); /* no more look-ups: ends the resolver's thread */
void mail_keys_fini(struct mail_keys *keys);

/*
 * The key that VALUE names: 1 and *ret_key (its record in RECORD, or given), 0: there is
 * none and WHY says why, -1: it could not be looked up.
 */
int mail_keys_find(struct mail_keys *keys, struct view value, struct buf *record,
    struct verify_key *ret_key, struct buf *why, struct err *err);

/* One signature: its key, and what came of it. Zeroed by the caller. */
struct verify_finding {
	size_t number;
	struct view value, domain, selector, algorithm;

	bool has_key;
	struct verify_key key;
	struct buf record, why; /* from DNS; why there is none */

	int code; /* of the program, because of this one */
	enum receiver_opinion opinion;
	struct verify_answer answer;
	struct err err;
	const char *reason, *hint;
};

/* One for each of the mail's values. Returns the exit code: the worst of theirs. What it
 * gives is borrowed from MAIL, KEYS and itself. No more look-ups with KEYS after that. */
int verify_find(
    const struct mail *mail, struct mail_keys *keys, struct verify_finding *findings);
void verify_findings_fini(const struct mail *mail, struct verify_finding *findings);

#endif
