/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "policy/rule.h"

#include "milter/session_private.h"

/*
 * What DNS says about a message: asked as soon as it is known what to ask, waited for at
 * the end, and where there is no answer by then the fact is unknown.
 */

bool
session_dns_is_asked(const struct session *session)
{
	const struct message *message = session->message;

	return session->world->dns_get != NULL && message->generation != NULL &&
	       message->facts.path != PATH_INBOUND && message->facts.path != PATH_REENTRY;
}

static const struct policy *
policy_of(const struct message *message)
{
	return message->generation->policy;
}

/* The domain that receivers ask for its SPF record: the sender's; of bounces the name in
 * HELO (RFC 7208 2.4). */
static struct view
spf_domain(const struct message *message)
{
	const struct facts *facts = &message->facts;

	return facts->sender.text.n > 0 ? facts->sender.domain
					: policy_settings(policy_of(message))->helo;
}

/* False: nothing to ask. */
static bool
spf_question(struct message *message, struct dns_question *ret_question)
{
	const struct policy_settings *settings = policy_settings(policy_of(message));
	const struct facts *facts = &message->facts;
	struct view domain = spf_domain(message);

	*ret_question = (struct dns_question){.kind = DNS_ASK_SPF,
	    .domain = domain,
	    .sender = facts->sender.text,
	    .helo = settings->helo,
	    .egress = settings->egress,
	    .n_egress = settings->n_egress,
	    .is_ours = policy_has_key_for(policy_of(message), domain)};
	if (domain.n == 0 || settings->n_egress == 0)
		return false;
	if (facts->sender.text.n == 0) {
		if (message->helo_sender.n == 0) {
			struct buf sender = BUF_INIT(DNS_SENDER_MAX);
			buf_addf(&sender, "postmaster@%.*s", VIEW_ARG(domain));
			message->helo_sender =
			    arena_view(message->arena, buf_view(&sender));
			buf_fini(&sender);
		}
		ret_question->sender = message->helo_sender;
	}
	return true;
}

static struct dns_question
dmarc_question(const struct message *message, struct view domain)
{
	return (struct dns_question){.kind = DNS_ASK_DMARC,
	    .domain = domain,
	    .is_ours = policy_has_key_for(policy_of(message), domain)};
}

void
session_dns_mail(struct session *session)
{
	const struct session_world *world = session->world;
	struct message *message = session->message;
	struct dns_question question;

	if (!session_dns_is_asked(session))
		return;
	message->dns_deadline =
	    world->now(world->context).mono +
	    policy_settings(policy_of(message))->dns_deadline * INT64_C(1000000);
	if (spf_question(message, &question))
		world->dns_start(world->context, &question);
}

void
session_dns_header_end(struct session *session)
{
	const struct session_world *world = session->world;
	struct message *message = session->message;
	const struct policy_key *keys[FACTS_KEYS_MAX];
	struct view author = message->facts.author.domain;

	if (!session_dns_is_asked(session) || author.n == 0)
		return;
	struct dns_question question = dmarc_question(message, author);
	world->dns_start(world->context, &question);
	struct view other = spf_domain(message);
	if (other.n > 0 && !view_is(other, author)) {
		question = dmarc_question(message, other);
		world->dns_start(world->context, &question);
	}
	uint32_t n = session_keys_of_author(session, keys);
	for (uint32_t i = 0; i < n; i++) {
		question = session_keys_question(keys[i]);
		world->dns_start(world->context, &question);
	}
}

/* ---- facts ---- */

bool
session_dns_get(const struct session *session, const struct dns_question *question,
    struct dns_reply_head *ret_reply)
{
	const struct session_world *world = session->world;

	return world->dns_get(
	    world->context, question, session->message->dns_deadline, ret_reply);
}

static enum fact_spf
spf_of(uint32_t outcome)
{
	static const enum fact_spf facts[] = {
	    [SPF_EVAL_PENDING] = SPF_UNKNOWN,
	    [SPF_EVAL_NONE] = SPF_NONE,
	    [SPF_EVAL_NEUTRAL] = SPF_NEUTRAL,
	    [SPF_EVAL_PASS] = SPF_PASS,
	    [SPF_EVAL_FAIL] = SPF_FAIL,
	    [SPF_EVAL_SOFTFAIL] = SPF_SOFTFAIL,
	    [SPF_EVAL_TEMPERROR] = SPF_TEMPERROR,
	    [SPF_EVAL_PERMERROR] = SPF_PERMERROR,
	};

	return outcome < ARRAY_LEN(facts) ? facts[outcome] : SPF_UNKNOWN;
}

