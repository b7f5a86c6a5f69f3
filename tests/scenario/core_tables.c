/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "tests/scenario/core.h"

/* Postfix's tables for the session: "texthash:NAME" is the scenario's file NAME as it is
 * now, a key and its values on each line. */

enum { TABLE_MAX = 64 << 10 };

static void
world_start(void *context, const struct tables_question *question)
{
	(void)context;
	(void)question;
}

static void
file_of(const struct lab *lab, struct view table, char into[LAB_PATH])
{
	const char *slash = strrchr(lab->conf, '/');
	struct view type;

	must(view_cut(&table, ':', &type) && view_is(type, VIEW("texthash")));
	snprintf(into, LAB_PATH, "%.*s/%.*s", (int)(slash - lab->conf), lab->conf,
	    VIEW_ARG(table));
}

static void
world_get(void *context, const struct tables_question *question, int64_t deadline,
    struct tables_reply *ret_reply)
{
	const struct core *core = context;
	struct buf text = BUF_INIT(TABLE_MAX);
	struct view rest, line, key;
	char path[LAB_PATH];

	(void)deadline;
	*ret_reply = (struct tables_reply){.answer = ANSWER_UNKNOWN};
	if (core->lab->tables_are_silent)
		return;
	file_of(core->lab, question->table, path);
	must(file_read(path, &text, NULL) == 0);
	ret_reply->answer = ANSWER_NONE;
	rest = buf_view(&text);
	while (view_cut(&rest, '\n', &line)) {
		if (!view_cut(&line, ' ', &key) || !view_is(key, question->key))
			continue;
		line = view_trim(line);
		must(line.n <= sizeof(ret_reply->values));
		memcpy(ret_reply->values, line.p, line.n);
		ret_reply->n = line.n;
		ret_reply->answer = ANSWER_FOUND;
	}
	buf_fini(&text);
}

void
core_tables_begin(struct core *core)
{
	core->world.tables_start = world_start;
	core->world.tables_get = world_get;
}
