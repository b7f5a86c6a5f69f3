/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input is a question and a world for it, line by line: client, sender, HELO, and then
 * "TYPE NAME DATA" for records (A and AAAA as text, MX and PTR a name). A name that no line
 * has is answered from a line that its hash picks, so that mutated records find answers
 * too. Whatever stands there, the evaluation ends within its limits, and comes to the same
 * whether the answers are there or come in one after the other.
 */

#include <stdint.h>
#include <string.h>

#include "auth/spf.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES_MAX = 128, ROUNDS_MAX = 200 };

struct line {
	enum dns_type type;
	struct view name, data;
};

struct world {
	struct arena *arena;
	struct line lines[LINES_MAX];
	size_t n;
	struct answers *all; /* made so far */
};

static uint32_t
hash(enum dns_type type, struct view name)
{
	uint32_t h = 2166136261u ^ (uint32_t)type;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 16777619u;
	return h;
}

static bool
line_read(struct view text, struct line *ret_line)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};
	struct view type, name;

	if (!view_cut(&text, ' ', &type) || !view_cut(&text, ' ', &name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!view_is(type, view_of(dns_type_name(types[i]))))
			continue;
		*ret_line = (struct line){types[i], name, text};
		return true;
	}
	return false;
}

static void
data_make(struct arena *arena, enum dns_type type, struct view text, struct dns_record *ret)
{
	struct addr addr = {.family = ADDR_NONE};
	size_t n = type == DNS_A ? 4 : 16;

	ret->preference = (uint16_t)text.n;
	ret->data = text;
	if (type == DNS_A || type == DNS_AAAA) {
		(void)addr_parse(text, &addr, NULL);
		ret->data = arena_view(arena, (struct view){(char *)addr.bytes, n});
	}
}

/* What the world says: the same each time that it is asked. */
static struct dns_answer
world_answer(const struct world *world, enum dns_type type, struct view name)
{
	uint32_t h = hash(type, name);
	struct dns_answer answer = {
	    .name = name, .type = type, .state = DNS_NO_NAME, .ttl = h % 1000};
	struct dns_record *records =
	    arena_array(world->arena, world->n + 1, sizeof(records[0]));

	for (size_t i = 0; i < world->n; i++)
		if (world->lines[i].type == type && view_is(world->lines[i].name, name))
			data_make(
			    world->arena, type, world->lines[i].data, &records[answer.n++]);
	if (answer.n == 0 && world->n > 0 && h % 4 != 0) {
		data_make(world->arena, type, world->lines[h % world->n].data, &records[0]);
		answer.n = h % 16 == 1 ? 0 : 1;
		answer.is_cut = h % 16 == 2;
	}
	answer.records = records;
	answer.state = answer.n > 0 ? DNS_FOUND : h % 16 == 4 ? DNS_FAILED : DNS_NO_ANSWER;
	if (answer.n == 0 && h % 8 != 4)
		answer.state = h % 2 ? DNS_NO_DATA : DNS_NO_NAME;
	return answer;
}

/* All is known at once. */
static const struct dns_answer *
lookup_all(void *context, enum dns_type type, struct view name)
{
	struct world *world = context;
	const struct dns_answer *known = answers_lookup(world->all, type, name);

	if (known != NULL)
		return known;
	answers_want_none(world->all);
	struct dns_answer answer = world_answer(world, type, name);
	must(answers_add(world->all, &answer));
	return answers_lookup(world->all, type, name);
}

static void
eval_growing(const struct world *world, const struct spf_question *question,
    struct spf_result *ret_result)
{
	struct answers *answers = answers_new(world->arena);
	struct spf_asking asking = {
	    .lookup = answers_lookup, .context = answers, .arena = world->arena};
	enum dns_type type;
	struct view name;
	unsigned rounds = 0;

	for (;; rounds++) {
		spf_eval(question, &asking, ret_result);
		if (ret_result->outcome != SPF_EVAL_PENDING)
			break;
		must(rounds < ROUNDS_MAX && answers_wanted(answers) > 0);
		answers_wanted_at(answers, rounds % answers_wanted(answers), &type, &name);
		struct dns_answer answer = world_answer(world, type, name);
		must(answers_add(answers, &answer));
		answers_want_none(answers);
	}
	must(answers_count(answers) <= SPF_QUERIES_MAX);
}

static void
result_check(const struct spf_result *result)
{
	must(result->outcome != SPF_EVAL_PENDING);
	must(result->queries <= SPF_QUERIES_MAX && result->terms <= SPF_TERMS_MAX + 1);
	must(result->voids <= SPF_VOID_MAX + 1);
	must(result->explanation.n <= SPF_EXPLANATION_MAX);
	must(result->explanation.n == 0 || result->outcome == SPF_EVAL_FAIL);
	for (size_t i = 0; i < result->explanation.n; i++)
		must(result->explanation.p[i] >= ' ' && result->explanation.p[i] <= '~');
}

static void
result_same(const struct spf_result *a, const struct spf_result *b)
{
	must(a->outcome == b->outcome && a->is_unanswered == b->is_unanswered);
	must(a->is_per_message == b->is_per_message);
	must(a->terms == b->terms && a->voids == b->voids && a->ttl == b->ttl);
	must(view_is(a->term, b->term) && view_is(a->domain, b->domain));
	must(view_is(a->explanation, b->explanation) && view_is(a->problem, b->problem));
}

static void
try_question(struct world *world, struct spf_question *question)
{
	struct spf_asking asking = {
	    .lookup = lookup_all, .context = world, .arena = world->arena};
	const struct addr egress[] = {question->client,
	    {.family = ADDR_IPV4, .bytes = {192, 0, 2, 1}},
	    {.family = ADDR_IPV6, .bytes = {0x20, 1, 0xd, 0xb8}}};
	struct spf_result known, grown, worst;
	struct buf out = BUF_INIT(64 << 10);
	struct addr which;

	spf_eval(question, &asking, &known);
	result_check(&known);
	eval_growing(world, question, &grown);
	result_check(&grown);
	result_same(&known, &grown);
	world->all = answers_new(world->arena);
	spf_warn(question, &asking, &known, &out);
	world->all = answers_new(world->arena);
	spf_eval_worst(question, egress, ARRAY_LEN(egress), &asking, &worst, &which);
	result_check(&worst);
	must(worst.outcome != SPF_EVAL_PASS || known.outcome == SPF_EVAL_PASS);
	must(known.outcome != SPF_EVAL_FAIL || worst.outcome == SPF_EVAL_FAIL);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct view nobody = {"", 0};
	struct world world = {.arena = arena_new(0)};
	struct view text = {(const char *)data, size}, line,
		    head[3] = {nobody, nobody, nobody};
	struct spf_question question = {.now = 1772442180};

	world.all = answers_new(world.arena);
	for (size_t i = 0; i < 3; i++)
		if (!view_cut(&text, '\n', &head[i]))
			head[i] = nobody;
	while (world.n < LINES_MAX && view_cut(&text, '\n', &line))
		world.n += line_read(line, &world.lines[world.n]);
	question.client = (struct addr){.family = ADDR_IPV4, .bytes = {198, 51, 100, 7}};
	(void)addr_parse(head[0], &question.client, NULL);
	question.sender = head[1];
	question.helo = head[2];
	question.domain = head[1];
	for (size_t i = 0; i < head[1].n; i++)
		if (head[1].p[i] == '@')
			question.domain = view_from(head[1], i + 1);
	try_question(&world, &question);
	arena_free(world.arena);
	return 0;
}
