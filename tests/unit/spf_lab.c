/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/unit/spf_lab.h"

enum { ROUNDS_MAX = 200, TTL = 300 };

struct dns_answer *
lab_answer(struct lab *lab, const char *name, enum dns_type type)
{
	struct dns_answer *answer;

	for (size_t i = 0; i < lab->n; i++)
		if (lab->at[i].type == type && view_is(lab->at[i].name, view_of(name)))
			return &lab->at[i];
	must(lab->n < LAB_ANSWERS_MAX);
	answer = &lab->at[lab->n++];
	*answer = (struct dns_answer){.name = arena_view(lab->arena, view_of(name)),
	    .type = type,
	    .state = DNS_FOUND,
	    .ttl = TTL};
	return answer;
}

void
lab_add(struct lab *lab, const char *name, enum dns_type type, struct view data)
{
	struct dns_answer *answer = lab_answer(lab, name, type);
	struct dns_record record = {.data = data}, *records;
	struct view preference;
	struct addr addr;

	must(answer->n < DNS_RECORDS_MAX);
	if (type == DNS_MX) {
		must(view_cut(&record.data, ' ', &preference) && record.data.p != NULL);
		record.preference = (uint16_t)strtoul(preference.p, NULL, 10);
	}
	if (type == DNS_A || type == DNS_AAAA) {
		must(addr_parse(data, &addr, NULL) == 0);
		record.data = (struct view){(char *)addr.bytes, type == DNS_A ? 4 : 16};
	}
	record.data = arena_view(lab->arena, record.data);
	records = arena_array(lab->arena, answer->n + 1, sizeof(records[0]));
	for (uint32_t i = 0; i < answer->n; i++)
		records[i] = answer->records[i];
	records[answer->n++] = record;
	answer->records = records;
}

static enum dns_type
type_read(struct view text)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (view_is(text, view_of(dns_type_name(types[i]))))
			return types[i];
	BUG("a line of a zone without a type");
}

static void
line_read(struct lab *lab, struct view line)
{
	struct view name, type;

	must(view_cut(&line, ' ', &name) && view_cut(&line, ' ', &type));
	const char *named = arena_text(lab->arena, name);
	enum dns_type what = type_read(type);

	if (view_is(line, VIEW("!failed")))
		lab_answer(lab, named, what)->state = DNS_FAILED;
	else if (view_is(line, VIEW("!silent")))
		lab_answer(lab, named, what)->state = DNS_NO_ANSWER;
	else if (view_is(line, VIEW("!cut")))
		lab_answer(lab, named, what)->is_cut = true;
	else
		lab_add(lab, named, what, line);
}

struct lab *
lab_new(const char *zone)
{
	struct lab *lab = mem_zeroed(1, sizeof(*lab));
	struct view rest = view_of(zone), line;

	lab->arena = arena_new(0);
	buf_init(&lab->warnings, 64 << 10);
	lab->question = (struct spf_question){.domain = VIEW("example.org"),
	    .sender = VIEW("alice@example.org"),
	    .helo = VIEW("mail.example.org"),
	    .receiver = VIEW("mx.example.com"),
	    .now = 1772442180};
	lab_client(lab, "198.51.100.7");
	while (view_cut(&rest, '\n', &line))
		if (line.n > 0)
			line_read(lab, line);
	return lab;
}

void
lab_free(struct lab *lab)
{
	buf_fini(&lab->warnings);
	arena_free(lab->arena);
	free(lab);
}

void
lab_client(struct lab *lab, const char *client)
{
	must(addr_parse(view_of(client), &lab->question.client, NULL) == 0);
}

/* The answers that were asked for in vain. False: none. */
static bool
answers_fetch(struct lab *lab, struct answers *answers)
{
	size_t n = answers_wanted(answers);

	for (size_t i = 0; i < n; i++) {
		struct dns_answer answer = {.state = DNS_NO_NAME, .ttl = TTL};

		answers_wanted_at(answers, i, &answer.type, &answer.name);
		for (size_t j = 0; j < lab->n; j++)
			if (lab->at[j].type == answer.type &&
			    view_is(lab->at[j].name, answer.name))
				answer = lab->at[j];
		must(answers_add(answers, &answer));
	}
	answers_want_none(answers);
	lab->queries = answers_count(answers);
	return n > 0;
}

/* N 0: for the question's own client. */
static enum spf_outcome
eval(struct lab *lab, struct answers *answers, const struct addr *egress, uint32_t n)
{
	struct spf_asking asking = {
	    .lookup = answers_lookup, .context = answers, .arena = lab->arena};

	lab->queries = 0;
	for (lab->rounds = 1;; lab->rounds++) {
		if (n > 0)
			spf_eval_worst(
			    &lab->question, egress, n, &asking, &lab->result, &lab->egress);
		else
			spf_eval(&lab->question, &asking, &lab->result);
		if (lab->result.outcome != SPF_EVAL_PENDING)
			return lab->result.outcome;
		must(answers_fetch(lab, answers) && lab->rounds < ROUNDS_MAX);
	}
}

enum spf_outcome
lab_eval(struct lab *lab)
{
	return eval(lab, answers_new(lab->arena), &lab->question.client, 0);
}

enum spf_outcome
lab_worst(struct lab *lab, const struct addr *egress, uint32_t n)
{
	return eval(lab, answers_new(lab->arena), egress, n);
}

const char *
lab_warn(struct lab *lab)
{
	struct answers *answers = answers_new(lab->arena);
	struct spf_asking asking = {
	    .lookup = answers_lookup, .context = answers, .arena = lab->arena};

	(void)eval(lab, answers, &lab->question.client, 0);
	answers_want_none(answers);
	do {
		buf_reset(&lab->warnings);
		spf_warn(&lab->question, &asking, &lab->result, &lab->warnings);
	} while (answers_fetch(lab, answers));
	return buf_text(&lab->warnings);
}

enum spf_outcome
lab_record(const char *record, const char *zone)
{
	struct lab *lab = lab_new(zone);
	enum spf_outcome outcome;

	lab_add(lab, "example.org", DNS_TXT, view_of(record));
	outcome = lab_eval(lab);
	lab_free(lab);
	return outcome;
}
