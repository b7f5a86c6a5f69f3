/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_LIFETIME_H
#define POSTFIX_LIFETIME_H

#include <stdint.h>

#include "lib/err.h"

/* How long mail may wait in the queue before it is returned (maximal_queue_lifetime).
 * CONFIG: as postfix/program.h has it. Takes at most 5 s. */
int postfix_lifetime(const char *config, int64_t *ret_seconds, struct err *err);

#endif
