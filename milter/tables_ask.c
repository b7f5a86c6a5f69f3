/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/run.h"
#include "lib/utf8.h"

#include "milter/tables_ask.h"

enum {
	ASKED_MAX = 2 * TABLES_BATCH_MAX, /* there and back */
	OUTPUT_MAX = ASKED_MAX * (TABLES_KEY_MAX + 4 * TABLES_VALUES_MAX),
	ERRORS_MAX = 64 << 10,
	EXIT_NOT_FOUND = 1,
};

/*
 * Warnings that change no answer. A server that could not be reached is one of several: if
 * it was the last, what follows is fatal.
 */
static const char *const harmless[] = {
    "overriding earlier entry",
    "duplicate entry",
    "is older than source file",
    "warning: connect to ",
    "unused parameter",
};

bool
tables_key_is_safe(struct view key)
{
	uint32_t point;

	if (key.n == 0 || key.n > TABLES_KEY_MAX)
		return false;
	while (key.n > 0) {
		size_t n = utf8_take(key, &point);
		if (n == 0 || point < ' ' || point == 0x7F)
			return false;
		key = view_from(key, n);
	}
	return true;
}

/* ---- what postmap printed ---- */

static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\r';
}

/* "value, value" as "value,value". False: nothing in it, or too much. */
static bool
item_set(struct tables_item *item, struct view values)
{
	size_t n = 0;

	for (size_t i = 0; i < values.n; i++) {
		bool is_first = i == 0 || is_separator(values.p[i - 1]);
		if (is_separator(values.p[i]))
			continue;
		if (n + 2 > sizeof(item->values))
			return false;
		if (is_first && n > 0)
			item->values[n++] = ',';
		item->values[n++] = values.p[i];
	}
	item->n_values = n;
	return n > 0;
}

/* Is LINE the answer for ITEM? */
static bool
line_is_for(struct view line, const struct tables_item *item)
{
	return line.n > item->n_key && line.p[item->n_key] == '\t' &&
	       memcmp(line.p, item->key, item->n_key) == 0;
}

bool
tables_read(struct view out, struct tables_item *items, size_t n)
{
	enum fact_answer answers[ASKED_MAX] = {ANSWER_UNKNOWN};
	size_t next = 0;
	struct view line;

	must(n <= ASKED_MAX);
	if (out.n > 0 && out.p[out.n - 1] != '\n')
		return false;
	for (size_t i = 0; i < n; i++)
		answers[i] = ANSWER_NONE;
	out = out.n > 0 ? view_head(out, out.n - 1) : VIEW_NONE;
	while (view_cut(&out, '\n', &line)) {
		while (next < n && !line_is_for(line, &items[next]))
			next++;
		if (next == n)
			return false;
		struct tables_item *item = &items[next];
		answers[next++] = item_set(item, view_from(line, item->n_key + 1))
				      ? ANSWER_FOUND
				      : ANSWER_UNKNOWN;
	}
	for (size_t i = 0; i < n; i++)
		items[i].answer = answers[i];
	return true;
}

/* Several keys are asked there and back: a b b a. */
static size_t
n_asked(size_t n)
{
	return n > 1 ? 2 * n : 1;
}

static const struct tables_item *
asked(const struct tables_item *items, size_t n, size_t i)
{
	return &items[i < n ? i : 2 * n - 1 - i];
}

static bool
is_same(const struct tables_item *a, const struct tables_item *b)
{
	return a->answer == b->answer &&
	       (a->answer != ANSWER_FOUND ||
		   (a->n_values == b->n_values &&
		       memcmp(a->values, b->values, a->n_values) == 0));
}

bool
tables_read_both(struct view out, struct tables_item *items, size_t n)
{
	if (n == 1)
		return tables_read(out, items, n);
	struct tables_item *both = mem_zeroed(n_asked(n), sizeof(*both));

	for (size_t i = 0; i < n_asked(n); i++)
		both[i] = *asked(items, n, i);
	bool is_good = tables_read(out, both, n_asked(n));
	for (size_t i = 0; is_good && i < n; i++)
		is_good = is_same(&both[i], &both[n_asked(n) - 1 - i]);
	if (is_good)
		memcpy(items, both, n * sizeof(*items));
	free(both);
	return is_good;
}

static void
words_set(char words[TABLES_WORDS_MAX], struct view text)
{
	struct view head = VIEW("postmap: ");

	if (view_starts(text, head))
		text = view_from(text, head.n);
	snprintf(words, TABLES_WORDS_MAX, "%.*s",
	    (int)view_head(text, TABLES_WORDS_MAX - 1).n, text.p);
}

static bool
is_harmless(struct view line)
{
	if (!view_has(line, VIEW("warning: ")))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (view_has(line, view_of(harmless[i])))
			return true;
	return false;
}

