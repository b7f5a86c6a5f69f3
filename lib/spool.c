/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "lib/spool.h"

#define HEAD "action-"

/* Others than frankd's group do not reach the directory. */
enum { MODE = 0644 };

static void
pack(const struct spool_action *action, struct buf *out)
{
	const struct view words[] = {action->what, action->who, action->text};

	buf_addf(out, "%lld", (long long)action->time);
	buf_add_char(out, '\0');
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		buf_add(out, words[i]);
		buf_add_char(out, '\0');
	}
}

static bool
unpack(struct view text, struct spool_action *ret_action)
{
	struct spool_action action;
	struct view time = VIEW("");
	unsigned long long number;

	if (!view_ends(text, VIEW("\0")) || !view_cut(&text, '\0', &time) ||
	    !view_number(time, INT64_MAX, &number) ||
	    !view_cut(&text, '\0', &action.what) || !view_cut(&text, '\0', &action.who) ||
	    !view_cut(&text, '\0', &action.text) || text.p == NULL || text.n != 0)
		return false;
	action.time = (int64_t)number;
	*ret_action = action;
	return true;
}

int
spool_add(const char *dir, const struct spool_action *action, struct err *err)
{
	struct buf packed = BUF_INIT(SPOOL_TEXT_MAX);
	char path[PATH_MAX], hidden[PATH_MAX];
	int result, n;

	/* Sorted by name they are sorted by time. */
	n = snprintf(path, sizeof(path), "%s/" HEAD "%018lld-%ld", dir,
	    (long long)action->time, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(path) - 1)
		return err_set(err, ERR_LIMIT, "the path of %s is too long", dir);
	snprintf(hidden, sizeof(hidden), "%.*s/.%s", (int)strlen(dir), dir,
	    path + strlen(dir) + 1);
	pack(action, &packed);
	result = packed.full ? err_set(err, ERR_LIMIT, "an action is at most %d bytes",
				   SPOOL_TEXT_MAX)
			     : file_create(hidden, MODE, buf_view(&packed), err);
	if (result == 0 && rename(hidden, path) != 0) {
		result = err_sys(err, "%s", path);
		(void)unlink(hidden);
	}
	buf_fini(&packed);
	return result;
}

static int
is_action(const struct dirent *entry)
{
	return strncmp(entry->d_name, HEAD, strlen(HEAD)) == 0;
}

static int
take_file(const char *path, void (*each)(void *context, const struct spool_action *action),
    void *context)
{
	struct buf text = BUF_INIT(SPOOL_TEXT_MAX);
	struct spool_action action;
	int taken = 0;

	if (file_read(path, &text, NULL) == 0 && unpack(buf_view(&text), &action)) {
		each(context, &action);
		(void)unlink(path);
		taken = 1;
	}
	buf_fini(&text);
	return taken;
}

int
spool_take(const char *dir, void (*each)(void *context, const struct spool_action *action),
    void *context, struct err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_action, alphasort), taken = 0;

	if (n < 0)
		return err_sys(err, "%s", dir);
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		if (file_join(path, sizeof(path), dir, entries[i]->d_name) == 0)
			taken += take_file(path, each, context);
		free(entries[i]);
	}
	free(entries);
	return taken;
}
