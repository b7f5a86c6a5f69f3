/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/scenario/expect.h"
#include "tests/scenario/run.h"

enum { TEXT_MAX = 4 << 20 };

struct running {
	const struct run *run;
	const struct scenario *scenario;
	struct lab lab;
	struct buf *notes;
	bool is_started;
	unsigned failures;
};

static void
fail(struct running *running, int line, const char *why)
{
	running->failures++;
	buf_addf(running->notes, "%s:%d: %s\n", running->scenario->path, line, why);
}

static void
judge(struct running *running, struct result *result, const struct step *step)
{
	bool is_inverted = running->scenario->is_inverted;

	for (const struct expect *expect = step->expects; expect != NULL;
	     expect = expect->next) {
		struct buf why = BUF_INIT(TEXT_MAX);
		bool holds = expect_holds(result, expect, &why);

		/* A signature that does not verify is as good as none. */
		if (holds && expect->kind == EXPECT_SIGNED && is_inverted)
			holds = expect_sound(result, &why);
		if (holds == is_inverted)
			fail(running, expect->line,
			    is_inverted ? "this holds, and should not" : buf_text(&why));
		buf_fini(&why);
	}
}

static void
judge_sound(struct running *running, struct result *result, const struct step *step)
{
	struct buf why = BUF_INIT(TEXT_MAX);

	if (!running->scenario->is_inverted && !expect_sound(result, &why))
		fail(running, step->line, buf_text(&why));
	buf_fini(&why);
}

/* The line about this message, out of all that was logged meanwhile. */
static void
take_log(struct result *result, size_t log_begins)
{
	struct buf log = BUF_INIT(TEXT_MAX);
	struct view rest, line;
	char mark[64];

	snprintf(mark, sizeof(mark), "%s: verdict=",
	    result->mail->message->has_lost_macros ? "NOQUEUE" : result->mail->id);
	lab_log(result->lab, log_begins, &log);
	rest = buf_view(&log);
	while (view_cut(&rest, '\n', &line)) {
		buf_reset(&result->said);
		buf_add(&result->said, line);
		if (strstr(buf_text(&result->said), mark) != NULL)
			buf_add(&result->log, line);
	}
	buf_fini(&log);
}

static void
transcribe(struct running *running, struct result *result)
{
	const struct outcome *outcome = &result->outcome;
	struct buf *out = running->notes;

	if (!running->run->is_verbose)
		return;
	if (result->mail == NULL) {
		buf_addf(out, "%s\n%s\n", result->was_refused ? "refused" : "taken",
		    buf_text(&result->said));
		return;
	}
	buf_addf(out, "-> %s %s%s\n", verdict_name(outcome->verdict), outcome->hold_reason,
	    outcome->reply);
	for (unsigned i = 0; i < outcome->n_inserted; i++)
		buf_addf(out, "-> %s:%s\n", outcome->inserted[i].name,
		    outcome->inserted[i].value);
	buf_addf(out, "%s\n%s\n", buf_text(&result->log), buf_text(result_explain(result)));
}

static void
send_one(struct running *running, const struct step *step)
{
	struct lab *lab = &running->lab;
	struct mail mail;
	struct result result;
	struct err err = ERR_INIT;
	size_t log_begins = lab_log_size(lab);

	mail_make(&mail, step->message, ++lab->messages);
	result_init(&result, lab, &mail);
	if (running->run->driver->send(lab, &mail, &result.outcome, &err) != 0) {
		fail(running, step->line, err.text);
	} else {
		take_log(&result, log_begins);
		judge(running, &result, step);
		judge_sound(running, &result, step);
		transcribe(running, &result);
	}
	result_fini(&result);
	mail_fini(&mail);
}

static void
reload(struct running *running, const struct step *step)
{
	struct result result;

	result_init(&result, &running->lab, NULL);
	result.was_refused = running->run->driver->reload(&running->lab, &result.said) != 0;
	if (result.was_refused && step->expects == NULL)
		fail(running, step->line, buf_text(&result.said));
	judge(running, &result, step);
	transcribe(running, &result);
	result_fini(&result);
}

