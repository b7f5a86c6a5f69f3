/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* The input as what postconf prints, its parts with a line "%" between: values, services,
 * overrides. Every value of every service comes to an end, and within its limit; items of
 * lists lie within the list. */

#include <stdint.h>

#include "lib/bug.h"
#include "postfix/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each item costs at least its bytes, so this ends. */
static void
walk_list(struct view list)
{
	struct view rest = list, item;

	while (postfix_list_next(&rest, &item)) {
		must(item.n > 0 && item.p >= list.p && item.p + item.n <= list.p + list.n);
		must(postfix_unbrace(item).n <= item.n);
		must(postfix_seconds(item, 's') >= -1);
	}
}

static void
ask_all(const struct postfix_ask *ask, struct view values)
{
	struct view line, name, value;

	while (view_cut(&values, '\n', &line)) {
		if (!view_cut(&line, '=', &name))
			continue;
		if (postfix_conf_value(ask, view_trim(name), &value) != 1)
			continue;
		must(value.n <= POSTFIX_VALUE_MAX);
		walk_list(value);
	}
}

/* Up to a line "%". */
static struct view
take_part(struct view *rest)
{
	struct view part = *rest, line;
	const char *start = rest->p;

	while (view_cut(rest, '\n', &line)) {
		if (view_is(line, VIEW("%")))
			return (struct view){start, (size_t)(line.p - start)};
	}
	return part;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { SIZE_MAX_BYTES = 4096 };
	struct view rest = {(const char *)data, size};
	struct arena *arena;
	size_t n;

	if (size > SIZE_MAX_BYTES)
		return 0;
	arena = arena_new(0);
	struct postfix_conf_texts texts = {.values = take_part(&rest)};
	texts.services = take_part(&rest);
	texts.overrides = take_part(&rest);
	const struct postfix_conf *conf = postfix_conf_new(&texts, arena);
	struct postfix_ask ask = {.conf = conf, .arena = arena};
	const struct postfix_service *services = postfix_conf_services(conf, &n);
	ask_all(&ask, texts.values);
	for (size_t i = 0; i < n; i++) {
		ask.service = &services[i];
		must(ask.service->command.n > 0);
		(void)postfix_conf_is_chrooted(&ask, ask.service);
		ask_all(&ask, texts.values);
	}
	arena_free(arena);
	return 0;
}
