/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef REPLIES_REPLIES_H
#define REPLIES_REPLIES_H

/*
 * What other servers, and Postfix itself, say when a message is not delivered, in plain
 * words and with what to do: a table from replies.conf (frank-replies(5)). Pure: text in,
 * entries out.
 *
 * Whoever reads a table has it for itself until it is complete; finding changes nothing, so
 * any number of threads may. Entries live as long as the table.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/view.h"

enum {
	REPLIES_FILE_MAX = 1 << 20, /* bytes of a file */
	REPLIES_ENTRIES_MAX = 4096, /* of a table */
	REPLIES_VALUE_MAX = 4000,   /* bytes of one value, continued lines and all */
	REPLIES_TEXT_MAX = 4000,    /* bytes of a reply that are looked at */
};

struct replies_entry {
	struct view name;  /* "gmail-unusual-rate" */
	struct view class; /* "rate-limit": one of replies_class() */
	struct view means, remedy;
	struct view source; /* where that stands */
	struct view file;   /* where the entry stands */
	unsigned line;
};

struct replies;

struct replies *replies_new(void);
void replies_free(struct replies *replies); /* NULL is fine */

/*
 * Add the entries of TEXT, behind those that are there. NAME is the file's, for messages.
 * -1: ERR says file:line:column, what is wrong and what to do; the table is of no use then.
 */
int replies_read(
    struct replies *replies, const char *name, struct view text, struct err *err);

size_t replies_count(const struct replies *replies);
const struct replies_entry *replies_at(const struct replies *replies, size_t i);

/*
 * The first entry that fits, or NULL. DSN and RELAY are as in Postfix's log ("4.7.28",
 * "mx.example.net[192.0.2.1]:25"); where one is empty, it is taken from TEXT, which is what
 * stands in parentheses behind the status, or a reply as the other server gave it. Time and
 * memory are linear in TEXT.
 */
const struct replies_entry *replies_find(
    const struct replies *replies, struct view dsn, struct view relay, struct view text);

/* Each test line is found by the entry that it stands in, and each match by a test line.
 * -1: ERR names the first that is not. */
int replies_check(const struct replies *replies, struct err *err);

/* The words that 'class' may have, by growing number; NULL behind the last one. */
const char *replies_class(size_t i);

#endif
