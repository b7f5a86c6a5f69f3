/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/base64.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/utf8.h"

#include "milter/incident_text.h"
#include "milter/own_mail.h"

enum {
	SUBJECT_MAX = 900,
	SHOWN = 200, /* bytes of a text: escaped, a line stays below 998 (RFC 5322 2.1.1) */
	WORD_BYTES = 42, /* of text in an encoded word: 56 of base64, 68 with its frame */
	LINE_BYTES = 57, /* of text in a line of base64: 76 */
	BODY_MAX = 32768,
	DOMAINS_SHOWN = 5,
	ORIGINS_SHOWN = 5,
};

static bool
is_ascii(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] >= 0x7f)
			return false;
	return true;
}

/* ASCII as it is, else in encoded words of whole characters (RFC 2047). TEXT is escaped:
 * one line of valid UTF-8. */
static void
add_subject(struct view text, struct buf *out)
{
	char word[BASE64_SIZE(WORD_BYTES)];
	const char *head = " =?utf-8?B?";
	uint32_t point;

	if (is_ascii(text) && !view_starts(text, VIEW("=?"))) {
		buf_addf(out, " %.*s\n", VIEW_ARG(text));
		return;
	}
	while (text.n > 0) {
		size_t n = 0, next;
		while (n < text.n) {
			next = utf8_take(view_from(text, n), &point);
			next = next == 0 ? 1 : next;
			if (n + next > WORD_BYTES)
				break;
			n += next;
		}
		(void)base64((const uint8_t *)text.p, n, word);
		buf_addf(out, "%s%s?=\n", head, word);
		text = view_from(text, n);
	}
}

static void
subject(const struct state_incident *row, enum incident_news news, struct buf *out)
{
	buf_add_text(out, "frank: ");
	if (news == INCIDENT_CLOSED)
		buf_add_text(out, "closed: ");
	else if (news == INCIDENT_DOUBLED)
		buf_add_text(out, "still: ");
	incident_summary(row, out);
}

static void
header(struct view about, const struct notice_frame *frame, bool is_plain, struct buf *out)
{
	char date[CLOCK_TEXT];

	buf_addf(out, "From: Frank <postmaster@%s>\nTo: <%s>\nSubject:", frame->from_domain,
	    frame->to);
	add_subject(about, out);
	buf_addf(out, "Date: %s\nMessage-ID: <%s>\n", clock_rfc5322(frame->now, date),
	    frame->message_id);
	buf_addf(out,
	    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: %s\n" OWN_MAIL_FIELD ": %s\n\n",
	    is_plain ? "7bit" : "base64", frame->mark);
}

/* ---- the body ---- */

static void
add_text(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "  %-8s ", name);
	escape_add(out, view_of(text), SHOWN);
	buf_add_char(out, '\n');
}

static void
add_counts(struct buf *out, const char *name, const struct incident_count *counts,
    uint32_t n, uint32_t max)
{
	bool shown[INCIDENT_TOP] = {false};

	for (uint32_t line = 0; line < n && line < max; line++) {
		uint32_t most = n;
		for (uint32_t i = 0; i < n; i++)
			if (!shown[i] && (most == n || counts[i].n > counts[most].n))
				most = i;
		shown[most] = true;
		buf_addf(out, "  %-8s %llu ", line == 0 ? name : "",
		    (unsigned long long)counts[most].n);
		escape_add(out, view_of(counts[most].name), SHOWN);
		buf_add_char(out, '\n');
	}
	if (n > max)
		buf_add_text(out, "           and others\n");
}

static void
add_who(const struct state_incident *row, struct buf *out)
{
	add_text(out, "who", row->key);
	if (row->n_origins > 1 || strcmp(row->origins[0].name, row->key) != 0)
		add_counts(out, "from", row->origins, row->n_origins, ORIGINS_SHOWN);
	if (row->client[0] == '\0')
		return;
	buf_addf(out, "  client   %s%s\n", row->client,
	    row->client_is_new ? ", never seen for it before" : "");
}

static void
add_facts(const struct state_incident *row, struct buf *out)
{
	char began[CLOCK_TEXT], last[CLOCK_TEXT];

	add_who(row, out);
	buf_addf(out, "  since    %s, last %s\n", clock_text(row->began, began),
	    clock_text(row->last, last));
	buf_addf(out, "  held     %llu message%s to %llu recipient%s\n",
	    (unsigned long long)row->messages, row->messages == 1 ? "" : "s",
	    (unsigned long long)row->rcpts, row->rcpts == 1 ? "" : "s");
	add_counts(out, "to", row->domains, row->n_domains, DOMAINS_SHOWN);
	buf_add_text(out, "  rule     \"");
	escape_add(out, view_of(row->label), SHOWN);
	buf_add_text(out, "\"  ");
	escape_add(out, view_of(row->place), SHOWN);
	buf_add_char(out, '\n');
	if (row->meter[0] != '\0') {
		buf_addf(out, "  because  %s was %llu", row->meter,
		    (unsigned long long)row->reading);
		if (row->has_usual)
			buf_addf(out, "; usual is %llu", (unsigned long long)row->usual);
		buf_add_char(out, '\n');
	}
	if (row->queue_id[0] != '\0')
		add_text(out, "first", row->queue_id);
	if (row->closed != 0) {
		buf_addf(out, "  closed   %s by ", clock_text(row->closed, last));
		escape_add(out, view_of(row->closed_by), SHOWN);
		if (row->reason[0] != '\0') {
			buf_add_text(out, ": ");
			escape_add(out, view_of(row->reason), SHOWN);
		}
		buf_add_char(out, '\n');
	}
}