static void
set_fault(struct lab *lab, const struct step *step)
{
	static const struct {
		const char *how;
		enum key_process keys;
	} known[] = {
	    {"gone", KEYS_GONE},
	    {"refuses", KEYS_REFUSE},
	    {"lies", KEYS_LIE},
	    {"back", KEYS_WORK},
	};

	if (view_is(step->name, VIEW("tables"))) {
		lab->tables_are_silent = view_is(step->how, VIEW("silent"));
		return;
	}
	if (view_is(step->name, VIEW("journal"))) {
		lab->journal_is_full = view_is(step->how, VIEW("full"));
		return;
	}
	if (view_is(step->name, VIEW("dns"))) {
		lab->dns = view_is(step->how, VIEW("silent")) ? DNS_SILENT
			   : view_is(step->how, VIEW("gone")) ? DNS_GONE
							      : DNS_WORKS;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (view_is(step->how, view_of(known[i].how)))
			lab->keys = known[i].keys;
}

static void
publish(struct running *running, const struct step *step)
{
	struct buf name = BUF_INIT(512);

	buf_addf(&name, "%.*s._domainkey.%.*s", VIEW_ARG(step->text), VIEW_ARG(step->name));
	if (!zone_publish(running->lab.zone, buf_view(&name), step->how.n > 0))
		fail(running, step->line, "there is no such key");
	buf_fini(&name);
}

/* The first message, or reload, finds the daemon running. */
static bool
start(struct running *running, const struct step *step)
{
	struct buf said = BUF_INIT(TEXT_MAX);

	if (running->is_started)
		return true;
	running->is_started = running->run->driver->start(&running->lab, &said) == 0;
	if (!running->is_started)
		fail(running, step->line, buf_text(&said));
	buf_fini(&said);
	return running->is_started;
}

static void
run_meters(struct running *running, const struct step *step)
{
	struct buf said = BUF_INIT(TEXT_MAX);

	if (start(running, step) &&
	    running->run->driver->meters(&running->lab, step, &said) != 0)
		fail(running, step->line, buf_text(&said));
	buf_fini(&said);
}

static void
run_step(struct running *running, const struct step *step)
{
	struct lab *lab = &running->lab;
	struct err err = ERR_INIT;

	switch (step->kind) {
	case STEP_POLICY:
	case STEP_FILE:
		lab_write(lab, step->name, step->text);
		break;
	case STEP_KEY:
		if (lab_key(lab, step, &err) != 0)
			fail(running, step->line, err.text);
		break;
	case STEP_ZONE:
		if (zone_read(lab->zone, step->text, &err) != 0)
			fail(running, step->line, err.text);
		break;
	case STEP_PUBLISH:
		publish(running, step);
		break;
	case STEP_CLOCK:
		lab->wall = step->at;
		break;
	case STEP_ADVANCE:
		lab->wall += step->at;
		break;
	case STEP_FAULT:
		set_fault(lab, step);
		break;
	case STEP_HISTORY:
	case STEP_EXEMPT:
	case STEP_RESTART:
		run_meters(running, step);
		break;
	case STEP_RELOAD:
		if (start(running, step))
			reload(running, step);
		break;
	case STEP_MESSAGE:
		for (unsigned i = 0; i < step->message->times && start(running, step); i++)
			send_one(running, step);
		break;
	}
}

bool
run_scenario(
    struct run *run, const struct scenario *scenario, const char *name, struct buf *notes)
{
	struct running running = {.run = run, .scenario = scenario, .notes = notes};
	const struct step *step = scenario->steps;

	lab_open(&running.lab, &run->pool, run->build, run->dir, name);
	if (run->driver == &driver_wire)
		running.lab.resolver = zone_serve(running.lab.zone);
	for (; step != NULL; step = step->next) {
		unsigned failures = running.failures;

		if (run->is_verbose)
			buf_addf(notes, "%d: %.*s\n", step->line, VIEW_ARG(step->written));
		run_step(&running, step);
		/* What follows would only fail because of this. */
		if (running.failures > failures && !scenario->is_inverted)
			break;
	}
	run->driver->stop(&running.lab);
	if (run->driver == &driver_wire)
		(void)zone_serve(NULL);
	if (running.failures > 0 && !run->is_verbose) {
		buf_add_text(notes, "the log:\n");
		lab_log(&running.lab, 0, notes);
	}
	lab_close(&running.lab);
	return running.failures == 0;
}
