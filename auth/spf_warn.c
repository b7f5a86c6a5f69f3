/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/*
 * The records are read as they stand, from the domain's own into those that it includes or
 * hands over to, whatever they come to for one client. Only names without macros can be
 * followed.
 */

enum {
	BYTES_MANY = 450,   /* with a question's name and head, 512 bytes of UDP */
	BYTES_STRING = 255, /* of one string */
	TERMS_MANY = 8,
	LIBSPF2_BYTES = 511, /* of compiled mechanisms; the rest is lost without a word */
	RECORDS_MAX = 32,
};

struct survey {
	struct spf_run *run;
	struct buf *out;
	struct view seen[RECORDS_MAX]; /* names, of the answers */
	size_t n_seen;
	unsigned terms, voids;
	bool is_error; /* the evaluation came to one, and says so itself */
};

/* What one record has in it. */
struct record_sum {
	unsigned ptrs, zeros;
	size_t compiled; /* by libspf2, bytes, about */
	bool has_all, passes_all;
	bool has_redirect;       /* before "all" */
	struct view unreachable; /* the first term behind "all" */
};

static bool
is_seen(struct survey *survey, struct view name)
{
	for (size_t i = 0; i < survey->n_seen; i++)
		if (view_is(survey->seen[i], name))
			return true;
	if (survey->n_seen < RECORDS_MAX)
		survey->seen[survey->n_seen++] = name;
	return false;
}

/* The one SPF record of NAME, where it is known. */
static const struct dns_answer *
record_get(struct survey *survey, struct view domain, struct view *ret_text)
{
	const struct spf_asking *asking = survey->run->asking;
	char normal[SPF_NAME_SIZE];
	struct view name;
	const struct dns_answer *answer;

	if (!spf_name(domain, normal, &name) ||
	    (answer = asking->lookup(asking->context, DNS_TXT, name)) == NULL)
		return NULL;
	for (uint32_t i = 0; i < answer->n; i++) {
		if (!spf_record_is(answer->records[i].data))
			continue;
		*ret_text = answer->records[i].data;
		return answer;
	}
	return NULL;
}

/* SPF_mech_t and what follows it, in libspf2's spf_record.h. */
static size_t
compiled_size(const struct spf_term *term)
{
	size_t size = 4;

	if (term->kind == SPF_KIND_IP4)
		return size + 4;
	if (term->kind == SPF_KIND_IP6)
		return size + 16;
	if ((term->kind == SPF_KIND_A || term->kind == SPF_KIND_MX) &&
	    (term->bits4 != 32 || term->bits6 != 128))
		size += 4;
	return term->spec.n > 0 ? size + 4 + term->spec.n : size;
}

static bool
has_zero(const struct spf_term *term)
{
	return (term->kind == SPF_KIND_A || term->kind == SPF_KIND_MX ||
		   term->kind == SPF_KIND_IP4 || term->kind == SPF_KIND_IP6) &&
	       (term->bits4 == 0 || term->bits6 == 0);
}

static void
term_sum(const struct spf_term *term, struct record_sum *sum)
{
	if (term->kind == SPF_KIND_EXP || term->kind == SPF_KIND_OTHER)
		return;
	sum->compiled += term->kind < SPF_KIND_REDIRECT ? compiled_size(term) : 0;
	if (sum->has_all) {
		if (sum->unreachable.p == NULL)
			sum->unreachable = term->text;
		return;
	}
	sum->has_redirect |= term->kind == SPF_KIND_REDIRECT;
	sum->ptrs += term->kind == SPF_KIND_PTR;
	sum->zeros += has_zero(term);
	if (term->kind == SPF_KIND_ALL) {
		sum->has_all = true;
		sum->passes_all = term->outcome == SPF_EVAL_PASS;
	}
}

static void
length_warn(
    struct buf *out, struct view name, struct view text, const struct record_sum *sum)
{
	if (text.n > BYTES_MANY)
		buf_addf(out,
		    "the record of %.*s has %zu bytes: over %d it may not fit into one UDP "
		    "answer\n",
		    VIEW_ARG(name), text.n, BYTES_MANY);
	if (text.n > BYTES_STRING)
		buf_addf(out,
		    "the record of %.*s is more than one string (%zu bytes): software that "
		    "reads only the first one misses the rest\n",
		    VIEW_ARG(name), text.n);
	if (sum->compiled > LIBSPF2_BYTES)
		buf_addf(out,
		    "the record of %.*s is too long for libspf2, which silently ignores "
		    "the "
		    "end of it\n",
		    VIEW_ARG(name));
}

