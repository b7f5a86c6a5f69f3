/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/escape.h"

#include "ctl/spf.h"

enum {
	TERM_COLUMN = 44,
	RECORD_SHOWN = 2048, /* bytes */
	TERM_SHOWN = 300,
	RECORDS_SHOWN = 10,
};

void
spf_record_text(
    const struct dns_answer *answer, const struct dns_record *record, struct buf *out)
{
	struct addr addr = {.family = ADDR_NONE};
	char text[ADDR_TEXT];

	if (answer->type == DNS_A || answer->type == DNS_AAAA) {
		addr.family = answer->type == DNS_A ? ADDR_IPV4 : ADDR_IPV6;
		memcpy(addr.bytes, record->data.p,
		    record->data.n < sizeof(addr.bytes) ? record->data.n
							: sizeof(addr.bytes));
		buf_add_text(out, addr_text(addr, text));
		return;
	}
	if (answer->type == DNS_MX)
		buf_addf(out, "%u ", record->preference);
	buf_add(out, record->data);
}

static void
pad(struct buf *out, size_t from, size_t width)
{
	do
		buf_add_char(out, ' ');
	while (!out->full && out->n - from < width);
}

static void
indent(struct buf *out, unsigned depth)
{
	for (unsigned i = 0; i <= depth; i++)
		buf_add_text(out, "    ");
}

/* NULL: it did not match, and all is well. */
static const char *
step_result(const struct spf_step *step)
{
	bool is_no = !step->matched && step->outcome == SPF_EVAL_NEUTRAL;

	return is_no ? NULL : spf_outcome_name(step->outcome);
}

/* TERMS: that looked up, before this one. */
static void
add_term(const struct spf_step *step, unsigned terms, struct buf *out)
{
	size_t start = out->n;
	const char *result = step_result(step);

	indent(out, step->depth);
	escape_add(out, step->text, TERM_SHOWN);
	pad(out, start, TERM_COLUMN);
	buf_add_text(out, result != NULL ? result : "no");
	if (step->terms > terms) {
		pad(out, start, TERM_COLUMN + 12);
		if (terms < SPF_TERMS_MAX)
			buf_addf(out, "look-up %u of %d", terms + 1, SPF_TERMS_MAX);
		else
			buf_add_text(out, "one look-up too many");
	}
	buf_add_char(out, '\n');
}

static void
add_record(const struct spf_step *step, bool is_redirect, struct buf *out)
{
	buf_add_text(out, "  ");
	for (unsigned i = 0; i < step->depth; i++)
		buf_add_text(out, "    ");
	if (is_redirect)
		buf_add_text(out, "redirect to ");
	escape_add(out, step->domain, TERM_SHOWN);
	buf_add_text(out, ": ");
	escape_add(out, step->text, RECORD_SHOWN);
	buf_add_char(out, '\n');
}

/* The term that led to the record at AT: the next one that is less deep. */
static size_t
find_parent(const struct spf_sight *sight, size_t at)
{
	unsigned depth = sight->steps[at].depth;

	while (at < sight->n_steps &&
	       !(sight->steps[at].what == SPF_STEP_TERM && sight->steps[at].depth < depth))
		at++;
	return at;
}

/*
 * A step is told when it is over; people want to read what led to a record before the
 * record.
 */
static void
add_tree(const struct spf_sight *sight, struct buf *out)
{
	unsigned depth = 0, terms = 0;
	bool has_record = false;

	for (size_t i = 0; i < sight->n_steps; i++) {
		const struct spf_step *step = &sight->steps[i];
		bool is_deeper = step->depth > depth;
		bool was_shown = step->depth < depth && step->what == SPF_STEP_TERM;

		depth = step->what == SPF_STEP_END ? depth : step->depth;
		if (step->what == SPF_STEP_RECORD) {
			size_t parent = is_deeper ? find_parent(sight, i) : i;
			if (is_deeper && parent < sight->n_steps) {
				struct spf_step term = sight->steps[parent];
				term.terms = step->terms;
				add_term(&term, terms, out);
			}
			add_record(step, has_record && !is_deeper, out);
			has_record = true;
		} else if (step->what == SPF_STEP_TERM && !was_shown) {
			add_term(step, terms, out);
		}
		terms = step->terms;
	}
	if (sight->has_more_steps)
		buf_addf(out, "    only the first %zu steps are shown\n", sight->n_steps);
	if (sight->n_steps > 0)
		buf_add_char(out, '\n');
}

