/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_SPF_H
#define RECEIVER_SPF_H

/*
 * What libspf2, which Exim and others use, makes of an SPF record, from the very answers of
 * DNS that our own evaluator had. It is asked nothing else: where it wants a name that is
 * not among them, there is no opinion.
 *
 * libspf2 bounds neither its time nor its stack by what it reads. Call this only in a
 * process that can be spared: one that spends more than SPF_JUDGE_MS of processor time in
 * it is ended by SIGPROF. One thread.
 */

#include "lib/lookup.h"
#include "lib/net.h"
#include "lib/view.h"

#include "receiver/wire.h"

enum {
	SPF_JUDGE_MS = 1000,
	SPF_JUDGE_LOOKUPS = 1000,  /* then it is stopped, and there is no opinion */
	SPF_JUDGE_NAME_MAX = 1000, /* bytes of sender, domain, helo */
	SPF_RESULT_MAX = 16,
};

struct spf_case {
	struct addr client;
	struct view ours; /* our result, by its name: "softfail" */
	struct view domain, sender, helo;
	struct answers *answers;
};

struct spf_judgement {
	enum receiver_opinion opinion;
	char theirs[SPF_RESULT_MAX];      /* libspf2's result; "": none */
	char reason[RECEIVER_REASON_MAX]; /* "" when it agrees */
};

void spf_judge(const struct spf_case *asked, struct spf_judgement *ret_judgement);

/* From now on the process has so much processor time left; 0: as much as it likes. Done by
 * spf_judge() itself. */
void spf_judge_timer(long milliseconds);

/* PAYLOAD of a frame RECEIVER_SPF. -1: it has not its form. */
int spf_judge_frame(
    struct view payload, struct spf_judgement *ret_judgement, struct err *err);

#endif
