/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "ctl/import.h"

/* Which header fields are signed is fixed in Frank: what of theirs is not among them. */

static const char *const signed_by_frank[] = {"From", "To", "Cc", "Subject", "Date",
    "Reply-To", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post"};
static const char *const oversigned_by_frank[] = {"From", "To", "Cc", "Subject", "Date",
    "Reply-To", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"};
/* When there is no SignHeaders. */
static const char *const signed_by_default[] = {"From", "Reply-To", "Subject", "Date", "To",
    "Cc", "Resent-Date", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
    "In-Reply-To", "References", "List-Id", "List-Help", "List-Unsubscribe",
    "List-Subscribe", "List-Post", "List-Owner", "List-Archive"};

struct names {
	const char *const *at;
	size_t n;
};

#define NAMES(array) ((struct names){(array), ARRAY_LEN(array)})

static bool
has(struct names names, struct view name)
{
	for (size_t i = 0; i < names.n; i++)
		if (view_is_nocase(view_of(names.at[i]), name))
			return true;
	return false;
}

static void
add_name(struct buf *out, struct view name)
{
	if (out->n > 0)
		buf_add_text(out, ", ");
	buf_add(out, name);
}

/* The rows of SET that Frank does not have, "+" and "-" of a change to the default too. */
static const char *
missing(struct import *import, const struct import_dataset *set, struct names ours)
{
	struct buf out = BUF_INIT(800);
	const char *text;

	for (size_t i = 0; i < set->rows.n; i++) {
		struct view name = set->rows.at[i].key;

		if (name.p[0] == '*' || name.p[0] == '-')
			continue;
		if (name.p[0] == '+')
			name = view_from(name, 1);
		if (!has(ours, name))
			add_name(&out, name);
	}
	text = out.n > 0 ? import_text(import, "%s", buf_text(&out)) : NULL;
	buf_fini(&out);
	return text;
}

/* 1: *ret_set; 0: there is no such setting, or an error was said. */
static int
read_set(struct import *import, const char *name, struct import_setting **ret_setting,
    struct import_dataset *ret_set)
{
	*ret_setting = import_get(import, name);
	return *ret_setting != NULL &&
	       import_dataset_read(import, *ret_setting, ret_set) == 0;
}

static void
read_oversigned(struct import *import)
{
	struct import_setting *setting;
	struct import_dataset set;
	const char *rest;

	if (!read_set(import, "OversignHeaders", &setting, &set))
		return;
	rest = missing(import, &set, NAMES(oversigned_by_frank));
	if (rest == NULL)
		import_say(import, setting, IMPORT_CARRIED,
		    "Frank does so always, and with nine fields more");
	else
		import_say(import, setting, IMPORT_LEFT,
		    import_text(import, "the others Frank names too, but not: %s", rest));
}

static void
read_signed(struct import *import)
{
	struct import_setting *setting;
	struct import_dataset set;
	const char *rest;

	if (!read_set(import, "SignHeaders", &setting, &set))
		return;
	rest = missing(import, &set, NAMES(signed_by_frank));
	import_say(import, setting, rest == NULL ? IMPORT_CARRIED : IMPORT_LEFT,
	    rest == NULL
		? "Frank signs these always, and its other ones"
		: import_text(
		      import, "Frank has its own list, and these are not in it: %s", rest));
}

static void
read_omitted(struct import *import)
{
	struct import_setting *setting;
	struct import_dataset set;
	struct buf out = BUF_INIT(800);

	if (read_set(import, "OmitHeaders", &setting, &set)) {
		for (size_t i = 0; i < set.rows.n; i++) {
			struct view name = set.rows.at[i].key;

			if (name.p[0] == '+')
				name = view_from(name, 1);
			if (has(NAMES(signed_by_frank), name))
				add_name(&out, name);
		}
		import_say(import, setting, out.n == 0 ? IMPORT_CARRIED : IMPORT_LEFT,
		    out.n == 0 ? "Frank does not sign these either"
			       : import_text(import, "Frank signs all the same: %s",
				     buf_text(&out)));
	}
	buf_fini(&out);
}

/* What is signed without anybody having said so. */
static void
note_default(struct import *import)
{
	struct buf out = BUF_INIT(800);

	for (size_t i = 0; i < ARRAY_LEN(signed_by_default); i++)
		if (!has(NAMES(signed_by_frank), view_of(signed_by_default[i])))
			add_name(&out, view_of(signed_by_default[i]));
	import_find(import, (struct import_place){NULL, 0}, VIEW("signed header fields"),
	    IMPORT_DIFFERS,
	    import_text(import,
		"Frank signs Message-ID, MIME-Version and Content-* too, and names what is "
		"not there; not signed any more: %s",
		buf_text(&out)));
	buf_fini(&out);
}

void
import_headers_read(struct import *import)
{
	read_oversigned(import);
	read_signed(import);
	read_omitted(import);
	if (import_get(import, "SignHeaders") == NULL)
		note_default(import);
}
