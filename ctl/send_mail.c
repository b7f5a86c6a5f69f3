/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "postfix/change.h"
#include "postfix/queue.h"

#include "ctl/send.h"
#include "ctl/verify.h"

/* Do the signatures of the message verify, as it arrived or as it stands in the queue? */

void
send_queue_look(struct send *send)
{
	bool is_refused =
	    view_is(send->verdict, VIEW("reject")) || view_is(send->verdict, VIEW("defer"));
	struct err err = ERR_INIT;

	/* What was sent or refused is gone from there, or about to go, and what is refused
	 * is not signed. */
	if (is_refused || send->mail_from.n > 0 || !postfix_is_id(send->queue_id) ||
	    send->state == SEND_SETTLED || send->state == SEND_UNSEEN)
		return;
	buf_reset(&send->mail);
	if (postfix_cat(send->order->postfix_config, send->queue_id, POSTFIX_MESSAGE,
		&send->mail, &err) == 0)
		send->mail_from = VIEW("Postfix's queue");
}

static void
say_one(struct send *send, const struct verify_finding *at)
{
	static const enum doctor_answer answers[] = {
	    [RECEIVER_NO_OPINION] = DOCTOR_UNKNOWN,
	    [RECEIVER_AGREES] = DOCTOR_OK,
	    [RECEIVER_DISAGREES] = DOCTOR_BAD,
	};
	bool is_valid = at->opinion == RECEIVER_AGREES;
	struct doctor_finding *finding = send_say(send, "send-verified",
	    answers[at->opinion], "%.*s: d=%.*s s=%.*s: %s%s%s%s",
	    VIEW_ARG(send->mail_from), VIEW_ARG(at->domain), VIEW_ARG(at->selector),
	    is_valid ? "the signature is valid" : "",
	    at->reason != NULL && !is_valid ? at->reason : "", at->hint != NULL ? ". " : "",
	    at->hint != NULL ? at->hint : "");

	if (at->opinion == RECEIVER_DISAGREES)
		send_remedy(send, finding, "frank key check %.*s %.*s",
		    VIEW_ARG(at->domain), VIEW_ARG(at->selector));
}

static void
verify(struct send *send)
{
	struct verify_finding *findings =
	    mem_zeroed(MAIL_SIGNATURES_MAX, sizeof(*findings));
	struct mail_keys *keys = mem_zeroed(1, sizeof(*keys));
	struct mail *mail = mem_zeroed(1, sizeof(*mail));
	struct err err = ERR_INIT;

	keys->ctl = send->ctl;
	keys->resolver = send->world->resolver;
	if (mail_take(buf_view(&send->mail), mail, &err) == -1) {
		(void)send_say(send, "send-verified", DOCTOR_UNKNOWN, "%.*s: %s",
		    VIEW_ARG(send->mail_from), err.text);
	} else if (mail->n_values == 0) {
		(void)send_say(send, "send-verified", DOCTOR_BAD,
		    "%.*s: the message has no DKIM-Signature", VIEW_ARG(send->mail_from));
	} else {
		(void)verify_find(mail, keys, findings);
		for (size_t i = 0; i < mail->n_values; i++)
			say_one(send, &findings[i]);
		verify_findings_fini(mail, findings);
	}
	mail_keys_fini(keys);
	mail_fini(mail);
	free(findings);
	free(keys);
	free(mail);
}

void
send_judge_mail(struct send *send)
{
	const char *mailbox = send->order->send.mailbox;

	if (!send->is_taken)
		return;
	if (send->mail_from.n > 0)
		verify(send);
	else if (send->rcpts.n_sent > 0 && mailbox != NULL)
		(void)send_say(send, "send-verified", DOCTOR_UNKNOWN,
		    "the message is not in %s", mailbox);
	else if (send->rcpts.n_sent > 0)
		(void)send_say(send, "send-verified", DOCTOR_UNKNOWN,
		    "how it arrived is not seen from here: send it to a mailbox of your "
		    "own and name that with --mailbox");
}
