/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/dmarc.h"
#include "lib/bug.h"

/* Both ways to a record, in worlds of a few lines. */

enum { TEXT_MAX = 4096, ROUNDS_MAX = 4 };

/*
 * ZONE: lines "NAME TEXT", TEXT a TXT record of _dmarc.NAME, or one of !failed, !silent,
 * !empty (the name is there, without such a record). "a NAME" is a name that has an
 * address. All other names do not exist.
 */
struct world {
	const char *zone;
	struct arena *arena;
	struct answers *answers;
	unsigned rounds, queries;
};

static bool
take_line(struct view *zone, struct view *ret_name, struct view *ret_text)
{
	if (zone->n == 0 || !view_cut(zone, '\n', ret_text))
		return false;
	if (!view_cut(ret_text, ' ', ret_name))
		*ret_name = VIEW("");
	return true;
}

static void
answer(struct world *world, enum dns_type type, struct view asked)
{
	struct dns_record records[4];
	struct dns_answer got = {.name = asked,
	    .type = type,
	    .state = DNS_NO_NAME,
	    .records = records,
	    .ttl = 100 + world->queries};
	struct view zone = view_of(world->zone), name, text;
	struct view domain = asked;

	if (type == DNS_TXT) {
		assert_true(view_starts(asked, VIEW("_dmarc.")));
		domain = view_from(asked, 7);
	}
	while (take_line(&zone, &name, &text)) {
		if (type == DNS_A && view_is(name, VIEW("a")) && view_is(text, domain))
			got.state = DNS_NO_DATA;
		if (type != DNS_TXT || !view_is(name, domain))
			continue;
		if (view_is(text, VIEW("!failed")))
			got.state = DNS_FAILED;
		else if (view_is(text, VIEW("!silent")))
			got.state = DNS_NO_ANSWER;
		else if (view_is(text, VIEW("!empty")))
			got.state = DNS_NO_DATA;
		else {
			got.state = DNS_FOUND;
			records[got.n++].data = text;
		}
	}
	world->queries++;
	assert_true(answers_add(world->answers, &got));
}

typedef void find_fn(struct view domain, lookup_fn lookup, void *context,
    struct arena *arena, struct dmarc_found *ret_found);

/* As the dns process runs it: until nothing is wanted. */
static void
find(struct world *world, find_fn *by, const char *domain, struct dmarc_found *ret_found)
{
	world->arena = arena_new(0);
	world->answers = answers_new(world->arena);
	for (world->rounds = 0; world->rounds < ROUNDS_MAX; world->rounds++) {
		by(view_of(domain), answers_lookup, world->answers, world->arena,
		    ret_found);
		if (ret_found->state != DMARC_PENDING)
			return;
		assert_int_not_equal(answers_wanted(world->answers), 0);
		for (size_t i = 0; i < answers_wanted(world->answers); i++) {
			enum dns_type type;
			struct view name;

			answers_wanted_at(world->answers, i, &type, &name);
			answer(world, type, name);
		}
		answers_want_none(world->answers);
	}
	fail_msg("%s: no end", domain);
}

static void
show(const struct dmarc_found *found, struct buf *out)
{
	static const char *const asks[] = {[DMARC_ASKS_NONE] = "none",
	    [DMARC_ASKS_QUARANTINE] = "quarantine",
	    [DMARC_ASKS_REJECT] = "reject"};

	if (found->state == DMARC_UNANSWERED)
		buf_add_text(out, "unanswered");
	else if (found->state == DMARC_ABSENT)
		buf_add_text(out, "absent");
	else
		buf_addf(out, "%s of %.*s", asks[found->asks], VIEW_ARG(found->domain));
	buf_addf(out, ", org %.*s", VIEW_ARG(found->organizational));
}

struct find_case {
	const char *domain, *zone, *want;
};

