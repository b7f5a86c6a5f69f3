/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_MILTER_PROCESS_H
#define MILTER_MILTER_PROCESS_H

/*
 * "frankd: milter": sees mail, holds no key. Takes its policy and the sockets of the key
 * process from the supervisor, serves the milter and the control socket, writes the
 * journal.
 */

#include <stdbool.h>

#include "milter/account.h"

struct milter_process {
	int link_fd;
	int listen_fd;
	bool listen_is_unix;
	int control_fd;
	const char *state_dir;
	const char *timezone;
	const struct account *account;
	uid_t admin; /* who, beside root, may change something: who started frankd */
};

enum {
	STOP_SECONDS = 10, /* for messages under way when frankd stops */
};

_Noreturn void milter_process_run(const struct milter_process *process);

#endif
