/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "doctor/servers.h"

static int
by_name(const void *a, const void *b)
{
	const struct everywhere_server *one = a, *other = b;
	int order = view_compare(one->name, other->name);

	return order != 0 ? order : memcmp(&one->addr, &other->addr, sizeof(one->addr));
}

bool
servers_find(struct ask *ask, struct view domain, struct everywhere_found *ret_found)
{
	/* The zone that the parent of this name lies in. */
	struct view name = ask_below(ask->report, "x", domain);
	size_t known;

	do {
		known = answers_count(ask->answers);
		if (everywhere_find(name, answers_lookup, ask->answers, ret_found)) {
			if (ret_found->n == 0)
				break;
			qsort(ret_found->servers, ret_found->n,
			    sizeof(ret_found->servers[0]), by_name);
			return true;
		}
		ask_fetch(ask);
	} while (answers_count(ask->answers) > known);
	answers_want_none(ask->answers);
	(void)doctor_say(ask->report, DOCTOR_UNKNOWN,
	    "the name servers of %.*s could not be found", VIEW_ARG(domain));
	return false;
}

struct everywhere *
servers_ask(const struct ask *ask, const struct doctor_world *world,
    const struct everywhere_found *found, enum dns_type type, struct view name)
{
	const struct everywhere_question question = {.type = type,
	    .name = name,
	    .resolver = world->resolver,
	    .port = world->dns_port,
	    .deadline = ask->deadline};
	struct everywhere *everywhere = everywhere_new(&question, found);

	everywhere_wait(everywhere);
	return everywhere;
}