static void
terms_warn(struct buf *out, struct view name, const struct record_sum *sum)
{
	if (sum->passes_all)
		buf_addf(out, "the record of %.*s ends in +all: anybody may send\n",
		    VIEW_ARG(name));
	if (sum->unreachable.p != NULL)
		buf_addf(out,
		    "the record of %.*s goes on behind \"all\", and nobody gets there: "
		    "%.*s\n",
		    VIEW_ARG(name), VIEW_ARG(view_head(sum->unreachable, 80)));
	if (sum->has_redirect && sum->has_all)
		buf_addf(out,
		    "the record of %.*s has redirect= beside \"all\", where it is never "
		    "used\n",
		    VIEW_ARG(name));
	if (sum->ptrs > 0)
		buf_addf(out,
		    "the record of %.*s uses ptr, which is slow and which receivers may "
		    "ignore (RFC 7208 5.5)\n",
		    VIEW_ARG(name));
	if (sum->zeros > 0)
		buf_addf(out,
		    "the record of %.*s has a prefix length of 0, which libspf2 takes for "
		    "an "
		    "error\n",
		    VIEW_ARG(name));
}

/* What clients come to that no earlier term matches. */
static void
target_warn(struct survey *survey, const struct spf_term *term, struct view domain,
    struct view target)
{
	const struct spf_asking *asking = survey->run->asking;
	char normal[SPF_NAME_SIZE];
	struct spf_record record;
	struct view name, bad, text = VIEW_NONE;
	const char *why = "there is no SPF record";
	const struct dns_answer *answer;
	unsigned n = 0;

	if (survey->is_error || !spf_name(target, normal, &name) ||
	    (answer = asking->lookup(asking->context, DNS_TXT, name)) == NULL)
		return;
	for (uint32_t i = 0; i < answer->n; i++)
		if (spf_record_is(answer->records[i].data)) {
			text = answer->records[i].data;
			n++;
		}
	if (answer->state == DNS_NO_ANSWER || answer->state == DNS_FAILED)
		why = "DNS does not say what is there";
	else if (n > 1)
		why = "there is more than one SPF record";
	else if (n == 1 && spf_record_parse(text, &record, &bad, &why))
		return;
	buf_addf(survey->out,
	    "%.*s in the record of %.*s is an error for clients that no earlier term "
	    "matches: %s\n",
	    VIEW_ARG(view_head(term->text, 80)), VIEW_ARG(domain), why);
}

/* A look-up without an answer, which others may make although this client does not. */
static void
void_count(struct survey *survey, const struct spf_term *term, struct view domain)
{
	const struct spf_asking *asking = survey->run->asking;
	char expanded[SPF_DOMAIN_MAX + 1], normal[SPF_NAME_SIZE];
	bool is_v6 = survey->run->question->client.family == ADDR_IPV6;
	enum dns_type type = term->kind == SPF_KIND_MX           ? DNS_MX
			     : term->kind == SPF_KIND_A && is_v6 ? DNS_AAAA
								 : DNS_A;
	struct view target = domain, name;
	const struct dns_answer *answer;

	if ((term->kind != SPF_KIND_A && term->kind != SPF_KIND_MX &&
		term->kind != SPF_KIND_EXISTS) ||
	    view_has_char(term->spec, '%'))
		return;
	if (term->spec.n > 0 && spf_domain_expand(survey->run, term->spec, domain, expanded,
				    &target) != SPF_GOT_FOUND)
		return;
	if (!spf_name(target, normal, &name))
		return;
	answer = asking->lookup(asking->context, type, name);
	survey->voids += answer != NULL &&
			 (answer->state == DNS_NO_NAME || answer->state == DNS_NO_DATA);
}

static void survey_record(struct survey *survey, struct view domain, unsigned depth);

