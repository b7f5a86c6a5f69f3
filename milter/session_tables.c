/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "milter/session_private.h"

/*
 * What Postfix's tables say of a message: all keys that judging may need are asked at once,
 * as soon as they are known, and waited for at the end. What is not answered by then is
 * unknown, which for 'owns' is trouble of ours.
 */

/* Nothing is asked about mail of others; about what a filter hands back it is, since a rule
 * that signs by 'owns' would keep it for ever without an answer. */
static bool
is_asked(const struct session *session)
{
	const struct message *message = session->message;

	return session->world->tables_get != NULL && message->generation != NULL &&
	       message->facts.path != PATH_INBOUND &&
	       policy_has_postmap(message->generation->policy);
}

/* In the login's one form: whoever has one may write it in many ways. */
static uint64_t
origin_of(const struct message *message)
{
	static const struct map_seed seed = {0, 0};
	const struct facts *facts = &message->facts;
	struct login login;

	login_make(message->generation->policy, facts->user, &login);
	return login.n > 0 ? siphash(seed, login.text, login.n)
			   : siphash(seed, &facts->client, sizeof(facts->client));
}

static struct tables_question
question_of(const struct message *message, const struct fact_lookup *lookup)
{
	return (struct tables_question){
	    .table = policy_postmap_table(message->generation->policy, lookup->map),
	    .key = lookup->key,
	    .origin = origin_of(message)};
}

/* WHAT there is to look up, enum policy_lookup, is known now. */
static void
lookups_start(struct session *session, unsigned what)
{
	const struct session_world *world = session->world;
	struct message *message = session->message;
	uint32_t before = message->n_lookups;
	struct err err = ERR_INIT;

	if (!is_asked(session))
		return;
	if (message->lookups == NULL)
		message->lookups = arena_array(
		    message->arena, FACTS_LOOKUPS_MAX, sizeof(message->lookups[0]));
	if (message->lookups == NULL ||
	    !policy_lookups(message->generation->policy, &message->facts, what,
		message->arena, message->lookups, &message->n_lookups)) {
		err_set(&err, ERR_LIMIT, "no memory is left for what is looked up");
		message_trouble(message, &err);
		return;
	}
	for (uint32_t i = before; i < message->n_lookups; i++) {
		struct tables_question question =
		    question_of(message, &message->lookups[i]);
		world->tables_start(world->context, &question);
	}
}

void
session_tables_mail(struct session *session)
{
	lookups_start(session, LOOKUP_SENDER | LOOKUP_ORIGIN);
}

void
session_tables_header_end(struct session *session)
{
	const struct session_world *world = session->world;

	lookups_start(session, LOOKUP_AUTHOR);
	session->message->tables_deadline =
	    world->now(world->context).mono + SESSION_TABLES_MS * INT64_C(1000);
}

void
session_tables_end(struct session *session)
{
	const struct session_world *world = session->world;
	struct message *message = session->message;
	struct tables_reply reply;

	if (!is_asked(session))
		return;
	for (uint32_t i = 0; i < message->n_lookups; i++) {
		struct fact_lookup *lookup = &message->lookups[i];
		struct tables_question question = question_of(message, lookup);

		world->tables_get(
		    world->context, &question, message->tables_deadline, &reply);
		lookup->answer = reply.answer;
		lookup->values =
		    arena_view(message->arena, (struct view){reply.values, reply.n});
		/* No room for it: then it is as if there was no answer. */
		if (lookup->values.p == NULL)
			lookup->answer = ANSWER_UNKNOWN;
	}
	message->facts.lookups = message->lookups;
	message->facts.n_lookups = message->n_lookups;
}
