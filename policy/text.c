/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "policy/text.h"
#include "lib/bug.h"
#include "lib/escape.h"
#include "policy/ascii.h"

enum { LABEL_BYTES_MAX = 64 };

enum fill {
	FILL_USER,
	FILL_CLIENT,
	FILL_SENDER,
	FILL_AUTHOR,
	FILL_RCPTS,
	FILL_SIZE,
	FILL_PATH,
	FILL_HELO,
	FILL_QUEUE_ID,
	FILLS
};

static const char *const fills[FILLS] = {
    "user", "client", "sender", "author", "rcpts", "size", "path", "helo", "queue_id"};

/* Fields that a signature covers, or that are not ours to add. */
static const char *const taken_fields[] = {"DKIM-Signature", "From", "To", "Cc", "Subject",
    "Date", "Reply-To", "Message-ID", "In-Reply-To", "References", "MIME-Version",
    "Content-Type", "Content-Transfer-Encoding", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Sender", "Bcc", "Received", "Return-Path",
    "Authentication-Results"};

static enum fill
find_fill(struct view name)
{
	unsigned i = 0;

	while (i < FILLS && !view_is(view_of(fills[i]), name))
		i++;
	return (enum fill)i;
}

/*
 * Cut TEXT at its first {name}: what stands before it, and the name. False: there is none,
 * all is before.
 */
static bool
next_fill(struct view *rest, struct view *ret_before, struct view *ret_name)
{
	size_t open = 0, close;

	while (open < rest->n && rest->p[open] != '{')
		open++;
	*ret_before = view_head(*rest, open);
	if (open == rest->n)
		return false;
	close = open;
	while (close < rest->n && rest->p[close] != '}')
		close++;
	*ret_name = view_from(view_head(*rest, close), open + 1);
	*rest = view_from(*rest, close + 1);
	return true;
}

bool
text_next_name(struct view *rest, struct view *ret_name)
{
	struct view before;

	return next_fill(rest, &before, ret_name);
}

bool
text_is_fill(struct view name)
{
	return find_fill(name) != FILLS;
}

void
text_fail_name(struct checker *checker, struct span where, struct view name)
{
	const struct policy *policy = checker->policy;
	struct buf list = BUF_INIT(4096);
	struct guess guess;

	diag_error(checker->diag, where, "{%.*s} is nothing that can be filled in",
	    VIEW_ARG(name));
	guess_begin(&guess, name);
	for (unsigned i = 0; i < FILLS; i++) {
		guess_try(&guess, view_of(fills[i]));
		buf_addf(&list, " {%s}", fills[i]);
	}
	for (size_t i = 0; i < policy->meters.n; i++) {
		guess_try(&guess, policy->meters.at[i].name);
		buf_addf(&list, " {%.*s}", VIEW_ARG(policy->meters.at[i].name));
	}
	if (guess_is_good(&guess))
		diag_hint(checker->diag, "did you mean '%.*s'?", VIEW_ARG(guess.best));
	diag_hint(checker->diag, "there are%s", buf_text(&list));
	buf_fini(&list);
}

bool
text_check_names(struct parser *parser, struct view text, struct span where)
{
	struct view before, name, whole = text;

	if (text.n > TEXT_EXPANDED_MAX) {
		diag_error(
		    parser->diag, where, "a text has at most %d bytes", TEXT_EXPANDED_MAX);
		return false;
	}
	while (next_fill(&text, &before, &name)) {
		bool is_closed = before.n + 1 + name.n < whole.n;

		whole = text;
		if (!is_closed) {
			diag_error(parser->diag, where, "this { has no }");
			return false;
		}
	}
	return true;
}

static bool
is_ascii(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (ascii_is_eight_bit(text.p[i]))
			return false;
	return true;
}

static bool
is_field_name(struct view name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':' ||
		    name.p[i] == '{')
			return false;
	return name.n > 0;
}

static bool
fail_text(struct parser *parser, struct span where, const char *sentence)
{
	diag_error(parser->diag, where, "%s", sentence);
	return false;
}

