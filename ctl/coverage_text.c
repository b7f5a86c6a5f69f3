/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/cause.h"
#include "ctl/coverage.h"

enum { NUMBER = 8, INDENT = 9, LABEL = 6, LINE_MAX_BYTES = 2048 };

/* What each reason means, what to do about it, and what else there is to say of that. */
static const struct {
	const char *means, *remedy, *hint;
} texts[] = {
    [COVERAGE_BOUNCES] = {"notifications that Postfix made: they pass a milter only with "
			  "internal_mail_filter_classes",
	"postconf -e internal_mail_filter_classes=bounce", NULL},
    [COVERAGE_REENTRY] = {"came in from this machine without a login, at a service without "
			  "milters: most likely from a content filter, and judged before "
			  "it",
	"postconf -P 'NAME/inet/smtpd_milters=unix:frank/milter.sock'",
	"NAME is the service in master.cf, like 127.0.0.1:10025; 'set reentry' is for mail "
	"that was judged before the filter. If the filter changes nothing, "
	"'set coverage-ignore reentry' will do."},
    [COVERAGE_LOCAL] = {"from sendmail(1): programs on this machine, cron, web pages",
	"postconf -e 'non_smtpd_milters=$smtpd_milters'", NULL},
    [COVERAGE_FORWARDED] = {"by local(8): .forward and alias_maps never pass a milter",
	"virtual_alias_maps in place of .forward and alias_maps",
	"Postfix looks there before the message is queued, and it is judged with its new "
	"recipients."},
    [COVERAGE_DOWN] = {"let through while Postfix had trouble with a milter: frankd was "
		       "down, or could not be reached",
	"postconf -e milter_default_action=tempfail",
	"And take default_action=accept out of smtpd_milters, if it is there."},
    [COVERAGE_SERVICE] = {"brought by a login or by a trusted client, at a service without "
			  "milters",
	"postconf -P 'NAME/inet/smtpd_milters=unix:frank/milter.sock'",
	"NAME is the service in master.cf, like submission."},
    [COVERAGE_NOTICES] =
	{"neither brought by anybody nor forwarded: what Postfix tells the "
	 "postmaster by itself",
	    "postconf -e 'internal_mail_filter_classes=bounce,notify'", NULL},
    [COVERAGE_UNKNOWN] = {"cannot tell: they came before the journal or its record of "
			  "Postfix's log begins, or something of it is missing",
	"nothing: this is not counted as missed", NULL},
};

static const char *
name_of(enum coverage_reason reason)
{
	const char *word = policy_coverage_word(reason);

	return word != NULL ? word : "unknown";
}

static bool
is_excused(const struct coverage_view *view, enum coverage_reason reason)
{
	return (view->ignored & 1U << reason) != 0;
}

/* ---- people ---- */

static void
add_line(struct buf *out, const char *label, struct view text)
{
	buf_addf(out, "%*s%-*s", INDENT, "", LABEL, label);
	cause_wrap(out, text, INDENT + LABEL);
}

static void
add_times(const struct coverage_part *part, struct buf *out)
{
	char first[CLOCK_TEXT], last[CLOCK_TEXT], text[2 * CLOCK_TEXT + 8];

	clock_text(part->first, first);
	clock_text(part->last, last);
	if (part->n == 1)
		snprintf(text, sizeof(text), "%s", first);
	else
		snprintf(text, sizeof(text), "%s to %s", first, last);
	add_line(out, "came", view_of(text));
}

/* "submission/smtpd, 10025/smtpd" */
static void
add_services(const struct coverage_part *part, struct buf *out)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);

	for (size_t i = 0; i < COVERAGE_SERVICES && part->services[i][0] != '\0'; i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "", part->services[i]);
	if (text.n > 0)
		add_line(out, "by", buf_view(&text));
	buf_fini(&text);
}

static void
add_ids(const struct coverage_part *part, struct buf *out)
{
	struct buf text = BUF_INIT(LINE_MAX_BYTES);

	for (size_t i = 0; i < COVERAGE_EXAMPLES && i < part->n; i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "", part->ids[i]);
	if (part->n > COVERAGE_EXAMPLES)
		buf_add_text(&text, " ...");
	add_line(out, "like", buf_view(&text));
	buf_fini(&text);
}

static void
add_part(const struct coverage *coverage, const struct coverage_view *view,
    enum coverage_reason reason, struct buf *out)
{
	const struct coverage_part *part = &coverage->parts[reason];
	struct buf text = BUF_INIT(LINE_MAX_BYTES);

