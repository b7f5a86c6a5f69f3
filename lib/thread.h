/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_THREAD_H
#define LIB_THREAD_H

/* Threads that are started while we run, when there may be no room for one more. */

#include "lib/err.h"

/*
 * RUN(ARGUMENT) in a thread of its own, which nobody joins. 0, or -1 ERR_TEMP: there is no
 * memory for one more, or there are as many as there may be; RUN does not run, and ARGUMENT
 * is still the caller's.
 */
int thread_start(void *(*run)(void *), void *argument, struct err *err);

#endif
