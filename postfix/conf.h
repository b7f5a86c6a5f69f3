/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POSTFIX_CONF_H
#define POSTFIX_CONF_H

/*
 * Postfix's configuration as postconf(1) prints it: what each of its services goes by.
 * conf.c and conf_expand.c only compute. Nothing changes once it is read, so that any
 * thread may ask.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

enum { POSTFIX_CONF_MAX = 4 << 20 }; /* bytes of one of the texts below */

/* What postconf printed, and what it had to say on stderr. */
struct postfix_conf_texts {
	struct view values;    /* postconf: every parameter, "name = value", as written */
	struct view evaluated; /* postconf -x: the same with $name filled in */
	struct view set;       /* postconf -n: those that main.cf sets */
	struct view services;  /* postconf -M */
	struct view overrides; /* postconf -P: "service/type/name = value" */
	struct view warnings;
};

/* A line of master.cf. */
struct postfix_service {
	struct view name, type; /* "submission", "inet" */
	struct view command;    /* "smtpd" */
	char chroot;            /* 'y', 'n'; '-': by compatibility_level */
	struct view processes;  /* "-": default_process_limit */
};

struct postfix_conf;

/* It lives in ARENA and needs the texts as long. Lines that are none are passed over. */
struct postfix_conf *postfix_conf_new(
    const struct postfix_conf_texts *texts, struct arena *arena);

/* Ask postconf, as whoever runs us; CONFIG as postfix/program.h has it. Takes at most 5 s
 * for each of the texts. */
int postfix_conf_read(const char *config, struct arena *arena,
    struct postfix_conf **ret_conf, struct err *err);

const struct postfix_service *postfix_conf_services(
    const struct postfix_conf *conf, size_t *ret_n);
/* NULL: there is none. */
const struct postfix_service *postfix_conf_service(
    const struct postfix_conf *conf, struct view name, struct view type);
struct view postfix_conf_warnings(const struct postfix_conf *conf);

/* The names of all parameters; *AT is 0 at first. False: no more. */
bool postfix_conf_next(const struct postfix_conf *conf, size_t *at, struct view *ret_name);

/* Does main.cf set NAME; does SERVICE's line, by -o? */
bool postfix_conf_sets(const struct postfix_conf *conf, struct view name);
bool postfix_conf_overrides(const struct postfix_conf *conf,
    const struct postfix_service *service, struct view name);

/* As written, for SERVICE, or in main.cf alone (NULL). 1; 0: this Postfix knows no such
 * parameter. */
int postfix_conf_written(const struct postfix_conf *conf,
    const struct postfix_service *service, struct view name, struct view *ret_value);

/*
 * The same with everything filled in, in ARENA. -1: it cannot be told, for it is longer
 * than POSTFIX_VALUE_MAX, or refers to itself, or compares in a way that is not known here.
 */
enum { POSTFIX_VALUE_MAX = 64 << 10 };
struct postfix_ask {
	const struct postfix_conf *conf;
	const struct postfix_service *service; /* NULL: main.cf */
	struct arena *arena;
};
int postfix_conf_value(
    const struct postfix_ask *ask, struct view name, struct view *ret_value);

/* Is SERVICE chrooted? 1, 0; -1: it cannot be told. */
int postfix_conf_is_chrooted(
    const struct postfix_ask *ask, const struct postfix_service *service);

/*
 * The next of a list with commas or blanks between, *REST is it at first; what stands in
 * braces is one, with its braces. False: that was all.
 */
bool postfix_list_next(struct view *rest, struct view *ret_item);
/* Is WORD in it, whatever its case? */
bool postfix_list_has(struct view list, struct view word);
/* What is in the braces around TEXT; TEXT when there are none. */
struct view postfix_unbrace(struct view text);

/* "yes", "no": 1, 0; -1: neither. */
int postfix_truth(struct view text);
/* "30s", "5d", or with UNIT when it has none ('s', 'm', 'h', 'd', 'w'). -1: it is none. */
int64_t postfix_seconds(struct view text, char unit);

#endif
