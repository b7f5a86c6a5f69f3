/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "ctl/import.h"

/* opendkim.conf: one setting a line, its value behind blanks, '#' ends the line. */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct import_setting *
import_get(struct import *import, const char *name)
{
	for (size_t i = import->settings.n; i > 0; i--) {
		const struct import_known *known = import->settings.at[i - 1].known;

		if (known != NULL && strcmp(known->name, name) == 0)
			return &import->settings.at[i - 1];
	}
	return NULL;
}

/* As OpenDKIM: the first byte counts. 1, 0, or -1: neither. */
static int
truth(struct view value)
{
	if (value.n > 0 && strchr("tTyY1", value.p[0]) != NULL)
		return 1;
	if (value.n > 0 && strchr("fFnN0", value.p[0]) != NULL)
		return 0;
	return -1;
}

bool
import_is_on(struct import *import, const char *name)
{
	const struct import_setting *setting = import_get(import, name);

	return setting != NULL && truth(setting->value) == 1;
}

static bool
is_number(struct view value)
{
	char text[32], *end;

	if (value.n >= sizeof(text))
		return false;
	memcpy(text, value.p, value.n);
	text[value.n] = '\0';
	(void)strtoll(text, &end, 0);
	return *end == '\0';
}

static void
check_value(struct import *import, const struct import_setting *setting)
{
	if (setting->value.n == 0)
		import_error(import, setting->place,
		    "%.*s has no value: OpenDKIM refuses this file, too",
		    VIEW_ARG(setting->name));
	else if (setting->known == NULL)
		return;
	else if (setting->known->type == IMPORT_BOOLEAN && truth(setting->value) == -1)
		import_error(import, setting->place, "%.*s is yes or no, not '%.*s'",
		    VIEW_ARG(setting->name), VIEW_ARG(setting->value));
	else if (setting->known->type == IMPORT_NUMBER && !is_number(setting->value))
		import_error(import, setting->place, "%.*s is a number, not '%.*s'",
		    VIEW_ARG(setting->name), VIEW_ARG(setting->value));
}

/* False: there is nothing on this line. */
static bool
split(struct view line, struct view *ret_name, struct view *ret_value)
{
	size_t n = 0;

	while (n < line.n && line.p[n] != '#' && line.p[n] != '\r')
		n++;
	line = view_trim(view_head(line, n));
	if (line.n == 0)
		return false;
	for (n = 0; n < line.n && !is_blank(line.p[n]); n++)
		continue;
	*ret_name = view_head(line, n);
	*ret_value = view_trim(view_from(line, n));
	return true;
}

static void read_level(
    struct import *import, struct import_place place, struct view path, unsigned level);

static void
take_line(
    struct import *import, struct import_place place, struct view line, unsigned level)
{
	struct import_setting *setting;
	struct view name, value;

	if (memchr(line.p, '\0', line.n) != NULL) {
		import_error(import, place, "a NUL byte: this is no configuration");
		return;
	}
	if (!split(line, &name, &value))
		return;
	if (import->settings.n >= IMPORT_SETTINGS_MAX) {
		import_error(import, place, "more than %d settings", IMPORT_SETTINGS_MAX);
		return;
	}
	setting = LIST_ADD(import->arena, &import->settings);
	*setting = (struct import_setting){
	    .place = place,
	    .known = import_known_find(name),
	    .name = name,
	    .value = value,
	};
	check_value(import, setting);
	if (value.n > 0 && view_is_nocase(name, VIEW("Include"))) {
		import_say(import, setting, IMPORT_CARRIED, "read");
		read_level(import, place, value, level + 1);
	}
}

static void
read_level(
    struct import *import, struct import_place place, struct view path, unsigned level)
{
	struct buf content = BUF_INIT(IMPORT_CONF_MAX);
	struct err err = ERR_INIT;
	struct view rest, line;

	if (level > IMPORT_LEVELS_MAX) {
		import_error(import, place, "files are included more than %d levels deep",
		    IMPORT_LEVELS_MAX);
		return;
	}
	if (level > 0 && path.p[0] != '/') {
		import_error(import, place,
		    "'%.*s' is looked for where opendkim was started: write the whole path",
		    VIEW_ARG(path));
		return;
	}
	struct import_place here = {arena_text(import->arena, path), 0};
	if (file_read(here.file, &content, &err) < 0) {
		import_error_file(import, place, &err);
	} else {
		rest = arena_view(import->arena, buf_view(&content));
		while (view_cut(&rest, '\n', &line)) {
			here.line++;
			take_line(import, here, line, level);
		}
	}
	buf_fini(&content);
}

/* Those that stand again further down do not count. */
static void
say_repeated(struct import *import)
{
	for (size_t i = 0; i < import->settings.n; i++) {
		struct import_setting *setting = &import->settings.at[i];
		const struct import_setting *last;

		if (setting->known == NULL || setting->is_said)
			continue;
		last = import_get(import, setting->known->name);
		if (last != NULL && last != setting)
			import_say(import, setting, IMPORT_LEFT,
			    import_text(import, "it stands again at %s:%u, which counts",
				last->place.file, last->place.line));
	}
}

static void
say_unknown(struct import *import)
{
	for (size_t i = 0; i < import->settings.n; i++) {
		struct import_setting *setting = &import->settings.at[i];
		const char *guess;

		if (setting->known != NULL)
			continue;
		guess = import_known_guess(setting->name);
		import_say(import, setting, IMPORT_LOOK,
		    guess == NULL
			? "unknown: OpenDKIM 2.11 has no such setting"
			: import_text(import,
			      "unknown: OpenDKIM 2.11 has no such setting, but %s", guess));
	}
}

void
import_conf_read(struct import *import, const char *path)
{
	read_level(import, (struct import_place){path, 0}, view_of(path), 0);
	say_repeated(import);
	say_unknown(import);
}
