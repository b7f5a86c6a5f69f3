/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_HOLD_H
#define CTL_HOLD_H

/* frank hold: what waits in Postfix's hold queue, shown. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/json.h"
#include "lib/map.h"

#include "ctl/ctl.h"
#include "ctl/held.h"

/* The commands, argv[0] being "list" and so on. */
int hold_list(struct ctl *ctl, int argc, char **argv);
int hold_show(struct ctl *ctl, int argc, char **argv);

/* What Postfix knows of a message (postfix_cat). Text lives in what it was read from. */
enum { HOLD_RCPTS_SHOWN = 20 };
struct hold_envelope {
	struct view sender, login, client;
	struct view rcpts[HOLD_RCPTS_SHOWN];
	size_t n_rcpts; /* may be more */
};
void hold_envelope_read(struct view text, struct hold_envelope *ret_envelope);

/* The message that ITEMS are of (mail.h), for a person: its fields, parts and LINES lines
 * of each text (0: all); or into the object that is open in JSON. */
void hold_mail_text(struct view items, size_t lines, struct buf *out);
void hold_mail_json(struct view items, struct json *json);

/* "3h", in at most 4 columns; "4.1k", in at most 5. */
enum { HOLD_SHORT = 24 };
const char *hold_age(int64_t seconds, char into[HOLD_SHORT]);
const char *hold_size(uint64_t bytes, char into[HOLD_SHORT]);

/* A message a line, and with DETAIL a second one. WIDTH columns; 0: as many as it takes.
 * NOW: wall, seconds. */
void hold_table(
    const struct held *held, int64_t now, int width, bool detail, struct buf *out);

/* How many, by label, and since when, in one line. */
void hold_summary(const struct held *held, int64_t now, struct buf *out);

/* Into the object that is open in JSON. */
void hold_json(const struct held_message *message, int64_t now, struct json *json);

/* What mail can be grouped by. */
enum hold_kind {
	HOLD_BY_LABEL,
	HOLD_BY_USER,
	HOLD_BY_DOMAIN,
	HOLD_BY_INCIDENT,
	HOLD_KINDS
};
bool hold_kind_of(const char *name, enum hold_kind *ret_kind);

struct hold_group {
	struct view name; /* a label, "alice", "example.net", "7" */
	bool has_name;    /* false: what has none, or was put there by somebody else */
	uint64_t messages, rcpts, bytes;
	int64_t oldest, newest;             /* wall, seconds */
	const struct held_message *example; /* the oldest */
};

/* N of them, the largest first, in HELD's arena. */
struct hold_group *hold_group(const struct held *held, enum hold_kind kind, size_t *ret_n);
void hold_groups_text(const struct hold_group *groups, size_t n, enum hold_kind kind,
    int64_t now, int width, struct buf *out);
void hold_group_json(
    const struct hold_group *group, enum hold_kind kind, struct json *json);

#endif
