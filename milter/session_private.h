/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_SESSION_PRIVATE_H
#define MILTER_SESSION_PRIVATE_H

/*
 * Shared by session.c (what comes in), session_dns.c and session_tables.c (what is asked
 * about it) and session_end.c (what is done about it).
 */

#include "policy/judge.h"

#include "milter/message.h"
#include "milter/session.h"

enum session_client {
	CLIENT_UNKNOWN, /* the MTA does not say: nobody we trust */
	CLIENT_SMTP,
	CLIENT_NONE, /* sendmail(1) and the MTA itself */
};

struct session {
	const struct session_world *world;
	struct message *message; /* NULL: none under way */
	struct addr client;
	enum session_client client_kind;
	unsigned daemon_port;
	char helo[SESSION_NAME_MAX + 1];

	struct session_answer answer;
	struct session_header_field insert[DECISION_TAGS_MAX + DECISION_SIGN_MAX];
};

/* session_dns.c: after MAIL FROM, at the end of the header, and when facts are needed. */
void session_dns_mail(struct session *session);
void session_dns_header_end(struct session *session);
void session_dns_end(struct session *session);
/* Questions are for mail that goes out, and is judged here first. */
bool session_dns_is_asked(const struct session *session);
bool session_dns_get(const struct session *session, const struct dns_question *question,
    struct dns_reply_head *ret_reply);

/* session_tables.c: the same for Postfix's tables. */
void session_tables_mail(struct session *session);
void session_tables_header_end(struct session *session);
void session_tables_end(struct session *session);

/*
 * session_keys.c: the keys that may sign for the author, those of the nearest domain first;
 * the newest first, unless there are too many. And what is known of them, into the facts.
 */
uint32_t session_keys_of_author(
    const struct session *session, const struct policy_key *keys[FACTS_KEYS_MAX]);
struct dns_question session_keys_question(const struct policy_key *key);
void session_keys_end(struct session *session);

/* session_signed.c: signatures that a message came with. */
void session_signature_seen(struct message *message, struct view value);
/* One of the author's domain, or of one that aligns with it, and not by a key of ours? */
bool session_is_signed_already(const struct message *message);

/* session_own.c: mail that we sent ourselves, which its own field says. */
void session_own_header(struct session *session, struct view name, struct view value);
bool session_own_is(const struct session *session);
/* It is held: the key of its incident, before it is recorded. */
void session_name_held(struct session *session);
/* It was held, and is recorded, and not charged yet. */
void session_tell_held(const struct session *session, const struct burst_now *now);

/* The first failure decides: 'set on-error', or a refusal where trying again is no use. */
void answer_for_trouble(const struct err *trouble, enum policy_on_error on_error,
    struct session_answer *answer);

/* The words that the MTA gives to its client. */
void answer_for_decision(
    const struct decision *decision, struct arena *arena, struct session_answer *answer);

#endif
