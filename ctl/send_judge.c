/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ctl/rerun.h"
#include "ctl/send.h"

/* What frankd's record of the message says. */

enum { REMEDY_MAX = 2048 };

struct judging {
	struct send *send;
	struct rerun *rerun;
};

static void
point_to_explain(struct send *send, struct doctor_finding *finding)
{
	send_remedy(send, finding, "frank explain %.*s",
	    VIEW_ARG(send->queue_id.n > 0 ? send->queue_id : send->message_id));
}

/* "frank.conf:12" or what else decided. */
static struct view
decided_by(const struct journal_row *row)
{
	if (row->place.n > 0)
		return row->place;
	return row->on_error.n > 0 ? row->on_error : VIEW("no rule");
}

static void
judge_hold(struct send *send, const struct journal_row *row)
{
	const struct view by = decided_by(row), id = send->queue_id;
	struct doctor_finding *finding = send_say(send, "send-decision", DOCTOR_BAD,
	    "it is on hold as %.*s: %.*s%s%.*s", VIEW_ARG(id), VIEW_ARG(by),
	    row->label.n > 0 ? ", " : "", VIEW_ARG(row->label));

	send_remedy(send, finding, "frank explain %.*s\nfrank hold release %.*s",
	    VIEW_ARG(id), VIEW_ARG(id));
}

static void
judge_refusal(struct send *send, const struct journal_row *row, const char *what)
{
	const struct view by = decided_by(row);
	struct doctor_finding *finding =
	    send_say(send, "send-decision", DOCTOR_BAD, "%s by %.*s%s%.*s", what,
		VIEW_ARG(by), row->reply.n > 0 ? ": " : "", VIEW_ARG(row->reply));

	point_to_explain(send, finding);
}

static void
judge_verdict(struct send *send, const struct journal_row *row)
{
	const struct view by = decided_by(row), id = send->queue_id;

	if (view_is(row->verdict, VIEW("accept")))
		(void)send_say(send, "send-decision", DOCTOR_OK,
		    "accept (%.*s), path %s, queue id %.*s", VIEW_ARG(by),
		    fact_path_name(row->facts.path), VIEW_ARG(id));
	else if (view_is(row->verdict, VIEW("hold")))
		judge_hold(send, row);
	else
		judge_refusal(send, row,
		    view_is(row->verdict, VIEW("reject")) ? "refused"
							  : "told to try again");
}

/* "example.org/s2026:rsa-sha256" */
static bool
take_signature(struct view one, struct view *ret_domain, struct view *ret_selector,
    struct view *ret_algorithm)
{
	struct view rest = one;

	return view_cut(&rest, '/', ret_domain) && view_cut(&rest, ':', ret_selector) &&
	       (*ret_algorithm = rest).p != NULL;
}

static void
judge_signatures(
    struct send *send, const struct journal_row *row, const struct trace *trace)
{
	struct view rest = row->signed_with, one, domain, selector, algorithm;
	struct doctor_finding *finding;
	char remedy[REMEDY_MAX];

	while (rest.n > 0 && view_cut(&rest, ' ', &one))
		if (take_signature(one, &domain, &selector, &algorithm))
			(void)send_say(send, "send-signature", DOCTOR_OK,
			    "d=%.*s s=%.*s a=%.*s", VIEW_ARG(domain), VIEW_ARG(selector),
			    VIEW_ARG(algorithm));
	if (row->signed_with.n > 0)
		return;
	finding = send_say(send, "send-signature", DOCTOR_BAD, "not signed%s%.*s",
	    row->unsigned_why.n > 0 ? ": " : "", VIEW_ARG(row->unsigned_why));
	if (trace == NULL || trace->remedy.n == 0) {
		point_to_explain(send, finding);
		return;
	}
	snprintf(remedy, sizeof(remedy), "%.*s", VIEW_ARG(trace->remedy));
	remedy[0] = (char)toupper((unsigned char)remedy[0]);
	send_remedy(send, finding, "%s", remedy);
}

static void
judge_spf(struct send *send, const struct facts *facts)
{
	char addr[ADDR_TEXT] = "our address";
	struct doctor_finding *finding;
	enum doctor_answer answer = DOCTOR_BAD;

	if (facts->spf == SPF_UNKNOWN) {
		(void)send_say(send, "send-spf", DOCTOR_UNKNOWN,
		    send->world->n_egress == 0
			? "'set egress' does not say from which addresses mail leaves"
			: "frankd had no answer from DNS when it decided");
		return;
	}
	if (facts->spf == SPF_PASS)
		answer = DOCTOR_OK;
	else if (facts->spf == SPF_TEMPERROR)
		answer = DOCTOR_UNKNOWN;
	if (facts->spf_egress.family != ADDR_NONE)
		(void)addr_text(facts->spf_egress, addr);
	finding = send_say(send, "send-spf", answer, "%s gets %s%s%.*s", addr,
	    fact_spf_name(facts->spf), facts->spf_term.n > 0 ? ": " : "",
	    VIEW_ARG(facts->spf_term));
	if (answer == DOCTOR_BAD)
		send_remedy(send, finding, "frank spf %.*s", VIEW_ARG(send->from_domain));
}

