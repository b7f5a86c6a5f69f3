/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef CTL_WORLD_H
#define CTL_WORLD_H

/* What the configuration says of DNS, and of how the world sees us. */

#include <stdbool.h>
#include <stdint.h>

#include "auth/spf.h"
#include "lib/lookup.h"
#include "lib/net.h"

#include "ctl/ctl.h"

enum { WORLD_RESOLVER = ADDR_TEXT + 8 };

struct world {
	bool is_known; /* the configuration could be read and has no errors */
	char resolver[WORLD_RESOLVER];
	char helo[DNS_NAME_MAX + 1];
	struct addr egress[SPF_EGRESS_MAX];
	uint32_t n_egress;
};

/* -1: the configuration is not known, and err says why. */
int world_read(const struct ctl *ctl, struct world *ret_world, struct err *err);

/*
 * True: for some seconds the resolver answered neither for NAME (TXT) nor for the root, so
 * that there is no use in asking it more. Nothing of this is kept for later questions.
 */
bool world_is_silent(const char *resolver, struct view name);

/* For dns_new(): OPTION, else what the configuration says; NULL: the system's. */
const char *world_resolver(const struct world *world, const char *option);

#endif