static void
check(find_fn *by, const struct find_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct world world = {.zone = cases[i].zone};
		struct buf got = BUF_INIT(TEXT_MAX);
		struct dmarc_found found;

		find(&world, by, cases[i].domain, &found);
		show(&found, &got);
		if (strcmp(buf_text(&got), cases[i].want) != 0)
			fail_msg("%s in\n%s\ngot  %s\nwant %s", cases[i].domain,
			    cases[i].zone, buf_text(&got), cases[i].want);
		buf_fini(&got);
		arena_free(world.arena);
	}
}

#define REJECT     "v=DMARC1; p=reject"
#define QUARANTINE "v=DMARC1; p=quarantine"

static const struct find_case listed[] = {
    {"example.org", "example.org " REJECT, "reject of example.org, org example.org"},
    {"example.org", "", "absent, org example.org"},
    {"example.org", "example.org !empty", "absent, org example.org"},
    {"example.org", "example.org v=spf1 -all\nexample.org " REJECT,
	"reject of example.org, org example.org"},
    {"example.org", "example.org v=spf1 -all", "absent, org example.org"},
    /* The author's own record comes first, also for what it asks. */
    {"a.b.example.org", "a.b.example.org v=DMARC1; p=none; sp=reject\nexample.org " REJECT,
	"none of a.b.example.org, org example.org"},
    {"a.b.example.org", "example.org " REJECT, "reject of example.org, org example.org"},
    {"a.example.org", "example.org v=DMARC1; p=none; sp=quarantine; np=reject",
	"quarantine of example.org, org example.org"},
    /* Only these two names are asked. */
    {"a.b.example.org", "b.example.org " REJECT, "absent, org example.org"},
    {"example.co.uk", "co.uk " REJECT, "absent, org example.co.uk"},
    {"co.uk", "co.uk " REJECT, "reject of co.uk, org co.uk"},
    {"a.example.co.uk", "example.co.uk " REJECT,
	"reject of example.co.uk, org example.co.uk"},
    /* More than one record is none, and ends the search. */
    {"example.org", "example.org " REJECT "\nexample.org " QUARANTINE,
	"absent, org example.org"},
    {"a.example.org",
	"a.example.org " REJECT "\na.example.org v=DMARC1\nexample.org " REJECT,
	"absent, org example.org"},
    {"a.example.org", "a.example.org v=DMARC1; p=x\nexample.org " REJECT,
	"absent, org example.org"},
    {"example.org", "example.org v=DMARC1; p=x; rua=mailto:a@example.org",
	"none of example.org, org example.org"},
    {"example.org", "example.org v=DMARC1", "absent, org example.org"},
    {"example.org", "example.org v=DMARC1; rua=mailto:a@example.org",
	"none of example.org, org example.org"},
    /* np= is of RFC 9989 alone; of two tags the stricter counts. */
    {"example.org", "example.org " REJECT "; np=bogus",
	"reject of example.org, org example.org"},
    {"example.org", "example.org " REJECT "; p=none",
	"reject of example.org, org example.org"},
    /* pct= */
    {"example.org", "example.org " REJECT "; pct=0",
	"quarantine of example.org, org example.org"},
    {"example.org", "example.org " QUARANTINE "; pct=0",
	"none of example.org, org example.org"},
    {"example.org", "example.org " REJECT "; pct=1; t=y",
	"reject of example.org, org example.org"},
    /* nobody knows */
    {"example.org", "example.org !silent", "unanswered, org example.org"},
    {"example.org", "example.org !failed", "unanswered, org example.org"},
    {"a.example.org", "example.org !failed", "unanswered, org example.org"},
    {"a.example.org", "a.example.org !failed\nexample.org " REJECT,
	"unanswered, org example.org"},
    {"a.example.org", "a.example.org " REJECT "\nexample.org !failed",
	"reject of a.example.org, org example.org"},
    {"[192.0.2.1]", "", "absent, org [192.0.2.1]"},
    {"", "", "absent, org "},
};

static void
by_the_list(void **state)
{
	(void)state;
	check(dmarc_by_list, listed, ARRAY_LEN(listed));
}

