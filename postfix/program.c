/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/run.h"

#include "postfix/program.h"

enum { ARGS_MAX = POSTFIX_OPTIONS_MAX + 4 };

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
	    "there is no %s in /usr/sbin or /usr/local/sbin: is Postfix installed?", name);
}

int
postfix_run(const struct postfix_program *program, struct buf *out, struct buf *said,
    struct err *err)
{
	const char *config =
	    program->config != NULL ? program->config : getenv("MAIL_CONFIG");
	const char *argv[ARGS_MAX] = {NULL};
	char path[PATH_MAX];
	size_t n = 0;
	int status;

	if (find_program(program->name, path, err) == -1)
		return -1;
	argv[n++] = path;
	if (config != NULL && config[0] == '/') {
		argv[n++] = strcmp(program->name, "sendmail") == 0 ? "-C" : "-c";
		argv[n++] = config;
	}
	for (size_t i = 0; program->options[i] != NULL; i++) {
		must(i < POSTFIX_OPTIONS_MAX);
		argv[n++] = program->options[i];
	}
	if (run(argv, program->input, out, said, program->milliseconds, &status, err) == -1)
		return -1;
	if (status != 0) {
		struct view rest = buf_view(said), line = VIEW("");
		(void)view_cut(&rest, '\n', &line);
		return err_set(err, ERR_IO, "%s ended with %d: %.*s", program->name, status,
		    VIEW_ARG(line));
	}
	return 0;
}
