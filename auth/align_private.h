/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_ALIGN_PRIVATE_H
#define AUTH_ALIGN_PRIVATE_H

/* The list that auth/align.c goes by; who reads it from a file is auth/suffixes.c. */

#include <libpsl.h>

const psl_ctx_t *align_list(void);
/* LIST lives as long as the process. Before there are threads. */
void align_use(const psl_ctx_t *list);

#endif