static const struct find_case walked[] = {
    {"example.org", "example.org " REJECT, "reject of example.org, org example.org"},
    {"a.b.example.org", "", "absent, org a.b.example.org"},
    {"a.b.example.org", "example.org " REJECT, "reject of example.org, org example.org"},
    /* The shortest name with a record is the Organizational Domain. */
    {"a.b.example.org", "b.example.org " QUARANTINE "\nexample.org " REJECT,
	"reject of example.org, org example.org"},
    {"a.b.example.org", "b.example.org " QUARANTINE,
	"quarantine of b.example.org, org b.example.org"},
    {"a.b.example.org", "a.b.example.org v=DMARC1; p=none\nexample.org " REJECT,
	"none of a.b.example.org, org example.org"},
    {"a.example.co.uk", "uk " REJECT, "reject of uk, org uk"},
    /* psd=n ends the walk */
    {"a.b.example.org",
	"b.example.org " QUARANTINE "; psd=n\nexample.org " REJECT "\norg !failed",
	"quarantine of b.example.org, org b.example.org"},
    {"a.b.example.org", "a.b.example.org v=DMARC1; p=none; psd=n\nexample.org " REJECT,
	"none of a.b.example.org, org a.b.example.org"},
    /* psd=y: one label below it */
    {"a.b.example.org", "org " REJECT "; psd=y", "reject of org, org example.org"},
    {"a.b.example.org", "example.org " REJECT "; psd=y\norg " QUARANTINE,
	"reject of example.org, org b.example.org"},
    {"a.b.example.org", "b.example.org " QUARANTINE "\norg " REJECT "; psd=y",
	"reject of org, org example.org"},
    {"a.b.example.org", "example.org " QUARANTINE "\norg " REJECT "; psd=y",
	"quarantine of example.org, org example.org"},
    {"example.org", "example.org " REJECT "; psd=y\norg " QUARANTINE,
	"reject of example.org, org example.org"},
    {"a.b.c.d.e.f.g.h.i.example.org",
	"g.h.i.example.org !empty\n"
	"e.f.g.h.i.example.org " REJECT "; psd=y",
	"reject of e.f.g.h.i.example.org, org d.e.f.g.h.i.example.org"},
    /* sp, np, t */
    {"a.example.org", "example.org v=DMARC1; p=none; sp=quarantine; np=reject",
	"reject of example.org, org example.org"},
    {"a.example.org",
	"example.org v=DMARC1; p=none; sp=quarantine; np=reject\na a.example.org",
	"quarantine of example.org, org example.org"},
    {"a.example.org",
	"example.org v=DMARC1; p=none; sp=quarantine; np=reject\n"
	"a.example.org !empty",
	"quarantine of example.org, org example.org"},
    {"example.org", "example.org v=DMARC1; p=none; sp=quarantine; np=reject",
	"none of example.org, org example.org"},
    {"a.example.org", "example.org v=DMARC1; p=none; np=reject; t=y",
	"quarantine of example.org, org example.org"},
    {"example.org", "example.org " REJECT "; np=bogus", "absent, org example.org"},
    {"example.org", "example.org " REJECT "; np=bogus; rua=mailto:a@example.org",
	"none of example.org, org example.org"},
    {"example.org", "example.org " REJECT "; t=y; pct=0",
	"quarantine of example.org, org example.org"},
    {"example.org", "example.org " QUARANTINE "; t=y",
	"none of example.org, org example.org"},
    /* More than one record is none, and the walk goes on. */
    {"a.example.org",
	"a.example.org " REJECT "\na.example.org v=DMARC1\nexample.org " QUARANTINE,
	"quarantine of example.org, org example.org"},
    {"a.example.org", "a.example.org v=spf1 -all\nexample.org " QUARANTINE,
	"quarantine of example.org, org example.org"},
    {"a.example.org", "a.example.org v=DMARC1; p=x\nexample.org " REJECT,
	"absent, org example.org"},
    {"a.example.org", "example.org v=DMARC1; p=x\norg " REJECT, "reject of org, org org"},
    {"example.org", "example.org v=DMARC1", "none of example.org, org example.org"},
    /* nobody knows */
    {"a.example.org", "example.org " REJECT "\norg !failed", "unanswered, org "},
    {"a.example.org", "a.example.org !silent\nexample.org " REJECT, "unanswered, org "},
    {"[192.0.2.1]", "", "absent, org [192.0.2.1]"},
    {"", "", "absent, org "},
    {"org", "org " REJECT, "reject of org, org org"},
};

