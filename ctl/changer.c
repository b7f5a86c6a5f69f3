/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/spool.h"
#include "postfix/request.h"

#include "ctl/changer.h"
#include "ctl/incident.h"
#include "ctl/progress.h"

enum {
	WORD_MAX = CONTROL_REQUEST_MAX,
	WHO_MAX = 256,
	ANSWER_MAX = 64 << 10,
	SECOND = 1000000,
};

/* One batch on its way. */
struct batch {
	const struct changer_bulk *bulk;
	struct postfix_change change;
	struct buf text; /* ids that it was done to */
	size_t n;
	size_t late;
};

/* Beside the control socket: "/run/frank/holdd.sock". */
static int
find_helper(struct changer *changer)
{
	const char *control = ctl_control(changer->ctl);
	const char *slash = strrchr(control, '/');
	int n = snprintf(changer->helper, sizeof(changer->helper), "%.*sholdd.sock",
	    slash != NULL ? (int)(slash - control) + 1 : 0, control);

	return n > 0 && (size_t)n < sizeof(changer->helper) &&
		       access(changer->helper, F_OK) == 0
		   ? 0
		   : -1;
}

int
changer_init(struct changer *changer, struct ctl *ctl, const char *config)
{
	*changer = (struct changer){.ctl = ctl, .config = config, .reason = ""};
	if (geteuid() == 0 || find_helper(changer) == 0)
		return CTL_FINE;
	ctl_say("only root may change what is in Postfix's queue: use sudo(8), or have "
		"frank-holdd(8) do it, which is not running");
	return EX_NOPERM;
}

/* ---- the journal, which frankd alone writes ---- */

static void
nothing(void *context, int is_error, struct view text)
{
	(void)context;
	(void)is_error;
	(void)text;
}

/* As frankd would have named him. */
static void
spool(struct changer *changer, const char *what, const char *text, const char *whom)
{
	struct buf who = BUF_INIT(WHO_MAX);
	struct err err = ERR_INIT;
	int result;

	buf_addf(&who, "root (uid 0)%s%s", whom[0] != '\0' ? " for " : "", whom);
	const struct spool_action action = {.time = clock_now().wall,
	    .what = view_of(what),
	    .who = buf_view(&who),
	    .text = view_of(text)};
	result = spool_add(ctl_state(changer->ctl), &action, &err);
	if (!changer->is_silent && result == 0)
		ctl_say("frankd cannot be reached: the journal gets what is done when it "
			"starts");
	else if (!changer->is_silent)
		ctl_say("what is done is not recorded in the journal: frankd cannot be "
			"reached, and %s; Postfix's log has it",
		    err.text);
	changer->is_silent = true;
	buf_fini(&who);
}

static void
record(struct changer *changer, struct batch *batch)
{
	const char *words[] = {
	    "action", postfix_verb_name(batch->bulk->verb), NULL, incident_for_whom()};
	struct buf text = BUF_INIT(WORD_MAX);

	if (batch->n == 0)
		return;
	buf_addf(&text, "%zu message%s: %s", batch->n, batch->n == 1 ? "" : "s",
	    buf_text(&batch->text));
	if (changer->reason[0] != '\0')
		buf_addf(&text, "; %s", changer->reason);
	words[2] = buf_text(&text);
	if (control_ask(ctl_control(changer->ctl), words, ARRAY_LEN(words), nothing, NULL,
		NULL) != 0)
		spool(changer, words[1], words[2], words[3]);
	buf_fini(&text);
}

/* ---- frank-holdd ---- */

struct answer {
	struct buf text, errors;
};

static void
collect(void *context, int is_error, struct view text)
{
	struct answer *answer = context;

	buf_add(is_error ? &answer->errors : &answer->text, text);
}

static int
helper_failed(const struct changer *changer, const struct err *err)
{
	if (err->code == ERR_DENIED) {
		ctl_say("%s: frank-holdd(8) is for root and the group in 'set group'",
		    changer->helper);
		return EX_NOPERM;
	}
	ctl_say("%s: frank-holdd(8) does not answer as it should (%s): 'systemctl status "
		"frank-holdd' says what is wrong",
	    changer->helper, err->text);
	return EX_UNAVAILABLE;
}

static int
ask_helper(struct changer *changer, struct batch *batch)
{
	const struct postfix_change *change = &batch->change;
	struct answer answer = {BUF_INIT(ANSWER_MAX), BUF_INIT(ANSWER_MAX)};
	struct buf ids = BUF_INIT(WORD_MAX);
	struct err err = ERR_INIT;

	postfix_request_ids(change->ids, change->n, &ids);
	const char *words[] = {
	    postfix_verb_name(change->verb), buf_text(&ids), changer->reason};
	int code =
	    control_ask(changer->helper, words, ARRAY_LEN(words), collect, &answer, &err);
	postfix_words_read(change, buf_view(&answer.text));
	if (code < 0)
		code = helper_failed(changer, &err);
	else
		fputs(buf_text(&answer.errors), stderr);
	buf_fini(&answer.text);
	buf_fini(&answer.errors);
	buf_fini(&ids);
	return code;
}

/* ---- batches ---- */

static void
on_done(void *context, struct view id)
{
	struct batch *batch = context;

	buf_addf(&batch->text, "%s%.*s", batch->n > 0 ? " " : "", VIEW_ARG(id));
	batch->n++;
	batch->bulk->done(batch->bulk->context, id);
}

static int
run_batch(struct changer *changer, struct batch *batch)
{
	struct err err = ERR_INIT;
	int code;

	buf_reset(&batch->text);
	batch->n = batch->late = 0;
	if (changer->helper[0] != '\0')
		return ask_helper(changer, batch); /* it records what it did */
	code = postfix_change(changer->config, &batch->change, &batch->late, &err) == 0
		   ? CTL_FINE
		   : ctl_fail(&err);
	record(changer, batch);
	return code;
}

/* One a batch, where they shall go out slowly. */
static size_t
batch_size(const struct changer_bulk *bulk)
{
	uint64_t each_second = bulk->pace / 60;

	if (bulk->pace == 0 || each_second > POSTFIX_BATCH)
		return POSTFIX_BATCH;
	return each_second > 0 ? (size_t)each_second : 1;
}

static void
keep_pace(const struct changer_bulk *bulk, int64_t began, size_t n_done)
{
	int64_t due, left;

	if (bulk->pace == 0 || n_done >= bulk->n)
		return;
	due = began + (int64_t)(n_done * 60 * (uint64_t)SECOND / bulk->pace);
	while ((left = (due - clock_mono()) / 1000) > 0)
		(void)poll(NULL, 0, left < 1000 ? (int)left : 1000);
}

int
changer_run(struct changer *changer, const struct changer_bulk *bulk, size_t *ret_late)
{
	struct batch batch = {.bulk = bulk, .text = BUF_INIT(WORD_MAX)};
	size_t size = batch_size(bulk), late = 0;
	int64_t began = clock_mono();
	struct progress progress;
	int code = CTL_FINE;

	progress_begin(&progress, bulk->n);
	for (size_t at = 0; at < bulk->n && code == CTL_FINE; at += size) {
		size_t left = bulk->n - at;
		batch.change = (struct postfix_change){.verb = bulk->verb,
		    .ids = bulk->ids + at,
		    .n = left < size ? left : size,
		    .done = on_done,
		    .context = &batch};
		progress_show(&progress, at);
		code = run_batch(changer, &batch);
		late += batch.late;
		keep_pace(bulk, began, at + batch.change.n);
	}
	progress_end(&progress);
	buf_fini(&batch.text);
	*ret_late = late;
	return code;
}