/* "postmap: fatal: ..." */
static bool
is_fatal(struct view line)
{
	struct view program;

	return view_cut(&line, ':', &program) && (view_starts(line, VIEW(" fatal: ")) ||
						     view_starts(line, VIEW(" panic: ")) ||
						     view_starts(line, VIEW(" error: ")));
}

enum tables_trouble
tables_judge(struct view errors, char words[TABLES_WORDS_MAX])
{
	enum tables_trouble worst = TABLES_FINE;
	struct view line;

	while (errors.n > 0 && view_cut(&errors, '\n', &line)) {
		enum tables_trouble trouble = TABLES_DOUBTFUL;

		if (line.n == 0 || is_harmless(line))
			continue;
		if (is_fatal(line))
			trouble = TABLES_FAILED;
		/* The first word on the matter tells more than the last. */
		if (trouble > worst) {
			words_set(words, line);
			worst = trouble;
		}
	}
	return worst;
}

/* ---- one run ---- */

static void
answers_set(struct tables_item *items, size_t n, enum fact_answer from, enum fact_answer to)
{
	for (size_t i = 0; i < n; i++)
		if (items[i].answer == from)
			items[i].answer = to;
}

/* False: nothing of what it said counts. */
static bool
run_judge(struct tables_item *items, size_t n, int status, const struct buf *out,
    const struct buf *errors, char words[TABLES_WORDS_MAX])
{
	enum tables_trouble trouble = tables_judge(buf_view(errors), words);

	if (trouble == TABLES_FAILED)
		return false;
	if (status != (out->n > 0 ? 0 : EXIT_NOT_FOUND)) {
		snprintf(words, TABLES_WORDS_MAX, "postmap ended with status %d", status);
		return false;
	}
	if (out->full || !tables_read_both(buf_view(out), items, n)) {
		snprintf(
		    words, TABLES_WORDS_MAX, "postmap printed something else than answers");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (items[i].answer == ANSWER_UNKNOWN && trouble == TABLES_FINE)
			snprintf(words, TABLES_WORDS_MAX,
			    "an entry is empty or longer than %d bytes", TABLES_VALUES_MAX);
	if (trouble == TABLES_DOUBTFUL || errors->full)
		answers_set(items, n, ANSWER_NONE, ANSWER_UNKNOWN);
	return true;
}

/* Of one run, or of several that share the time. */
struct asking {
	const struct tables_postmap *postmap;
	const char *table;
	int64_t until; /* monotonic */
	char *words;
};

static void
run_argv(const struct asking *asking, const char *argv[7])
{
	size_t n = 0;

	argv[n++] = asking->postmap->program;
	if (asking->postmap->config_dir != NULL) {
		argv[n++] = "-c";
		argv[n++] = asking->postmap->config_dir;
	}
	argv[n++] = "-q";
	argv[n++] = "-";
	argv[n++] = asking->table;
	argv[n] = NULL;
}

static bool
run_once(const struct asking *asking, struct tables_item *items, size_t n)
{
	struct buf keys = BUF_INIT(ASKED_MAX * (TABLES_KEY_MAX + 1));
	struct buf out = BUF_INIT(OUTPUT_MAX), errors = BUF_INIT(ERRORS_MAX);
	int left = (int)((asking->until - clock_mono()) / 1000), status;
	const char *argv[7];
	struct err err = ERR_INIT;

	run_argv(asking, argv);
	for (size_t i = 0; i < n; i++)
		items[i].answer = ANSWER_UNKNOWN;
	for (size_t i = 0; i < n_asked(n); i++) {
		const struct tables_item *item = asked(items, n, i);
		buf_add_bytes(&keys, item->key, item->n_key);
		buf_add_char(&keys, '\n');
	}
	bool is_good = run(argv, buf_view(&keys), &out, &errors, left, &status, &err) == 0;
	if (!is_good)
		snprintf(asking->words, TABLES_WORDS_MAX, "%.255s", err.text);
	else
		is_good = run_judge(items, n, status, &out, &errors, asking->words);
	buf_fini(&keys);
	buf_fini(&out);
	buf_fini(&errors);
	return is_good;
}

static bool
is_answered(const struct tables_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (items[i].answer != ANSWER_UNKNOWN)
			return true;
	return false;
}

bool
tables_ask(const struct tables_postmap *postmap, const char *table,
    struct tables_item *items, size_t n, char words[TABLES_WORDS_MAX])
{
	const struct asking asking = {.postmap = postmap,
	    .table = table,
	    .until = clock_mono() + (int64_t)postmap->milliseconds * 1000,
	    .words = words};
	unsigned failed = 0;

	must(n > 0 && n <= TABLES_BATCH_MAX);
	words[0] = '\0';
	if (run_once(&asking, items, n))
		return is_answered(items, n);
	for (size_t i = 0; n > 1 && i < n && failed < TABLES_GIVE_UP; i++) {
		if (clock_mono() >= asking.until)
			break;
		failed = run_once(&asking, &items[i], 1) ? 0 : failed + 1;
	}
	return is_answered(items, n);
}
