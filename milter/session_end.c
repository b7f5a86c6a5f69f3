/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/session_private.h"

static void
facts_body(struct message *message)
{
	struct facts *facts = &message->facts;
	struct sign_seen seen = sign_seen(message->sign);

	facts->size = message->header_bytes + seen.body_bytes;
	facts->fragile = (seen.long_line ? FRAGILE_LONG_LINE : 0u) |
			 (seen.eight_bit ? FRAGILE_EIGHT_BIT : 0u) |
			 (seen.bare_cr ? FRAGILE_BARE_CR : 0u) |
			 (seen.nul ? FRAGILE_NUL : 0u);
}

/* As the meters have it; the facts have the local time. */
static struct burst_now
message_now(const struct message *message)
{
	const struct facts *facts = &message->facts;

	return metering_now(
	    message->end_began.mono, facts->local_date, facts->local_minute);
}

static void
facts_complete(struct session *session, const char *queue_id)
{
	struct message *message = session->message;
	struct facts *facts = &message->facts;
	struct clock_local local = clock_local(message->end_began.wall);

	facts->time = message->end_began.wall;
	facts->local_date = local.date;
	facts->local_minute = local.minute;
	facts->local_weekday = local.weekday;
	facts->queue_id = arena_view(message->arena, view_of(queue_id));
	facts->rcpt_sample = message->sample;
	facts->rcpt_fits = message->fits;
	facts->n_rcpt_fits =
	    message->fits == NULL ? 0 : policy_rcpt_tests(message->generation->policy);
	session_header_end(session);
	facts_body(message);
	session_dns_end(session);
	session_tables_end(session);
	struct burst_now now = message_now(message);
	message->is_own = session_own_is(session);
	if (message->is_own)
		metering_message_reset(&message->metering);
	metering_read(&message->metering, facts, message->arena, &now);
}

/* One DKIM-Signature into VALUE: prepare, have the digest signed elsewhere, finish. */
static int
signature_make(struct session *session, const struct policy_key *key, struct buf *value,
    struct err *err)
{
	struct message *message = session->message;
	const struct session_world *world = session->world;
	uint32_t lifetime =
	    policy_settings(message->generation->policy)->signature_lifetime;
	int64_t now = message->end_began.wall / 1000000;
	struct sign_key sign_key = {
	    .domain = key->domain,
	    .selector = key->selector,
	    .algorithm =
		key->algorithm == ALGORITHM_RSA ? SIGN_RSA_SHA256 : SIGN_ED25519_SHA256,
	};
	uint8_t digest[SIGN_DIGEST];
	struct sign_signature signature;

	if (sign_prepare(message->sign, &sign_key, now, lifetime == 0 ? 0 : now + lifetime,
		value, digest, err) != 0 ||
	    world->sign(
		world->context, message->generation, key, digest, &signature, err) != 0)
		return err_add(err, "signing with %.*s/%.*s", VIEW_ARG(key->domain),
		    VIEW_ARG(key->selector));
	sign_finish(value, signature.bytes, signature.n);
	if (value->full)
		return err_set(err, ERR_LIMIT, "the signature is longer than %d bytes",
		    MESSAGE_VALUE_MAX);
	return 0;
}

static struct session_header_field *
insert_next(struct session *session)
{
	must(session->answer.n_insert < ARRAY_LEN(session->insert));
	return &session->insert[session->answer.n_insert++];
}

/* A piece of the policy, or text of the engine's: as a field's value it ends, and begins
 * with a blank. */
static const char *
tag_value(struct message *message, struct view text)
{
	char *value = arena_alloc(message->arena, text.n + 2);

	if (value == NULL)
		return NULL;
	value[0] = ' ';
	if (text.n > 0)
		memcpy(value + 1, text.p, text.n);
	return value;
}

/* Tags first, so that the signatures end up above them. */
static int
marks_make(struct session *session, struct err *err)
{
	struct message *message = session->message;
	const struct decision *decision = &message->decision;

	for (uint32_t i = 0; i < decision->n_tags; i++) {
		struct session_header_field *field = insert_next(session);
		field->name = decision->tags[i].name;
		field->value = tag_value(message, decision->tags[i].value);
		if (field->value == NULL)
			return err_set(err, ERR_LIMIT, "no memory is left for a tag");
	}
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		if (signature_make(session, decision->sign[i], &message->values[i], err) !=
		    0)
			return -1;
		struct session_header_field *field = insert_next(session);
		field->name = VIEW("DKIM-Signature");
		field->value = buf_text(&message->values[i]);
	}
	return 0;
}

