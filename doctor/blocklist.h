/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_BLOCKLIST_H
#define DOCTOR_BLOCKLIST_H

/* What the answers of a DNS blocklist mean. Pure. */

#include "lib/lookup.h"

enum blocklist_answer {
	BLOCKLIST_LISTED,
	BLOCKLIST_NOT_LISTED,
	BLOCKLIST_REFUSED, /* it says that it does not want to be asked */
	BLOCKLIST_UNKNOWN, /* no answer */
};

/* What a zone is, by its control entries. */
enum blocklist_kind {
	BLOCKLIST_WORKS, /* a list of what was looked for */
	BLOCKLIST_OTHER, /* it is not, or lists everything */
	BLOCKLIST_REFUSES,
	BLOCKLIST_SILENT,
};

/* ANSWER is to A. */
enum blocklist_answer blocklist_read(const struct dns_answer *answer);
/* LISTED is the answer to what has to be listed, NOT_LISTED to what must not be. */
enum blocklist_kind blocklist_judge(
    enum blocklist_answer listed, enum blocklist_answer not_listed);

#endif
