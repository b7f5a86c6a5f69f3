/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DMARC_H
#define AUTH_DMARC_H

/*
 * DMARC as receivers will find it: which record applies to an author's domain, and what it
 * asks. Two ways to find it are in use: the Organizational Domain by the public suffix list
 * (RFC 7489 3.2, 6.6.3), and by the tree walk of the new DMARC (RFC 9989 4.10). Both are
 * pure functions of DNS answers.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/lookup.h"

enum dmarc_asks { DMARC_ASKS_NONE, DMARC_ASKS_QUARANTINE, DMARC_ASKS_REJECT };
enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

/* One record, every tag of RFC 7489 6.3 and RFC 9989 4.7. Text is borrowed from the record.
 */
struct dmarc_record {
	enum dmarc_asks p, sp, np; /* sp and np with their defaults filled in */
	bool has_p, has_sp, has_np;
	bool is_strict_spf, is_strict_dkim;
	bool is_np_bad;  /* np= is no policy: RFC 7489 does not care, RFC 9989 does */
	bool is_testing; /* t=y */
	enum dmarc_psd psd;
	unsigned pct;         /* 100 */
	uint32_t interval;    /* ri, 86400 */
	struct view rua, ruf; /* as written */
	struct view fo, rf;
};

/* 1; 0: this is not a DMARC record at all; -1: it is one that receivers must ignore, err
 * says why. What is odd in a usable one is appended to PROBLEMS (may be NULL), a sentence a
 * line. Of a tag that stands there twice the stricter counts. */
int dmarc_parse(struct view text, struct dmarc_record *ret_record, struct buf *problems,
    struct err *err);

enum dmarc_state {
	DMARC_PENDING,    /* answers are missing: fetch them and ask again */
	DMARC_UNANSWERED, /* a look-up got no answer, or failed: nobody knows */
	DMARC_ABSENT,
	DMARC_PRESENT,
};

struct dmarc_found {
	enum dmarc_state state;
	enum dmarc_asks asks;       /* of this author's domain: p, sp or np */
	struct dmarc_record record; /* PRESENT */
	struct view domain;         /* where the record stands (without _dmarc.) */
	/* The Organizational Domain, a part of DOMAIN; empty: not known (by tree only). */
	struct view organizational;
	uint32_t ttl; /* seconds: the least of the answers */
};

/*
 * DOMAIN: lower-case A-labels, borrowed. ARENA holds the record's text; when it is full,
 * nobody knows. All names that may be needed are asked at once. 'asks' is one step weaker
 * where the record says that nobody shall do more: pct=0 by the list, t=y by the tree. np=
 * counts by the tree only, RFC 7489 does not know it.
 */
void dmarc_by_list(struct view domain, lookup_fn lookup, void *context, struct arena *arena,
    struct dmarc_found *ret_found);
void dmarc_by_tree(struct view domain, lookup_fn lookup, void *context, struct arena *arena,
    struct dmarc_found *ret_found);

#endif
