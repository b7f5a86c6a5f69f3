/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/spf.h"
#include "lib/bug.h"

#include "doctor/ask.h"
#include "doctor/dns.h"
#include "doctor/dns_text.h"

/* Each address of ours against the record of a domain (RFC 7208). */

enum { EVAL_BYTES = 1 << 20, WARNINGS_MAX = 16 << 10, RECORD_MAX = 16 << 10 };

struct failing {
	struct doctor_finding *finding;
	struct addr addr;
	enum spf_outcome outcome;
};

struct sight {
	struct failing *failing; /* room for all of 'set egress' */
	size_t n_failing;
	struct ask *ask;
	struct spf_question question;
	struct spf_result result;
	struct arena *arena;
	struct buf warnings;
};

static void
sight_round(struct sight *sight)
{
	struct spf_asking asking = {.lookup = answers_lookup,
	    .context = sight->ask->answers,
	    .arena = sight->arena};

	arena_reset(sight->arena);
	buf_reset(&sight->warnings);
	answers_want_none(sight->ask->answers);
	spf_eval(&sight->question, &asking, &sight->result);
	if (sight->result.outcome != SPF_EVAL_PENDING)
		spf_warn(&sight->question, &asking, &sight->result, &sight->warnings);
}

/* Ask until nothing more is wanted, or nothing more comes. */
static void
sight_take(struct sight *sight)
{
	size_t known;

	/* There is a limit to the answers of one question. */
	sight->ask->answers = answers_new(sight->ask->report->arena);
	do {
		known = answers_count(sight->ask->answers);
		sight_round(sight);
		if (answers_wanted(sight->ask->answers) == 0)
			break;
		ask_fetch(sight->ask);
	} while (answers_count(sight->ask->answers) > known);
}

/* The text of the one SPF record of DOMAIN; how many there are. */
static unsigned
find_record(struct ask *ask, struct view domain, struct view *ret_text)
{
	const struct dns_answer *txt = ask_for(ask, DNS_TXT, domain);
	unsigned n = 0;

	for (uint32_t i = 0; i < txt->n; i++) {
		struct view text = txt->records[i].data;

		if (!view_starts_nocase(text, VIEW("v=spf1")) ||
		    (text.n > 6 && text.p[6] != ' '))
			continue;
		*ret_text = text;
		n++;
	}
	return n;
}

/* "ip4:192.0.2.1" */
static void
add_mechanism(struct addr addr, struct buf *out)
{
	char text[ADDR_TEXT];

	buf_addf(
	    out, " %s:%s", addr.family == ADDR_IPV4 ? "ip4" : "ip6", addr_text(addr, text));
}

/* One record for all addresses: to publish one for each would be as good as none. */
static void
add_record(struct sight *sight, const struct doctor_world *world, unsigned n_records,
    struct view text, struct doctor_finding *finding)
{
	struct view domain = sight->question.domain;
	struct buf now = BUF_INIT(RECORD_MAX), record = BUF_INIT(8 * RECORD_MAX);

	buf_add_text(&now, "v=spf1");
	for (size_t i = 0; n_records == 0 && i < world->n_egress; i++)
		add_mechanism(world->egress[i], &now);
	for (size_t i = 0; n_records > 0 && i < sight->n_failing; i++)
		if (sight->failing[i].outcome != SPF_EVAL_PERMERROR)
			add_mechanism(sight->failing[i].addr, &now);
	buf_add(&now, n_records > 0 ? view_from(text, 6) : VIEW(" ~all"));
	dns_text_add_record(domain, buf_view(&now), &record);
	doctor_remedy(sight->ask->report, finding, "%s:\n%s",
	    n_records == 0 ? "Publish one, with everything that sends for this domain"
	    : sight->n_failing > 1 ? "Name these addresses in the record"
				   : "Name the address in the record",
	    buf_text(&record));
	buf_fini(&now);
	buf_fini(&record);
}

static void
add_remedies(struct sight *sight, const struct doctor_world *world)
{
	struct doctor_report *report = sight->ask->report;
	struct view domain = sight->question.domain, text = VIEW_NONE;
	unsigned n = sight->n_failing > 0 ? find_record(sight->ask, domain, &text) : 0;
	bool is_said = false;
	char addr[ADDR_TEXT];

	for (size_t i = 0; i < sight->n_failing; i++) {
		const struct failing *at = &sight->failing[i];

		if (n > 1) {
			doctor_remedy(report, at->finding,
			    "Join the records that begin with v=spf1 into one");
		} else if (n == 1 && at->outcome == SPF_EVAL_PERMERROR) {
			doctor_remedy(report, at->finding,
			    "See where it goes wrong:\nfrank spf %.*s --ip %s",
			    VIEW_ARG(domain), addr_text(at->addr, addr));
		} else if (is_said) {
			doctor_remedy(
			    report, at->finding, "The record above names it, too");
		} else {
			add_record(sight, world, n, text, at->finding);
			is_said = true;
		}
	}
}

