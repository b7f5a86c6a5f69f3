/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_ASK_H
#define MILTER_TABLES_ASK_H

/*
 * Asking a table of Postfix through postmap(1): keys in, one a line; "key TAB value" out,
 * nothing for keys that are not there.
 *
 * postmap -q says "not found" and "could not be asked" with the same exit status, and what
 * it found before it failed is lost. So an answer counts only when all of it is understood:
 * the lines are those of the keys that were asked, in their order; the status fits; and
 * stderr, where Postfix says what is wrong, has nothing that puts it in doubt. A failed
 * look-up is always fatal there. Beside a warning, what was found counts; what was not
 * found is unknown, unless the warning is one of those that change no answer.
 *
 * A value may hold a line end and then look like the answer to a key asked after it (SQL,
 * LDAP). So the keys of a batch are asked there and back, and both answers must be the
 * same: what one value says of another key does not fit in both directions.
 *
 * A batch that fails is asked again key by key, so that one key that a table cannot cope
 * with costs only itself; after TABLES_GIVE_UP failures in a row it is the table.
 *
 * Any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/view.h"
#include "milter/tables_wire.h"
#include "policy/facts.h"

enum {
	TABLES_BATCH_MAX = 32, /* keys in one run */
	TABLES_GIVE_UP = 3,
};

struct tables_item {
	uint64_t id; /* the caller's */
	size_t n_key, n_values;
	enum fact_answer answer;
	char key[TABLES_KEY_MAX];
	char values[TABLES_VALUES_MAX]; /* "value,value" */
};

struct tables_postmap {
	const char *program;    /* an absolute path */
	const char *config_dir; /* Postfix's; NULL: its default */
	int milliseconds;       /* for one run */
};

/*
 * Can KEY be asked on a line of its own, and told apart in the output? No controls (a line
 * end, a tab), no NUL, UTF-8, not empty and at most TABLES_KEY_MAX bytes. Any other key is
 * unknown, since a table might have it.
 */
bool tables_key_is_safe(struct view key);

/*
 * Ask TABLE ("type:name") for the keys of ITEMS (1 to TABLES_BATCH_MAX, all safe) and set
 * their answers. WORDS is empty, or what was wrong, in Postfix's words. False: no key was
 * answered.
 */
bool tables_ask(const struct tables_postmap *postmap, const char *table,
    struct tables_item *items, size_t n, char words[TABLES_WORDS_MAX]);

/* ---- the parts of it, for tests ---- */

/* OUT is what postmap printed. False: something else than answers to ITEMS; nothing is
 * set then. */
bool tables_read(struct view out, struct tables_item *items, size_t n);

/* The same of keys that were asked there and back (a b b a); one key is asked once. */
bool tables_read_both(struct view out, struct tables_item *items, size_t n);

/* What postmap said on stderr: nothing of weight, something that may keep it from finding
 * a key, or that it failed. WORDS gets the worst of it. */
enum tables_trouble { TABLES_FINE, TABLES_DOUBTFUL, TABLES_FAILED };
enum tables_trouble tables_judge(struct view errors, char words[TABLES_WORDS_MAX]);

#endif
