/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DMARC_PRIVATE_H
#define AUTH_DMARC_PRIVATE_H

/* What the two discoveries share. */

#include "lib/err.h"
#include "lib/escape.h"

#include "auth/dmarc.h"

enum { DMARC_TTL_MAX = 86400 };

/* Is there an address for reports in rua= or ruf=? */
bool dmarc_has_uri(struct view list);

/* Of an invalid record only this is left: p=none, or, false, nothing at all (no rua=). */
bool dmarc_record_drop(struct dmarc_record *record);

/* What stands at _dmarc.DOMAIN. */
enum dmarc_there {
	DMARC_THERE_PENDING,
	DMARC_THERE_UNANSWERED,
	DMARC_THERE_NONE,
	DMARC_THERE_MANY,    /* more than one record: as good as none */
	DMARC_THERE_INVALID, /* one that receivers must ignore */
	DMARC_THERE_RECORD,
};

struct dmarc_step {
	struct view domain;
	enum dmarc_there there;
	struct dmarc_record record; /* THERE_RECORD; its text lives in ARENA */
	bool has_name;              /* the name _dmarc.DOMAIN is there, and so is DOMAIN */
	uint32_t ttl;
};

struct dmarc_asking {
	lookup_fn lookup;
	void *context;
	struct arena *arena;
	bool is_tree; /* RFC 9989, which knows np= */
};

/* Can there be a record at all: no address literal, no name too long? */
bool dmarc_can_ask(struct view domain);

/* Say that the answer will be needed. */
void dmarc_step_want(const struct dmarc_asking *asking, struct view domain);
void dmarc_step_read(
    const struct dmarc_asking *asking, struct view domain, struct dmarc_step *ret_step);

/* The next weaker thing to ask. */
enum dmarc_asks dmarc_weaker(enum dmarc_asks asks);

#endif
