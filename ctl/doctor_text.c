/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/escape.h"

#include "ctl/doctor.h"

enum {
	COLUMNS = 80,
	SHOWN_MAX = 4096, /* bytes of one text */
	DEEP = 6,         /* columns, of what belongs to a finding */
	DEEPER = 13,      /* of what is to be pasted */
	MANY = 6,         /* domains, of which nobody reads them all */
	NAMES_SHOWN = 3,
};

static void
indent(struct buf *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_add_char(out, ' ');
}

/* Behind what stands at column AT already; further lines begin at column LEFT. */
static void
add_wrapped(struct buf *out, struct view text, size_t at, size_t left)
{
	struct buf shown = BUF_INIT(4 * SHOWN_MAX + 16);
	struct view rest, word;
	bool is_first = true;

	escape_add(&shown, text, SHOWN_MAX);
	rest = buf_view(&shown);
	while (view_cut(&rest, ' ', &word)) {
		if (!is_first && at + 1 + word.n > COLUMNS) {
			buf_add_char(out, '\n');
			indent(out, left);
			at = left;
		} else if (!is_first) {
			buf_add_char(out, ' ');
			at++;
		}
		buf_add(out, word);
		at += word.n;
		is_first = false;
	}
	buf_add_char(out, '\n');
	buf_fini(&shown);
}

/* "why: TEXT" */
static void
add_labelled(struct buf *out, const char *label, struct view text)
{
	size_t at = view_of(label).n + DEEP + 1;

	indent(out, DEEP);
	buf_addf(out, "%s ", label);
	add_wrapped(out, text, at, DEEP + 5);
}

/* As it has to be typed in, with its tabs and backslashes; but nothing of it speaks to the
 * terminal. */
static void
add_pasted(struct buf *out, struct view line)
{
	size_t n;

	while (line.n > 0) {
		for (n = 0; n < line.n && line.p[n] != '\\' && line.p[n] != '\t'; n++)
			;
		escape_add(out, view_head(line, n), n);
		if (n < line.n)
			buf_add_char(out, line.p[n++]);
		line = view_from(line, n);
	}
	buf_add_char(out, '\n');
}

/* Words are wrapped; what is to be pasted is not. */
static void
add_remedy(struct buf *out, const struct doctor_finding *finding)
{
	struct view rest = finding->remedy, line;
	bool is_first = true;

	while (view_cut(&rest, '\n', &line)) {
		bool is_alone = is_first && rest.p == NULL && line.n + DEEPER < COLUMNS;

		bool is_words = finding->is_words || doctor_is_words(line);

		if (is_first && (is_words || is_alone)) {
			add_labelled(out, "do: ", line);
		} else {
			if (is_first) {
				indent(out, DEEP);
				buf_add_text(out, "do:\n");
			}
			indent(out, DEEPER);
			add_pasted(out, line);
		}
		is_first = false;
	}
}

static const char *
tint(enum doctor_answer answer, bool has_colour)
{
	if (!has_colour || answer == DOCTOR_OK)
		return "";
	return answer == DOCTOR_BAD ? "\033[31m" : "\033[33m";
}

static void
add_finding(struct buf *out, const char *name, const struct doctor_finding *finding,
    bool has_colour)
{
	static const char *const marks[] = {
	    [DOCTOR_OK] = "ok ", [DOCTOR_BAD] = "BAD", [DOCTOR_UNKNOWN] = "?  "};
	const char *on = tint(finding->answer, has_colour);
	struct buf text = BUF_INIT(2 * SHOWN_MAX);
	struct view evidence = view_head(finding->evidence, SHOWN_MAX);

	buf_addf(
	    out, "  %s%s%s ", on, marks[finding->answer], on[0] != '\0' ? "\033[0m" : "");
	buf_addf(&text, "%s: %s", name,
	    finding->answer == DOCTOR_UNKNOWN ? "could not tell: " : "");
	buf_add(&text, evidence);
	buf_add_text(&text, evidence.n < finding->evidence.n ? " ..." : "");
	add_wrapped(out, buf_view(&text), DEEP, DEEP);
	buf_fini(&text);
}

