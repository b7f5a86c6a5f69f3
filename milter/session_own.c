/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "milter/session_private.h"

/* Mail that frankd itself has sent, and what is told of mail that is held. */

void
session_own_header(struct session *session, struct view name, struct view value)
{
	struct message *message = session->message;

	if (session->world->own_secret == NULL ||
	    !view_is_nocase(name, VIEW(OWN_MAIL_FIELD)))
		return;
	if (message->n_own_marks++ == 0)
		message->own_mark =
		    arena_view(message->arena, view_head(value, 2 * OWN_MAIL_MARK));
}

bool
session_own_is(const struct session *session)
{
	const struct message *message = session->message;
	const struct facts *facts = &message->facts;
	const struct session_world *world = session->world;

	if (message->n_own_marks != 1 || facts->rcpts != 1 || facts->n_rcpt_sample != 1 ||
	    (facts->path != PATH_RELAY && facts->path != PATH_LOCAL))
		return false;
	const struct own_mail mail = {.message_id = facts->message_id,
	    .rcpt = message->sample[0].text,
	    .date = sign_header_value(message->sign, VIEW("Date"))};
	return own_mail_is(
	    world->own_secret, &mail, message->own_mark, message->end_began.wall / 1000000);
}

/* As meters name it, when there are none. */
static struct view
origin_name(const struct message *message, struct login *login, char text[ADDR_TEXT])
{
	const struct facts *facts = &message->facts;

	if (message->metering.origin_name.n > 0)
		return message->metering.origin_name;
	login_make(message->generation->policy, facts->user, login);
	if (login->n > 0)
		return login_view(login);
	if (facts->client.family != ADDR_NONE)
		return view_of(addr_text(facts->client, text));
	return VIEW("local");
}

static bool
is_of_incident(const struct session *session)
{
	const struct message *message = session->message;

	return session->world->held != NULL && !message->is_own &&
	       message->decision.verdict == VERDICT_HOLD;
}

void
session_name_held(struct session *session)
{
	struct message *message = session->message;
	struct decision *decision = &message->decision;
	char text[ADDR_TEXT];
	struct login login;

	if (!is_of_incident(session))
		return;
	if (decision->meter != NULL)
		decision->key =
		    metering_key_name(&message->metering, decision->meter->index);
	if (decision->key.n == 0)
		decision->key =
		    arena_view(message->arena, origin_name(message, &login, text));
}

void
session_tell_held(const struct session *session, const struct burst_now *now)
{
	const struct message *message = session->message;
	const struct session_world *world = session->world;
	char text[ADDR_TEXT];
	struct login login;

	if (!is_of_incident(session))
		return;
	const struct incident_held held = {.facts = &message->facts,
	    .decision = &message->decision,
	    .origin = origin_name(message, &login, text),
	    .client_is_new = metering_client_is_new(&message->metering, now)};
	world->held(world->context, &held);
}
