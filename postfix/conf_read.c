/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "postfix/conf.h"
#include "postfix/program.h"

enum { PATIENCE_MS = 5000, SAID_MAX = 16384 };

/* SAID is what it warns of, the same every time. */
static int
ask(const char *config, const char *option, struct arena *arena, struct view *ret_text,
    struct view *ret_said, struct err *err)
{
	const char *const options[] = {option, NULL};
	const struct postfix_program program = {.name = "postconf",
	    .config = config,
	    .options = options,
	    .milliseconds = PATIENCE_MS};
	struct buf out = BUF_INIT(POSTFIX_CONF_MAX), said = BUF_INIT(SAID_MAX);
	int result = postfix_run(&program, &out, &said, err);

	if (result == 0 && out.full)
		result = err_set(err, ERR_LIMIT, "postconf prints more than %d MB",
		    POSTFIX_CONF_MAX >> 20);
	if (result == 0) {
		*ret_text = arena_view(arena, buf_view(&out));
		*ret_said = arena_view(arena, buf_view(&said));
	}
	buf_fini(&out);
	buf_fini(&said);
	return result;
}

int
postfix_conf_read(const char *config, struct arena *arena, struct postfix_conf **ret_conf,
    struct err *err)
{
	struct postfix_conf_texts texts = {.values = VIEW_NONE};
	const struct {
		const char *option;
		struct view *text;
	} parts[] = {
	    {"-x", &texts.evaluated},
	    {"-M", &texts.services},
	    {"-P", &texts.overrides},
	    {NULL, &texts.values},
	    {"-n", &texts.set},
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (ask(config, parts[i].option, arena, parts[i].text, &texts.warnings,
			err) == -1)
			return -1;
	*ret_conf = postfix_conf_new(&texts, arena);
	return 0;
}
