/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef RECEIVER_CHILD_H
#define RECEIVER_CHILD_H

/*
 * One verification in a process made for it, confined as sandbox.h says and ended with it:
 * for a program that reads messages from anywhere. Only from a process with one thread.
 */

#include "lib/err.h"

#include "receiver/verify.h"

enum { CHILD_MEMORY = 1 << 30 }; /* bytes of address space: it shares the message with us */

/*
 * As verify_signature(). -1: ERR_TEMP, no answer within MILLISECONDS (the child is killed);
 * ERR_IO, the child ended without one, or could not be confined.
 */
int child_verify(const struct verify_message *message, struct view value,
    const struct verify_key *key, int milliseconds, struct verify_answer *ret_answer,
    struct err *err);

#endif
