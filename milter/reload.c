/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/clock.h"

#include "milter/supervisor.h"

static void
warn_of(const char *name, struct buf *messages)
{
	buf_addf(messages, "warning: 'set %s' takes effect when frankd is started again\n",
	    name);
}

/* Settings that are read once, when frankd starts. */
static void
warn_of_restart(
    const struct policy *before, const struct policy *after, struct buf *messages)
{
	const struct policy_settings *old = policy_settings(before);
	const struct policy_settings *new = policy_settings(after);
	const struct {
		const char *name;
		struct view before, after;
	} fixed[] = {
	    {"listen", old->listen, new->listen},
	    {"control", old->control, new->control},
	    {"state", old->state, new->state},
	    {"user", old->user, new->user},
	    {"keys-user", old->keys_user, new->keys_user},
	    {"receiver-user", old->receiver_user, new->receiver_user},
	    {"dns-user", old->dns_user, new->dns_user},
	    {"tables-user", old->tables_user, new->tables_user},
	    {"resolver", old->resolver, new->resolver},
	    {"trust-anchor", old->trust_anchor, new->trust_anchor},
	    {"group", old->group, new->group},
	    {"socket-group", old->socket_group, new->socket_group},
	    {"timezone", old->timezone, new->timezone},
	    {"maillog", old->maillog, new->maillog},
	    {"follow-user", old->follow_user, new->follow_user},
	};
	const struct {
		const char *name;
		uint32_t before, after;
	} numbers[] = {
	    {"learn", old->learn, new->learn},
	    {"meter-keys", old->meter_keys, new->meter_keys},
	    {"remember", old->remember, new->remember},
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (!view_is(fixed[i].before, fixed[i].after))
			warn_of(fixed[i].name, messages);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].before != numbers[i].after)
			warn_of(numbers[i].name, messages);
}

static void
describe(const struct config *before, const struct config *after, struct buf *messages)
{
	buf_addf(messages, "policy %.6s in force, ", after->hash);
	if (strcmp(before->hash, after->hash) == 0)
		buf_add_text(messages, "as before");
	else
		buf_addf(messages, "%.6s before", before->hash);
	buf_add_text(messages, "; ");
	config_add_keys(before->policy, after->policy, after->seed, messages);
}

/* The new policy is loaded everywhere: from here on nothing can fail. */
static void
commit(struct supervisor *supervisor, struct config *config, struct child *keys,
    struct buf *messages)
{
	supervisor->generation++;
	children_tell_tables(supervisor, config, supervisor->generation);
	(void)link_send(supervisor->milter.link, LINK_COMMIT, 0, supervisor->generation,
	    VIEW_NONE, NULL);
	children_retire_keys(supervisor, &supervisor->keys);
	supervisor->keys = *keys;
	warn_of_restart(supervisor->config->policy, config->policy, messages);
	describe(supervisor->config, config, messages);
	config_free(supervisor->config);
	supervisor->config = config;
}

static int
refuse(struct supervisor *supervisor, struct config *config, const struct err *err,
    struct buf *messages)
{
	config_free(config);
	if (err->code != ERR_NONE)
		buf_addf(messages, "%s\n", err->text);
	if (supervisor->milter.pid != 0)
		(void)link_send(supervisor->milter.link, LINK_DROP, 0,
		    supervisor->generation + 1, buf_view(messages), NULL);
	buf_addf(messages, "nothing changed: policy %.6s stays in force\n",
	    supervisor->config->hash);
	return -1;
}

/* The milter process is not there, perhaps for the very reason that the admin has just
 * mended. */
static int
reload_stopped(struct supervisor *supervisor, struct config *config, struct buf *messages)
{
	struct config *before = supervisor->config;
	struct err err = ERR_INIT;

	supervisor->config = config;
	supervisor->generation++;
	if (children_start_all(supervisor, messages, &err) != 0) {
		supervisor->config = before;
		return refuse(supervisor, config, &err, messages);
	}
	supervisor->restart.at = 0;
	describe(before, config, messages);
	config_free(before);
	return 0;
}

int
reload(struct supervisor *supervisor, struct buf *messages)
{
	struct key_sockets sockets;
	struct child keys = {0};
	struct err err = ERR_INIT;
	int today = clock_local(clock_now().wall).date;

	struct config *config =
	    config_read(supervisor->conf_path, supervisor->config->seed, today, messages);
	if (config == NULL)
		return refuse(supervisor, NULL, &err, messages);
	if (supervisor->milter.pid == 0)
		return reload_stopped(supervisor, config, messages);
	if (!children_may_retire(supervisor)) {
		err_set(&err, ERR_TEMP,
		    "messages of %d earlier policies are still under way: try again later",
		    OLD_KEYS_MAX);
		return refuse(supervisor, config, &err, messages);
	}
	if (children_start_keys(supervisor, config, &keys, &sockets, messages, &err) != 0)
		return refuse(supervisor, config, &err, messages);
	if (children_offer(
		supervisor, config, supervisor->generation + 1, &sockets, &err) != 0) {
		children_end(&keys);
		return refuse(supervisor, config, &err, messages);
	}
	commit(supervisor, config, &keys, messages);
	return 0;
}

void
reload_answer(struct supervisor *supervisor, uint32_t client, int exit_code,
    const char *who, struct view messages)
{
	struct buf text = BUF_INIT(LINK_TEXT_MAX);

	buf_addf(&text, "%s%c%.*s", who, '\0', VIEW_ARG(messages));
	if (supervisor->milter.pid != 0)
		(void)link_send_code(supervisor->milter.link, LINK_RELOADED, client,
		    exit_code, buf_view(&text), NULL);
	buf_fini(&text);
}
