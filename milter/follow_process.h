/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_FOLLOW_PROCESS_H
#define MILTER_FOLLOW_PROCESS_H

/*
 * "frankd: follow": reads Postfix's log, and looks into its queue once a minute, and sends
 * what it learns to the milter process (follow/wire.h). It holds neither keys nor mail. The
 * supervisor opens the log's files for it (LINK_LOG); it is in the groups systemd-journal,
 * for journald's, and postdrop, which may ask what is in the queue. It ends when the
 * supervisor or the milter process does.
 *
 * The environment variable MAIL_CONFIG, where frankd has it, is Postfix's configuration
 * directory, as for Postfix's own commands.
 */

#include "milter/account.h"

struct follow_process {
	int link_fd;
	int serve_fd;    /* follow/wire.h */
	const char *log; /* a file, "journald", or "": none */
	const struct account *account;
};

_Noreturn void follow_process_run(const struct follow_process *process);

#endif
