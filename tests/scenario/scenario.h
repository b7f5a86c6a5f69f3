/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_SCENARIO_H
#define TESTS_SCENARIO_SCENARIO_H

/*
 * A scenario as it was read: steps in their order, and what is expected of each. The
 * language is described in README. All text lives in the scenario's arena.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/net.h"
#include "lib/view.h"

enum expect_kind {
	EXPECT_ACCEPT, /* the first four in the order of enum verdict */
	EXPECT_HOLD,
	EXPECT_DEFER,
	EXPECT_REJECT,
	EXPECT_REPLY,
	EXPECT_HEADER,
	EXPECT_SIGNED,
	EXPECT_UNSIGNED,
	EXPECT_LOG,
	EXPECT_EXPLAIN,
	EXPECT_REFUSED, /* of a reload */
	EXPECT_SAYS,    /* of a reload that was taken */
};

struct expect {
	struct expect *next;
	int line;
	enum expect_kind kind;
	bool is_negated;
	struct view name; /* of a header field */
	struct view text; /* empty: none given */
};

struct item {
	struct item *next;
	struct view text;
};

struct sending {
	struct view sender, author, user, helo, without;
	struct addr client;
	unsigned port;  /* of the listener */
	unsigned rcpts; /* made up, beyond those in the list */
	unsigned size;  /* bytes of body at least */
	unsigned times;
	bool is_local;        /* from sendmail(1) */
	bool is_again;        /* over the connection of the message before */
	bool is_aborted;      /* the client is gone before its final dot */
	bool has_lost_macros; /* the MTA shows no macro */
	struct item *rcpt, *header, *body;
};

enum step_kind {
	STEP_POLICY,  /* frank.conf has this text */
	STEP_FILE,    /* so has the file NAME */
	STEP_KEY,     /* there is a key, or no longer */
	STEP_ZONE,    /* DNS has these records too */
	STEP_PUBLISH, /* the record of key NAME TEXT appears (HOW not empty) or vanishes */
	STEP_CLOCK,   /* it is AT */
	STEP_ADVANCE, /* AT microseconds pass */
	STEP_FAULT,   /* NAME is HOW */
	STEP_HISTORY, /* the login NAME sends COUNT recipients every EVERY, for AT */
	STEP_EXEMPT,  /* NAME from meters, for AT */
	STEP_RESTART, /* of frankd; HOW not empty: it was killed */
	STEP_RELOAD,
	STEP_MESSAGE,
};

enum key_kind { KEY_KIND_RSA, KEY_KIND_ED25519, KEY_KIND_GONE, KEY_KIND_BROKEN };

struct step {
	struct step *next;
	enum step_kind kind;
	int line;
	struct view written; /* the line, for the transcript */
	struct view name, text, how;
	int64_t at, every;
	unsigned count;
	/* STEP_KEY: NAME is the domain, TEXT the selector, HOW the file, AT its time. */
	enum key_kind key;
	bool is_unpublished, is_testing;
	struct sending *message;
	struct expect *expects;
};

struct scenario {
	const char *path;
	struct view title;
	bool is_inverted; /* every expectation must fail */
	bool needs_core;  /* it moves the clock or breaks something */
	struct step *steps;
	struct arena *arena;
};

/* Read TEXT, the content of PATH. The err says "PATH:LINE: what". */
int scenario_read(
    const char *path, struct view text, struct scenario *ret_scenario, struct err *err);
void scenario_fini(struct scenario *scenario);

#endif
