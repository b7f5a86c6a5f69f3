/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/map.h"

#include "ctl/show.h"
#include "ctl/watched.h"

struct rule {
	struct view text; /* "hold frank.conf:52 label" */
	uint64_t messages, accepted;
	uint64_t logins;
};

struct watched {
	struct arena *arena;
	struct map rules, logins;
	struct rule *list[WATCHED_RULES_MAX]; /* in the order of their first message */
	size_t n;
};

struct watched *
watched_new(void)
{
	struct watched *watched = mem_zeroed(1, sizeof(*watched));

	watched->arena = arena_new(0);
	map_init(&watched->rules, map_seed_random());
	map_init(&watched->logins, map_seed_random());
	return watched;
}

void
watched_free(struct watched *watched)
{
	if (watched == NULL)
		return;
	map_fini(&watched->rules);
	map_fini(&watched->logins);
	arena_free(watched->arena);
	free(watched);
}

/* NULL: there are too many to count. */
static struct rule *
rule_of(struct watched *watched, struct view text)
{
	struct rule *rule = map_get(&watched->rules, text);

	if (rule != NULL || watched->n == WATCHED_RULES_MAX)
		return rule;
	rule = arena_alloc(watched->arena, sizeof(*rule));
	rule->text = arena_view(watched->arena, text);
	map_add(&watched->rules, rule->text, rule);
	watched->list[watched->n++] = rule;
	return rule;
}

static void
count_login(struct watched *watched, struct rule *rule, struct view login)
{
	struct buf key = BUF_INIT(2048);

	buf_add(&key, rule->text);
	buf_add_char(&key, '\n');
	buf_add(&key, login);
	if (map_get(&watched->logins, buf_view(&key)) == NULL) {
		map_add(&watched->logins, arena_view(watched->arena, buf_view(&key)), rule);
		rule->logins++;
	}
	buf_fini(&key);
}

/* "hold frank.conf:52 label" as "would hold "label" (frank.conf:52)" */
static void
add_would(struct view text, struct buf *out)
{
	struct view verdict, place;

	(void)view_cut(&text, ' ', &verdict);
	(void)view_cut(&text, ' ', &place);
	buf_add_text(out, "would ");
	show_made(out, verdict);
	if (text.n > 0) {
		buf_add_text(out, " \"");
		show_made(out, text);
		buf_add_char(out, '"');
	}
	buf_add_text(out, "  ");
	show_made(out, place);
}

void
watched_add(struct watched *watched, const struct journal_row *row, struct buf *out)
{
	struct view rest = row->watch, text;

	while (rest.n > 0 && view_cut(&rest, '\n', &text)) {
		struct rule *rule = rule_of(watched, text);

		buf_add_text(out, "    ");
		add_would(text, out);
		buf_add_char(out, '\n');
		if (rule == NULL)
			continue;
		rule->messages++;
		rule->accepted += view_is(row->verdict, VIEW("accept"));
		count_login(watched, rule, row->facts.user);
	}
}

void
watched_report(struct watched *watched, struct buf *out)
{
	if (watched->n == 0)
		buf_add_text(out, "no watch rule had anything to say\n");
	for (size_t i = 0; i < watched->n; i++) {
		const struct rule *rule = watched->list[i];

		buf_add_text(out, i == 0 ? "\n" : "");
		add_would(rule->text, out);
		buf_addf(out,
		    "\n    %llu message%s of %llu login%s, %llu of them accepted\n",
		    (unsigned long long)rule->messages, rule->messages == 1 ? "" : "s",
		    (unsigned long long)rule->logins, rule->logins == 1 ? "" : "s",
		    (unsigned long long)rule->accepted);
	}
}
