/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "ctl/load.h"
#include "ctl/world.h"

int
world_read(const struct ctl *ctl, struct world *ret_world, struct err *err)
{
	struct load load;

	memset(ret_world, 0, sizeof(*ret_world));
	if (load_policy(&load, ctl->config, LOAD_NO_KEYS, err) == -1)
		return -1;
	if (load.policy != NULL) {
		const struct policy_settings *settings = policy_settings(load.policy);

		ret_world->is_known = true;
		snprintf(ret_world->resolver, sizeof(ret_world->resolver), "%.*s",
		    VIEW_ARG(settings->resolver));
		snprintf(ret_world->helo, sizeof(ret_world->helo), "%.*s",
		    VIEW_ARG(settings->helo));
		for (uint32_t i = 0; i < settings->n_egress && i < SPF_EGRESS_MAX; i++)
			ret_world->egress[ret_world->n_egress++] = settings->egress[i];
	}
	load_fini(&load);
	if (ret_world->is_known)
		return 0;
	return err_set(
	    err, ERR_CONFIG, "%s cannot be used, 'frank check' shows why", ctl->config);
}

const char *
world_resolver(const struct world *world, const char *option)
{
	if (option != NULL)
		return option;
	return world->resolver[0] != '\0' ? world->resolver : NULL;
}
