/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_STATE_H
#define JOURNAL_STATE_H

/*
 * DIR/state.db: what frankd has learned and wants to know after a restart. So far that is
 * what the world sees of our keys. Written a few times a day: opened for it and closed
 * again. One that is damaged is set aside as state.db.corrupt-TIME and a new one begun;
 * what was in it is learned again.
 */

#include <stdint.h>

#include "lib/err.h"
#include "lib/view.h"
#include "policy/facts.h"

enum { STATE_FINGERPRINT = 32 };

/* A key of ours: which it is, and what DNS had of it. */
struct state_key {
	struct view domain, selector;
	uint8_t fingerprint[STATE_FINGERPRINT];
	uint32_t algorithm; /* enum policy_algorithm */

	enum fact_key_state state;
	uint32_t faults; /* enum key_fault, of the last answer */
	/* Wall, seconds; 0: never. */
	int64_t first_seen; /* by us */
	int64_t since;      /* in this state */
	int64_t last_ready;
	int64_t replaced;   /* another one signs instead since then */
	uint32_t ttl;       /* of its record */
	bool is_everywhere; /* it was once found at every server that answered */
};

/*
 * Every key in DIR's state.db. 1; 0: there is no such file yet; -1: it could not be read,
 * and ERR says why; *ret_is_damaged when it was set aside. EACH's text lives until it
 * returns.
 */
int state_keys_read(const char *dir,
    void (*each)(void *context, const struct state_key *key), void *context,
    bool *ret_is_damaged, struct err *err);

/* Write N of them, in place of what is there about the same keys, all or none. */
int state_keys_write(const char *dir, const struct state_key *keys, size_t n,
    bool *ret_is_damaged, struct err *err);

/* Remove N of them, known by domain, selector and fingerprint, all or none. One that is not
 * there is no error. */
int state_keys_forget(const char *dir, const struct state_key *keys, size_t n,
    bool *ret_is_damaged, struct err *err);

#endif
