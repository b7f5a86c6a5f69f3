/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_MAIL_H
#define CTL_MAIL_H

/*
 * What a message is made of: its header fields, its parts, and the text in them. Taken
 * apart in a process of its own that can reach nothing (receiver/confined.h), by GMime
 * where frank was built with it, else as far as that goes without: fields, and the body as
 * it stands. All of it is somebody else's text, and to be escaped where it is shown.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	MAIL_PARTS_MAX = 500,
	MAIL_FIELDS_MAX = 500,
	MAIL_TEXT_MAX = 1 << 20, /* bytes of one part's text that are given */
	MAIL_REPLY_MAX = 64 << 20,
	MAIL_MS = 20000,
};

enum mail_kind {
	MAIL_FIELD = 1, /* name: value, decoded */
	MAIL_PART,      /* a leaf; size decoded; text: its file name, decoded */
	MAIL_TEXT,      /* of the part before it, in UTF-8 */
	MAIL_MORE,      /* there are 'size' more fields or parts than the limit */
};

struct mail_item {
	enum mail_kind kind;
	uint64_t size;
	bool is_attachment;     /* it says so itself */
	bool was_html, was_cut; /* MAIL_TEXT: tags were taken out; it is not all of it */
	struct view name;       /* of a field; of a part, its place: "1.2" */
	struct view type;       /* "text/plain" */
	struct view text;
};

/* RAW, a message with LF line ends, in items in OUT. -1: that process failed. */
int mail_take_apart(struct view raw, struct buf *out, struct err *err);
/* The next item of them. */
bool mail_next(struct view *rest, struct mail_item *ret_item);

/* Is more known than fields and a body? */
bool mail_has_parts(void);

/* ---- for those who take apart ---- */

void mail_prepare(void *context);
/* CONTEXT is the message, a struct view. */
void mail_work(void *context, struct buf *out);
void mail_add(struct buf *out, const struct mail_item *item);

/* The fields of RAW, unfolded, and decoded by DECODE (NULL: not at all), which answers with
 * malloc()ed text, or NULL. Gives what is behind them. */
typedef char *mail_decode(const char *text);
struct view mail_fields(struct view raw, mail_decode *decode, struct buf *out);
/* Without GMime: the body is one part. */
void mail_plain(struct view raw, struct buf *out);

/* What can be read of HTML: no tags, scripts, styles and comments, a line for each
 * paragraph, where links lead in angle brackets. */
void mail_html(struct view html, struct buf *out);

#endif
