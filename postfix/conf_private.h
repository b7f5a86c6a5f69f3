/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_CONF_PRIVATE_H
#define POSTFIX_CONF_PRIVATE_H

/* What conf.c and conf_expand.c share. */

#include "postfix/conf.h"

struct conf_pair {
	struct view name, value;
};

/* In the order of their names. */
struct conf_pairs {
	struct conf_pair *list;
	size_t n;
};

struct postfix_conf {
	struct conf_pairs values, evaluated, set, overrides;
	struct postfix_service *services;
	size_t n_services;
	struct view warnings;
};

/* NULL: it is not there. */
const struct conf_pair *conf_find(const struct conf_pairs *pairs, struct view name);

#endif
