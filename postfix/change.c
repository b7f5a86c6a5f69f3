/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "postfix/change.h"
#include "postfix/program.h"

#define POSTSUPER "postsuper: "

enum {
	ID_MIN = 6,
	SUPER_MS = 30000,
	FLUSH_MS = 20000, /* for all of a batch */
	IDS_MAX = POSTFIX_BATCH * (POSTFIX_ID_MAX + 1),
	SAPOSTFIX_ID_MAX = 64 << 10,
	NOTHING_MAX = 4096,
};

static const struct {
	const char *name;
	const char *options[POSTFIX_OPTIONS_MAX];
	const char *words; /* of postsuper's */
	bool flush;        /* or it would wait in the deferred queue for the next run */
} verbs[POSTFIX_VERBS] = {
    [POSTFIX_RELEASE] = {"release", {"-H", "-", "hold"}, "released from hold", true},
    /* Without "hold" mail that somebody else let go meanwhile would be returned, too. */
    [POSTFIX_BOUNCE] = {"bounce", {"-f", "-", "hold"}, "released from hold", true},
    [POSTFIX_DELETE] = {"delete", {"-d", "-", "hold"}, "removed", false},
    [POSTFIX_SWEEP] = {"sweep", {"-h", "-"}, "placed on hold", false},
};

bool
postfix_is_id(struct view id)
{
	/* "postsuper -h ALL" is about everybody's mail. It is too short for an id anyway;
	 * this must not depend on how short those may be. */
	if (id.n < ID_MIN || id.n > POSTFIX_ID_MAX || view_is_nocase(id, VIEW("ALL")))
		return false;
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
			return false;
	}
	return true;
}

const char *
postfix_verb_name(enum postfix_verb verb)
{
	must(verb < POSTFIX_VERBS);
	return verbs[verb].name;
}

const char *
postfix_verb_words(enum postfix_verb verb)
{
	must(verb < POSTFIX_VERBS);
	return verbs[verb].words;
}

int
postfix_verb_find(struct view name, enum postfix_verb *ret_verb)
{
	for (int i = 0; i < POSTFIX_VERBS; i++)
		if (view_is(name, view_of(verbs[i].name))) {
			*ret_verb = (enum postfix_verb)i;
			return 1;
		}
	return 0;
}

/* "postsuper: 4cXyZ71kq: released from hold" */
void
postfix_words_read(const struct postfix_change *change, struct view text)
{
	struct view words = view_of(verbs[change->verb].words), line, id;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (!view_starts(line, VIEW(POSTSUPER)))
			continue;
		line = view_from(line, strlen(POSTSUPER));
		(void)view_cut(&line, ':', &id);
		if (view_is(view_trim(line), words) && postfix_is_id(id))
			change->done(change->context, id);
	}
}

void
postfix_words_add(enum postfix_verb verb, struct view id, struct buf *out)
{
	buf_addf(out, POSTSUPER "%.*s: %s\n", VIEW_ARG(id), verbs[verb].words);
}

/* ---- what is done, and what has to follow ---- */

struct flush {
	const struct postfix_change *change;
	const char *config;
	int64_t end; /* monotonic */
	struct view ids[POSTFIX_BATCH];
	size_t n;
};

static void
on_done(void *context, struct view id)
{
	struct flush *flush = context;

	if (flush->n < POSTFIX_BATCH)
		flush->ids[flush->n++] = id;
	flush->change->done(flush->change->context, id);
}

/* Postfix flushes one message a command. How many it could not. */
static size_t
flush_them(struct flush *flush)
{
	char id[POSTFIX_ID_MAX + 1];
	const char *const options[] = {"-i", id, NULL};
	size_t late = 0;

	for (size_t i = 0; i < flush->n; i++) {
		struct buf out = BUF_INIT(NOTHING_MAX), said = BUF_INIT(NOTHING_MAX);
		int64_t left = (flush->end - clock_mono()) / 1000;
		struct postfix_program program = {.name = "postqueue",
		    .config = flush->config,
		    .options = options,
		    .milliseconds = left > 0 ? (int)left : 0};

		snprintf(id, sizeof(id), "%.*s", VIEW_ARG(flush->ids[i]));
		if (left <= 0 || postfix_run(&program, &out, &said, NULL) == -1)
			late++;
		buf_fini(&out);
		buf_fini(&said);
	}
	return late;
}

int
postfix_change(const char *config, const struct postfix_change *change, size_t *ret_late,
    struct err *err)
{
	struct flush flush = {.change = change, .config = config};
	const struct postfix_change told = {
	    .verb = change->verb, .done = on_done, .context = &flush};
	struct buf input = BUF_INIT(IDS_MAX), out = BUF_INIT(NOTHING_MAX),
		   said = BUF_INIT(SAPOSTFIX_ID_MAX);

	must(change->verb < POSTFIX_VERBS && change->n <= POSTFIX_BATCH);
	for (size_t i = 0; i < change->n; i++) {
		must(postfix_is_id(change->ids[i]));
		buf_add(&input, change->ids[i]);
		buf_add_char(&input, '\n');
	}
	const struct postfix_program program = {.name = "postsuper",
	    .config = config,
	    .options = verbs[change->verb].options,
	    .input = buf_view(&input),
	    .milliseconds = SUPER_MS};
	int result = postfix_run(&program, &out, &said, err);
	/* Also of one that broke off in the middle. */
	postfix_words_read(&told, buf_view(&said));
	flush.end = clock_mono() + INT64_C(1000) * FLUSH_MS;
	*ret_late = verbs[change->verb].flush ? flush_them(&flush) : 0;
	buf_fini(&input);
	buf_fini(&out);
	buf_fini(&said);
	return result;
}