static void
judge_key(
    struct send *send, const struct facts *facts, struct view domain, struct view selector)
{
	static const enum doctor_answer answers[] = {
	    [KEY_UNKNOWN] = DOCTOR_UNKNOWN,
	    [KEY_READY] = DOCTOR_OK,
	    [KEY_UNPUBLISHED] = DOCTOR_BAD,
	    [KEY_MISMATCHED] = DOCTOR_BAD,
	};
	const struct fact_key unknown = {.state = KEY_UNKNOWN};
	const struct fact_key *known = fact_key_find(facts, domain, selector);
	const struct fact_key *key = known != NULL ? known : &unknown;
	const char *state = fact_key_state_name(key->state);
	struct doctor_finding *finding = send_say(send, "send-key", answers[key->state],
	    "%.*s._domainkey.%.*s is %s%s", VIEW_ARG(selector), VIEW_ARG(domain),
	    key->state == KEY_UNKNOWN ? "not known to be published" : state,
	    key->is_testing ? ", as testing (t=y)" : "");

	if (key->state != KEY_READY)
		send_remedy(send, finding, "frank key check %.*s %.*s", VIEW_ARG(domain),
		    VIEW_ARG(selector));
}

/* What the keys that signed are in DNS. */
static void
judge_keys(struct send *send, const struct journal_row *row)
{
	struct view rest = row->signed_with, one, domain, selector, algorithm;

	while (rest.n > 0 && view_cut(&rest, ' ', &one))
		if (take_signature(one, &domain, &selector, &algorithm))
			judge_key(send, &row->facts, domain, selector);
}

/* There is a record; TRACE has what it comes to. */
static void
judge_alignment(struct send *send, enum fact_dmarc_record record, const struct trace *trace)
{
	const char *asked = fact_dmarc_record_name(record);
	struct view why = trace->dmarc_why;

	if (trace->dmarc == DMARC_UNKNOWN)
		(void)send_say(send, "send-dmarc", DOCTOR_UNKNOWN, "%.*s",
		    VIEW_ARG(why.n > 0 ? why : VIEW("not enough was known")));
	else if (trace->dmarc == DMARC_FAIL)
		point_to_explain(send, send_say(send, "send-dmarc", DOCTOR_BAD,
					   "would fail: %.*s", VIEW_ARG(why)));
	else
		(void)send_say(send, "send-dmarc", DOCTOR_OK,
		    "would %s (asks for %s): %.*s", fact_dmarc_name(trace->dmarc), asked,
		    VIEW_ARG(why));
}

static void
judge_dmarc(struct send *send, const struct facts *facts, const struct trace *trace)
{
	enum fact_dmarc_record record = fact_dmarc_asked(facts);

	if (record == DMARC_RECORD_UNKNOWN)
		(void)send_say(send, "send-dmarc", DOCTOR_UNKNOWN,
		    "frankd did not know the record when it decided");
	else if (record == DMARC_RECORD_ABSENT)
		(void)send_say(send, "send-dmarc", DOCTOR_OK,
		    "%.*s has no record: receivers are asked for nothing",
		    VIEW_ARG(facts->author.domain));
	else if (trace == NULL)
		(void)send_say(send, "send-dmarc", DOCTOR_UNKNOWN,
		    "the policy of then was not kept, so it cannot be predicted");
	else
		judge_alignment(send, record, trace);
}

static int
judge_row(void *context, const struct journal_row *row)
{
	struct judging *judging = context;
	struct send *send = judging->send;
	struct err err = ERR_INIT;

	if (row->facts.time != send->decided)
		return 0;
	const struct trace *trace =
	    rerun_row(judging->rerun, row, &err) == 1 ? &judging->rerun->trace : NULL;
	bool is_leaving =
	    view_is(row->verdict, VIEW("accept")) || view_is(row->verdict, VIEW("hold"));

	judge_verdict(send, row);
	if (!is_leaving)
		return 1;
	judge_signatures(send, row, trace);
	judge_keys(send, row);
	judge_spf(send, &row->facts);
	judge_dmarc(send, &row->facts, trace);
	return 1;
}

static void
judge_unseen(struct send *send)
{
	const char *parameter = send->is_submitted ? "smtpd_milters" : "non_smtpd_milters";
	struct doctor_finding *finding = send_say(send, "send-decision", DOCTOR_BAD,
	    "frankd never saw it: Postfix sent it as %.*s without asking",
	    VIEW_ARG(send->queue_id));

	send_remedy(send, finding,
	    "Postfix has to ask frankd where this mail comes in:\npostconf %s%s\n"
	    "frank doctor --only postfix",
	    parameter, send->is_submitted ? "\npostconf -P '*/*/smtpd_milters'" : "");
}

static void
judge_nothing(struct send *send)
{
	struct doctor_finding *finding = send_say(send, "send-decision", DOCTOR_UNKNOWN,
	    "neither frankd's journal nor what it has read of Postfix's log knows of "
	    "it%s%.*s",
	    send->milter_said.n > 0 ? "; that log says: " : "",
	    VIEW_ARG(send->milter_said));

	send_remedy(send, finding,
	    "See whether both run, and where it waits:\nfrank status\npostqueue -p\n"
	    "frank doctor --only postfix");
}

int
send_judge(struct send *send, struct err *err)
{
	const char *slash = strrchr(send->ctl->config, '/');
	struct rerun rerun;
	struct judging judging = {send, &rerun};
	int result = 0;

	if (send->decided == 0 && !send->is_taken)
		return 0;
	if (send->state == SEND_UNSEEN) {
		judge_unseen(send);
		return 0;
	}
	if (send->decided == 0) {
		judge_nothing(send);
		return 0;
	}
	rerun_init(&rerun, send->reader, slash != NULL ? slash + 1 : send->ctl->config);
	result = journal_find_since(send->reader, send->message_id,
	    send->began - SEND_SLACK_US, judge_row, &judging, err);
	rerun_fini(&rerun);
	return result == -1 ? -1 : 0;
}
