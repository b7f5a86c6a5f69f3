/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/ctl.h"

/* For parts of frank(1) that could ask frankd, and do not here. */

const char *
ctl_control(struct ctl *ctl)
{
	(void)ctl;
	return "/nowhere";
}

int
ctl_unreachable(const struct err *err)
{
	(void)err;
	return EX_UNAVAILABLE;
}