void
doctor_text_finding(struct buf *out, const char *name, const struct doctor_finding *finding,
    bool has_colour)
{
	add_finding(out, name, finding, has_colour);
	if (finding->remedy.n > 0)
		add_remedy(out, finding);
}

static void
add_result(struct buf *out, const struct doctor_result *result, enum doctor_answer answer,
    bool is_verbose, bool has_colour)
{
	bool has_bad = false;

	for (const struct doctor_finding *at = result->first; at != NULL; at = at->next) {
		if (at->answer != answer)
			continue;
		add_finding(out, result->check->name, at, has_colour);
		has_bad |= at->answer == DOCTOR_BAD;
		if (at->remedy.n > 0 && (is_verbose || at->answer != DOCTOR_OK))
			add_remedy(out, at);
	}
	if (has_bad)
		add_labelled(out, "why:", view_of(result->check->why));
}

static bool
is_same_group(const struct doctor_result *a, const struct doctor_result *b)
{
	return a->area == b->area && a->subject.egress == b->subject.egress &&
	       view_is(a->subject.domain, b->subject.domain);
}

static void
add_head(struct buf *out, const struct doctor_result *result)
{
	char addr[ADDR_TEXT];

	buf_addf(out, "%s", result->area->title);
	if (result->subject.egress != NULL)
		buf_addf(out, ", %s", addr_text(*result->subject.egress, addr));
	if (result->subject.domain.n > 0) {
		buf_add_text(out, ", ");
		escape_add(out, result->subject.domain, ESCAPE_MAX);
	}
	buf_add_char(out, '\n');
}

struct show {
	const struct doctor_run *run;
	bool is_verbose, has_colour;
	struct buf *out;
};

/* The reason, where that is all that RESULT says. */
static struct view
reason_of(const struct doctor_result *result)
{
	const struct doctor_finding *only = result->first;

	return only != NULL && only->next == NULL && only->answer == DOCTOR_UNKNOWN &&
		       only->remedy.n == 0
		   ? only->evidence
		   : VIEW_NONE;
}

static bool
has_reason(const struct show *show, size_t i, struct view reason)
{
	const struct doctor_result result = doctor_run_result(show->run, i);

	return reason.n > 0 && view_is(reason_of(&result), reason);
}

/* What result AT of FROM up to TO could not tell. Checks that cannot for the same reason
 * say so once, with the first of them. */
static void
add_unknown(const struct show *show, size_t from, size_t to, size_t at)
{
	const struct doctor_result result = doctor_run_result(show->run, at);
	const struct view reason = reason_of(&result);
	struct buf names = BUF_INIT(SHOWN_MAX);

	for (size_t i = from; i < at; i++)
		if (has_reason(show, i, reason))
			return;
	buf_add_text(&names, result.check->name);
	for (size_t i = at + 1; i < to; i++)
		if (has_reason(show, i, reason))
			buf_addf(
			    &names, ", %s", doctor_run_result(show->run, i).check->name);
	if (reason.n > 0)
		add_finding(show->out, buf_text(&names), result.first, show->has_colour);
	else
		add_result(
		    show->out, &result, DOCTOR_UNKNOWN, show->is_verbose, show->has_colour);
	buf_fini(&names);
}

/* The results FROM up to TO are those of one group. */
static void
add_group(const struct show *show, size_t from, size_t to, struct doctor_count *count)
{
	static const enum doctor_answer order[] = {DOCTOR_BAD, DOCTOR_UNKNOWN, DOCTOR_OK};
	struct doctor_result result = doctor_run_result(show->run, from);
	size_t n_ok = 0;

	add_head(show->out, &result);
	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = from; i < to; i++) {
			result = doctor_run_result(show->run, i);
			if (order[k] == DOCTOR_UNKNOWN)
				add_unknown(show, from, to, i);
			else if (order[k] == DOCTOR_BAD || show->is_verbose)
				add_result(show->out, &result, order[k], show->is_verbose,
				    show->has_colour);
		}
	for (size_t i = from; i < to; i++) {
		result = doctor_run_result(show->run, i);
		count->by[result.answer]++;
		n_ok += result.answer == DOCTOR_OK;
	}
	if (n_ok > 0 && !show->is_verbose)
		buf_addf(show->out, "  ok  %zu %s\n", n_ok, n_ok == 1 ? "check" : "checks");
	buf_add_char(show->out, '\n');
}

