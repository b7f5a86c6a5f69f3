/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/escape.h"
#include "lib/net.h"

#include "ctl/after.h"
#include "ctl/cause.h"
#include "ctl/ctl.h"
#include "ctl/explain.h"
#include "ctl/explain_private.h"
#include "ctl/rerun.h"
#include "ctl/running.h"
#include "ctl/show.h"
#include "ctl/trace_text.h"

enum { ROW_TEXT_MAX = 4 << 20 };

static void
add_json(struct explain *explain, const struct journal_row *row, int result,
    const struct err *err, const struct buf *differences)
{
	struct json json;
	const struct trace *trace = &explain->rerun.trace;

	json_begin(&json, &explain->out);
	json_object(&json, NULL);
	show_json(row, &json);
	if (result == 1) {
		trace_json(trace, &json);
		json_array(&json, "frank.not_signed");
		for (size_t i = 0; i < trace->n_unsigned_notes; i++)
			json_string(&json, NULL, trace->unsigned_notes[i]);
		json_end(&json);
		if (trace->remedy.n > 0)
			json_string(&json, "frank.remedy", trace->remedy);
		json_bool(&json, "frank.differs", differences->n > 0);
	} else {
		json_string(&json, "frank.trace_missing",
		    result == 0 ? VIEW("the policy was not kept") : view_of(err->text));
	}
	running_json(&explain->running, row->policy, &json);
	after_json(&explain->after, explain->replies, &json);
	json_end(&json);
	buf_add_char(&explain->out, '\n');
}

static int
explain_row(void *context, const struct journal_row *row)
{
	struct explain *explain = context;
	struct buf differences = BUF_INIT(ROW_TEXT_MAX);
	struct err err = ERR_INIT;
	int result;

	if (explain->only != 0 && row->facts.time != explain->only) {
		buf_fini(&differences);
		return 0;
	}
	result = rerun_row(&explain->rerun, row, &err);
	if (result == 1)
		rerun_differences(&explain->rerun, row, &differences);
	explain->count++;
	explain->different += differences.n > 0 || result == -1;
	buf_reset(&explain->out);
	if (after_read(&explain->after, row->facts.queue_id, row->facts.time, &err) == -1)
		ctl_say("what became of it: %s", err.text);
	if (explain->ctl->json) {
		add_json(explain, row, result, &err, &differences);
	} else {
		if (explain->count > 1)
			buf_add_char(&explain->out, '\n');
		explain_text(explain, row, result, &err, &differences);
		after_text(&explain->after, explain->replies, &explain->out);
	}
	buf_fini(&differences);
	return ctl_print(&explain->out);
}

static int
not_found(const struct explain *explain, const char *id)
{
	ctl_say("no decision about '%s' in %s", id, ctl_state(explain->ctl));
	if (strchr(id, '@') != NULL)
		ctl_say(
		    "an address? 'frank log --to %s' finds what was sent to it, --sender "
		    "what it sent",
		    id);
	ctl_say(
	    "queue ids are as in Postfix's log, in the same case; a Message-ID may stand "
	    "without its angle brackets");
	ctl_say(
	    "mail that came in is recorded only when its sender or author is in a domain "
	    "that there is a key for");
	return EX_NOINPUT;
}

/* What Postfix has sent and frankd has not seen. Nothing may be known of it at all. */
static int
explain_unseen(struct explain *explain, const char *id)
{
	struct err err = ERR_INIT;

	if (after_read_since(&explain->after, view_of(id), 0, &err) == -1)
		return ctl_fail(&err);
	if (explain->after.n == 0)
		return not_found(explain, id);
	buf_reset(&explain->out);
	if (explain->ctl->json) {
		struct json json;

		json_begin(&json, &explain->out);
		json_object(&json, NULL);
		json_string(&json, "email.local_id", view_of(id));
		json_bool(&json, "frank.seen", false);
		after_json(&explain->after, explain->replies, &json);
		json_end(&json);
		buf_add_char(&explain->out, '\n');
	} else {
		escape_add(&explain->out, view_of(id), ESCAPE_MAX);
		buf_add_text(&explain->out,
		    "  frankd has decided nothing about it: it did not "
		    "come by, or long ago\n");
		after_text(&explain->after, explain->replies, &explain->out);
	}
	int printed = ctl_print(&explain->out);
	return printed != CTL_FINE ? printed : CTL_FINDINGS;
}

static int
explain_id(struct explain *explain, struct journal_reader *reader, const char *id)
{
	struct err err = ERR_INIT;
	int result = journal_find(reader, view_of(id), explain_row, explain, &err);

	if (result > 0)
		return result;
	if (result == -1)
		return ctl_fail(&err);
	if (explain->count == 0)
		return explain_unseen(explain, id);
	if (explain->count > 1 && !explain->ctl->json) {
		struct buf shown = BUF_INIT(4 * ESCAPE_MAX);
		escape_add(&shown, view_of(id), ESCAPE_MAX);
		printf("\n%u decisions about %s; the last one is the newest\n",
		    explain->count, buf_text(&shown));
		buf_fini(&shown);
	}
	return explain->different > 0 ? CTL_FINDINGS : CTL_FINE;
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int
explain_message(struct ctl *ctl, const char *id, int64_t time)
{
	struct explain explain = {.ctl = ctl, .only = time};
	struct journal_reader *reader;
	struct err err = ERR_INIT;

	if (journal_reader_open(ctl_state(ctl), &reader, &err) == -1)
		return ctl_fail(&err);
	if (after_init(&explain.after, ctl_state(ctl), &err) == -1) {
		journal_reader_close(reader);
		return ctl_fail(&err);
	}
	if (cause_load(ctl, &explain.replies, &err) == -1)
		ctl_say("what servers say is not explained: %s", err.text);
	buf_init(&explain.out, ROW_TEXT_MAX);
	rerun_init(&explain.rerun, reader, name_of(ctl->config));
	running_find(&explain.running, ctl_control(ctl), reader);
	int code = explain_id(&explain, reader, id);
	rerun_fini(&explain.rerun);
	after_fini(&explain.after);
	replies_free(explain.replies);
	buf_fini(&explain.out);
	journal_reader_close(reader);
	return code;
}

int
command_explain(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'J')
			return ctl_bad_option(argc, argv);
		ctl->json = true;
	}
	if (argc - optind != 1)
		return ctl_usage("explain", "name one queue id or Message-ID");
	return explain_message(ctl, argv[optind], 0);
}
