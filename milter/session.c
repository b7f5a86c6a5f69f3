/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/address.h"

#include "milter/session_private.h"

struct session *
session_new(const struct session_world *world)
{
	struct session *session = mem_zeroed(1, sizeof(*session));

	session->world = world;
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	session_abort(session);
	free(session);
}

bool
session_has_message(const struct session *session)
{
	return session->message != NULL;
}

void
session_abort(struct session *session)
{
	const struct session_world *world = session->world;
	struct message *message = TAKE(session->message);

	if (message == NULL)
		return;
	if (message->ticket.is_open)
		receiver_client_cancel(world->receiver, &message->ticket);
	if (message->generation != NULL)
		world->release_policy(world->context, message->generation);
	message_return(world->messages, message);
}

static bool
sockaddr_has_port(const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		return in.sin_port != 0;
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		return in6.sin6_port != 0;
	}
	return false;
}

void
session_connect(struct session *session, const struct sockaddr *sa, unsigned daemon_port)
{
	session_abort(session);
	session->client =
	    sa != NULL ? addr_of_sockaddr(sa) : (struct addr){.family = ADDR_NONE};
	session->client_kind = CLIENT_UNKNOWN;
	session->daemon_port = daemon_port;
	session->helo[0] = '\0';
	if (session->client.family == ADDR_NONE)
		return;
	/* Postfix shows pickup's mail as loopback without a port. A client elsewhere may
	 * lack one too, when a proxy in front did not pass it on: that one is no less a
	 * client. */
	if (sockaddr_has_port(sa) || !addr_is_loopback(session->client)) {
		session->client_kind = CLIENT_SMTP;
	} else {
		session->client_kind = CLIENT_NONE;
		session->client = (struct addr){.family = ADDR_NONE};
	}
}

void
session_helo(struct session *session, const char *name)
{
	size_t n = strnlen(name, SESSION_NAME_MAX);

	/* A second HELO (after STARTTLS) begins anew. */
	session_abort(session);
	/* RFC 5321 4.1.1.1 has ASCII only; anything else would not come out of the journal
	 * as it went in. */
	for (size_t i = 0; i < n; i++)
		session->helo[i] = (char)(name[i] > ' ' && name[i] <= '~' ? name[i] : '?');
	session->helo[n] = '\0';
}

static bool
port_is_reentry(const struct policy_settings *settings, unsigned port)
{
	for (uint32_t i = 0; i < settings->n_reentry; i++)
		if (settings->reentry[i] == port)
			return true;
	return false;
}

static enum fact_path
path_of(const struct session *session, const struct policy *policy, struct view login)
{
	if (session->client_kind == CLIENT_NONE)
		return PATH_LOCAL;
	if (login.n > 0)
		return PATH_SUBMISSION;
	if (session->client_kind == CLIENT_UNKNOWN ||
	    !policy_client_is_trusted(policy, session->client))
		return PATH_INBOUND;
	/* Only a client that may relay anyway can say that a message was judged before. */
	if (port_is_reentry(policy_settings(policy), session->daemon_port))
		return PATH_REENTRY;
	return PATH_RELAY;
}

/* A copy in the message's arena; trouble when that is full. */
static struct view
keep(struct message *message, struct view text)
{
	struct err err = ERR_INIT;
	struct view copy = arena_view(message->arena, text);

	if (copy.p == NULL) {
		err_set(&err, ERR_LIMIT, "the envelope is larger than %d bytes",
		    MESSAGE_ARENA_MAX);
		message_trouble(message, &err);
		return VIEW_NONE;
	}
	return copy;
}

/* What cannot be parsed stays as it came: no domain, so it belongs to nobody. */
static struct fact_address
address_of(struct message *message, const char *path)
{
	struct address parsed;
	struct err ignored = ERR_INIT;

	switch (address_parse_path(view_of(path), message->arena, &parsed, &ignored)) {
	case 1:
		return (struct fact_address){parsed.text, parsed.local, parsed.domain};
	case 0:
		return (struct fact_address){0};
	default:
		break;
	}
	struct view raw = keep(message, view_of(path));
	return (struct fact_address){.text = raw, .local = raw, .domain = VIEW_NONE};
}

static enum sign_canon
canon_of(enum policy_canon canon)
{
	return canon == CANON_SIMPLE ? SIGN_SIMPLE : SIGN_RELAXED;
}

