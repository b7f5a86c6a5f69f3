/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/run.h"

#include "ctl/postfix.h"

enum {
	PATIENCE_MS = 300000,
	ID_MIN = 6,
	ID_MAX = 20,
	SAID_MAX = 64 << 20,
	ARGS_MAX = 8,
};

bool
postfix_is_id(struct view id)
{
	/* "postsuper -h ALL" is about everybody's mail. */
	if (id.n < ID_MIN || id.n > ID_MAX || view_is_nocase(id, VIEW("ALL")))
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
			return false;
	}
	return true;
}

/* Not by PATH: this runs as root. */
static int
find_program(const char *name, char into[PATH_MAX], struct err *err)
{
	static const char *const folders[] = {
	    "/usr/sbin", "/usr/local/sbin", "/opt/postfix/sbin", "/sbin"};

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		snprintf(into, PATH_MAX, "%s/%s", folders[i], name);
		if (access(into, X_OK) == 0)
			return 0;
	}
	return err_set(err, ERR_MISSING,
	    "there is no %s in /usr/sbin or /usr/local/sbin: "
	    "is Postfix installed?",
	    name);
}

/* NAME -c CONFIG OPTIONS; OPTIONS end in NULL. */
static int
run_program(const char *name, const char *config, const char *const *options,
    struct view input, struct buf outs[2], struct err *err)
{
	const char *argv[ARGS_MAX] = {NULL};
	char path[PATH_MAX];
	size_t n = 0;
	int status;

	if (config == NULL)
		config = getenv("MAIL_CONFIG");
	if (find_program(name, path, err) == -1)
		return -1;
	argv[n++] = path;
	if (config != NULL && config[0] == '/') {
		argv[n++] = "-c";
		argv[n++] = config;
	}
	for (; *options != NULL; options++)
		argv[n++] = *options;
	must(n < ARGS_MAX);
	if (run(argv, input, &outs[0], &outs[1], PATIENCE_MS, &status, err) == -1)
		return -1;
	if (status != 0) {
		struct view rest = buf_view(&outs[1]), line = VIEW("");
		(void)view_cut(&rest, '\n', &line);
		return err_set(
		    err, ERR_IO, "%s ended with %d: %.*s", name, status, VIEW_ARG(line));
	}
	return 0;
}

int
postfix_queue(const char *config,
    void (*each)(void *context, const struct queue_entry *entry), void *context,
    struct err *err)
{
	static const char *const options[] = {"-j", NULL};
	struct buf outs[2] = {BUF_INIT(POSTFIX_LIST_MAX), BUF_INIT(4096)};
	int result = run_program("postqueue", config, options, VIEW_NONE, outs, err);

	if (result == 0 && outs[0].full)
		result = err_set(err, ERR_LIMIT,
		    "the list of the queue is larger than %d MB", POSTFIX_LIST_MAX >> 20);
	if (result == 0)
		postfix_queue_read(buf_view(&outs[0]), each, context);
	buf_fini(&outs[0]);
	buf_fini(&outs[1]);
	return result;
}

int
postfix_cat(const char *config, struct view id, enum postfix_part part, struct buf *out,
    struct err *err)
{
	char text[ID_MAX + 1];
	const char *const options[] = {
	    part == POSTFIX_MESSAGE ? "-qbh" : "-qe", text, NULL};
	struct buf outs[2] = {*out, BUF_INIT(4096)};
	int result;

	must(postfix_is_id(id));
	snprintf(text, sizeof(text), "%.*s", VIEW_ARG(id));
	result = run_program("postcat", config, options, VIEW_NONE, outs, err);
	*out = outs[0];
	buf_fini(&outs[1]);
	if (result == 0 && out->full)
		result = err_set(err, ERR_LIMIT, "message %s is larger than %zu MB", text,
		    out->limit >> 20);
	return result;
}

/* "postsuper: 4cXyZ71kq: placed on hold" */
static void
take_words(struct view text, void (*held)(void *context, struct view id), void *context)
{
	struct view line, head;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (!view_ends(line, VIEW(": placed on hold")) ||
		    !view_starts(line, VIEW("postsuper: ")))
			continue;
		line = view_from(line, strlen("postsuper: "));
		(void)view_cut(&line, ':', &head);
		if (postfix_is_id(head))
			held(context, head);
	}
}

int
postfix_hold(const char *config, const struct view *ids, size_t n,
    void (*held)(void *context, struct view id), void *context, struct err *err)
{
	static const char *const options[] = {"-h", "-", NULL};
	struct buf input = BUF_INIT(SAID_MAX);
	struct buf outs[2] = {BUF_INIT(4096), BUF_INIT(SAID_MAX)};

	for (size_t i = 0; i < n; i++) {
		must(postfix_is_id(ids[i]));
		buf_add(&input, ids[i]);
		buf_add_char(&input, '\n');
	}
	must(!input.full);
	int result = run_program("postsuper", config, options, buf_view(&input), outs, err);
	/* Also of one that broke off in the middle. */
	take_words(buf_view(&outs[1]), held, context);
	buf_fini(&input);
	buf_fini(&outs[0]);
	buf_fini(&outs[1]);
	return result;
}
