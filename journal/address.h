/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef JOURNAL_ADDRESS_H
#define JOURNAL_ADDRESS_H

/*
 * The journal keeps of an address the text and the domain; the local part is what is left.
 */

#include <stdbool.h>

#include "lib/view.h"
#include "policy/facts.h"

/* TEXT is local@DOMAIN, or the local part alone when DOMAIN is empty. */
struct fact_address address_split(struct view text, struct view domain);

/*
 * Is it to TO, which is an address, a domain or @domain? Of an address that is not kept
 * ADDRESS is empty, or "@domain": then everybody in its DOMAIN is meant. Case does not
 * matter.
 */
bool address_is_to(struct view to, struct view address, struct view domain);

#endif
