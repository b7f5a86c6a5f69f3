/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "journal/coverage_private.h"

enum { ROUNDS = 5 /* as often a message is requeued */ };

/* How far back a message that was requeued is looked for: as long as Postfix tries. */
#define FORMER_US (7 * COVERAGE_DAY)

/* ---- suspects ---- */

static void
look_for(struct covering *covering, void *at, size_t n, size_t size)
{
	covering->keys = (struct coverage_keys){at, n, size};
}

static struct coverage_suspect *
suspects_add(struct coverage_suspects *suspects)
{
	if (suspects->n == suspects->size) {
		suspects->size = suspects->size == 0 ? 64 : suspects->size * 2;
		suspects->at =
		    mem_resize(suspects->at, suspects->size, sizeof(suspects->at[0]));
	}
	suspects->at[suspects->n] = (struct coverage_suspect){.born = 0};
	return &suspects->at[suspects->n++];
}

static void
suspect_undecided(struct covering *covering, struct coverage *coverage)
{
	for (size_t i = 0; i < covering->left.n; i++) {
		const struct coverage_key *key = &covering->left.keys[i];

		coverage->left++;
		if (key->decided != 0) {
			coverage->judged++;
			continue;
		}
		struct coverage_suspect *suspect = suspects_add(&covering->suspects);
		suspect->key = *key;
		memcpy(suspect->shown, key->id, sizeof(suspect->shown));
		suspect->arrival = key->from + COVERAGE_SLACK_US;
	}
}

/* What SUSPECT was before it was requeued, to be looked for in the next round. */
static void
suspect_former(struct coverage_suspects *formers, const struct coverage_suspect *suspect)
{
	struct coverage_suspect *former = suspects_add(formers);

	former->key.host = suspect->key.host;
	memcpy(former->key.id, suspect->former, sizeof(former->key.id));
	former->key.from = suspect->born - FORMER_US;
	former->key.to = suspect->born + COVERAGE_SLACK_US;
	memcpy(former->shown, suspect->shown, sizeof(former->shown));
	former->arrival = suspect->arrival;
	former->is_former = true;
}

/* ---- the result ---- */

static void
count_service(struct coverage_part *part, const char *service)
{
	for (size_t i = 0; i < COVERAGE_SERVICES; i++) {
		if (strcmp(part->services[i], service) == 0)
			return;
		if (part->services[i][0] == '\0') {
			memcpy(part->services[i], service, sizeof(part->services[i]));
			return;
		}
	}
}

static void
count_part(struct coverage_part *part, const struct coverage_suspect *suspect)
{
	if (part->n < COVERAGE_EXAMPLES)
		memcpy(part->ids[part->n], suspect->shown, sizeof(part->ids[0]));
	if (part->n == 0 || suspect->arrival < part->first)
		part->first = suspect->arrival;
	if (part->n == 0 || suspect->arrival > part->last)
		part->last = suspect->arrival;
	part->n++;
	count_service(part, suspect->service);
}

/* Those that came before the range's reach, out of the way. */
static void
leave_out_old(struct covering *covering, struct coverage *coverage)
{
	const struct coverage_range *range = &covering->range;
	struct coverage_left *left = &covering->left;
	size_t n = 0;

	for (size_t i = 0; i < left->n && range->reach != 0; i++) {
		struct coverage_suspect old = {.key = left->keys[i]};

		old.arrival = old.key.from + COVERAGE_SLACK_US;
		if (old.arrival >= range->since - range->reach) {
			left->keys[n++] = old.key;
			continue;
		}
		memcpy(old.shown, old.key.id, sizeof(old.shown));
		coverage->left++;
		count_part(&coverage->parts[COVERAGE_UNKNOWN], &old);
	}
	if (range->reach != 0)
		left->n = n;
}

static int
compare_arrivals(const void *a, const void *b)
{
	const struct coverage_suspect *x = a, *y = b;

	if (x->arrival != y->arrival)
		return x->arrival < y->arrival ? -1 : 1;
	return strcmp(x->shown, y->shown);
}

/* Of those that were requeued the former ones are the next round's suspects. */
static void
judge_all(struct covering *covering, bool is_last, struct coverage *coverage)
{
	struct coverage_suspects formers = {.n = 0};

	qsort(covering->suspects.at, covering->suspects.n, sizeof(covering->suspects.at[0]),
	    compare_arrivals);
	for (size_t i = 0; i < covering->suspects.n; i++) {
		const struct coverage_suspect *suspect = &covering->suspects.at[i];
		enum coverage_reason reason = COVERAGE_UNKNOWN;

		switch (coverage_judge(covering, suspect, &reason)) {
		case FATE_JUDGED:
			coverage->judged++;
			break;
		case FATE_INBOUND:
			coverage->left--;
			coverage->inbound++;
			break;
		case FATE_REQUEUED:
			if (!is_last) {
				suspect_former(&formers, suspect);
				break;
			}
			count_part(&coverage->parts[COVERAGE_UNKNOWN], suspect);
			break;
		case FATE_MISSED:
			count_part(&coverage->parts[reason], suspect);
			break;
		}
	}
	free(covering->suspects.at);
	covering->suspects = formers;
}

static int
judge_rounds(struct covering *covering, struct coverage *coverage, struct err *err)
{
	struct coverage_suspects *suspects = &covering->suspects;

	for (int round = 0; round < ROUNDS && suspects->n > 0; round++) {
		qsort(suspects->at, suspects->n, sizeof(suspects->at[0]), coverage_compare);
		look_for(covering, suspects->at, suspects->n, sizeof(suspects->at[0]));
		if ((round > 0 && coverage_find_decided(covering, err) == -1) ||
		    coverage_trace(covering, err) == -1)
			return -1;
		judge_all(covering, round + 1 == ROUNDS, coverage);
	}
	return 0;
}

int
coverage_read(struct journal_reader *reader, const struct coverage_range *range,
    const struct policy *policy, struct coverage *ret_coverage, struct err *err)
{
	struct covering *covering = mem_zeroed(1, sizeof(*covering));
	struct coverage *coverage = mem_zeroed(1, sizeof(*coverage));
	int result;

	covering->reader = reader;
	covering->policy = policy;
	covering->range = *range;
	result = coverage_find_left(covering, err);
	if (result == 0) {
		leave_out_old(covering, coverage);
		look_for(covering, covering->left.keys, covering->left.n,
		    sizeof(covering->left.keys[0]));
		result = coverage_find_decided(covering, err);
	}
	if (result == 0)
		result = coverage_trace_gaps(covering, err);
	if (result == 0) {
		coverage->begin = covering->begin == INT64_MAX ? 0 : covering->begin;
		coverage->gaps = covering->n_gaps;
		suspect_undecided(covering, coverage);
		result = judge_rounds(covering, coverage, err);
	}
	if (result == 0)
		*ret_coverage = *coverage;
	free(covering->left.keys);
	free(covering->suspects.at);
	free(covering->troubles);
	free(covering->gaps);
	free(covering->losses);
	free(covering);
	free(coverage);
	return result;
}

uint64_t
coverage_missed(const struct coverage *coverage, unsigned ignored)
{
	uint64_t missed = 0;

	for (unsigned reason = 0; reason < COVERAGE_UNKNOWN; reason++)
		if ((ignored & 1U << reason) == 0)
			missed += coverage->parts[reason].n;
	return missed;
}
