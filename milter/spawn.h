/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_SPAWN_H
#define MILTER_SPAWN_H

/*
 * Forking our own processes: each in a process group of its own (libmilter takes a signal
 * to the group as "stop"), with default signals, a name in ps(1), and no descriptor but
 * stdio and those it is meant to have: an open copy of somebody else's socket would hide
 * that its owner has died.
 */

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"
#include "lib/log.h"

struct spawn {
	const char *name; /* "frankd: keys" */
	const int *keep;  /* descriptors the child gets */
	size_t n_keep;
	enum log_target log_target;
	bool debug;
	void (*run)(const void *argument);
	const void *argument;
};

int spawn(const struct spawn *spawn, pid_t *ret_pid, struct err *err);

/* Remember where the name in ps(1) is kept. Once, from main, before anything is forked. */
void spawn_title_init(int argc, char **argv);
void spawn_title_set(const char *text);

#endif
