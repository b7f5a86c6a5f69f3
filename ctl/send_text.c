/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/send.h"
#include "ctl/show.h"

/* What was found, for people and for programs. */

enum {
	COLUMNS = 80,
	HEAD_INDENT = 2,
	FOLD_INDENT = 4,
	HEADER_LINES = 80, /* shown */
	LINE_SHOWN = 1000, /* bytes of one */
};

static void
add_blanks(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_add_char(out, ' ');
}

/* How many bytes of TEXT stand in COLUMNS: at most so many, best up to a blank, and no
 * piece of a character. */
static size_t
fit(struct view text, size_t columns)
{
	size_t n = columns;

	if (text.n <= columns)
		return text.n;
	for (size_t at = columns; at > columns / 2; at--)
		if (text.p[at] == ' ')
			return at;
	while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return n > 0 ? n : text.n;
}

/* A line of a header; what does not fit goes on in the next. */
static void
add_header_line(struct buf *out, struct view line)
{
	struct buf shown = BUF_INIT(8 * LINE_SHOWN);
	size_t indent = HEAD_INDENT;
	struct view rest;

	if (line.n > 0 && line.p[0] == '\t') {
		buf_add(&shown, VIEW("  "));
		line = view_from(line, 1);
	}
	escape_add(&shown, line, LINE_SHOWN);
	for (rest = buf_view(&shown); rest.n > 0; indent = FOLD_INDENT) {
		size_t n = fit(rest, COLUMNS - indent);

		add_blanks(out, indent);
		buf_add(out, view_head(rest, n));
		buf_add_char(out, '\n');
		rest = view_from(rest, n);
		if (rest.n > 1 && rest.p[0] == ' ')
			rest = view_from(rest, 1);
	}
	buf_fini(&shown);
}

/* What left: where that was seen as it is there, else as it was handed over. */
static void
add_header(const struct send *send, struct buf *out)
{
	bool is_seen = send->mail_from.n > 0;
	struct view rest = is_seen ? buf_view(&send->mail) : send->text, line;

	if (is_seen) {
		buf_add_text(out, "\nHeader, as in ");
		escape_add(out, send->mail_from, ESCAPE_MAX);
	} else {
		buf_add_text(out, "\nHeader, as it was handed over; what Postfix and "
				  "frankd add is not in it");
	}
	buf_add_char(out, '\n');
	for (size_t i = 0; rest.n > 0 && view_cut(&rest, '\n', &line); i++) {
		if (view_ends(line, VIEW("\r")))
			line = view_head(line, line.n - 1);
		if (line.n == 0)
			return;
		if (i == HEADER_LINES) {
			buf_add_text(out, "  ...\n");
			return;
		}
		add_header_line(out, line);
	}
}

static void
add_head(const struct send *send, struct buf *out)
{
	buf_add_text(out, "Test message from ");
	escape_add(out, send->from, ESCAPE_MAX);
	buf_add_text(out, "\n  to ");
	escape_add(out, send->to, ESCAPE_MAX);
	buf_add_text(out, "\n  by ");
	escape_add(out, send->way, ESCAPE_MAX);
	buf_add_char(out, '\n');
}

static void
add_count(const struct send *send, struct buf *out)
{
	struct doctor_count count = {{0}};

	for (size_t i = 0; i < send->n_findings; i++)
		count.by[send->findings[i].finding.answer]++;
	buf_add_char(out, '\n');
	doctor_text_count(out, &count);
}

void
send_text(const struct send *send, struct buf *out)
{
	add_head(send, out);
	for (size_t i = 0; i < send->n_findings; i++)
		doctor_text_finding(out, send->findings[i].check,
		    &send->findings[i].finding, send->ctl->colour);
	if (send->is_taken)
		add_header(send, out);
	add_count(send, out);
	if (!send->is_taken || send->state != SEND_WAITING)
		return;
	buf_add_text(out, "Still waiting: frank explain ");
	escape_add(
	    out, send->queue_id.n > 0 ? send->queue_id : send->message_id, ESCAPE_MAX);
	buf_add_char(out, '\n');
}

static void
add_finding(const struct send_finding *at, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "area", VIEW("send"));
	json_string(&json, "check", view_of(at->check));
	json_string(&json, "answer", view_of(doctor_answer_name(at->finding.answer)));
	json_string(&json, "evidence", at->finding.evidence);
	if (at->finding.remedy.n > 0)
		json_string(&json, "remedy", at->finding.remedy);
	json_end(&json);
	buf_add_char(out, '\n');
}

static const char *
state_name(const struct send *send)
{
	if (!send->is_taken)
		return "not-sent";
	switch (send->state) {
	case SEND_WAITING:
		return "waiting";
	case SEND_STOPPED:
		return "stopped";
	case SEND_UNSEEN:
		return "unseen";
	case SEND_SETTLED:
		return send->rcpts.n_failed == 0 ? "sent" : "bounced";
	}
	return "waiting";
}

/* One line a finding, and one of the whole. */
void
send_json(const struct send *send, struct buf *out)
{
	struct json json;

	for (size_t i = 0; i < send->n_findings; i++)
		add_finding(&send->findings[i], out);
	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "area", VIEW("send"));
	json_string(&json, "frank.result", view_of(state_name(send)));
	json_string(&json, "email.message_id", send->message_id);
	if (send->queue_id.n > 0)
		json_string(&json, "email.local_id", send->queue_id);
	json_string(&json, "email.from.address", send->from);
	json_string(&json, "email.to.address", send->to);
	if (send->verdict.n > 0)
		json_string(&json, "event.action", send->verdict);
	after_json(&send->after, send->replies, &json);
	json_end(&json);
	buf_add_char(out, '\n');
}
