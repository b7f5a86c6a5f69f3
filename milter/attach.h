/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_ATTACH_H
#define MILTER_ATTACH_H

/* Helpers that the supervisor has started anew, brought to the milter process. The thread
 * that takes the supervisor's orders. */

#include "milter/runtime.h"

/* A helper is in runtime->link, with the socket over which it is spoken to. */
void attach_helper(struct runtime *runtime);

/* What is in runtime->link came without its descriptors: there was no room for them. */
void attach_lost(struct runtime *runtime);

#endif