/* About how many domains CHECK gave ANSWER, and which. */
static void
add_domains(const struct doctor_run *run, const struct doctor_check *check,
    enum doctor_answer answer, struct buf *out)
{
	struct buf names = BUF_INIT((size_t)NAMES_SHOWN * (4 * ESCAPE_MAX + 16));
	size_t n = 0;

	for (size_t i = 0; i < doctor_run_count(run); i++) {
		const struct doctor_result result = doctor_run_result(run, i);

		if (result.check != check || result.answer != answer ||
		    result.subject.domain.n == 0 || n++ >= NAMES_SHOWN)
			continue;
		buf_add_text(&names, n > 1 ? ", " : "");
		escape_add(&names, result.subject.domain, ESCAPE_MAX);
	}
	struct buf text = BUF_INIT(names.n + 200);
	buf_addf(&text, "%s: %zu domain%s: %s", check->name, n, n == 1 ? "" : "s",
	    buf_text(&names));
	if (n > NAMES_SHOWN)
		buf_addf(&text, " and %zu more", n - NAMES_SHOWN);
	buf_addf(out, "  %s ", answer == DOCTOR_BAD ? "BAD" : "?  ");
	add_wrapped(out, buf_view(&text), DEEP, DEEP);
	buf_fini(&names);
	buf_fini(&text);
}

/* Of many domains: what is wrong by check, since the same is often wrong with all of them.
 */
static void
add_by_check(const struct doctor_run *run, enum doctor_answer answer, struct buf *out)
{
	const size_t n = doctor_run_count(run);

	for (size_t i = 0; i < n; i++) {
		const struct doctor_result result = doctor_run_result(run, i);
		size_t before = 0;

		if (result.answer != answer || result.subject.domain.n == 0)
			continue;
		while (doctor_run_result(run, before).check != result.check ||
		       doctor_run_result(run, before).answer != answer)
			before++;
		if (before == i)
			add_domains(run, result.check, answer, out);
	}
}

void
doctor_text_count(struct buf *out, const struct doctor_count *count)
{
	const size_t *by = count->by;
	size_t n = by[DOCTOR_BAD] + by[DOCTOR_UNKNOWN] + by[DOCTOR_OK];

	buf_addf(out, "%zu check%s: %zu bad, %zu could not tell, %zu ok\n", n,
	    n == 1 ? "" : "s", by[DOCTOR_BAD], by[DOCTOR_UNKNOWN], by[DOCTOR_OK]);
}

void
doctor_text(const struct doctor_run *run, bool is_verbose, bool has_colour,
    struct doctor_count *ret_count, struct buf *out)
{
	const struct show show = {run, is_verbose, has_colour, out};
	size_t n = doctor_run_count(run), from = 0, n_domains = 0;

	*ret_count = (struct doctor_count){{0}};
	while (from < n) {
		struct doctor_result first = doctor_run_result(run, from), next;
		size_t to = from + 1;

		for (; to < n; to++) {
			next = doctor_run_result(run, to);
			if (!is_same_group(&first, &next))
				break;
		}
		add_group(&show, from, to, ret_count);
		n_domains += first.subject.domain.n > 0;
		from = to;
	}
	if (n_domains >= MANY && ret_count->by[DOCTOR_OK] < n) {
		buf_addf(out, "All domains\n");
		add_by_check(run, DOCTOR_BAD, out);
		add_by_check(run, DOCTOR_UNKNOWN, out);
		buf_add_char(out, '\n');
	}
	doctor_text_count(out, ret_count);
}
