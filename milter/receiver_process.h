/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RECEIVER_PROCESS_H
#define MILTER_RECEIVER_PROCESS_H

/*
 * "frankd: receiver": what the other side's software says of our signatures. Runs code with
 * a bad record, so it has an empty root directory, an account of its own, little memory and
 * two sockets: the messages it is shown, and the link whose end ends it. Its crash costs an
 * opinion.
 */

#include "milter/account.h"

struct receiver_process {
	int link_fd;
	int serve_fd; /* receiver/wire.h */
	const char *empty_dir;
	const struct account *account;
};

_Noreturn void receiver_process_run(const struct receiver_process *process);

#endif
