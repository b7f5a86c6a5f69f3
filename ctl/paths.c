/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "ctl/ctl.h"
#include "ctl/load.h"

enum { TEXT_MAX = 1 << 20 };

struct paths {
	struct buf state, control;
};

/* The next word of a line, without the quotes around it. */
static bool
next_word(struct view *rest, struct view *ret_word)
{
	size_t n = 0;

	*rest = view_trim(*rest);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	*ret_word = view_head(*rest, n);
	*rest = view_from(*rest, n);
	if (n >= 2 && ret_word->p[0] == '"' && ret_word->p[n - 1] == '"')
		*ret_word = view_head(view_from(*ret_word, 1), n - 2);
	return n > 0;
}

/*
 * While the configuration has errors, as it may in the middle of an edit, frankd still runs
 * with what it read before: look for the two lines that say where.
 */
static void
scan_lines(struct view text, struct paths *paths)
{
	struct view line, set, name, value;

	while (view_cut(&text, '\n', &line)) {
		if (!next_word(&line, &set) || !view_is(set, VIEW("set")) ||
		    !next_word(&line, &name) || !next_word(&line, &value) ||
		    !view_starts(value, VIEW("/")))
			continue;
		if (view_is(name, VIEW("state"))) {
			buf_reset(&paths->state);
			buf_add(&paths->state, value);
		} else if (view_is(name, VIEW("control"))) {
			buf_reset(&paths->control);
			buf_add(&paths->control, value);
		}
	}
}

static void
read_paths(const char *config, struct paths *paths)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct load load;

	if (load_policy(&load, config, LOAD_NO_KEYS, NULL) == -1)
		return;
	if (load.policy != NULL) {
		buf_add(&paths->state, policy_settings(load.policy)->state);
		buf_add(&paths->control, policy_settings(load.policy)->control);
	} else if (file_read(config, &text, NULL) == 0) {
		scan_lines(buf_view(&text), paths);
	}
	load_fini(&load);
	buf_fini(&text);
}

static char *
text_or(const struct buf *text, const char *otherwise)
{
	return mem_text(text->n > 0 ? buf_text(text) : otherwise);
}

static void
find_paths(struct ctl *ctl)
{
	struct paths paths = {BUF_INIT(PATH_MAX), BUF_INIT(PATH_MAX)};

	read_paths(ctl->config, &paths);
	if (ctl->state == NULL)
		ctl->state = ctl->found[0] = text_or(&paths.state, FRANK_STATE_DIR);
	if (ctl->control == NULL)
		ctl->control = ctl->found[1] =
		    text_or(&paths.control, FRANK_RUN_DIR "/control.sock");
	buf_fini(&paths.state);
	buf_fini(&paths.control);
}

const char *
ctl_state(struct ctl *ctl)
{
	if (ctl->state == NULL)
		find_paths(ctl);
	return ctl->state;
}

const char *
ctl_control(struct ctl *ctl)
{
	if (ctl->control == NULL)
		find_paths(ctl);
	return ctl->control;
}
