/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/file.h"
#include "lib/utf8.h"

#include "ctl/cause.h"

enum { LABEL = 8 };

#define INSTALLED FRANK_DATA_DIR "/replies.conf"

static int
read_file(struct replies *replies, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(REPLIES_FILE_MAX + 1);
	int result = file_read(path, &text, err);

	if (result == 0)
		result = replies_read(replies, path, buf_view(&text), err);
	buf_fini(&text);
	return result;
}

/* Of the admin's own there need not be any. */
static int
read_own(const struct ctl *ctl, struct replies *replies, struct err *err)
{
	const char *slash = strrchr(ctl->config, '/');
	struct err why = ERR_INIT;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%.*sreplies.conf",
	    slash != NULL ? (int)(slash - ctl->config) + 1 : 0, ctl->config);

	if (n >= (int)sizeof(path) || read_file(replies, path, &why) == 0 ||
	    why.code == ERR_MISSING)
		return 0;
	*err = why;
	return -1;
}

static int
read_installed(struct replies *replies, struct err *err)
{
	const char *path = getenv("FRANK_REPLIES");

	if (path == NULL || path[0] == '\0')
		path = INSTALLED;
	if (read_file(replies, path, err) == 0)
		return 0;
	if (err->code == ERR_MISSING)
		return err_add(
		    err, "the table of replies is not there: install Frank again");
	return -1;
}

int
cause_load(const struct ctl *ctl, struct replies **ret_replies, struct err *err)
{
	struct replies *replies = replies_new();

	if (read_own(ctl, replies, err) == -1 || read_installed(replies, err) == -1) {
		replies_free(replies);
		return -1;
	}
	*ret_replies = replies;
	return 0;
}

int
cause_load_file(const char *path, struct replies **ret_replies, struct err *err)
{
	struct replies *replies = replies_new();

	if (read_file(replies, path, err) == -1) {
		replies_free(replies);
		return -1;
	}
	*ret_replies = replies;
	return 0;
}

/* ---- how they are shown ---- */

static size_t
columns_of(struct view text)
{
	uint32_t point;
	size_t n = 0;

	for (; text.n > 0; n++) {
		size_t bytes = utf8_take(text, &point);
		text = view_from(text, bytes > 0 ? bytes : 1);
	}
	return n;
}

static void
add_blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_add_char(out, ' ');
}

void
cause_wrap(struct buf *out, struct view text, size_t column)
{
	struct buf escaped = BUF_INIT(4 * REPLIES_VALUE_MAX);
	struct view rest, word;
	size_t at = column;

	escape_add(&escaped, text, REPLIES_VALUE_MAX);
	rest = buf_view(&escaped);
	while (view_cut(&rest, ' ', &word)) {
		size_t n = columns_of(word);

		if (n == 0)
			continue;
		if (at > column && at + 1 + n > CAUSE_WIDTH) {
			buf_add_char(out, '\n');
			add_blanks(out, column);
			at = column;
		}
		if (at > column) {
			buf_add_char(out, ' ');
			at++;
		}
		buf_add(out, word);
		at += n;
	}
	buf_add_char(out, '\n');
	buf_fini(&escaped);
}

static void
add_part(struct buf *out, const char *label, struct view text, size_t indent)
{
	add_blanks(out, indent);
	buf_addf(out, "%-*s", LABEL, label);
	cause_wrap(out, text, indent + LABEL);
}

void
cause_text(const struct replies_entry *entry, size_t indent, struct buf *out)
{
	add_blanks(out, indent);
	buf_addf(out, "%.*s (%.*s)\n", VIEW_ARG(entry->class), VIEW_ARG(entry->name));
	add_part(out, "means", entry->means, indent + 2);
	add_part(out, "do", entry->remedy, indent + 2);
	add_part(out, "source", entry->source, indent + 2);
}

void
cause_json(const struct replies_entry *entry, struct json *json)
{
	if (entry == NULL) {
		json_null(json, "frank.reply");
		return;
	}
	json_string(json, "frank.reply", entry->name);
	json_string(json, "frank.class", entry->class);
	json_string(json, "frank.means", entry->means);
	json_string(json, "frank.do", entry->remedy);
	json_string(json, "frank.source", entry->source);
}
