/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/dmarc_private.h"

/* The way by the tree walk (RFC 9989 4.10). */

enum { STEPS_MAX = 8, SHORTENED_LABELS = 7 };

struct walk {
	struct dmarc_step
	    steps[STEPS_MAX]; /* the author's domain, and on towards the root */
	unsigned n;           /* that were looked at */
	bool is_pending, is_unanswered;
	uint32_t ttl;
};

static struct view
parent_of(struct view domain)
{
	struct view label;

	return view_cut(&domain, '.', &label) && domain.p != NULL ? domain : VIEW_NONE;
}

static size_t
labels_of(struct view domain)
{
	size_t n = 0;
	struct view label;

	while (view_cut(&domain, '.', &label))
		n++;
	return n;
}

/* The names that a walk may come to. */
static unsigned
names_of(struct view domain, struct view names[STEPS_MAX])
{
	size_t labels = labels_of(domain);
	unsigned n = 0;

	names[n++] = domain;
	do {
		domain = parent_of(domain);
		labels--;
	} while (domain.n > 0 && labels > SHORTENED_LABELS);
	for (; domain.n > 0 && n < STEPS_MAX; domain = parent_of(domain))
		names[n++] = domain;
	return n;
}

static bool
is_end(const struct dmarc_step *step)
{
	return step->there == DMARC_THERE_RECORD && step->record.psd != DMARC_PSD_UNSAID;
}

/* All names are asked at once, although the walk may end before the last of them: a second
 * question costs less than a second wait. */
static void
walk(const struct dmarc_asking *asking, struct view domain, struct walk *walk)
{
	struct view names[STEPS_MAX];
	unsigned n = names_of(domain, names);

	*walk = (struct walk){.ttl = DMARC_TTL_MAX};
	for (unsigned i = 0; i < n; i++)
		dmarc_step_want(asking, names[i]);
	for (unsigned i = 0; i < n; i++) {
		struct dmarc_step *step = &walk->steps[walk->n++];

		dmarc_step_read(asking, names[i], step);
		walk->is_pending |= step->there == DMARC_THERE_PENDING;
		walk->is_unanswered |= step->there == DMARC_THERE_UNANSWERED;
		if (step->ttl < walk->ttl)
			walk->ttl = step->ttl;
		if (is_end(step))
			return;
	}
}

/* The name one label longer than ANCESTOR, on the way to DOMAIN. */
static struct view
child_of(struct view ancestor, struct view domain)
{
	size_t at = domain.n - ancestor.n - 1;

	while (at > 0 && domain.p[at - 1] != '.')
		at--;
	return view_from(domain, at);
}

/* 4.10.2: from the longest name to the shortest. */
static struct view
organizational_of(const struct walk *walk)
{
	struct view domain = walk->steps[0].domain, found = domain;

	for (unsigned i = 0; i < walk->n; i++) {
		const struct dmarc_step *step = &walk->steps[i];

		if (step->there != DMARC_THERE_RECORD)
			continue;
		if (step->record.psd == DMARC_PSD_YES && i > 0)
			return child_of(step->domain, domain);
		found = step->domain;
	}
	return found;
}

/* 4.10.1: the author's domain, its Organizational Domain, its public suffix. NULL: none. */
static const struct dmarc_step *
policy_of(const struct walk *walk, struct view organizational)
{
	if (walk->steps[0].there == DMARC_THERE_RECORD)
		return &walk->steps[0];
	if (walk->steps[0].there == DMARC_THERE_INVALID)
		return NULL;
	for (unsigned i = 1; i < walk->n; i++) {
		const struct dmarc_step *step = &walk->steps[i];

		if (step->there == DMARC_THERE_RECORD &&
		    (view_is(step->domain, organizational) ||
			step->record.psd == DMARC_PSD_YES))
			return step;
	}
	return NULL;
}

/*
 * What is asked of a name below the record's own: np= if it does not exist (RFC 8020: the
 * answer to any question about it is NXDOMAIN). PENDING or UNANSWERED: that is not known.
 */
static enum dmarc_state
asks_below(const struct dmarc_asking *asking, const struct walk *walk,
    const struct dmarc_record *record, struct dmarc_found *found)
{
	const struct dns_answer *answer;

	found->asks = record->sp;
	if (record->np == record->sp || walk->steps[0].has_name)
		return DMARC_PRESENT;
	answer = asking->lookup(asking->context, DNS_A, walk->steps[0].domain);
	if (answer == NULL)
		return DMARC_PENDING;
	if (answer->ttl < found->ttl)
		found->ttl = answer->ttl;
	if (answer->state == DNS_NO_ANSWER || answer->state == DNS_FAILED)
		return DMARC_UNANSWERED;
	if (answer->state == DNS_NO_NAME)
		found->asks = record->np;
	return DMARC_PRESENT;
}

static void
by_tree(
    const struct dmarc_asking *asking, const struct walk *walk, struct dmarc_found *found)
{
	const struct dmarc_step *step;

	found->organizational = organizational_of(walk);
	step = policy_of(walk, found->organizational);
	if (step == NULL)
		return;
	found->record = step->record;
	found->domain = step->domain;
	found->asks = step->record.p;
	found->state = DMARC_PRESENT;
	if (step != &walk->steps[0])
		found->state = asks_below(asking, walk, &step->record, found);
	if (step->record.is_testing)
		found->asks = dmarc_weaker(found->asks);
}

void
dmarc_by_tree(struct view domain, lookup_fn lookup, void *context, struct arena *arena,
    struct dmarc_found *ret_found)
{
	struct dmarc_asking asking = {lookup, context, arena, .is_tree = true};
	struct walk walked;

	*ret_found = (struct dmarc_found){
	    .state = DMARC_ABSENT, .organizational = domain, .ttl = DMARC_TTL_MAX};
	if (!dmarc_can_ask(domain))
		return;
	walk(&asking, domain, &walked);
	ret_found->ttl = walked.ttl;
	if (walked.is_pending)
		ret_found->state = DMARC_PENDING;
	else if (walked.is_unanswered)
		ret_found->state = DMARC_UNANSWERED;
	if (walked.is_pending || walked.is_unanswered)
		ret_found->organizational = VIEW_NONE;
	else
		by_tree(&asking, &walked, ret_found);
}