bool
text_check_tag(struct parser *parser, struct text_effect *tag)
{
	struct view rest = tag->text;

	if (!view_cut(&rest, ':', &tag->name) || rest.p == NULL ||
	    !is_field_name(tag->name) || view_trim(rest).n == 0)
		return fail_text(
		    parser, tag->span, "a tag is a header field: \"X-Name: text\"");
	for (size_t i = 0; i < ARRAY_LEN(taken_fields); i++)
		if (view_is_nocase(view_of(taken_fields[i]), tag->name)) {
			diag_error(parser->diag, tag->span,
			    "the field %s is not one to add", taken_fields[i]);
			return false;
		}
	if (view_starts_nocase(tag->name, VIEW("ARC-")))
		return fail_text(
		    parser, tag->span, "the fields of ARC are not ours to add");
	tag->text = view_trim(rest);
	if (!is_ascii(tag->text))
		return fail_text(parser, tag->span, "a header field is plain ASCII");
	return text_check_names(parser, tag->text, tag->span);
}

bool
text_check_label(struct parser *parser, const struct rule *rule)
{
	if (rule->label.n > LABEL_BYTES_MAX)
		return fail_text(parser, rule->label_span, "a label has at most 64 bytes");
	if (view_has_char(rule->label, '{') || view_has_char(rule->label, '\t'))
		return fail_text(parser, rule->label_span,
		    "a label is a fixed name: nothing is filled in");
	return true;
}

/* One to three digits, and what ends them. */
static bool
take_digits(struct view *rest, char end)
{
	size_t n = 0;

	while (n < rest->n && n < 3 && ascii_is_digit(rest->p[n]))
		n++;
	if (n == 0 || n >= rest->n || rest->p[n] != end)
		return false;
	*rest = view_from(*rest, n + 1);
	return true;
}

bool
text_check_reply(struct parser *parser, const struct rule *rule)
{
	struct view rest = rule->reply;
	bool is_reject = rule->verdict == RULE_REJECT;

	if (!is_reject && rule->verdict != RULE_DEFER)
		return fail_text(parser, rule->reply_span,
		    "only 'reject' and 'defer' reply: the client of others is told 250");
	if (!view_starts(rest, is_reject ? VIEW("5.") : VIEW("4.")))
		return fail_text(parser, rule->reply_span,
		    is_reject
			? "a reply of 'reject' begins with its status code, like 5.7.1"
			: "a reply of 'defer' begins with its status code, like 4.7.1");
	rest = view_from(rest, 2);
	if (!take_digits(&rest, '.') || !take_digits(&rest, ' ') || view_trim(rest).n == 0)
		return fail_text(parser, rule->reply_span,
		    "a reply is a status code and a text: \"5.7.1 why\"");
	if (!is_ascii(rest) || view_has_char(rest, '\t'))
		return fail_text(
		    parser, rule->reply_span, "a reply is plain ASCII on one line");
	return text_check_names(parser, rule->reply, rule->reply_span);
}

static void
add_address(struct buf *out, struct view text, const char *without)
{
	if (text.n == 0)
		buf_add_text(out, without);
	else
		escape_add(out, text, ESCAPE_MAX);
}

static void
add_fill(struct buf *out, enum fill fill, const struct facts *facts)
{
	char addr[ADDR_TEXT];

	switch (fill) {
	case FILL_USER:
		add_address(out, facts->user, "(no login)");
		break;
	case FILL_CLIENT:
		buf_add_text(out, facts->client.family == ADDR_NONE
				      ? "(local)"
				      : addr_text(facts->client, addr));
		break;
	case FILL_SENDER:
		add_address(out, facts->sender.text, "<>");
		break;
	case FILL_AUTHOR:
		add_address(out, facts->author.text, "(unclear)");
		break;
	case FILL_RCPTS:
		buf_addf(out, "%u", facts->rcpts);
		break;
	case FILL_SIZE:
		buf_addf(out, "%llu", (unsigned long long)facts->size);
		break;
	case FILL_PATH:
		buf_add_text(out, fact_path_name(facts->path));
		break;
	case FILL_HELO:
		add_address(out, facts->helo, "(no helo)");
		break;
	case FILL_QUEUE_ID:
		add_address(out, facts->queue_id, "(no queue id)");
		break;
	case FILLS:
		break;
	}
}

static void
add_reading(struct buf *out, struct view name, const struct facts *facts)
{
	const struct fact_meter *meter = fact_meter_find(facts, name, 0);

	if (meter != NULL && meter->state == READING_KNOWN)
		buf_addf(out, "%llu", (unsigned long long)meter->reading);
	else
		buf_add_text(out, "(unknown)");
}

void
policy_expand(struct view text, const struct facts *facts, struct buf *out)
{
	struct view before, name;

	while (next_fill(&text, &before, &name)) {
		buf_add(out, before);
		if (text_is_fill(name))
			add_fill(out, find_fill(name), facts);
		else
			add_reading(out, name, facts);
	}
	buf_add(out, before);
}
