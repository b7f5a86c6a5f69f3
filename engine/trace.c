/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "engine/deciding.h"

/* What explain shows: collected only when somebody asks. */

enum { WHY_MAX = 512, STEPS_FIRST = 32 };

static void *
grown(struct deciding *deciding, void *old, size_t n, size_t *size, size_t element)
{
	size_t wanted = *size == 0 ? STEPS_FIRST : *size * 2;
	void *array;

	if (n < *size)
		return old;
	array = arena_array(deciding->arena, wanted, element);
	if (array == NULL) {
		deciding->is_full = true;
		return NULL;
	}
	if (n > 0)
		memcpy(array, old, n * element);
	*size = wanted;
	return array;
}

static void
add_step(struct deciding *deciding, struct trace_step step)
{
	struct trace *trace = deciding->trace;
	struct trace_step *steps =
	    grown(deciding, trace->steps, trace->n_steps, &trace->size, sizeof(*steps));

	if (steps == NULL)
		return;
	trace->steps = steps;
	trace->steps[trace->n_steps++] = step;
}

static enum trace_answer
answer_of(enum match_answer answer)
{
	if (answer == MATCH_UNKNOWN)
		return TRACE_UNKNOWN;
	return answer == MATCH_YES ? TRACE_YES : TRACE_NO;
}

static void
add_test(struct deciding *deciding, const struct rule *rule, const struct test *test,
    enum match_answer answer)
{
	char text[WHY_MAX] = "";
	struct buf why = BUF_OVER(text);

	policy_test_judge(
	    deciding->policy, test, deciding->facts, &deciding->derived, &why);
	add_step(deciding, (struct trace_step){.place = rule->place,
			       .rule = rule->shown,
			       .test = test->shown,
			       .answer = answer_of(answer),
			       .why = deciding_keep(deciding, &why)});
}

void
trace_test(struct deciding *deciding, const struct rule *rule, const struct test *test,
    enum match_answer answer)
{
	if (deciding->trace != NULL)
		add_test(deciding, rule, test, answer);
}

void
trace_line(struct deciding *deciding, const struct rule *rule, enum trace_answer answer,
    const char *why)
{
	if (deciding->trace == NULL)
		return;
	add_step(deciding, (struct trace_step){.place = rule->place,
			       .rule = rule->shown,
			       .answer = answer,
			       .why = view_of(why)});
}

void
trace_decides(struct deciding *deciding)
{
	struct trace *trace = deciding->trace;

	if (trace != NULL && trace->n_steps > 0)
		trace->steps[trace->n_steps - 1].decides = true;
}

void
trace_reentry(struct deciding *deciding)
{
	if (deciding->trace == NULL)
		return;
	add_step(deciding, (struct trace_step){.rule = VIEW("accept"),
			       .test = VIEW("path reentry"),
			       .answer = TRACE_YES,
			       .why = VIEW("judged when it first came in"),
			       .decides = true});
}

void
trace_unsigned(struct deciding *deciding, struct view note)
{
	struct trace *trace = deciding->trace;
	struct view *notes;

	if (trace == NULL)
		return;
	notes = grown(deciding, trace->unsigned_notes, trace->n_unsigned_notes,
	    &trace->unsigned_size, sizeof(*notes));
	if (notes == NULL)
		return;
	trace->unsigned_notes = notes;
	trace->unsigned_notes[trace->n_unsigned_notes++] = note;
}
