/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "auth/dns.h"
#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/load.h"
#include "ctl/world.h"

enum { SILENCE_MS = 6000 };

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

bool
world_is_silent(const char *resolver, struct view name)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct dns *dns = dns_new(resolver, NULL);
	int64_t deadline = clock_mono() + SILENCE_MS * INT64_C(1000);
	bool is_silent = true;

	(void)answers_lookup(answers, DNS_NS, VIEW(""));
	(void)answers_lookup(answers, DNS_TXT, name);
	if (dns == NULL || dns_fetch(dns, answers, deadline, NULL) < 0)
		is_silent = false; /* whoever asks next will be told why */
	for (size_t i = 0; i < answers_count(answers); i++)
		is_silent &= answers_at(answers, i)->state == DNS_NO_ANSWER;
	dns_free(dns);
	arena_free(arena);
	return is_silent;
}

const char *
world_resolver(const struct world *world, const char *option)
{
	if (option != NULL)
		return option;
	return world->resolver[0] != '\0' ? world->resolver : NULL;
}
