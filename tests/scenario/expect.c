/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "tests/scenario/expect.h"
#include "tests/scenario/verify.h"

enum { TEXT_MAX = 1 << 20 };

void
result_init(struct result *result, struct lab *lab, const struct mail *mail)
{
	*result = (struct result){.lab = lab, .mail = mail};
	buf_init(&result->log, TEXT_MAX);
	buf_init(&result->explain, TEXT_MAX);
	buf_init(&result->said, TEXT_MAX);
}

void
result_fini(struct result *result)
{
	buf_fini(&result->log);
	buf_fini(&result->explain);
	buf_fini(&result->said);
}

const struct buf *
result_explain(struct result *result)
{
	const struct mail *mail = result->mail;
	bool has_id = !mail->message->has_lost_macros;

	if (!result->has_explain)
		(void)lab_frank(result->lab, "explain",
		    has_id ? mail->id : mail->message_id, &result->explain);
	result->has_explain = true;
	return &result->explain;
}

/* TEXT with one blank for every run of blanks, tabs and line ends. */
static void
squeeze(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		bool is_blank = strchr(" \t\r\n", text.p[i]) != NULL && text.p[i] != '\0';

		if (!is_blank)
			buf_add_char(out, text.p[i]);
		else if (out->n > 0 && out->p[out->n - 1] != ' ')
			buf_add_char(out, ' ');
	}
}

/* Is PART in WHOLE? How columns are spaced and lines folded does not matter. */
static bool
contains(struct view whole, struct view part)
{
	struct buf a = BUF_INIT(TEXT_MAX), b = BUF_INIT(TEXT_MAX);

	squeeze(whole, &a);
	squeeze(part, &b);
	bool is_there = strstr(buf_text(&a), buf_text(&b)) != NULL;
	buf_fini(&a);
	buf_fini(&b);
	return is_there;
}

/* Is PART in WHOLE with a blank, or an end, at both sides? */
static bool
has_word(struct view whole, struct view part)
{
	for (size_t i = 0; i + part.n <= whole.n; i++)
		if (memcmp(whole.p + i, part.p, part.n) == 0 &&
		    (i == 0 || whole.p[i - 1] == ' ') &&
		    (i + part.n == whole.n || strchr(" \n", whole.p[i + part.n]) != NULL))
			return true;
	return false;
}

static bool
verdict_holds(const struct result *result, const struct expect *expect, struct buf *why)
{
	const struct outcome *outcome = &result->outcome;
	enum verdict want = (enum verdict)expect->kind;

	if (outcome->verdict != want) {
		buf_addf(why, "got %s, want %s", verdict_name(outcome->verdict),
		    verdict_name(want));
		if (outcome->reply[0] != '\0')
			buf_addf(why, " (%s)", outcome->reply);
		return false;
	}
	if (want != VERDICT_HOLD || view_is(expect->text, view_of(outcome->hold_reason)))
		return true;
	buf_addf(why, "held as \"%s\", want \"%.*s\"", outcome->hold_reason,
	    VIEW_ARG(expect->text));
	return false;
}

static bool
header_holds(const struct result *result, const struct expect *expect, struct buf *why)
{
	const struct outcome *outcome = &result->outcome;
	bool is_there = false;

	for (unsigned i = 0; i < outcome->n_inserted; i++) {
		const struct mail_field *field = &outcome->inserted[i];

		is_there |= view_is_nocase(expect->name, view_of(field->name)) &&
			    contains(view_of(field->value), expect->text);
	}
	if (is_there != expect->is_negated)
		return true;
	buf_addf(why, "%s field %.*s", is_there ? "there is a" : "there is no",
	    VIEW_ARG(expect->name));
	if (expect->text.n > 0)
		buf_addf(why, " with \"%.*s\"", VIEW_ARG(expect->text));
	return false;
}

/* The signatures as "example.org/s2026 example.org/e2026". */
static void
list_signatures(const struct outcome *outcome, struct buf *out)
{
	for (unsigned i = 0; i < outcome->n_inserted; i++) {
		const char *value = outcome->inserted[i].value;

		if (strcmp(outcome->inserted[i].name, "DKIM-Signature") != 0)
			continue;
		buf_addf(out, "%s%.*s/%.*s", out->n > 0 ? " " : "",
		    VIEW_ARG(signature_tag(value, 'd')),
		    VIEW_ARG(signature_tag(value, 's')));
	}
}

