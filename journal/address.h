/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_ADDRESS_H
#define JOURNAL_ADDRESS_H

/*
 * The journal keeps of an address the text and the domain; the local part is what is left.
 */

#include "lib/view.h"
#include "policy/facts.h"

/* TEXT is local@DOMAIN, or the local part alone when DOMAIN is empty. */
struct fact_address address_split(struct view text, struct view domain);

#endif
