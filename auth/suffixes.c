/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <libpsl.h>

#include "auth/align_private.h"
#include "auth/suffixes.h"

/* Set once, when the process begins; see suffixes.h. */
static int64_t file_time;

void
suffixes_choose(void)
{
	const psl_ctx_t *list = psl_latest(NULL);
	struct stat st;

	if (list == NULL || list == psl_builtin())
		return;
	if (stat(psl_dist_filename(), &st) == 0)
		file_time = st.st_mtime;
	align_use(list);
}

int64_t
suffixes_time(void)
{
	return suffixes_file()[0] != '\0' ? file_time : psl_builtin_file_time();
}

bool
suffixes_are_old(int64_t now)
{
	int64_t time = suffixes_time();

	return time > 0 && now - time > SUFFIXES_OLD;
}

const char *
suffixes_file(void)
{
	return align_list() != psl_builtin() ? psl_dist_filename() : "";
}
