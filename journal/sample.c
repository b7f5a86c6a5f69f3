/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "journal/sample.h"

const char *
sample_queue_name(enum sample_queue queue)
{
	static const char *const names[SAMPLE_QUEUES] = {[SAMPLE_MAILDROP] = "maildrop",
	    [SAMPLE_INCOMING] = "incoming",
	    [SAMPLE_ACTIVE] = "active",
	    [SAMPLE_DEFERRED] = "deferred",
	    [SAMPLE_HOLD] = "hold"};

	must(queue < SAMPLE_QUEUES);
	return names[queue];
}
