/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The SPF evaluator behind a line protocol, for the suites and the comparison with another
 * evaluator, which are Python. Bytes are hexadecimal; "-" is none of them.
 *
 *	zone                                 forget all answers
 *	answer TYPE NAME STATE TTL CUT [PREFERENCE:DATA ...]
 *	ask CLIENT DOMAIN SENDER HELO RECEIVER NOW
 *		-> OUTCOME TERMS VOIDS QUERIES PER-MESSAGE UNANSWERED TERM EXPLANATION
 *PROBLEM
 *
 * NAME is as in lib/lookup.h; a name and type without an answer is no such name. As in the
 * daemon, the evaluator runs again and again while the answers that it asked for come in.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/spf.h"
#include "lib/bug.h"

enum { WORLD_MAX = 4096, WORDS_MAX = 256, ROUNDS_MAX = 200 };

static const char *const states[] = {[DNS_NO_ANSWER] = "unanswered",
    [DNS_FOUND] = "found",
    [DNS_NO_DATA] = "nodata",
    [DNS_NO_NAME] = "noname",
    [DNS_FAILED] = "failed"};
static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};

/* All that there is to be found, and the answers given so far. */
struct world {
	struct arena *arena;
	struct dns_answer at[WORLD_MAX];
	size_t n;
};

static unsigned
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	must(c >= 'a' && c <= 'f');
	return (unsigned)(c - 'a') + 10;
}

static struct view
bytes_read(struct arena *arena, const char *text)
{
	size_t n = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
	char *bytes = arena_alloc(arena, n + 1);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
	return (struct view){bytes, n};
}

static void
bytes_print(struct view bytes)
{
	if (bytes.n == 0)
		printf(" -");
	else
		putchar(' ');
	for (size_t i = 0; i < bytes.n; i++)
		printf("%02x", (unsigned char)bytes.p[i]);
}

static void
answer_read(struct world *world, char **word, size_t words)
{
	struct dns_answer answer = {.state = DNS_FAILED};
	struct dns_record *records;

	must(words >= 6 && world->n < WORLD_MAX);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(dns_type_name(types[i]), word[1]) == 0)
			answer.type = types[i];
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(states[i], word[3]) == 0)
			answer.state = (enum dns_state)i;
	answer.name = arena_view(world->arena, view_of(word[2]));
	answer.ttl = (uint32_t)strtoul(word[4], NULL, 10);
	answer.is_cut = strcmp(word[5], "1") == 0;
	answer.n = (uint32_t)(words - 6);
	records = arena_array(world->arena, answer.n + 1, sizeof(records[0]));
	for (size_t i = 6; i < words; i++) {
		char *colon = strchr(word[i], ':');

		must(colon != NULL);
		records[i - 6].preference = (uint16_t)strtoul(word[i], NULL, 10);
		records[i - 6].data = bytes_read(world->arena, colon + 1);
	}
	answer.records = records;
	world->at[world->n++] = answer;
}

static struct dns_answer
world_answer(const struct world *world, enum dns_type type, struct view name)
{
	for (size_t i = 0; i < world->n; i++)
		if (world->at[i].type == type && view_is(world->at[i].name, name))
			return world->at[i];
	return (struct dns_answer){
	    .name = name, .type = type, .state = DNS_NO_NAME, .ttl = 60};
}

/* Answers to what was asked in vain. False: nothing was. */
static bool
answers_supply(const struct world *world, struct answers *answers)
{
	size_t n = answers_wanted(answers);

	for (size_t i = 0; i < n; i++) {
		enum dns_type type;
		struct view name;

		answers_wanted_at(answers, i, &type, &name);
		struct dns_answer answer = world_answer(world, type, name);
		must(answers_add(answers, &answer));
	}
	answers_want_none(answers);
	return n > 0;
}

static void
ask(const struct world *world, char **word, size_t words)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct spf_asking asking = {
	    .lookup = answers_lookup, .context = answers, .arena = arena};
	struct spf_question question;
	struct spf_result result;
	unsigned rounds = 0;

	must(words == 7);
	memset(&question, 0, sizeof(question));
	must(addr_parse(view_of(word[1]), &question.client, NULL) == 0);
	question.domain = bytes_read(arena, word[2]);
	question.sender = bytes_read(arena, word[3]);
	question.helo = bytes_read(arena, word[4]);
	question.receiver = bytes_read(arena, word[5]);
	question.now = strtoll(word[6], NULL, 10);
	for (;;) {
		spf_eval(&question, &asking, &result);
		if (result.outcome != SPF_EVAL_PENDING)
			break;
		must(answers_supply(world, answers) && ++rounds < ROUNDS_MAX);
	}
	must(answers_count(answers) <= SPF_QUERIES_MAX);
	printf("%s %u %u %u %d %d", spf_outcome_name(result.outcome), result.terms,
	    result.voids, result.queries, result.is_per_message, result.is_unanswered);
	bytes_print(result.term);
	bytes_print(result.explanation);
	bytes_print(result.problem);
	putchar('\n');
	fflush(stdout);
	arena_free(arena);
}

static size_t
words_split(char *line, char **word)
{
	size_t n = 0;
	char *save = NULL;

	for (char *at = strtok_r(line, " \n", &save); at != NULL;
	     at = strtok_r(NULL, " \n", &save)) {
		must(n < WORDS_MAX);
		word[n++] = at;
	}
	return n;
}

int
main(void)
{
	static struct world world;
	char *line = NULL, *word[WORDS_MAX];
	size_t size = 0;

	world.arena = arena_new(0);
	while (getline(&line, &size, stdin) > 0) {
		size_t words = words_split(line, word);

		must(words > 0);
		if (strcmp(word[0], "zone") == 0) {
			arena_reset(world.arena);
			world.n = 0;
		} else if (strcmp(word[0], "answer") == 0)
			answer_read(&world, word, words);
		else
			ask(&world, word, words);
	}
	free(line);
	arena_free(world.arena);
	return 0;
}
