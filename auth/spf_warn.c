/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/spf_private.h"

void
spf_warn(const struct spf_question *question, const struct spf_asking *asking,
    const struct spf_result *result, struct buf *out)
{
	(void)question;
	(void)asking;
	(void)result;
	(void)out;
}
