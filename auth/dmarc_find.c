/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/align.h"
#include "auth/dmarc_private.h"

/* One name, and the way by the public suffix list (RFC 7489 6.6.3). */

#define PREFIX "_dmarc."

enum { NAME_MAX = DNS_NAME_MAX * 4 };

static const struct dns_answer *
ask(const struct dmarc_asking *asking, struct view domain)
{
	char name[sizeof(PREFIX) + NAME_MAX] = PREFIX;

	memcpy(name + sizeof(PREFIX) - 1, domain.p, domain.n);
	return asking->lookup(
	    asking->context, DNS_TXT, (struct view){name, sizeof(PREFIX) - 1 + domain.n});
}

bool
dmarc_can_ask(struct view domain)
{
	return domain.n > 0 && domain.n <= NAME_MAX && domain.p[0] != '[';
}

void
dmarc_step_want(const struct dmarc_asking *asking, struct view domain)
{
	(void)ask(asking, domain);
}

/* The one DMARC record among those that stand there. */
static enum dmarc_there
pick(const struct dmarc_asking *asking, const struct dns_answer *answer,
    struct dmarc_record *ret_record)
{
	enum dmarc_there there = DMARC_THERE_NONE;

	for (uint32_t i = 0; i < answer->n; i++) {
		struct dmarc_record record;
		struct view text;
		int found = dmarc_parse(answer->records[i].data, &record, NULL, NULL);

		if (found == 0)
			continue;
		if (there != DMARC_THERE_NONE)
			return DMARC_THERE_MANY;
		there = found > 0 ? DMARC_THERE_RECORD : DMARC_THERE_INVALID;
		text = arena_view(asking->arena, answer->records[i].data);
		if (text.p == NULL)
			return DMARC_THERE_UNANSWERED;
		(void)dmarc_parse(text, ret_record, NULL, NULL);
		if (asking->is_tree && there == DMARC_THERE_RECORD &&
		    ret_record->is_np_bad && !dmarc_record_drop(ret_record))
			there = DMARC_THERE_INVALID;
	}
	return there;
}

void
dmarc_step_read(
    const struct dmarc_asking *asking, struct view domain, struct dmarc_step *ret_step)
{
	const struct dns_answer *answer = ask(asking, domain);

	*ret_step = (struct dmarc_step){.domain = domain, .ttl = DMARC_TTL_MAX};
	if (answer == NULL)
		return;
	if (answer->ttl < ret_step->ttl)
		ret_step->ttl = answer->ttl;
	ret_step->has_name = answer->state == DNS_FOUND || answer->state == DNS_NO_DATA;
	if (answer->state == DNS_FOUND)
		ret_step->there = pick(asking, answer, &ret_step->record);
	else if (answer->state == DNS_NO_DATA || answer->state == DNS_NO_NAME)
		ret_step->there = DMARC_THERE_NONE;
	else
		ret_step->there = DMARC_THERE_UNANSWERED;
}

enum dmarc_asks
dmarc_weaker(enum dmarc_asks asks)
{
	return asks == DMARC_ASKS_REJECT ? DMARC_ASKS_QUARANTINE : DMARC_ASKS_NONE;
}

/* The record that counts: the author's own, else that of the Organizational Domain. */
static void
by_list(const struct dmarc_asking *asking, struct view domain, struct dmarc_found *found)
{
	bool is_own = view_is(domain, found->organizational);
	struct dmarc_step step;

	if (!is_own)
		dmarc_step_want(asking, found->organizational);
	dmarc_step_read(asking, domain, &step);
	found->ttl = step.ttl;
	if (step.there == DMARC_THERE_NONE && !is_own) {
		dmarc_step_read(asking, found->organizational, &step);
		if (step.ttl < found->ttl)
			found->ttl = step.ttl;
	}
	if (step.there == DMARC_THERE_PENDING)
		return;
	found->state = DMARC_ABSENT;
	if (step.there == DMARC_THERE_UNANSWERED)
		found->state = DMARC_UNANSWERED;
	if (step.there != DMARC_THERE_RECORD ||
	    (!step.record.has_p && !dmarc_has_uri(step.record.rua)))
		return;
	found->state = DMARC_PRESENT;
	found->record = step.record;
	found->domain = step.domain;
	found->asks = view_is(step.domain, domain) ? step.record.p : step.record.sp;
	/* With more than none in a hundred somebody gets what p= says. */
	if (step.record.pct == 0)
		found->asks = dmarc_weaker(found->asks);
}

void
dmarc_by_list(struct view domain, lookup_fn lookup, void *context, struct arena *arena,
    struct dmarc_found *ret_found)
{
	struct dmarc_asking asking = {lookup, context, arena, .is_tree = false};

	*ret_found = (struct dmarc_found){.state = DMARC_ABSENT,
	    .organizational = align_organizational(domain),
	    .ttl = DMARC_TTL_MAX};
	if (!dmarc_can_ask(domain))
		return;
	ret_found->state = DMARC_PENDING;
	by_list(&asking, domain, ret_found);
}
