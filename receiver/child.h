/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_CHILD_H
#define RECEIVER_CHILD_H

/*
 * One question in a process made for it, confined as sandbox.h says and ended with it:
 * for a program that reads messages, or asks DNS, from anywhere. Only from a process with
 * one thread.
 */

#include "lib/err.h"

#include "receiver/spf.h"
#include "receiver/verify.h"

/*
 * As verify_signature(). -1: ERR_TEMP, no answer within MILLISECONDS (the child is killed);
 * ERR_IO, the child ended without one, or could not be confined.
 */
int child_verify(const struct verify_message *message, struct view value,
    const struct verify_key *key, int milliseconds, struct verify_answer *ret_answer,
    struct err *err);

/* As spf_judge(), and fails as child_verify(). */
int child_spf(const struct spf_case *asked, int milliseconds,
    struct spf_judgement *ret_judgement, struct err *err);

#endif
