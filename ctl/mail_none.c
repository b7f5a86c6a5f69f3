/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/mail.h"

/* In the place of mail_gmime.c, where there is no GMime. */

bool
mail_has_parts(void)
{
	return false;
}

void
mail_prepare(void *context)
{
	(void)context;
}

void
mail_work(void *context, struct buf *out)
{
	const struct view *raw = context;

	mail_plain(*raw, out);
}
