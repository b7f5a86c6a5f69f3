/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_SPF_PRIVATE_H
#define RECEIVER_SPF_PRIVATE_H

/* Shared by spf.c (asking libspf2) and spf_reason.c (why it sees something else). */

#include <sys/types.h>

#include <netinet/in.h>

#include <stdbool.h>

#include <spf2/spf.h>

#include "receiver/spf.h"

/* What happened while libspf2 worked. */
struct spf_eye {
	struct answers *answers;
	const char *no_opinion; /* why its result says nothing; NULL: it does */
	unsigned lookups;
	unsigned voids; /* without an answer; the first record apart */
	bool has_include;
};

/* Whether RECORD is one of SPF, version 1. */
bool spf_judge_is_record(struct view record);

/* Why libspf2 came to another result than ours, where that is known, into OUT. */
void spf_reason_add(const struct spf_case *asked, const struct spf_eye *eye,
    SPF_server_t *server, SPF_response_t *response, struct buf *out);

#endif