void
session_mail(struct session *session, const char *path, const char *login)
{
	const struct session_world *world = session->world;

	session_abort(session);
	struct message *message = message_borrow(world->messages);
	session->message = message;
	message->generation = world->hold_policy(world->context);
	if (message->generation == NULL) {
		struct err err = ERR_INIT;
		err_set(&err, ERR_TEMP, "frankd is stopping");
		message_trouble(message, &err);
		sign_begin(message->sign, SIGN_RELAXED, SIGN_RELAXED);
		return;
	}
	const struct policy *policy = message->generation->policy;
	const struct policy_settings *settings = policy_settings(policy);
	struct facts *facts = &message->facts;

	sign_begin(message->sign, canon_of(settings->header_canon),
	    canon_of(settings->body_canon));
	facts->user = keep(message, view_of(login));
	facts->path = path_of(session, policy, facts->user);
	facts->client = session->client;
	facts->helo = keep(message, view_of(session->helo));
	facts->sender = address_of(message, path);
	metering_begin(&message->metering, message->generation->metering, facts,
	    message->arena, world->now(world->context).wall);
	session_dns_mail(session);
	session_tables_mail(session);
}

static void
rcpt_tests(struct message *message, const struct fact_address *rcpt)
{
	const struct policy *policy = message->generation->policy;
	uint32_t n = policy_rcpt_tests(policy);

	if (message->fits == NULL && n > 0)
		message->fits = arena_array(message->arena, n, sizeof(message->fits[0]));
	if (message->fits == NULL && n > 0) {
		struct err err = ERR_INIT;
		err_set(&err, ERR_LIMIT, "no memory is left for the recipients");
		message_trouble(message, &err);
	}
	for (uint32_t i = 0; i < n && message->fits != NULL; i++)
		message->fits[i] += policy_rcpt_fits(policy, i, rcpt);
}

void
session_rcpt(struct session *session, const char *path)
{
	struct message *message = session->message;

	if (message == NULL || message->generation == NULL)
		return;
	struct facts *facts = &message->facts;
	if (message->sample == NULL)
		message->sample = arena_array(
		    message->arena, FACTS_RCPT_SAMPLE, sizeof(message->sample[0]));
	facts->rcpts++;
	bool is_kept = facts->n_rcpt_sample < FACTS_RCPT_SAMPLE && message->sample != NULL;
	if (!is_kept && policy_rcpt_tests(message->generation->policy) == 0 &&
	    message->metering.metering == NULL)
		return;
	/* Behind the sample an address only has to live until its tests are answered. */
	struct arena *arena = message->arena;
	struct arena *passing = is_kept ? NULL : arena_new(0);
	message->arena = is_kept ? arena : passing;
	struct fact_address rcpt = address_of(message, path);
	message->arena = arena;

	rcpt_tests(message, &rcpt);
	metering_rcpt(&message->metering, &rcpt);
	if (is_kept)
		message->sample[facts->n_rcpt_sample++] = rcpt;
	arena_free(passing);
}

void
session_header(struct session *session, const char *name, const char *value)
{
	struct message *message = session->message;
	struct err err = ERR_INIT;

	if (message == NULL)
		return;
	struct view name_view = view_of(name), value_view = view_of(value);
	message->header_bytes += name_view.n + value_view.n + 3;
	if (sign_header(message->sign, name_view, value_view, &err) != 0)
		message_trouble(message, &err);
	if (view_is_nocase(name_view, VIEW("DKIM-Signature")))
		session_signature_seen(message, value_view);
	session_own_header(session, name_view, value_view);
}

static void
facts_header(struct message *message)
{
	struct facts *facts = &message->facts;
	struct address author;
	struct view unclear;
	size_t n;

	const struct view *from = sign_from_values(message->sign, &n);
	if (address_parse_author(from, n, message->arena, &author, &unclear) == 1)
		facts->author =
		    (struct fact_address){author.text, author.local, author.domain};
	else
		facts->unclear = unclear.n > 0 ? unclear : VIEW("not understood");
	facts->is_signed_already = session_is_signed_already(message);

	struct view id = view_trim(sign_header_value(message->sign, VIEW("Message-ID")));
	if (id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = (struct view){id.p + 1, id.n - 2};
	facts->message_id = view_head(id, 998);
}

/* The author is known now, and with it whose keys will sign: time to choose what the
 * receiver is shown. */
void
session_header_end(struct session *session)
{
	struct message *message = session->message;

	if (message == NULL || message->generation == NULL || message->header_ended)
		return;
	message->header_ended = true;
	facts_header(message);
	session_dns_header_end(session);
	session_tables_header_end(session);
	if (session->world->receiver != NULL && !message_is_others(message))
		receiver_client_open(session->world->receiver, message->generation,
		    message->facts.author.domain, &message->ticket);
}

void
session_body(struct session *session, struct view chunk)
{
	struct message *message = session->message;

	if (message == NULL)
		return;
	sign_body(message->sign, chunk);
	if (message->ticket.is_open)
		receiver_client_body(session->world->receiver, &message->ticket, chunk);
}
