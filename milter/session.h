/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_SESSION_H
#define MILTER_SESSION_H

/*
 * The life of a message, without libmilter.
 *
 * A session is one SMTP client as the MTA shows it: session_connect, session_helo, then any
 * number of messages. A message begins with session_mail, which takes hold of the policy
 * that is in force at that moment and keeps it to the end. Recipients are counted and the
 * policy's rcpt tests answered as they come (session_rcpt); header fields that a signature
 * covers are kept, the body only runs through a hash (session_header, session_body).
 * What is asked of DNS and of Postfix's tables is asked as soon as it is known what to ask,
 * and waited for at the end. session_end fills the facts, asks the engine, has the digests
 * signed by the key process and answers. The caller does what the answer says to the MTA
 * and comes back with session_finish, which writes the record and the log line; only then
 * the MTA hears the verdict. session_abort forgets a message at any point.
 *
 * An idle session costs under a kilobyte: everything that belongs to a message is borrowed
 * from the world for as long as the message lasts.
 *
 * One thread at a time for a session; any number of sessions.
 */

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#include "auth/sign.h"
#include "engine/engine.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/view.h"
#include "milter/dns_client.h"
#include "milter/generation.h"
#include "milter/incidents.h"
#include "milter/message.h"
#include "milter/own_mail.h"
#include "milter/tables_client.h"

enum {
	SESSION_MESSAGE_MAX = 1 << 20, /* bytes of envelope and decision of one message */
	SESSION_NAME_MAX = 255,        /* bytes kept of HELO and daemon names */
	SESSION_TABLES_MS = 2000, /* for Postfix's tables, from the end of the header */
};

/*
 * What a session needs from outside, so that a test can stand in for it. All are called
 * from the session's thread.
 */
struct session_world {
	void *context;
	struct message_pool *messages;
	struct receiver_client *receiver; /* NULL: no second opinion */
	struct clock (*now)(void *context);
	/* The policy in force, held until released. NULL: none (the daemon is stopping):
	 * the message gets 451. */
	struct generation *(*hold_policy)(void *context);
	void (*release_policy)(void *context, struct generation *generation);
	int (*sign)(void *context, struct generation *generation,
	    const struct policy_key *key, const uint8_t digest[SIGN_DIGEST],
	    struct sign_signature *ret_signature, struct err *err);
	/* Keep the record; -1 only where the policy says that no mail passes without one.
	 */
	int (*record)(void *context, const struct facts *facts,
	    const struct decision *decision, const struct generation *generation,
	    uint32_t micros, struct err *err);
	void (*log)(void *context, const struct facts *facts,
	    const struct decision *decision, uint32_t micros);

	/* A message was held, and recorded. NULL: nobody wants to know. */
	void (*held)(void *context, const struct incident_held *held);
	const struct own_mail_secret *own_secret; /* NULL: we send no mail */

	/*
	 * What DNS says, as milter/dns_client.h has it. All NULL: there is no DNS in this
	 * world, and everything is unknown.
	 */
	void (*dns_start)(void *context, const struct dns_question *question);
	bool (*dns_get)(void *context, const struct dns_question *question,
	    int64_t deadline, struct dns_reply_head *ret_reply);
	/* The state of KEY into FACT: REPLY is what DNS says of it now, asked either way;
	 * NULL: no answer. False: every authoritative server is to be asked as well. */
	bool (*key_state)(void *context, struct generation *generation,
	    const struct policy_key *key, const struct dns_reply_head *reply,
	    struct fact_key *fact);
	/* What libspf2 makes of the record of DOMAIN, which we sign for. */
	enum fact_seen (*spf_opinion)(void *context, struct view domain);

	/*
	 * What Postfix's tables say, as milter/tables_client.h has it. NULL: there are none
	 * in this world, and what they would say is unknown.
	 */
	void (*tables_start)(void *context, const struct tables_question *question);
	void (*tables_get)(void *context, const struct tables_question *question,
	    int64_t deadline, struct tables_reply *ret_reply);
};

struct session_header_field {
	struct view name;
	const char
	    *value; /* with its leading blank, folds LF TAB: as smfi_insheader wants it */
};

/* What the MTA shall do. Text lives until session_finish. */
struct session_answer {
	enum verdict verdict;
	char reply_code[4];     /* "451", "550"; empty for accept and hold */
	char enhanced_code[12]; /* "4.7.1" */
	const char *reply_text; /* one line, printable */
	const char *hold_reason;
	const struct session_header_field
	    *insert; /* in the order of smfi_insheader calls */
	uint32_t n_insert;
	const char *remove; /* a field that is there once and goes; NULL: none */
};

struct session;

struct session *session_new(const struct session_world *world);
void session_free(struct session *session); /* a message under way is aborted */

/*
 * A client. SA NULL, or of another family than IP: the MTA does not know it. Postfix shows
 * its own mail as 127.0.0.1, port 0. DAEMON_PORT 0: not known.
 */
void session_connect(
    struct session *session, const struct sockaddr *sa, unsigned daemon_port);
void session_helo(struct session *session, const char *name);

/* PATH and LOGIN as the MTA gives them; LOGIN NULL or "": none. */
void session_mail(struct session *session, const char *path, const char *login);
void session_rcpt(struct session *session, const char *path);
void session_header(struct session *session, const char *name, const char *value);
void session_header_end(struct session *session);
void session_body(struct session *session, struct view chunk);

/* Decide and sign. QUEUE_ID may be NULL. The answer is the session's, until session_finish.
 */
const struct session_answer *session_end(struct session *session, const char *queue_id);

/*
 * The MTA took the changes (TROUBLE NULL) or did not. Records and logs; returns the verdict
 * to give, which may have become VERDICT_DEFER (with the answer's reply changed to match).
 */
enum verdict session_finish(struct session *session, const char *trouble);

void session_abort(struct session *session);

/* Is a message under way? */
bool session_has_message(const struct session *session);

#endif