static void
by_the_tree(void **state)
{
	(void)state;
	check(dmarc_by_tree, walked, ARRAY_LEN(walked));
}

/* RFC 9989 4.10: eight questions, whatever the name; and all of them at once. */
static void
walks_are_short(void **state)
{
	static const struct {
		const char *domain;
		unsigned queries;
	} cases[] = {
	    {"org", 1},
	    {"example.org", 2},
	    {"b.c.d.e.f.example.org", 7},
	    {"a.b.c.d.e.f.example.org", 8},
	    {"z.a.b.c.d.e.f.example.org", 8},
	    {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.example.org", 8},
	};
	struct dmarc_found found;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct world world = {.zone = ""};

		find(&world, dmarc_by_tree, cases[i].domain, &found);
		if (world.queries != cases[i].queries || world.rounds != 1)
			fail_msg("%s: %u queries in %u rounds, want %u in 1",
			    cases[i].domain, world.queries, world.rounds, cases[i].queries);
		arena_free(world.arena);
	}
	struct world list = {.zone = ""};
	find(&list, dmarc_by_list, "a.b.c.example.org", &found);
	assert_int_equal(list.queries, 2);
	assert_int_equal(list.rounds, 1);
	assert_int_equal(found.ttl, 100); /* of 100 and 101 */
	arena_free(list.arena);
}

/* The names that a walk of a long name asks for: RFC 9989 4.10's own example. */
static void
names_are_shortened(void **state)
{
	static const char *const want[] = {"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
	    "_dmarc.g.h.i.j.mail.example.com", "_dmarc.h.i.j.mail.example.com",
	    "_dmarc.i.j.mail.example.com", "_dmarc.j.mail.example.com",
	    "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com"};
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct dmarc_found found;

	(void)state;
	dmarc_by_tree(VIEW("a.b.c.d.e.f.g.h.i.j.mail.example.com"), answers_lookup, answers,
	    arena, &found);
	assert_int_equal(found.state, DMARC_PENDING);
	assert_int_equal(answers_wanted(answers), ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		enum dns_type type;
		struct view name;

		answers_wanted_at(answers, i, &type, &name);
		if (type != DNS_TXT || !view_is(name, view_of(want[i])))
			fail_msg(
			    "query %zu: got %.*s, want %s", i, VIEW_ARG(name), want[i]);
	}
	arena_free(arena);
}

/* A record outlives the answers that it came in; without room for it nobody knows. */
static void
text_is_kept(void **state)
{
	struct world world = {.zone = "example.org " REJECT "; rua=mailto:a@example.org"};
	struct arena *small = arena_new(1);
	struct dmarc_found found;

	(void)state;
	find(&world, dmarc_by_list, "example.org", &found);
	struct view text = answers_at(world.answers, 0)->records[0].data;
	assert_false(found.record.rua.p >= text.p && found.record.rua.p < text.p + text.n);
	dmarc_by_list(VIEW("example.org"), answers_lookup, world.answers, small, &found);
	assert_int_equal(found.state, DMARC_UNANSWERED);
	arena_free(small);
	arena_free(world.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(by_the_list),
	    cmocka_unit_test(by_the_tree),
	    cmocka_unit_test(walks_are_short),
	    cmocka_unit_test(names_are_shortened),
	    cmocka_unit_test(text_is_kept),
	};

	return cmocka_run_group_tests_name("finding DMARC records", tests, NULL, NULL);
}
