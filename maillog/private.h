/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MAILLOG_PRIVATE_H
#define MAILLOG_PRIVATE_H

#include "maillog/maillog.h"

/* Without its angle brackets. */
struct view maillog_bare(struct view address);
/* HEAD at the beginning of *REST, which moves behind it. */
bool maillog_take(struct view *rest, struct view head);
/* The part before SEPARATOR; *REST moves behind it, and is empty when there is none. */
struct view maillog_until(struct view *rest, struct view separator);

/* An address that began with '<', and the ", " behind it: an address that is quoted may
 * have that in it, too, and what else looks like fields. False: it does not end. */
bool maillog_address(struct view *rest, struct view *ret_address);

/* delivery.c: what stands behind "to=<", said by DAEMON. */
enum maillog_kind maillog_delivery(
    struct view daemon, struct view rest, struct maillog_event *event);

#endif
