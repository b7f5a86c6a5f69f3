/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>

#include "lib/bug.h"
#include "lib/escape.h"

#include "ctl/cases.h"
#include "ctl/cases_facts.h"

void
cases_init(struct cases *cases, const char *name, struct view text)
{
	*cases = (struct cases){.name = name, .rest = text, .arena = arena_new(0)};
}

void
cases_fini(struct cases *cases)
{
	arena_free(cases->arena);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Up to a '#' that is not within quotes. */
static struct view
without_comment(struct view line)
{
	bool is_quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '"')
			is_quoted = !is_quoted;
		else if (line.p[i] == '#' && !is_quoted)
			return view_head(line, i);
	}
	return line;
}

/* The next case with the lines that continue it, joined; false at the end. */
static bool
next_line(struct cases *cases, struct view *ret_line, unsigned *ret_number)
{
	struct buf joined = BUF_INIT(CASES_FILE_MAX);
	struct view line;

	*ret_number = 0;
	while (cases->rest.n > 0) {
		struct view rest = cases->rest;
		bool continues = is_blank(rest.p[0]);

		view_cut(&rest, '\n', &line);
		struct view text = view_trim(without_comment(line));
		if (text.n > 0 && joined.n > 0 && !continues)
			break;
		cases->rest = rest;
		cases->line++;
		if (text.n == 0)
			continue;
		if (*ret_number == 0)
			*ret_number = cases->line;
		if (joined.n > 0)
			buf_add_char(&joined, ' ');
		buf_add(&joined, text);
	}
	*ret_line = arena_view(cases->arena, buf_view(&joined));
	buf_fini(&joined);
	return ret_line->n > 0;
}

/* A word, a quoted string without its quotes, or a comma. False at the end or for an open
 * quote. */
static bool
next_word(struct view *rest, struct view *ret_word, bool *ret_is_quoted)
{
	size_t n = 0;

	*rest = view_trim(*rest);
	*ret_is_quoted = false;
	if (rest->n == 0)
		return false;
	if (rest->p[0] == '"') {
		struct view inner = view_from(*rest, 1);

		*ret_is_quoted = true;
		if (!view_has_char(inner, '"'))
			return false;
		view_cut(&inner, '"', ret_word);
		*rest = inner.p != NULL ? inner : VIEW("");
		return true;
	}
	while (
	    n < rest->n && !is_blank(rest->p[n]) && rest->p[n] != ',' && rest->p[n] != '"')
		n++;
	if (n == 0)
		n = 1; /* a comma */
	*ret_word = view_head(*rest, n);
	*rest = view_from(*rest, n);
	return true;
}

/* "user=alice", "sender=\"x y\"@example.org": up to a blank outside of quotes. */
static bool
next_fact(struct view *rest, struct view *ret_name, struct view *ret_value)
{
	bool is_quoted = false;
	size_t n = 0;

	*rest = view_trim(*rest);
	if (rest->n == 0)
		return false;
	for (; n < rest->n && (is_quoted || !is_blank(rest->p[n])); n++)
		is_quoted ^= rest->p[n] == '"';
	struct view fact = view_head(*rest, n), value = fact;
	*rest = view_from(*rest, n);
	view_cut(&value, '=', ret_name);
	/* Quotes around the whole value are ours; others are part of an address. */
	if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
		value = view_head(view_from(value, 1), value.n - 2);
	*ret_value = value;
	return true;
}

static int
read_sign(struct view *rest, struct case_want *want, struct err *err)
{
	struct view word, ahead;
	bool is_quoted;

	want->has_sign = true;
	if (!next_word(rest, &word, &is_quoted))
		return err_set(
		    err, ERR_BAD_INPUT, "'sign' is followed by keys, or by 'none'");
	if (view_is(word, VIEW("none")))
		return 0;
	for (;;) {
		if (want->n_sign == CASES_LIST_MAX)
			return err_set(err, ERR_LIMIT, "more than %d keys", CASES_LIST_MAX);
		want->sign[want->n_sign++] = word;
		/* A comma without a blank goes on with this list, one with a blank ends it.
		 */
		if (rest->n < 2 || rest->p[0] != ',' || is_blank(rest->p[1]))
			return 0;
		ahead = view_from(*rest, 1);
		if (!next_word(&ahead, &word, &is_quoted))
			return 0;
		*rest = ahead;
	}
}

static int
read_part(struct view word, struct view *rest, struct case_want *want, struct err *err)
{
	const struct {
		struct view name;
		struct view *into;
	} parts[] = {
	    {VIEW("tag"), &want->tag},
	    {VIEW("note"), &want->note},
	    {VIEW("reply"), &want->reply},
	    {VIEW("at"), &want->at},
	    {VIEW("watch"), &want->watch},
	};
	bool is_quoted;

	if (view_is(word, VIEW("sign")))
		return read_sign(rest, want, err);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (!view_is(word, parts[i].name))
			continue;
		if (!next_word(rest, parts[i].into, &is_quoted))
			return err_set(
			    err, ERR_BAD_INPUT, "'%.*s' of what?", VIEW_ARG(word));
		return 0;
	}
	return err_set(err, ERR_BAD_INPUT,
	    "'%.*s' cannot be expected: after the verdict and its label come sign, tag, "
	    "note, "
	    "reply, at, watch",
	    VIEW_ARG(word));
}

/* "hold "account takeover?", sign s2026, tag X-Burst" */
static int
read_want(struct view rest, struct case_want *want, struct err *err)
{
	struct view word;
	bool is_quoted;

	*want = (struct case_want){.n_sign = 0};
	if (!next_word(&rest, &word, &is_quoted) || is_quoted ||
	    !verdict_of(word, &want->verdict))
		return err_set(
		    err, ERR_BAD_INPUT, "after '->' comes accept, hold, defer or reject");
	while (next_word(&rest, &word, &is_quoted)) {
		if (is_quoted && !want->has_label) {
			want->label = word;
			want->has_label = true;
		} else if (view_is(word, VIEW(",")) && !is_quoted) {
			continue;
		} else if (read_part(word, &rest, want, err) == -1) {
			return -1;
		}
	}
	return rest.n == 0 ? 0 : err_set(err, ERR_BAD_INPUT, "a quote is not closed");
}

static int
read_case(
    struct cases *cases, const struct policy *policy, struct one_case *one, struct err *err)
{
	struct view rest = one->text, name, value;
	struct case_facts facts;

	case_facts_init(&facts, policy, cases->arena);
	while (next_fact(&rest, &name, &value)) {
		if (view_is(name, VIEW("->"))) {
			if (case_facts_end(&facts, &one->facts, err) == -1)
				return -1;
			return read_want(rest, &one->want, err);
		}
		if (value.p == NULL)
			return err_set(
			    err, ERR_BAD_INPUT, "'%.*s' is no fact=value", VIEW_ARG(name));
		if (case_facts_add(&facts, name, value, err) == -1)
			return -1;
	}
	return err_set(err, ERR_BAD_INPUT, "'->' and the decision are missing");
}

int
cases_next(struct cases *cases, const struct policy *policy, struct one_case *ret_case,
    struct buf *errors)
{
	struct err err = ERR_INIT;

	arena_reset(cases->arena);
	*ret_case = (struct one_case){.line = 0};
	if (!next_line(cases, &ret_case->text, &ret_case->line))
		return 0;
	if (read_case(cases, policy, ret_case, &err) == 0)
		return 1;
	buf_addf(errors, "%s:%u: error: ", cases->name, ret_case->line);
	escape_add(errors, view_of(err.text), sizeof(err.text));
	buf_add_char(errors, '\n');
	return -1;
}
