/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_HOLD_CHANGE_H
#define CTL_HOLD_CHANGE_H

/*
 * frank hold release|bounce|delete: which of the mail on hold it is about, what speaks
 * against it, and how that is said before anything is done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/map.h"
#include "postfix/change.h"

#include "ctl/ctl.h"
#include "ctl/held.h"
#include "ctl/key_running.h"

enum { HOLD_ORIGINS_MAX = 16 };

/* Why a signature would not do any more at a receiver. */
enum hold_fault {
	HOLD_FINE,
	HOLD_EXPIRED,     /* its x= is in the past */
	HOLD_KEY_GONE,    /* frankd has no such key any more */
	HOLD_KEY_RETIRED, /* its record need not be there any more, and is not seen */
	HOLD_KEY_UNPUBLISHED,
	HOLD_FAULTS,
};

struct hold_item {
	const struct held_message *message;
	enum hold_fault fault;
	bool is_old;  /* bounces when it is not delivered at once */
	bool is_done; /* Postfix said so */
};

struct hold_change {
	struct ctl *ctl;
	enum postfix_verb verb;
	/* As asked for. */
	struct held_filter filter;
	const char *config, *reason;
	bool yes, is_dry, force, all, with_others, has_filter;
	struct prefix client; /* of the filter */
	uint64_t pace, trust;
	/* Found. */
	struct arena *arena;
	struct held held;
	struct hold_item *items; /* those that it is about, oldest first */
	size_t n;
	struct hold_item *refused; /* those whose signature would not do */
	size_t n_refused;
	size_t n_others;  /* held by somebody else, and not asked for */
	size_t n_gone;    /* named, and not on hold */
	int64_t lifetime; /* of mail in the queue, seconds; 0: not known */
	size_t n_old;
	struct view origins[HOLD_ORIGINS_MAX];
	size_t n_origins; /* may be more */
	int64_t now;      /* wall, seconds */
};

/* Fill in what is found, out of 'held'. An exit code; what is wrong was said. */
int hold_choose(struct hold_change *change);

/* What is known of signatures. */
struct hold_keys {
	int64_t lifetime;   /* seconds; 0: for ever */
	bool are_known;     /* frankd said which there are */
	struct map by_name; /* "example.org/s2026:rsa-sha256": struct running_key */
};
void hold_keys_add(struct hold_keys *keys, struct running_key *key, struct arena *arena);
/* At NOW, wall, seconds. One signature that is good is enough. */
enum hold_fault hold_fault_of(
    const struct hold_keys *keys, const struct held_message *message, int64_t now);

/*
 * What is wrong with the signatures of each of ITEMS: by the configuration's
 * signature-lifetime, and by what the running frankd knows of its keys. What cannot be
 * asked is said, and taken as fine.
 */
void hold_judge(struct hold_change *change, struct hold_item *items, size_t n);

/* What it is about, for a person. */
void hold_about(const struct hold_change *change, struct buf *out);
/* "release them? [y/N] " */
void hold_question(const struct hold_change *change, struct buf *out);
/* What came of it: N_DONE by Postfix's words, N_GONE were gone, N_LEFT are still on hold,
 * N_LATE: as postfix_change() has it. */
struct hold_result {
	size_t n_done, n_gone, n_left, n_late;
};
void hold_came_of_it(
    const struct hold_change *change, const struct hold_result *result, struct buf *out);
/* The same, a JSON object for each message. */
void hold_change_json(const struct hold_change *change, bool was_done);

/* The command; argv[0] is "release", "bounce" or "delete". */
int hold_change(struct ctl *ctl, int argc, char **argv);

#endif