static void
say_bad(struct sight *sight, const char *client)
{
	const struct spf_result *result = &sight->result;
	struct doctor_report *report = sight->ask->report;
	struct doctor_finding *finding;

	if (result->outcome == SPF_EVAL_NONE)
		finding = doctor_say(report, DOCTOR_BAD, "%.*s has no SPF record",
		    VIEW_ARG(sight->question.domain));
	else if (result->problem.n > 0)
		finding = doctor_say(report, DOCTOR_BAD, "%s gets %s: %.*s", client,
		    spf_outcome_name(result->outcome), VIEW_ARG(result->problem));
	else if (result->term.n > 0)
		finding = doctor_say(report, DOCTOR_BAD, "%s gets %s by %.*s of %.*s",
		    client, spf_outcome_name(result->outcome), VIEW_ARG(result->term),
		    VIEW_ARG(result->domain));
	else
		finding = doctor_say(report, DOCTOR_BAD,
		    "%s gets %s: nothing in the record fits it", client,
		    spf_outcome_name(result->outcome));
	sight->failing[sight->n_failing++] =
	    (struct failing){finding, sight->question.client, result->outcome};
}

static bool
was_said(const struct doctor_report *report, struct view text)
{
	for (const struct doctor_finding *at = report->first; at != NULL; at = at->next)
		if (view_is(at->evidence, text))
			return true;
	return false;
}

static void
say_warnings(struct sight *sight)
{
	struct view rest = buf_view(&sight->warnings), line;

	while (view_cut(&rest, '\n', &line))
		if (line.n > 0 && !was_said(sight->ask->report, line))
			(void)doctor_say(
			    sight->ask->report, DOCTOR_OK, "%.*s", VIEW_ARG(line));
}

static void
judge(struct sight *sight)
{
	const struct spf_result *result = &sight->result;
	struct doctor_report *report = sight->ask->report;
	char client[ADDR_TEXT];

	(void)addr_text(sight->question.client, client);
	switch (result->outcome) {
	case SPF_EVAL_PENDING:
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "%s: DNS did not answer in time", client);
		return;
	case SPF_EVAL_TEMPERROR:
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "%s: %.*s", client, VIEW_ARG(result->problem));
		return;
	case SPF_EVAL_PASS:
		(void)doctor_say(report, DOCTOR_OK,
		    "%s gets pass by %.*s, with %u of %d look-ups", client,
		    VIEW_ARG(result->term), result->terms, SPF_TERMS_MAX);
		say_warnings(sight);
		return;
	case SPF_EVAL_NONE:
	case SPF_EVAL_NEUTRAL:
	case SPF_EVAL_FAIL:
	case SPF_EVAL_SOFTFAIL:
	case SPF_EVAL_PERMERROR:
		say_bad(sight, client);
		return;
	}
	BUG("an outcome that SPF does not have");
}

void
dns_check_spf(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct buf sender = BUF_INIT(2 * DNS_NAME_MAX);
	struct ask ask;
	struct sight sight = {.ask = &ask};

	if (world->n_egress == 0 && !world_has_policy(world, report))
		return;
	if (world->n_egress == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "'set egress' does not say which addresses receivers see");
		return;
	}
	if (!ask_begin(&ask, world, report))
		return;
	sight.arena = arena_new(EVAL_BYTES);
	sight.failing =
	    arena_array(report->arena, world->n_egress, sizeof(sight.failing[0]));
	buf_init(&sight.warnings, WARNINGS_MAX);
	buf_addf(&sender, "postmaster@%.*s", VIEW_ARG(subject->domain));
	for (size_t i = 0; i < world->n_egress; i++) {
		sight.question = (struct spf_question){.client = world->egress[i],
		    .domain = subject->domain,
		    .sender = buf_view(&sender),
		    .helo = world->helo.n > 0 ? world->helo : subject->domain,
		    .now = world->now / 1000000};
		sight_take(&sight);
		judge(&sight);
		/* It is the same for all of them. */
		if (sight.result.outcome == SPF_EVAL_NONE)
			break;
	}
	add_remedies(&sight, world);
	buf_fini(&sender);
	buf_fini(&sight.warnings);
	arena_free(sight.arena);
	ask_end(&ask);
}