static void
decide(struct session *session)
{
	struct message *message = session->message;
	const struct generation *generation = message->generation;
	struct decision *decision = &message->decision;
	struct err err = ERR_INIT;

	must(generation != NULL);
	engine_decide(generation->policy, &message->facts, message->arena, NULL, decision);
	if (decision->on_error.n > 0 && message_is_others(message)) {
		*decision = (struct decision){.verdict = VERDICT_ACCEPT};
		return;
	}
	if (decision->on_error.n > 0) {
		err_set(&err, ERR_TEMP, "%.*s", VIEW_ARG(decision->on_error));
		message_trouble(message, &err);
		return;
	}
	if (decision->verdict != VERDICT_ACCEPT && decision->verdict != VERDICT_HOLD) {
		decision->n_sign = 0;
		return;
	}
	if (marks_make(session, &err) != 0)
		message_trouble(message, &err);
	else
		receiver_client_end(session->world->receiver, &message->ticket,
		    message->generation, message->sign, decision, message->values);
}

/* Our own trouble takes the place of whatever was decided. */
static void
trouble_decides(struct session *session)
{
	struct message *message = session->message;
	struct decision *decision = &message->decision;
	enum policy_on_error on_error =
	    message->generation == NULL
		? ON_ERROR_DEFER
		: policy_settings(message->generation->policy)->on_error;

	answer_for_trouble(&message->trouble, on_error, &session->answer);
	decision->verdict = session->answer.verdict;
	decision->on_error = view_of(message->trouble.text);
	decision->place = decision->label = decision->reply = VIEW_NONE;
	/* What was made before something failed is not on the message. */
	decision->n_sign = decision->n_tags = 0;
	decision->is_signed = false;
}

const struct session_answer *
session_end(struct session *session, const char *queue_id)
{
	struct message *message = session->message;
	const struct session_world *world = session->world;

	must(message != NULL);
	session->answer = (struct session_answer){.insert = session->insert};
	message->decision = (struct decision){0};
	message->end_began = world->now(world->context);
	sign_body_end(message->sign);
	if (message->generation != NULL)
		facts_complete(session, queue_id);
	if (message->trouble.code == ERR_NONE)
		decide(session);
	if (message->trouble.code != ERR_NONE)
		trouble_decides(session);
	else
		answer_for_decision(&message->decision, message->arena, &session->answer);
	session->answer.remove = message->is_own ? OWN_MAIL_FIELD : NULL;
	return &session->answer;
}

/* Other people's mail is not ours to keep, unless it claims to be from a domain of ours. */
static bool
is_recorded(const struct message *message)
{
	const struct facts *facts = &message->facts;

	if (message->generation == NULL)
		return false;
	if (facts->path != PATH_INBOUND || message->decision.verdict != VERDICT_ACCEPT)
		return true;
	const struct policy *policy = message->generation->policy;
	return policy_has_key_for(policy, facts->sender.domain) ||
	       policy_has_key_for(policy, facts->author.domain);
}

/* Only what is on its way, or held, is charged: a retry does not dig its own hole. */
static void
charge(struct message *message)
{
	struct burst_now now = message_now(message);
	uint64_t flagged = message->decision.flagged;

	if (message->trouble.code != ERR_NONE)
		return;
	if (message->decision.verdict == VERDICT_ACCEPT ||
	    message->decision.verdict == VERDICT_HOLD)
		metering_charge(&message->metering, flagged, &now);
	else
		metering_flag(&message->metering, flagged, &now);
}

enum verdict
session_finish(struct session *session, const char *trouble)
{
	struct message *message = session->message;
	const struct session_world *world = session->world;
	struct err err = ERR_INIT;

	must(message != NULL);
	if (trouble != NULL) {
		err_set(&err, ERR_TEMP, "%s", trouble);
		message->trouble = err;
		trouble_decides(session);
	}
	struct clock now = world->now(world->context);
	uint32_t micros = (uint32_t)(now.mono - message->end_began.mono);
	session_name_held(session);
	if (is_recorded(message)) {
		if (world->record(world->context, &message->facts, &message->decision,
			message->generation, micros, &err) != 0) {
			message->trouble = err;
			trouble_decides(session);
		}
		world->log(world->context, &message->facts, &message->decision, micros);
	}
	const struct burst_now metered = message_now(message);
	session_tell_held(session, &metered);
	charge(message);
	return session->answer.verdict;
}
