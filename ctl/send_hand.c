/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor/submit.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "postfix/change.h"
#include "postfix/program.h"

#include "ctl/send.h"

/* The message, and handing it over. */

enum {
	TEXT_MAX = 4096,
	SENDMAIL_MS = 30000,
	SUBMIT_US = 60000000,
	SAID_MAX = 8192,
	ID_MAX = 320,
	SECOND = 1000000,
};

void
send_make(struct send *send, const uint64_t random[2], int64_t now)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	char date[CLOCK_TEXT], id[ID_MAX];

	snprintf(id, sizeof(id), "frank-doctor.%016" PRIx64 "%016" PRIx64 "@%.*s",
	    random[0], random[1], VIEW_ARG(send->from_domain));
	send->message_id = arena_view(send->arena, view_of(id));
	buf_addf(&text, "From: %.*s\nTo: %.*s\n", VIEW_ARG(send->from), VIEW_ARG(send->to));
	buf_addf(&text, "Subject: frank doctor test\nDate: %s\nMessage-ID: <%s>\n",
	    clock_rfc5322(now, date), id);
	buf_add_text(&text, "Auto-Submitted: auto-generated\n"
			    "MIME-Version: 1.0\n"
			    "Content-Type: text/plain; charset=us-ascii\n\n"
			    "This is a test. 'frank doctor --send' sent it to see whether "
			    "mail of this\n"
			    "server arrives, and with which signature. Nobody needs to "
			    "answer it.\n");
	must(!text.full);
	send->text = arena_view(send->arena, buf_view(&text));
	buf_fini(&text);
}

/* Why sendmail(1) may fail though all is well with Postfix. */
static bool
may_not_gain(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static void
hand_to_sendmail(struct send *send)
{
	const char *from = arena_text(send->arena, send->from);
	const char *to = arena_text(send->arena, send->to);
	const char *const options[] = {"-f", from, "-i", "--", to, NULL};
	const struct postfix_program program = {.name = "sendmail",
	    .config = send->order->postfix_config,
	    .options = options,
	    .input = send->text,
	    .milliseconds = SENDMAIL_MS};
	struct buf out = BUF_INIT(SAID_MAX), said = BUF_INIT(SAID_MAX);
	struct err err = ERR_INIT;

	send->is_taken = postfix_run(&program, &out, &said, &err) == 0;
	buf_fini(&out);
	buf_fini(&said);
	if (send->is_taken) {
		(void)send_say(send, "send-path", DOCTOR_OK, "sendmail(1) took it");
		return;
	}
	struct doctor_finding *finding = send_say(
	    send, "send-path", DOCTOR_BAD, "sendmail(1) did not take it: %s", err.text);
	if (geteuid() != 0 && may_not_gain())
		send_remedy(send, finding,
		    "This process may gain no privileges (NoNewPrivileges=), so that "
		    "postdrop(1) cannot write into Postfix's queue: run it outside of that "
		    "unit, or with --submission");
	else
		send_remedy(send, finding,
		    "Postfix's log says why:\npostfix status\njournalctl -t "
		    "postfix/sendmail -t postfix/postdrop -n 20");
}

/* "2.0.0 Ok: queued as 4jX3hQ6zJrz1bY0D" */
static struct view
queue_id_of(struct view said)
{
	static const char before[] = "queued as ";
	const char *at =
	    said.n > 0 ? memmem(said.p, said.n, before, sizeof(before) - 1) : NULL;
	struct view rest, id;

	if (at == NULL)
		return VIEW("");
	rest = view_from(said, (size_t)(at - said.p) + sizeof(before) - 1);
	return view_cut(&rest, ' ', &id) && postfix_is_id(id) ? id : VIEW("");
}

static void
say_refused(struct send *send, const struct submit_answer *answer, const struct err *err)
{
	struct doctor_finding *finding = send_say(send, "send-path", DOCTOR_BAD,
	    "%.*s did not take it: %s", VIEW_ARG(send->way), err->text);

	if (answer->code == 535) /* RFC 4954 6 */
		send_remedy(send, finding,
		    "See whether name and password are right; the log of who checks them "
		    "(Dovecot, saslauthd) says more:\njournalctl -u 'postfix*' -u dovecot "
		    "-n 20");
	else if (answer->code >= 400)
		send_remedy(send, finding,
		    "The log of that server has the reason:\njournalctl -u 'postfix*' -n "
		    "20");
	else
		send_remedy(send, finding,
		    "See what there is on these ports:\nfrank doctor --only connect-in "
		    "-v");
}

static void
hand_to_server(struct send *send, struct view password)
{
	const struct view helo = send->world->helo;
	const struct submit submit = {.host = send->server.host,
	    .port = send->server.port,
	    .is_tls = send->order->submissions != NULL || send->server.port == 465,
	    .helo = helo.n > 0 ? helo : VIEW("localhost"),
	    .login = view_of(send->order->send.login),
	    .password = password,
	    .sender = send->from,
	    .rcpt = send->to,
	    .text = send->text,
	    .now = send->began / SECOND,
	    .deadline = clock_mono() + SUBMIT_US,
	    .arena = send->arena};
	struct submit_answer answer;
	struct err err = ERR_INIT;

	send->is_taken = submit_send(&submit, &answer, &err) == 0;
	send->was_said = answer.has_text;
	if (!send->is_taken) {
		say_refused(send, &answer, &err);
		return;
	}
	send->queue_id = queue_id_of(answer.said);
	(void)send_say(send, "send-path", DOCTOR_OK, "%.*s took it (%.*s%s%s): %d %.*s",
	    VIEW_ARG(send->way),
	    VIEW_ARG(answer.protocol.n > 0 ? answer.protocol : VIEW("without TLS")),
	    submit.login.n > 0 ? ", login " : "",
	    submit.login.n > 0 ? send->order->send.login : "", answer.code,
	    VIEW_ARG(answer.said));
}

void
send_hand_over(struct send *send, struct view password)
{
	if (send->is_submitted)
		hand_to_server(send, password);
	else
		hand_to_sendmail(send);
}
