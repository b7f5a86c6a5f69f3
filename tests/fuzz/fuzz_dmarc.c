/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The first line is an author's domain; each line behind it stands at _dmarc of the name
 * that begins it (before a blank), or of every name when that is '*'. Parsing keeps to the
 * record, both discoveries end within their questions, and come to the same whether the
 * answers are there or come in one after the other.
 */

#include <stdint.h>
#include <string.h>

#include "auth/align.h"
#include "auth/dmarc.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 32, ROUNDS_MAX = 3, QUERIES_MAX = 9, PROBLEMS_MAX = 1 << 16 };

struct world {
	struct view names[LINES_MAX], texts[LINES_MAX];
	uint32_t n;
	unsigned queries;
};

static void
check_within(struct view part, struct view whole)
{
	must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void
check_record(struct view text)
{
	struct buf problems = BUF_INIT(PROBLEMS_MAX);
	struct dmarc_record record, again;
	struct err err = ERR_INIT;
	int result = dmarc_parse(text, &record, &problems, &err);

	must((result == -1) == (err.code != ERR_NONE));
	must(result == dmarc_parse(text, &again, NULL, NULL));
	for (size_t i = 0; i < problems.n; i++)
		must(problems.p[i] == '\n' || (unsigned char)problems.p[i] >= ' ');
	if (result == 1) {
		check_within(record.rua, text);
		check_within(record.ruf, text);
		check_within(record.fo, text);
		check_within(record.rf, text);
		must(record.pct <= 100 && record.p <= DMARC_ASKS_REJECT);
		must(record.has_sp || record.sp == record.p);
		must(record.has_np || record.np == record.sp);
	}
	buf_fini(&problems);
}

static const struct dns_answer *
answer_of(
    struct world *world, struct answers *answers, enum dns_type type, struct view name)
{
	struct dns_record records[LINES_MAX];
	struct dns_answer answer = {.name = name,
	    .type = type,
	    .state = DNS_NO_NAME,
	    .records = records,
	    .ttl = 60};

	must(type == DNS_A || view_starts(name, VIEW("_dmarc.")));
	for (uint32_t i = 0; i < world->n && type == DNS_TXT; i++)
		if (view_is(world->names[i], VIEW("*")) ||
		    view_is(world->names[i], view_from(name, 7)))
			records[answer.n++].data = world->texts[i];
	if (answer.n > 0)
		answer.state = DNS_FOUND;
	if (answer.n > 0 && view_is(records[0].data, VIEW("!")))
		answer = (struct dns_answer){
		    .name = name, .type = type, .state = DNS_FAILED, .ttl = 1};
	world->queries++;
	must(answers_add(answers, &answer));
	return answers_at(answers, answers_count(answers) - 1);
}

/* What is wanted and already known must not be asked again. */
static void
fetch(struct world *world, struct answers *answers, bool only_one)
{
	size_t n = answers_wanted(answers);

	must(n > 0);
	for (size_t i = 0; i < n && (i == 0 || !only_one); i++) {
		enum dns_type type;
		struct view name;

		answers_wanted_at(answers, i, &type, &name);
		(void)answer_of(world, answers, type, name);
	}
	answers_want_none(answers);
}

typedef void find_fn(struct view domain, lookup_fn lookup, void *context,
    struct arena *arena, struct dmarc_found *ret_found);

static void
try_way(struct world *world, find_fn *by, struct view domain, struct arena *arena)
{
	struct dmarc_found at_once, one_by_one;

	for (int only_one = 0; only_one < 2; only_one++) {
		struct dmarc_found *found = only_one ? &one_by_one : &at_once;
		struct answers *answers = answers_new(arena);
		unsigned rounds = 0;

		world->queries = 0;
		for (;;) {
			by(domain, answers_lookup, answers, arena, found);
			if (found->state != DMARC_PENDING)
				break;
			must(++rounds <= (only_one ? QUERIES_MAX : ROUNDS_MAX));
			fetch(world, answers, only_one);
		}
		must(world->queries <= QUERIES_MAX);
	}
	must(at_once.state == one_by_one.state && at_once.asks == one_by_one.asks);
	must(view_is(at_once.domain, one_by_one.domain));
	check_within(at_once.organizational, domain);
	check_within(at_once.domain, domain);
	if (at_once.state == DMARC_PRESENT)
		must(align_is_within(domain, at_once.domain));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = {(const char *)data, size}, domain, line;
	struct arena *arena = arena_new(0);
	struct world world = {.n = 0};

	if (size == 0 || !view_cut(&rest, '\n', &domain))
		domain = VIEW("example.org");
	while (rest.n > 0 && world.n < LINES_MAX && view_cut(&rest, '\n', &line)) {
		struct view name = VIEW("*");

		if (view_has_char(line, ' '))
			(void)view_cut(&line, ' ', &name);
		check_record(line);
		world.names[world.n] = name;
		world.texts[world.n++] = line;
	}
	check_record((struct view){(const char *)data, size});
	try_way(&world, dmarc_by_list, domain, arena);
	try_way(&world, dmarc_by_tree, domain, arena);
	arena_free(arena);
	return 0;
}
