/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_CHANGE_H
#define POSTFIX_CHANGE_H

/*
 * What can be done to messages in Postfix's queue: by postsuper(1), which takes ids on
 * standard input and says of each what was done. Its status says nothing: it is 0 also when
 * no message was there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

/* Is it a queue id, and not a word that means all of them? */
enum { POSTFIX_ID_MAX = 20 };
bool postfix_is_id(struct view id);

enum postfix_verb {
	POSTFIX_RELEASE, /* to be delivered now */
	POSTFIX_BOUNCE,  /* to be returned to its sender now */
	POSTFIX_DELETE,  /* nobody is told */
	POSTFIX_SWEEP,   /* to be held */
	POSTFIX_VERBS,
};
const char *postfix_verb_name(enum postfix_verb verb); /* "release" */
/* 1; 0: there is none of that name. */
int postfix_verb_find(struct view name, enum postfix_verb *ret_verb);
/* Postfix's words for a message to which it was done: "released from hold". */
const char *postfix_verb_words(enum postfix_verb verb);

enum { POSTFIX_BATCH = 100 };

struct postfix_change {
	enum postfix_verb verb;
	const struct view *ids; /* n of them, at most POSTFIX_BATCH */
	size_t n;
	/* Told of each that postsuper says it was done to. The others were gone, or it
	 * could not be done to them. */
	void (*done)(void *context, struct view id);
	void *context;
};

/*
 * Do it, at most for 50 s. RELEASE, BOUNCE and DELETE do nothing to messages that are not
 * on hold. 0; -1: postsuper could not be run, or said why it stopped: what was done by then
 * has been told. *ret_late: how many of those that were let go could not be flushed, too,
 * and are tried when Postfix next runs its queue. For root.
 */
int postfix_change(const char *config, const struct postfix_change *change,
    size_t *ret_late, struct err *err);

/* Tell CHANGE of those that TEXT is about, lines of postsuper's, whoever ran it. */
void postfix_words_read(const struct postfix_change *change, struct view text);
void postfix_words_add(enum postfix_verb verb, struct view id, struct buf *out);

#endif
