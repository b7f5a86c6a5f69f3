/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "receiver/confined.h"

#include "ctl/mail.h"

/* Items on their way out of the process that has looked at them. */

struct head {
	uint64_t size;
	uint32_t name, type, text; /* bytes behind this */
	uint8_t kind, flags;
};

enum { IS_ATTACHMENT = 1, WAS_HTML = 2, WAS_CUT = 4 };

int
mail_take_apart(struct view raw, struct buf *out, struct err *err)
{
	const struct confined what = {.library = mail_has_parts() ? "GMime" : "the reader",
	    .prepare = mail_prepare,
	    .work = mail_work,
	    .context = &raw,
	    .milliseconds = MAIL_MS};

	return confined_run(&what, out, err);
}

void
mail_add(struct buf *out, const struct mail_item *item)
{
	struct head head;

	memset(&head, 0, sizeof(head));
	head.kind = (uint8_t)item->kind;
	head.size = item->size;
	head.name = (uint32_t)item->name.n;
	head.type = (uint32_t)item->type.n;
	head.text = (uint32_t)item->text.n;
	head.flags =
	    (uint8_t)((item->is_attachment ? IS_ATTACHMENT : 0) |
		      (item->was_html ? WAS_HTML : 0) | (item->was_cut ? WAS_CUT : 0));
	buf_add_bytes(out, &head, sizeof(head));
	buf_add(out, item->name);
	buf_add(out, item->type);
	buf_add(out, item->text);
}

static bool
take_view(struct view *rest, size_t n, struct view *ret_view)
{
	if (n > rest->n)
		return false;
	*ret_view = view_head(*rest, n);
	*rest = view_from(*rest, n);
	return true;
}

bool
mail_next(struct view *rest, struct mail_item *ret_item)
{
	struct mail_item item;
	struct head head;

	if (rest->n < sizeof(head))
		return false;
	memcpy(&head, rest->p, sizeof(head));
	*rest = view_from(*rest, sizeof(head));
	if (head.kind < MAIL_FIELD || head.kind > MAIL_MORE)
		return false;
	item = (struct mail_item){.kind = (enum mail_kind)head.kind,
	    .size = head.size,
	    .is_attachment = (head.flags & IS_ATTACHMENT) != 0,
	    .was_html = (head.flags & WAS_HTML) != 0,
	    .was_cut = (head.flags & WAS_CUT) != 0};
	if (!take_view(rest, head.name, &item.name) ||
	    !take_view(rest, head.type, &item.type) ||
	    !take_view(rest, head.text, &item.text))
		return false;
	*ret_item = item;
	return true;
}
