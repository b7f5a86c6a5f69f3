/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/types.h>

#include <libmilter/mfapi.h>

#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "milter/adapter.h"

enum {
	REPLY_TEXT_MAX = 500, /* bytes of an SMTP reply line, percent signs doubled */
	/* A header field or a body chunk; Postfix's header_size_limit is 102,400. libmilter
	 * closes the connection on a larger one. */
	PACKET_MAX = 1 << 20,
};

/* libmilter's callbacks carry no argument of ours: what they share is set once, before
 * smfi_main. */
static struct {
	const struct session_world *world;
	bool is_unix;
} adapter;

/* Steps that need no answer: each one saves two system calls and a switch of processes. */
static const unsigned long no_replies = SMFIP_NR_HDR | SMFIP_NR_CONN | SMFIP_NR_HELO |
					SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_EOH |
					SMFIP_NR_BODY;

/* What was negotiated for this connection; kept beside its session. */
struct connection {
	struct session *session;
	unsigned long steps;
};

/* libmilter takes char *, and keeps nothing. */
static char *
lend(const char *text)
{
	char *lent;

	memcpy(&lent, &text, sizeof(lent));
	return lent;
}

static const char *
macro(SMFICTX *ctx, const char *name)
{
	return smfi_getsymval(ctx, lend(name));
}

static struct connection *
connection_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

/* The answer to a step: none, where that was agreed (answering would confuse the MTA, and
 * staying silent hang it). */
static sfsistat
go_on(const struct connection *connection, unsigned long step)
{
	return (connection->steps & step) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* libmilter says what its callbacks take. */
/* NOLINTBEGIN(readability-function-size,readability-non-const-parameter) */
static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *ret_actions,
    unsigned long *ret_steps, unsigned long *ret_unused2, unsigned long *ret_unused3)
{
	unsigned long want = no_replies | SMFIP_HDR_LEADSPC;
	unsigned long need = SMFIF_ADDHDRS | SMFIF_QUARANTINE;

	(void)unused2;
	(void)unused3;
	if ((actions & need) != need) {
		log_error("the MTA does not let a milter add header fields and hold mail");
		return SMFIS_REJECT;
	}
	if (adapter.is_unix)
		want |= SMFIP_NR_DATA;
	if ((steps & SMFIP_HDR_LEADSPC) == 0)
		log_warn("the MTA does not show the blank behind a header field's colon: "
			 "simple header canonicalisation would fail");

	/* A peer that negotiates twice keeps its session. */
	struct connection *connection = connection_of(ctx);
	if (connection == NULL) {
		connection = mem_zeroed(1, sizeof(*connection));
		connection->session = session_new(adapter.world);
	}
	connection->steps = steps & want;
	(void)smfi_setpriv(ctx, connection);

	/* Asked for here, they come whatever main.cf says in milter_*_macros. */
	(void)smfi_setsymlist(ctx, SMFIM_CONNECT, lend("{daemon_port}"));
	(void)smfi_setsymlist(ctx, SMFIM_ENVFROM, lend("i {auth_authen}"));
	(void)smfi_setsymlist(ctx, SMFIM_ENVRCPT, lend("i"));
	(void)smfi_setsymlist(ctx, SMFIM_EOM, lend("i"));

	*ret_actions = need | (actions & (SMFIF_SETSYMLIST | SMFIF_CHGHDRS));
	*ret_steps = connection->steps | SMFIP_NOUNKNOWN;
	*ret_unused2 = 0;
	*ret_unused3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat
on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct connection *connection = connection_of(ctx);
	unsigned long long port = 0;

	(void)host;
	const char *text = macro(ctx, "{daemon_port}");
	(void)view_number(view_of(text), 65535, &port);
	session_connect(connection->session, address, (unsigned)port);
	return go_on(connection, SMFIP_NR_CONN);
}
/* NOLINTEND(readability-function-size,readability-non-const-parameter) */

