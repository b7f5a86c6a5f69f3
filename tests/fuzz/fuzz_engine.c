/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * A policy, and then facts of a few messages, made of the choices that the input's bytes
 * are: the engine must decide as the reference interpreter does.
 */

#include <stdint.h>

#include "tests/unit/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ref_feed(data, size);
	ref_check(3);
	return 0;
}