	if (part->n == 0)
		return;
	buf_addf(&text, "%s%s: %s", name_of(reason),
	    is_excused(view, reason) ? " (excused by set coverage-ignore)" : "",
	    texts[reason].means);
	buf_addf(out, "\n%*" PRIu64 " ", NUMBER, part->n);
	cause_wrap(out, buf_view(&text), INDENT);
	add_times(part, out);
	add_services(part, out);
	add_ids(part, out);
	add_line(out, "do", view_of(texts[reason].remedy));
	if (texts[reason].hint != NULL)
		add_line(out, "", view_of(texts[reason].hint));
	buf_fini(&text);
}

/* What is to be known about the numbers. */
static void
add_notes(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out)
{
	char text[CLOCK_TEXT];

	if (coverage->inbound > 0)
		buf_addf(out,
		    "\n%" PRIu64 " more came from outside and went on: frankd records "
		    "these only when they\nclaim a domain of ours\n",
		    coverage->inbound);
	if (coverage->begin > view->since)
		buf_addf(out, "\nthe journal has Postfix's log from %s on\n",
		    clock_text(coverage->begin, text));
	if (coverage->gaps > 0)
		buf_addf(out,
		    "\nPostfix's log has gaps: %" PRIu64 " noticed in that time\n",
		    coverage->gaps);
}

static void
add_total(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out)
{
	uint64_t missed = coverage_missed(coverage, 0);
	uint64_t excused = missed - coverage_missed(coverage, view->ignored);
	struct buf line = BUF_INIT(LINE_MAX_BYTES);
	char text[CLOCK_TEXT];

	buf_addf(&line, "%" PRIu64 " %s since %s, ", coverage->left,
	    coverage->left == 1 ? "message left" : "messages left",
	    clock_text(view->since, text));
	if (missed == 0 && coverage->parts[COVERAGE_UNKNOWN].n > 0)
		buf_add_text(&line, "none is known to have missed frankd");
	else if (missed == 0)
		buf_add_text(&line, "none without frankd");
	else
		buf_addf(&line, "%" PRIu64 " never saw frankd", missed);
	if (excused > 0)
		buf_addf(&line, ", %" PRIu64 " of them excused", excused);
	cause_wrap(out, buf_view(&line), 0);
	buf_fini(&line);
}

void
coverage_text(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out)
{
	add_total(coverage, view, out);
	for (unsigned reason = 0; reason < COVERAGE_REASONS; reason++)
		add_part(coverage, view, (enum coverage_reason)reason, out);
	add_notes(coverage, view, out);
}

/* ---- JSON ---- */

static void
add_object(const struct coverage *coverage, const struct coverage_view *view,
    enum coverage_reason reason, struct buf *out)
{
	const struct coverage_part *part = &coverage->parts[reason];
	char time[CLOCK_TEXT];
	struct json json;

	if (part->n == 0)
		return;
	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "frank.reason", view_of(name_of(reason)));
	json_number(&json, "frank.messages", (int64_t)part->n);
	json_bool(&json, "frank.excused", is_excused(view, reason));
	json_string(&json, "frank.first", view_of(clock_rfc3339(part->first, time)));
	json_string(&json, "frank.last", view_of(clock_rfc3339(part->last, time)));
	json_array(&json, "email.local_id");
	for (size_t i = 0; i < COVERAGE_EXAMPLES && i < part->n; i++)
		json_string(&json, NULL, view_of(part->ids[i]));
	json_end(&json);
	json_array(&json, "frank.services");
	for (size_t i = 0; i < COVERAGE_SERVICES && part->services[i][0] != '\0'; i++)
		json_string(&json, NULL, view_of(part->services[i]));
	json_end(&json);
	json_string(&json, "frank.means", view_of(texts[reason].means));
	json_string(&json, "frank.do", view_of(texts[reason].remedy));
	if (texts[reason].hint != NULL)
		json_string(&json, "frank.hint", view_of(texts[reason].hint));
	json_end(&json);
	buf_add_char(out, '\n');
}

void
coverage_json(
    const struct coverage *coverage, const struct coverage_view *view, struct buf *out)
{
	char time[CLOCK_TEXT];
	struct json json;

	for (unsigned reason = 0; reason < COVERAGE_REASONS; reason++)
		add_object(coverage, view, (enum coverage_reason)reason, out);
	json_begin(&json, out);
	json_object(&json, NULL);
	json_number(&json, "frank.left", (int64_t)coverage->left);
	json_number(&json, "frank.judged", (int64_t)coverage->judged);
	json_number(&json, "frank.inbound", (int64_t)coverage->inbound);
	json_number(
	    &json, "frank.missed", (int64_t)coverage_missed(coverage, view->ignored));
	json_number(&json, "frank.unknown", (int64_t)coverage->parts[COVERAGE_UNKNOWN].n);
	json_string(&json, "frank.begin", view_of(clock_rfc3339(coverage->begin, time)));
	json_number(&json, "frank.gaps", (int64_t)coverage->gaps);
	json_end(&json);
	buf_add_char(out, '\n');
}
