/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/bug.h"
#include "lib/log.h"

#include "tests/scenario/core.h"

/* Meters and time: what came before the scenario, who is exempt, what a restart forgets. */

#define HOUR ((int64_t)3600 * 1000000)

static struct clock
meters_clock(void *context)
{
	struct core *core = context;

	return (struct clock){.wall = core->lab->wall, .mono = core->lab->wall};
}

static void
meters_say(void *context, bool is_bad, struct view text)
{
	core_log_begin(context);
	log_info("%s%.*s", is_bad ? "trouble: " : "", VIEW_ARG(text));
	core_log_end(context);
}

void
core_meters_begin(struct core *core)
{
	core->meters_calls =
	    (struct meters_calls){.context = core, .now = meters_clock, .say = meters_say};
	core->meters = meters_new(&core->meters_calls, core->lab->state);
	core->ticked = core->lab->wall;
}

static void
tick(struct core *core, int64_t wall)
{
	struct metering_site *site = meters_site(core->meters);
	struct burst_now now = meters_now((struct clock){.wall = wall, .mono = wall});

	if (site == NULL)
		return;
	metering_turn_begin(site);
	burst_tick(metering_burst(site), &now);
	metering_turn_end(site);
}

void
core_meters_tick(struct core *core)
{
	int64_t wall = core->lab->wall;

	while (core->ticked + HOUR < wall) {
		core->ticked += HOUR;
		tick(core, core->ticked);
	}
	core->ticked = wall;
	tick(core, wall);
}

/* One message of LOGIN's to RCPTS people that it always writes to: charged, nothing else.
 */
static void
charge(struct core *core, struct view login, unsigned rcpts)
{
	struct burst_now now = meters_now(meters_clock(core));
	struct metering_message message;
	struct arena *arena = arena_new(0);
	struct facts facts = {.path = PATH_SUBMISSION, .user = login, .rcpts = rcpts};

	facts.time = core->lab->wall;
	metering_message_init(&message);
	metering_begin(&message, core->generation->metering, &facts, arena, facts.time);
	for (unsigned i = 0; i < rcpts; i++) {
		char local[32];
		struct fact_address rcpt = {.domain = VIEW("example.net")};

		snprintf(local, sizeof(local), "friend-%u", i);
		rcpt.text = rcpt.local = view_of(local);
		metering_rcpt(&message, &rcpt);
	}
	metering_read(&message, &facts, arena, &now);
	metering_charge(&message, 0, &now);
	metering_message_fini(&message);
	arena_free(arena);
}

static void
history(struct core *core, const struct step *step)
{
	int64_t end = core->lab->wall + step->at;

	for (; core->lab->wall < end; core->lab->wall += step->every) {
		core_meters_tick(core);
		charge(core, step->name, step->count);
	}
	core->lab->wall = end;
	core_meters_tick(core);
}

static int
restart(struct core *core, bool is_killed, struct buf *said)
{
	if (!is_killed)
		meters_write(core->meters);
	session_free(TAKE(core->session));
	core_unload(core);
	meters_free(core->meters);
	core_meters_begin(core);
	return core_load(core, said);
}

int
core_meters_step(struct lab *lab, const struct step *step, struct buf *said)
{
	struct core *core = lab->driver;
	struct err err = ERR_INIT;

	if (step->kind == STEP_RESTART)
		return restart(core, step->how.n > 0, said);
	if (core->generation->metering == NULL) {
		buf_add_text(said, "this policy has no meter");
		return -1;
	}
	if (step->kind == STEP_HISTORY) {
		history(core, step);
		return 0;
	}
	if (metering_exempt(meters_site(core->meters), step->name, lab->wall + step->at,
		lab->wall, &err) == 0)
		return 0;
	buf_add_text(said, err.text);
	return -1;
}
