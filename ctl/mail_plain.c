/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "ctl/mail.h"

enum { VALUE_MAX = 65536 };

static bool
is_folded(struct view rest)
{
	return rest.n > 0 && (rest.p[0] == ' ' || rest.p[0] == '\t');
}

/* One field with its folded lines; false: the header has ended. */
static bool
take_field(struct view *rest, struct view *ret_name, struct buf *value)
{
	struct view line, name;

	if (rest->n == 0 || rest->p == NULL || !view_cut(rest, '\n', &line))
		return false;
	line = view_trim(line);
	if (line.n == 0 || !view_has_char(line, ':'))
		return false;
	(void)view_cut(&line, ':', &name);
	buf_reset(value);
	buf_add(value, view_trim(line));
	while (rest->p != NULL && is_folded(*rest) && view_cut(rest, '\n', &line)) {
		buf_add_char(value, ' ');
		buf_add(value, view_trim(line));
	}
	*ret_name = name;
	return true;
}

static void
add_field(struct mail_item *item, struct buf *value, mail_decode *decode, struct buf *out)
{
	char *decoded = decode != NULL ? decode(buf_text(value)) : NULL;

	item->text = decoded != NULL ? view_of(decoded) : buf_view(value);
	mail_add(out, item);
	free(decoded);
}

struct view
mail_fields(struct view raw, mail_decode *decode, struct buf *out)
{
	struct buf value = BUF_INIT(VALUE_MAX);
	struct mail_item item = {.kind = MAIL_FIELD};
	struct view rest = raw;
	uint64_t n = 0;

	while (take_field(&rest, &item.name, &value))
		if (n++ < MAIL_FIELDS_MAX)
			add_field(&item, &value, decode, out);
	buf_fini(&value);
	if (n > MAIL_FIELDS_MAX)
		mail_add(out,
		    &(struct mail_item){.kind = MAIL_MORE, .size = n - MAIL_FIELDS_MAX});
	return rest.p != NULL ? rest : VIEW("");
}

void
mail_plain(struct view raw, struct buf *out)
{
	struct view body = mail_fields(raw, NULL, out);
	struct mail_item item = {.kind = MAIL_PART,
	    .size = body.n,
	    .name = VIEW("1"),
	    .type = VIEW("as it was sent")};

	mail_add(out, &item);
	item.kind = MAIL_TEXT;
	item.text = view_head(body, MAIL_TEXT_MAX);
	item.was_cut = body.n > MAIL_TEXT_MAX;
	mail_add(out, &item);
}