/* "-all of example.org", or what is wrong with the record. */
static struct view
spf_term(struct message *message, const struct dns_spf_reply *reply)
{
	struct buf term = BUF_INIT(2 * DNS_TEXT_MAX + 8);

	buf_add_text(&term, reply->problem[0] != '\0' ? reply->problem : reply->term);
	/* A problem is a sentence of its own. */
	if (reply->problem[0] == '\0' && term.n > 0 && reply->domain[0] != '\0')
		buf_addf(&term, " of %s", reply->domain);
	struct view kept = arena_view(message->arena, buf_view(&term));
	buf_fini(&term);
	return kept;
}

static void
facts_spf(struct session *session)
{
	const struct session_world *world = session->world;
	struct message *message = session->message;
	struct facts *facts = &message->facts;
	struct dns_question question;
	struct dns_reply_head reply;

	if (!spf_question(message, &question) ||
	    !session_dns_get(session, &question, &reply))
		return;
	facts->spf = spf_of(reply.spf.outcome);
	if (facts->spf == SPF_UNKNOWN)
		return;
	facts->spf_egress = reply.spf.egress;
	facts->spf_term = spf_term(message, &reply.spf);
	if (question.is_ours && world->spf_opinion != NULL)
		facts->spf_opinion = world->spf_opinion(world->context, question.domain);
}

static enum fact_dmarc_record
dmarc_of(const struct dns_dmarc_way *way)
{
	static const enum fact_dmarc_record asks[] = {
	    [DMARC_ASKS_NONE] = DMARC_RECORD_NONE,
	    [DMARC_ASKS_QUARANTINE] = DMARC_RECORD_QUARANTINE,
	    [DMARC_ASKS_REJECT] = DMARC_RECORD_REJECT,
	};

	if (way->state == DMARC_ABSENT)
		return DMARC_RECORD_ABSENT;
	if (way->state != DMARC_PRESENT || way->asks >= ARRAY_LEN(asks))
		return DMARC_RECORD_UNKNOWN;
	return asks[way->asks];
}

static struct view
keep_text(struct message *message, const char *text)
{
	return arena_view(message->arena, view_of(text));
}

static void
facts_dmarc_by(struct message *message, const struct dns_dmarc_reply *reply)
{
	const struct dns_dmarc_way *list = &reply->by_list, *tree = &reply->by_tree;
	struct facts *facts = &message->facts;

	facts->dmarc_record = dmarc_of(list);
	facts->is_strict_spf = list->is_strict_spf != 0;
	facts->is_strict_dkim = list->is_strict_dkim != 0;
	if (facts->dmarc_record > DMARC_RECORD_ABSENT)
		facts->dmarc_domain = keep_text(message, list->domain);

	facts->tree.record = dmarc_of(tree);
	facts->tree.is_strict_spf = tree->is_strict_spf != 0;
	facts->tree.is_strict_dkim = tree->is_strict_dkim != 0;
	if (facts->tree.record > DMARC_RECORD_ABSENT)
		facts->tree.domain = keep_text(message, tree->domain);
	if (facts->tree.record != DMARC_RECORD_UNKNOWN)
		facts->tree.author = keep_text(message, tree->organizational);
}

static void
facts_dmarc(struct session *session)
{
	struct message *message = session->message;
	struct facts *facts = &message->facts;
	struct view author = facts->author.domain, other = spf_domain(message);
	struct dns_reply_head reply;

	if (author.n == 0)
		return;
	struct dns_question question = dmarc_question(message, author);
	if (!session_dns_get(session, &question, &reply))
		return;
	facts_dmarc_by(message, &reply.dmarc);
	if (facts->tree.record == DMARC_RECORD_UNKNOWN || other.n == 0)
		return;
	if (view_is(other, author)) {
		facts->tree.spf = facts->tree.author;
		return;
	}
	question = dmarc_question(message, other);
	if (session_dns_get(session, &question, &reply) &&
	    reply.dmarc.by_tree.state != DMARC_UNANSWERED)
		facts->tree.spf = keep_text(message, reply.dmarc.by_tree.organizational);
	else
		/* Nobody knows what it aligns with: go by the list alone. */
		facts->tree = (struct fact_dmarc_tree){0};
}

void
session_dns_end(struct session *session)
{
	if (session_dns_is_asked(session)) {
		facts_spf(session);
		facts_dmarc(session);
	}
	session_keys_end(session);
}
