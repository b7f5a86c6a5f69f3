/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "milter/runtime.h"

/* What the tables process says, brought to sessions. */

static void
on_hung(void *context)
{
	struct runtime *runtime = context;

	(void)link_send(runtime->link, LINK_TABLES_HUNG, 0,
	    atomic_load(&runtime->tables_pid), VIEW_NONE, NULL);
}

void
runtime_tables_init(struct runtime *runtime)
{
	const struct tables_calls calls = {.context = runtime, .hung = on_hung};

	runtime->tables = tables_client_new(&calls, runtime->seed);
}

static void
world_tables_start(void *context, const struct tables_question *question)
{
	struct runtime *runtime = context;

	tables_client_start(runtime->tables, question);
}

static void
world_tables_get(void *context, const struct tables_question *question, int64_t deadline,
    struct tables_reply *ret_reply)
{
	struct runtime *runtime = context;

	tables_client_get(runtime->tables, question, deadline, ret_reply);
}

void
runtime_tables_world(struct session_world *world)
{
	world->tables_start = world_tables_start;
	world->tables_get = world_tables_get;
}