static sfsistat
on_helo(SMFICTX *ctx, char *name)
{
	struct connection *connection = connection_of(ctx);

	session_helo(connection->session, name);
	return go_on(connection, SMFIP_NR_HELO);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct connection *connection = connection_of(ctx);

	session_mail(connection->session, argv[0], macro(ctx, "{auth_authen}"));
	return go_on(connection, SMFIP_NR_MAIL);
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct connection *connection = connection_of(ctx);

	session_rcpt(connection->session, argv[0]);
	return go_on(connection, SMFIP_NR_RCPT);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	return go_on(connection_of(ctx), SMFIP_NR_DATA);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct connection *connection = connection_of(ctx);

	session_header(connection->session, name, value);
	return go_on(connection, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct connection *connection = connection_of(ctx);

	session_header_end(connection->session);
	return go_on(connection, SMFIP_NR_EOH);
}

/* Postfix and Sendmail send end-of-body without data, so an unanswered chunk never hides an
 * end of message. */
static sfsistat
on_body(SMFICTX *ctx, unsigned char *chunk, size_t n)
{
	struct connection *connection = connection_of(ctx);

	session_body(connection->session, (struct view){(const char *)chunk, n});
	return go_on(connection, SMFIP_NR_BODY);
}

/* NULL, or what the MTA did not take. */
static const char *
answer_apply(SMFICTX *ctx, const struct session_answer *answer)
{
	char name[128];

	/* It is of no use to anybody else; a message that keeps it is none the worse. */
	if (answer->remove != NULL &&
	    smfi_chgheader(ctx, lend(answer->remove), 1, NULL) != MI_SUCCESS)
		log_warn("the MTA did not take field %s out", answer->remove);
	for (uint32_t i = 0; i < answer->n_insert; i++) {
		const struct session_header_field *field = &answer->insert[i];
		snprintf(name, sizeof(name), "%.*s", VIEW_ARG(field->name));
		/* Index 1: directly below the MTA's own Received field. */
		if (smfi_insheader(ctx, 1, name, lend(field->value)) != MI_SUCCESS)
			return "the MTA did not take a header field";
	}
	if (answer->verdict == VERDICT_HOLD &&
	    smfi_quarantine(ctx, lend(answer->hold_reason)) != MI_SUCCESS)
		return "the MTA did not take the hold";
	return NULL;
}

static void
reply_set(SMFICTX *ctx, const struct session_answer *answer)
{
	char text[REPLY_TEXT_MAX + 2];
	size_t n = 0;

	/* The MTA formats it: a percent sign is doubled; ASCII only (RFC 5321 4.2). */
	for (const char *p = answer->reply_text; *p != '\0' && n < REPLY_TEXT_MAX; p++) {
		if (*p == '%')
			text[n++] = '%';
		text[n++] = (char)(*p >= ' ' && *p <= '~' ? *p : '?');
	}
	text[n] = '\0';
	if (smfi_setreply(ctx, lend(answer->reply_code), lend(answer->enhanced_code),
		text) != MI_SUCCESS)
		log_warn("libmilter did not take the reply \"%s %s %s\"",
		    answer->reply_code, answer->enhanced_code, text);
}

static sfsistat
on_end(SMFICTX *ctx)
{
	struct session *session = connection_of(ctx)->session;
	sfsistat status = SMFIS_CONTINUE;

	if (!session_has_message(session))
		return SMFIS_TEMPFAIL;
	const struct session_answer *answer = session_end(session, macro(ctx, "i"));
	const char *trouble = answer_apply(ctx, answer);
	enum verdict verdict = session_finish(session, trouble);
	if (verdict == VERDICT_DEFER || verdict == VERDICT_REJECT) {
		reply_set(ctx, answer);
		status = verdict == VERDICT_DEFER ? SMFIS_TEMPFAIL : SMFIS_REJECT;
	}
	session_abort(session);
	return status;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	session_abort(connection_of(ctx)->session);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct connection *connection = connection_of(ctx);

	if (connection != NULL) {
		(void)smfi_setpriv(ctx, NULL);
		session_free(connection->session);
		free(connection);
	}
	return SMFIS_CONTINUE;
}

int
adapter_serve(
    int listen_fd, bool is_unix, const struct session_world *world, struct err *err)
{
	char name[] = "frankd", conn[32];
	struct smfiDesc description = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags =
		SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_SETSYMLIST,
	    .xxfi_negotiate = on_negotiate,
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_rcpt,
	    .xxfi_data = on_data,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_end,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	};

	adapter.world = world;
	adapter.is_unix = is_unix;
	snprintf(conn, sizeof(conn), "fd:%d", listen_fd);
	(void)smfi_setmaxdatasize(PACKET_MAX);
	if (smfi_register(description) != MI_SUCCESS || smfi_setconn(conn) != MI_SUCCESS)
		return err_set(err, ERR_CONFIG, "libmilter does not take \"%s\"", conn);
	if (smfi_main() != MI_SUCCESS)
		return err_set(err, ERR_IO, "libmilter ended with an error");
	return err_set(err, ERR_IO, "libmilter ended");
}