static void
add_answer(const struct dns_answer *answer, struct buf *out)
{
	struct buf text = BUF_INIT(DNS_TXT_MAX + 64);

	if (answer->state != DNS_FOUND)
		buf_add_text(out, dns_failure_text(answer));
	for (uint32_t i = 0; i < answer->n && i < RECORDS_SHOWN; i++) {
		buf_reset(&text);
		spf_record_text(answer, &answer->records[i], &text);
		buf_add_text(out, i > 0 ? ", " : "");
		if (answer->type == DNS_TXT)
			buf_add_char(out, '"');
		escape_add(out, buf_view(&text), ESCAPE_MAX);
		if (answer->type == DNS_TXT)
			buf_add_char(out, '"');
	}
	if (answer->n > RECORDS_SHOWN)
		buf_addf(out, " and %u more", answer->n - RECORDS_SHOWN);
	if (answer->is_cut)
		buf_add_text(out, " (too much to read it all)");
	buf_fini(&text);
}

static void
add_lookups(const struct spf_sight *sight, struct buf *out)
{
	const struct spf_result *result = &sight->result;

	buf_addf(out,
	    "  %u of %d terms that look up, %u of %d look-ups without an answer, %u "
	    "%s\n",
	    result->terms, SPF_TERMS_MAX, result->voids, SPF_VOID_MAX, result->queries,
	    result->queries == 1 ? "query" : "queries");
	if (sight->n_lookups > 0)
		buf_addf(out, "  %7s %8s  %s\n", "ms", "TTL",
		    "look-up (*N: for term N of those that count)");
	for (size_t i = 0; i < sight->n_lookups; i++) {
		const struct dns_answer *answer = sight->lookups[i].answer;

		buf_addf(out, "  %7.1f %8u  ", answer->micros / 1000.0, answer->ttl);
		if (sight->lookups[i].counts)
			buf_addf(out, "*%-2u ", sight->lookups[i].term);
		else
			buf_add_text(out, "    ");
		buf_addf(out, "%s ", dns_type_name(answer->type));
		escape_add(out, answer->name, RECORD_SHOWN);
		buf_add_text(out, ": ");
		add_answer(answer, out);
		buf_add_char(out, '\n');
	}
	buf_add_char(out, '\n');
}

static void
add_head(const struct spf_sight *sight, struct buf *out)
{
	const struct spf_result *result = &sight->result;
	char client[ADDR_TEXT];

	escape_add(out, sight->question.domain, ESCAPE_MAX);
	buf_addf(out, " from %s: %s\n", addr_text(sight->question.client, client),
	    spf_outcome_name(result->outcome));
	if (result->term.n > 0) {
		buf_add_text(out, "  by ");
		escape_add(out, result->term, TERM_SHOWN);
		buf_add_text(out, " in the record of ");
		escape_add(out, result->domain, ESCAPE_MAX);
		buf_add_char(out, '\n');
	}
	if (result->problem.n > 0) {
		buf_add_text(out, "  because: ");
		escape_add(out, result->problem, RECORD_SHOWN);
		buf_add_char(out, '\n');
	}
	if (result->explanation.n > 0) {
		buf_add_text(out, "  explanation for the sender: ");
		escape_add(out, result->explanation, RECORD_SHOWN);
		buf_add_char(out, '\n');
	}
	buf_add_text(out, "  sender ");
	escape_add(out, sight->question.sender, ESCAPE_MAX);
	buf_add_text(out, ", HELO ");
	escape_add(out, sight->question.helo, ESCAPE_MAX);
	buf_add_text(out, "\n\n");
}

void
spf_text(const struct spf_sight *sight, struct buf *out)
{
	struct view rest = buf_view(&sight->warnings), line;

	add_head(sight, out);
	add_tree(sight, out);
	add_lookups(sight, out);
	if (sight->theirs.opinion == RECEIVER_AGREES)
		buf_add_text(out, "  libspf2, which Exim and others use, agrees");
	else if (sight->theirs.opinion == RECEIVER_DISAGREES)
		buf_add_text(out, "  libspf2, which Exim and others use, DISAGREES: ");
	else
		buf_add_text(out, "  libspf2, which Exim and others use, has no opinion: ");
	escape_add(out, view_of(sight->theirs.reason), ESCAPE_MAX);
	buf_add_char(out, '\n');
	while (view_cut(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		buf_add_text(out, "  warning: ");
		escape_add(out, line, RECORD_SHOWN);
		buf_add_char(out, '\n');
	}
}
