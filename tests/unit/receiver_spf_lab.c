/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/receiver_spf_lab.h"

struct answers *
spf_world(struct arena *arena, const struct fact *facts, size_t n)
{
	struct answers *answers = answers_new(arena);

	for (size_t i = 0; i < n && facts[i].name != NULL; i++) {
		struct dns_record record = {.data = view_of(facts[i].data)};
		struct addr addr;
		struct dns_answer answer = {.name = view_of(facts[i].name),
		    .type = facts[i].type,
		    .state = facts[i].state,
		    .records = &record,
		    .n = facts[i].data != NULL};

		if (answer.n == 1 && (answer.type == DNS_A || answer.type == DNS_AAAA)) {
			assert_int_equal(addr_parse(record.data, &addr, NULL), 0);
			record.data = (struct view){
			    (const char *)addr.bytes, answer.type == DNS_A ? 4 : 16};
		}
		assert_true(answers_add(answers, &answer));
	}
	return answers;
}

struct spf_case
spf_question(const char *client, const char *ours, struct answers *answers)
{
	struct spf_case asked = {.ours = view_of(ours),
	    .domain = VIEW("example.org"),
	    .sender = VIEW("kim@example.org"),
	    .helo = VIEW("mail.example.org"),
	    .answers = answers};

	assert_int_equal(addr_parse(view_of(client), &asked.client, NULL), 0);
	return asked;
}

void
spf_check(const char *what, const struct spf_judgement *got, enum receiver_opinion opinion,
    const char *theirs, const char *reason)
{
	if (got->opinion != opinion || strcmp(got->theirs, theirs) != 0 ||
	    strstr(got->reason, reason) == NULL ||
	    (got->reason[0] == '\0') != (opinion == RECEIVER_AGREES))
		fail_msg("%s: got %d '%s' '%s', want %d '%s' '%s'", what, got->opinion,
		    got->theirs, got->reason, opinion, theirs, reason);
}

void
spf_record_of(struct buf *out, const char *term, int n)
{
	buf_add_text(out, "v=spf1");
	for (int i = 0; i < n; i++)
		buf_addf(out, " %s", term);
	buf_add_text(out, " -all");
}

struct answers *
spf_fan(struct arena *arena, int depth, int width)
{
	struct answers *answers = answers_new(arena);

	for (int level = 0; level <= depth; level++) {
		struct buf record = BUF_INIT(DNS_TXT_MAX);
		char name[64] = "example.org", term[64];
		struct dns_record one;
		struct dns_answer answer = {
		    .type = DNS_TXT, .state = DNS_FOUND, .records = &one, .n = 1};

		if (level > 0)
			snprintf(name, sizeof(name), "l%d.example.org", level);
		snprintf(term, sizeof(term), "include:l%d.example.org", level + 1);
		spf_record_of(&record, term, level < depth ? width : 0);
		one.data = buf_view(&record);
		answer.name = view_of(name);
		assert_true(answers_add(answers, &answer));
		buf_fini(&record);
	}
	return answers;
}
