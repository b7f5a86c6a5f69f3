/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <signal.h>
#include <unistd.h>

#include "lib/clock.h"

#include "milter/spawn.h"
#include "milter/supervisor.h"
#include "milter/tables_process.h"

/* Starting the tables process, and telling it which tables there are. */

static void
run_tables(const void *argument)
{
	tables_process_run(argument);
}

static int
tables_name(const struct helper *helper, const struct config *config, uint64_t generation,
    struct err *err)
{
	struct policy_postmap map;

	for (size_t i = 0; policy_postmap_at(config->policy, i, &map); i++)
		if (link_send(
			helper->child.link, LINK_TABLE, 0, generation, map.table, err) != 0)
			return -1;
	return 0;
}

int
children_start_tables(struct supervisor *supervisor, struct helper *helper, struct err *err)
{
	int pairs[HELPER_PAIRS][2];

	if (!policy_has_postmap(supervisor->config->policy))
		return 0;
	if (child_pairs_open(pairs, HELPER_PAIRS, err) != 0)
		return -1;
	struct tables_process process = {.link_fd = pairs[HELPER_LINK][1],
	    .serve_fd = pairs[HELPER_SERVE][1],
	    .program = TABLES_POSTMAP,
	    .account = &supervisor->tables_account};
	struct spawn spawn = {
	    .name = "frankd: tables", .run = run_tables, .argument = &process};
	int result = helper_fork(supervisor, helper, pairs, &spawn, err);
	if (result == 0)
		result =
		    tables_name(helper, supervisor->config, supervisor->generation, err);
	if (result == 0)
		result = helper_introduce(
		    supervisor, helper, LINK_TABLES, pairs[HELPER_SERVE][0], err);
	if (result != 0)
		children_end(&helper->child);
	close(pairs[HELPER_SERVE][0]);
	return result;
}

void
children_tell_tables(
    struct supervisor *supervisor, const struct config *config, uint64_t generation)
{
	struct helper *helper = &supervisor->helpers[HELPER_TABLES];
	struct err err = ERR_INIT;

	if (helper->child.pid == 0) {
		if (policy_has_postmap(config->policy) && helper->restart.at == 0)
			helper->restart.at = clock_mono();
		return;
	}
	/* One that does not listen is replaced, and its successor told the same. */
	if (tables_name(helper, config, generation, &err) != 0)
		(void)kill(helper->child.pid, SIGKILL);
}