/* Into the record that the term names; no deeper than SPF_TERMS_MAX. */
/* NOLINTBEGIN(misc-no-recursion) */
static void
term_follow(
    struct survey *survey, const struct spf_term *term, struct view domain, unsigned depth)
{
	char expanded[SPF_DOMAIN_MAX + 1];
	struct view target;

	if ((term->kind != SPF_KIND_INCLUDE && term->kind != SPF_KIND_REDIRECT) ||
	    view_has_char(term->spec, '%'))
		return;
	if (spf_domain_expand(survey->run, term->spec, domain, expanded, &target) ==
	    SPF_GOT_FOUND) {
		target_warn(survey, term, domain, target);
		survey_record(survey, target, depth + 1);
	}
}

/* The terms that look up, and what is behind them. */
static void
terms_follow(struct survey *survey, struct view text, struct view domain, unsigned depth)
{
	struct view rest = view_from(text, 6), one;
	struct spf_term term = {.kind = SPF_KIND_OTHER},
			redirect = {.kind = SPF_KIND_OTHER};
	const char *why;

	while (survey->terms <= SPF_TERMS_MAX && spf_term_next(&rest, &one)) {
		if (!spf_term_parse(one, &term, &why) || term.kind == SPF_KIND_ALL)
			return;
		if (term.kind == SPF_KIND_REDIRECT)
			redirect = term;
		else if (spf_kind_looks_up(term.kind)) {
			survey->terms++;
			void_count(survey, &term, domain);
			term_follow(survey, &term, domain, depth);
		}
	}
	if (redirect.kind == SPF_KIND_REDIRECT) {
		survey->terms++;
		term_follow(survey, &redirect, domain, depth);
	}
}

static void
survey_record(struct survey *survey, struct view domain, unsigned depth)
{
	struct view text, rest, one, bad;
	struct spf_record record;
	struct record_sum sum = {.ptrs = 0};
	struct spf_term term;
	const char *why;
	const struct dns_answer *answer = record_get(survey, domain, &text);

	if (answer == NULL || depth > SPF_TERMS_MAX ||
	    !spf_record_parse(text, &record, &bad, &why))
		return;
	if (!is_seen(survey, answer->name)) {
		rest = record.terms;
		while (spf_term_next(&rest, &one))
			if (spf_term_parse(one, &term, &why))
				term_sum(&term, &sum);
		length_warn(survey->out, answer->name, text, &sum);
		terms_warn(survey->out, answer->name, &sum);
		if (answer->is_cut)
			buf_addf(survey->out, "%.*s has more TXT records than were read\n",
			    VIEW_ARG(answer->name));
	}
	terms_follow(survey, text, domain, depth);
}

/* NOLINTEND(misc-no-recursion) */

void
spf_warn(const struct spf_question *question, const struct spf_asking *asking,
    const struct spf_result *result, struct buf *out)
{
	struct spf_run run;
	struct survey survey = {.run = &run,
	    .out = out,
	    .is_error = result->outcome == SPF_EVAL_PERMERROR ||
			result->outcome == SPF_EVAL_TEMPERROR};

	memset(&run, 0, sizeof(run));
	run.question = question;
	run.asking = asking;
	survey_record(&survey, question->domain, 0);
	if (survey.terms > SPF_TERMS_MAX)
		buf_addf(out,
		    "the record needs more than the %d terms that look up: clients that no "
		    "earlier term matches get permerror\n",
		    SPF_TERMS_MAX);
	else if (survey.terms >= TERMS_MANY)
		buf_addf(out, "the record uses %u of the %d terms that look up\n",
		    survey.terms, SPF_TERMS_MAX);
	if (result->voids > 0)
		buf_addf(out,
		    "%u look-up%s without an answer; more than %d are permerror\n",
		    result->voids, result->voids == 1 ? "" : "s", SPF_VOID_MAX);
	if (survey.voids > result->voids && survey.voids > SPF_VOID_MAX)
		buf_addf(out,
		    "%u look-ups without an answer in all: clients that no earlier term "
		    "matches get permerror\n",
		    survey.voids);
	if (result->is_per_message)
		buf_addf(out, "this is so for this sender, HELO name and time only: the "
			      "record has macros for them\n");
}
