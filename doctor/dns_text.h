/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_DNS_TEXT_H
#define DOCTOR_DNS_TEXT_H

/* TXT records of which a domain has one or none. */

#include "doctor/ask.h"

/* The one record with VERSION at LABEL.DOMAIN; WHAT it is for: "MTA-STS". False: it was
 * said what there is instead. */
bool dns_text_take(struct ask *ask, const char *what, const char *label, struct view domain,
    struct view version, struct view *ret_text);

/* The value of "NAME=value"; VIEW_NONE: it is not there. */
struct view dns_text_tag(struct view text, struct view name);

/* 'example.org. IN TXT "text"', to be pasted into a zone; longer TEXT in several strings.
 */
void dns_text_add_record(struct view name, struct view text, struct buf *out);

#endif
