/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "postfix/program.h"
#include "postfix/queue.h"

enum { PATIENCE_MS = 300000, SAID_MAX = 4096 };

int
postfix_queue(const char *config,
    void (*each)(void *context, const struct queue_entry *entry), void *context,
    struct err *err)
{
	static const char *const options[] = {"-j", NULL};
	const struct postfix_program program = {.name = "postqueue",
	    .config = config,
	    .options = options,
	    .milliseconds = PATIENCE_MS};
	struct buf list = BUF_INIT(POSTFIX_LIST_MAX), said = BUF_INIT(SAID_MAX);
	int result = postfix_run(&program, &list, &said, err);

	if (result == 0 && list.full)
		result = err_set(err, ERR_LIMIT,
		    "the list of the queue is larger than %d MB", POSTFIX_LIST_MAX >> 20);
	if (result == 0)
		(void)postfix_queue_read(buf_view(&list), each, context);
	buf_fini(&list);
	buf_fini(&said);
	return result;
}

int
postfix_cat(const char *config, struct view id, enum postfix_part part, struct buf *out,
    struct err *err)
{
	char text[POSTFIX_ID_MAX + 1];
	const char *const options[] = {
	    part == POSTFIX_MESSAGE ? "-qbh" : "-qe", text, NULL};
	const struct postfix_program program = {.name = "postcat",
	    .config = config,
	    .options = options,
	    .milliseconds = PATIENCE_MS};
	struct buf said = BUF_INIT(SAID_MAX);
	int result;

	must(postfix_is_id(id));
	snprintf(text, sizeof(text), "%.*s", VIEW_ARG(id));
	result = postfix_run(&program, out, &said, err);
	buf_fini(&said);
	if (result == 0 && out->full)
		result = err_set(err, ERR_LIMIT, "message %s is larger than %zu MB", text,
		    out->limit >> 20);
	return result;
}