/* May it stand in a command as it is? */
static bool
is_plain_word(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if ((*p < 'a' || *p > 'z') && (*p < 'A' || *p > 'Z') &&
		    (*p < '0' || *p > '9') && strchr("._:/-", *p) == NULL)
			return false;
	return text[0] != '\0' && text[0] != '-';
}

static void
add_what_to_do(
    const struct state_incident *row, const struct notice_frame *frame, struct buf *out)
{
	unsigned long long number = row->number;

	buf_addf(out,
	    "\nThe mail waits in Postfix's hold queue on %s; whoever sent it was told "
	    "that\n"
	    "it was accepted. Nothing of it leaves before somebody releases it.\n"
	    "\nWhat happened:\n    frank incident show %llu\n",
	    frame->host, number);
	if (is_plain_word(row->queue_id))
		buf_addf(out, "    frank explain %s\n", row->queue_id);
	if (is_plain_word(row->place))
		buf_addf(out, "    frank log --verdict hold --rule %s\n", row->place);
	if (row->closed != 0)
		return;
	buf_addf(out,
	    "\nIf the account is stolen, change its password first; then hold its mail "
	    "that is\nalready in the queue, and delete what is junk:\n"
	    "    frank incident sweep %llu\n    frank hold delete --incident %llu\n"
	    "\nIf all is well, release it:\n"
	    "    frank hold release --incident %llu\n"
	    "\nWhen it is over (a day without a held message closes it, too):\n"
	    "    frank incident close %llu\n",
	    number, number, number, number);
}

static void
body(const struct state_incident *row, enum incident_news news,
    const struct notice_frame *frame, struct buf *out)
{
	static const char *const begin[] = {[INCIDENT_OPENED] = "Frank holds mail.\n\n",
	    [INCIDENT_DOUBLED] = "Frank holds ever more mail: twice as much as when you "
				 "were told last.\n\n",
	    [INCIDENT_CLOSED] = "The incident is closed.\n\n"};

	buf_add_text(out, begin[news]);
	add_facts(row, out);
	add_what_to_do(row, frame, out);
}

static void
add_base64(struct view text, struct buf *out)
{
	char line[BASE64_SIZE(LINE_BYTES)];

	for (; text.n > 0; text = view_from(text, LINE_BYTES)) {
		struct view piece = view_head(text, LINE_BYTES);
		(void)base64((const uint8_t *)piece.p, piece.n, line);
		buf_addf(out, "%s\n", line);
	}
}

static void
make(struct view about, struct view text, const struct notice_frame *frame, struct buf *out)
{
	bool is_plain = is_ascii(text);

	header(about, frame, is_plain, out);
	if (is_plain)
		buf_add(out, text);
	else
		add_base64(text, out);
}

void
notice_mail(const struct state_incident *row, enum incident_news news,
    const struct notice_frame *frame, struct buf *out)
{
	struct buf about = BUF_INIT(SUBJECT_MAX), text = BUF_INIT(BODY_MAX);

	must(news != INCIDENT_NO_NEWS);
	subject(row, news, &about);
	body(row, news, frame, &text);
	make(buf_view(&about), buf_view(&text), frame, out);
	buf_fini(&about);
	buf_fini(&text);
}

/* What to do about each. */
static const char *const remedies[ALERT_KINDS] = {
    [ALERT_HOLD] =
	"What waits there, and why:\n    frank hold list\n    frank hold show ID\n"
	"It leaves when somebody releases it:\n    frank hold release ID\n",
    [ALERT_QUEUE_AGE] = "Why it waits, and what to do:\n    frank queue\n",
    [ALERT_QUEUE_COUNT] = "Why it waits, and what to do:\n    frank queue\n",
    [ALERT_QUEUE_GROWTH] = "Why it waits, who sends it, and what to do:\n    frank queue\n"
			   "    frank queue --by login\n    frank top\n",
    [ALERT_COVERAGE] = "Which messages, and why:\n    frank coverage\n",
};

void
notice_alert_mail(
    const struct alert_news *news, const struct notice_frame *frame, struct buf *out)
{
	struct buf about = BUF_INIT(SUBJECT_MAX), text = BUF_INIT(BODY_MAX);
	char time[CLOCK_TEXT];

	buf_addf(&about, "frank: %s%s", news->is_over ? "over: " : "", news->text);
	buf_addf(&text, "%s on %s:\n\n  %s\n  %s %s\n",
	    news->is_over ? "It is over" : "Something needs a look", frame->host,
	    news->text, news->is_over ? "it began at" : "seen at",
	    clock_text(news->since, time));
	if (!news->is_over)
		buf_addf(&text, "\n%s", remedies[news->kind]);
	buf_addf(&text, "\nThis is %s of frank.conf(5).\n", alert_name(news->kind));
	make(buf_view(&about), buf_view(&text), frame, out);
	buf_fini(&about);
	buf_fini(&text);
}
