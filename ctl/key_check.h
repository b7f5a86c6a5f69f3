/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_KEY_CHECK_H
#define CTL_KEY_CHECK_H

/* What 'frank key check' is made of: key_check.c (asking), key_check_text.c (showing). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/everywhere.h"
#include "auth/keyrecord.h"
#include "lib/buf.h"

enum {
	KEY_FAULTS_UNUSABLE = KEY_FAULTS_UNPUBLISHED | KEY_FAULTS_MISMATCHED,
};

/* A key of ours, without its private half. */
struct check_key {
	const char *domain, *selector, *name;
	enum sign_algorithm algorithm;
	int bits;
	struct view public;
	uint8_t fingerprint[KEY_FINGERPRINT];
};

/* What one of those that were asked says of it. */
struct check_answer {
	enum dns_state state;
	const char *failure; /* for people, where the state is DNS_FAILED */
	bool is_known;       /* it answered */
	unsigned faults;
	uint32_t ttl;
	bool is_secure;
};

enum check_verdict {
	CHECK_PUBLISHED, /* everywhere */
	CHECK_CACHED,    /* everywhere, but the resolver still has what was before */
	CHECK_LAGGING,   /* not on every server */
	CHECK_MISSING,   /* on none */
	CHECK_WRONG,     /* there is something else */
	CHECK_UNKNOWN,   /* nobody answered */
};

struct check_finding {
	const struct check_key *key;
	enum check_verdict verdict;
	struct check_answer resolver;
	struct view zone;
	size_t n;                                                /* servers */
	const struct everywhere_server *servers[EVERYWHERE_MAX]; /* by name */
	struct check_answer answers[EVERYWHERE_MAX];             /* of theirs */
	size_t n_unknown; /* servers that do not say */
	bool is_cut;
	bool is_silent; /* there was no answer at all, not even an error */
};

void key_check_text(const struct check_finding *finding, struct buf *out);
void key_check_json(const struct check_finding *finding, struct buf *out);

#endif
