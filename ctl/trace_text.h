/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_TRACE_TEXT_H
#define CTL_TRACE_TEXT_H

/*
 * What was tried, as a table: '>' marks the rule that decided, '+' one that added
 *something.
 *
 *	    31  accept  path inbound          no   submission
 *	  > 41  hold    fresh > 40            yes  44
 *	                sent > 8x usual       yes  64; usual for weekdays 09h is 5, floor 20
 */

#include "engine/engine.h"
#include "lib/buf.h"
#include "lib/json.h"

void trace_text(const struct trace *trace, struct buf *out);

/* The same as an array "frank.trace" in the object that is open in JSON. */
void trace_json(const struct trace *trace, struct json *json);

#endif