static bool
signed_holds(const struct result *result, const struct expect *expect, struct buf *why)
{
	struct buf list = BUF_INIT(TEXT_MAX);

	list_signatures(&result->outcome, &list);
	bool is_signed = has_word(buf_view(&list), expect->text);
	if (!is_signed)
		buf_addf(why, "signed by %s, want %.*s",
		    list.n > 0 ? buf_text(&list) : "nobody", VIEW_ARG(expect->text));
	buf_fini(&list);
	return is_signed;
}

/* The lines of explain that say why something was not signed. */
static void
list_reasons(struct view explain, struct buf *out)
{
	static const char *const heads[] = {
	    "not signed", "no signature by", "author unclear:", "incoming mail"};
	struct view line;

	while (view_cut(&explain, '\n', &line))
		for (size_t i = 0; i < ARRAY_LEN(heads); i++)
			if (view_starts(view_trim(line), view_of(heads[i]))) {
				buf_add(out, line);
				buf_add_char(out, '\n');
			}
}

static bool
unsigned_holds(struct result *result, const struct expect *expect, struct buf *why)
{
	struct buf list = BUF_INIT(TEXT_MAX), reasons = BUF_INIT(TEXT_MAX);
	bool holds;

	list_signatures(&result->outcome, &list);
	if (list.n > 0)
		buf_addf(why, "signed by %s", buf_text(&list));
	holds = list.n == 0;
	if (holds && expect->text.n > 0) {
		list_reasons(buf_view(result_explain(result)), &reasons);
		holds = contains(buf_view(&reasons), expect->text);
		if (!holds)
			buf_addf(why, "unsigned, but not because of \"%.*s\": %s",
			    VIEW_ARG(expect->text), buf_text(&reasons));
	}
	buf_fini(&list);
	buf_fini(&reasons);
	return holds;
}

static bool
log_holds(const struct result *result, const struct expect *expect, struct buf *why)
{
	struct view log = buf_view(&result->log);
	bool is_there;

	if (expect->text.n == 0)
		is_there = log.n > 0;
	else
		is_there = has_word(log, expect->text);
	if (is_there != expect->is_negated)
		return true;
	buf_addf(why, "%s in the log: %s", is_there ? "it is" : "it is not",
	    log.n > 0 ? buf_text(&result->log) : "no line");
	return false;
}

static bool
text_holds(struct view whole, const struct expect *expect, struct buf *why)
{
	if (contains(whole, expect->text) != expect->is_negated)
		return true;
	buf_addf(why, "%s \"%.*s\" in:\n%.*s", expect->is_negated ? "there is" : "no",
	    VIEW_ARG(expect->text), VIEW_ARG(whole));
	return false;
}

/* A reload that was refused, or taken, and what the admin was told. */
static bool
reload_holds(const struct result *result, const struct expect *expect, struct buf *why)
{
	bool want_refused = expect->kind == EXPECT_REFUSED;

	if (result->was_refused == want_refused)
		return text_holds(buf_view(&result->said), expect, why);
	buf_addf(why, "the reload was %s:\n%s", want_refused ? "taken" : "refused",
	    buf_text(&result->said));
	return false;
}

bool
expect_holds(struct result *result, const struct expect *expect, struct buf *why)
{
	switch (expect->kind) {
	case EXPECT_ACCEPT:
	case EXPECT_HOLD:
	case EXPECT_DEFER:
	case EXPECT_REJECT:
		return verdict_holds(result, expect, why);
	case EXPECT_REPLY:
		return text_holds(view_of(result->outcome.reply), expect, why);
	case EXPECT_HEADER:
		return header_holds(result, expect, why);
	case EXPECT_SIGNED:
		return signed_holds(result, expect, why);
	case EXPECT_UNSIGNED:
		return unsigned_holds(result, expect, why);
	case EXPECT_LOG:
		return log_holds(result, expect, why);
	case EXPECT_EXPLAIN:
		return text_holds(buf_view(result_explain(result)), expect, why);
	case EXPECT_REFUSED:
	case EXPECT_SAYS:
		return reload_holds(result, expect, why);
	}
	BUG("an expectation of no kind");
}

bool
expect_sound(struct result *result, struct buf *why)
{
	const struct outcome *outcome = &result->outcome;

	for (unsigned i = 0; i < outcome->n_inserted; i++)
		if (strcmp(outcome->inserted[i].name, "DKIM-Signature") == 0 &&
		    !verify(result->lab, result->mail, outcome, i, why))
			return false;
	if (result->has_explain &&
	    contains(buf_view(&result->explain), VIEW("DIFFERENT:"))) {
		buf_addf(why, "frank explain comes to another decision:\n%s",
		    buf_text(&result->explain));
		return false;
	}
	return true;
}
