/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/align.h"
#include "auth/dmarc.h"
#include "lib/bug.h"

#include "doctor/ask.h"
#include "doctor/dns.h"

/* The record that applies to a domain (RFC 7489), and who may get its reports. */

enum { REPORTS_MAX = 20 };

/* Domains are lower case in the names that are asked. */
static struct view
lower(struct doctor_report *report, struct view text)
{
	char *copy = arena_text(report->arena, text);

	for (size_t i = 0; i < text.n; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	return (struct view){copy, text.n};
}

/* "mailto:a@b!10m": b. Empty: it is nothing that mail can go to. */
static struct view
domain_of(struct view uri)
{
	struct view rest = view_trim(uri), part;

	if (!view_starts_nocase(rest, VIEW("mailto:")))
		return VIEW_NONE;
	rest = view_from(rest, 7);
	if (!view_cut(&rest, '!', &part))
		return VIEW_NONE;
	while (view_has_char(part, '@')) {
		struct view local;

		(void)view_cut(&part, '@', &local);
	}
	return part;
}

/* Where TO says that it takes reports about DOMAIN (RFC 7489 7.1). */
static struct view
consent_name(struct doctor_report *report, struct view domain, struct view to)
{
	struct buf text = BUF_INIT(8 * DNS_NAME_MAX);

	buf_addf(&text, "%.*s._report._dmarc.%.*s", VIEW_ARG(domain), VIEW_ARG(to));
	struct view name = arena_view(report->arena, buf_view(&text));
	buf_fini(&text);
	return name;
}

static bool
has_consent(const struct dns_answer *txt)
{
	for (uint32_t i = 0; i < txt->n; i++)
		if (view_starts(txt->records[i].data, VIEW("v=DMARC1")))
			return true;
	return false;
}

static void
judge_receiver(struct ask *ask, struct view domain, const char *tag, struct view to)
{
	struct doctor_report *report = ask->report;
	struct view name = consent_name(report, domain, to);
	const struct dns_answer *txt = ask_for(ask, DNS_TXT, name);
	struct doctor_finding *finding;

	if (!ask_is_known(txt)) {
		ask_say_unknown(report, txt);
	} else if (has_consent(txt)) {
		(void)doctor_say(report, DOCTOR_OK, "%.*s takes the reports about %.*s",
		    VIEW_ARG(to), VIEW_ARG(domain));
	} else {
		finding = doctor_say(report, DOCTOR_BAD,
		    "%s= sends reports to %.*s, which does not say that it takes those "
		    "about %.*s (RFC 7489 7.1): nobody sends them",
		    tag, VIEW_ARG(to), VIEW_ARG(domain));
		doctor_remedy(report, finding,
		    "To be published by %.*s:\n%.*s. IN TXT \"v=DMARC1\"", VIEW_ARG(to),
		    VIEW_ARG(name));
	}
}

static void
judge_reports(
    struct ask *ask, const struct dmarc_found *found, const char *tag, struct view list)
{
	struct view uri;

	for (unsigned i = 0; i < REPORTS_MAX && view_cut(&list, ',', &uri); i++) {
		struct view to = lower(ask->report, domain_of(uri));

		if (to.n > 0 && !align_relaxed(to, found->domain))
			judge_receiver(ask, found->domain, tag, to);
	}
}

static void
judge_record(struct ask *ask, const struct dmarc_found *found)
{
	static const char *const asks[] = {[DMARC_ASKS_NONE] = "none",
	    [DMARC_ASKS_QUARANTINE] = "quarantine",
	    [DMARC_ASKS_REJECT] = "reject"};

	(void)doctor_say(ask->report, DOCTOR_OK, "the record of %.*s asks for %s%s",
	    VIEW_ARG(found->domain), asks[found->asks],
	    found->record.rua.n == 0 ? ", and for no reports" : "");
	judge_reports(ask, found, "rua", found->record.rua);
	judge_reports(ask, found, "ruf", found->record.ruf);
}

/* Why nothing counts at DOMAIN: "" where there is nothing. */
static void
add_fault(struct ask *ask, struct view domain, struct buf *out)
{
	struct view name = ask_below(ask->report, "_dmarc", domain);
	const struct dns_answer *txt = ask_for(ask, DNS_TXT, name);
	struct dmarc_record record;
	struct err err = ERR_INIT;
	unsigned n = 0, n_bad = 0;

	for (uint32_t i = 0; i < txt->n; i++) {
		int found = dmarc_parse(txt->records[i].data, &record, NULL, &err);

		n += found != 0;
		n_bad += found < 0;
	}
	if (n > 1)
		buf_addf(out, "%.*s has %u DMARC records, which count as none",
		    VIEW_ARG(name), n);
	else if (n_bad > 0)
		buf_addf(out, "%.*s: %s", VIEW_ARG(name), err.text);
	else if (n == 1)
		buf_addf(out, "the record at %.*s has no p=", VIEW_ARG(name));
}

static void
say_absent(struct ask *ask, struct view domain, struct view organizational)
{
	struct buf fault = BUF_INIT(2048);
	struct doctor_finding *finding;

	add_fault(ask, domain, &fault);
	if (fault.n == 0 && !view_is(domain, organizational))
		add_fault(ask, organizational, &fault);
	finding = fault.n > 0 ? doctor_say(ask->report, DOCTOR_BAD, "%s", buf_text(&fault))
			      : doctor_say(ask->report, DOCTOR_BAD,
				    "%.*s has no DMARC record", VIEW_ARG(domain));
	doctor_remedy(ask->report, finding,
	    "%s\n_dmarc.%.*s. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@%.*s\"",
	    fault.n > 0 ? "Have one good one instead, for a beginning:"
			: "Begin with one that asks for nothing but reports:",
	    VIEW_ARG(organizational), VIEW_ARG(organizational));
	buf_fini(&fault);
}

/* Either of the two names may be what was not answered. */
static void
say_unanswered(struct ask *ask, struct view domain, struct view organizational)
{
	const struct dns_answer *own =
	    ask_for(ask, DNS_TXT, ask_below(ask->report, "_dmarc", domain));

	if (ask_is_known(own))
		own =
		    ask_for(ask, DNS_TXT, ask_below(ask->report, "_dmarc", organizational));
	ask_say_unknown(ask->report, own);
}

void
dns_check_dmarc(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct dmarc_found found;
	struct ask ask;
	size_t known;

	if (!ask_begin(&ask, world, report))
		return;
	do {
		known = answers_count(ask.answers);
		dmarc_by_list(
		    subject->domain, answers_lookup, ask.answers, report->arena, &found);
		if (found.state == DMARC_PENDING)
			ask_fetch(&ask);
	} while (found.state == DMARC_PENDING && answers_count(ask.answers) > known);
	answers_want_none(ask.answers);
	if (found.state == DMARC_PRESENT)
		judge_record(&ask, &found);
	else if (found.state == DMARC_ABSENT)
		say_absent(&ask, subject->domain, found.organizational);
	else
		say_unanswered(&ask, subject->domain, found.organizational);
	ask_end(&ask);
}
