/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_QUEUE_H
#define POSTFIX_QUEUE_H

/* What Postfix has in its queue, asked as whoever runs us. CONFIG: as
 * postfix/program.h has it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"
#include "postfix/change.h"

/* One message in the queue; text lives until the callback returns. */
struct queue_entry {
	struct view queue; /* "active", "deferred", "incoming", "hold", "maildrop" */
	struct view id, sender;
	struct view rcpt; /* the first */
	uint32_t rcpts;
	uint64_t size;   /* bytes */
	int64_t arrival; /* wall, seconds */
	/* For queue_entry_...(). */
	struct view rcpts_text;
	struct arena *arena;
};

/* One of its recipients, and why it was not delivered yet, as Postfix has it: empty when it
 * was not tried. */
struct queue_rcpt {
	struct view address, delay_reason;
};

/* The next one. REST is rcpts_text at first. False: that was all. */
bool queue_entry_next_rcpt(
    const struct queue_entry *entry, struct view *rest, struct queue_rcpt *ret_rcpt);

/* Is one of its recipients TO: an address, or of this domain? */
bool queue_entry_has(const struct queue_entry *entry, struct view to);

/* The domains of its recipients, as often as they are there. REST is rcpts_text at first.
 * False: that was all. */
bool queue_entry_next_domain(
    const struct queue_entry *entry, struct view *rest, struct view *ret_domain);

/* Every message in the queue, in no order, up to POSTFIX_LIST_MAX bytes of them. */
enum { POSTFIX_LIST_MAX = 512 << 20 };
int postfix_queue(const char *config,
    void (*each)(void *context, const struct queue_entry *entry), void *context,
    struct err *err);
/* The same of a list that is there already: what 'postqueue -j' prints. Returns how many
 * lines of it are none of that. */
size_t postfix_queue_read(struct view text,
    void (*each)(void *context, const struct queue_entry *entry), void *context);

/*
 * A message in the queue, whichever: postcat -q. OUT gets its header and body, as they are
 * but with LF line ends (MESSAGE), or what Postfix knows of it, a "name: value" a line
 * (ENVELOPE). 0; -1: it is not there, or not for this user: root's and Postfix's own.
 */
enum postfix_part { POSTFIX_MESSAGE, POSTFIX_ENVELOPE };
enum { POSTFIX_MESSAGE_MAX = 64 << 20 };
int postfix_cat(const char *config, struct view id, enum postfix_part part, struct buf *out,
    struct err *err);

#endif
