/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_PROCESS_H
#define MILTER_TABLES_PROCESS_H

/*
 * "frankd: tables": asks Postfix's tables through postmap(1), as the account that Postfix
 * itself reads them with. It asks no other tables than the supervisor names (LINK_TABLE),
 * so that code that reads mail cannot have it open files at will. Holds neither keys nor
 * mail. It ends when the supervisor or the milter process does; the supervisor kills what
 * it leaves.
 *
 * One thread takes questions and answers pings; TABLES_RUNS_MAX others run postmap(1), each
 * one table at a time.
 *
 * The environment variable MAIL_CONFIG, where frankd has it, is Postfix's configuration
 * directory, as for Postfix's own commands.
 */

#include "milter/account.h"

enum {
	TABLES_RUNS_MAX = 8, /* at once; tables beyond that wait for one another */
};

struct tables_process {
	int link_fd;
	int serve_fd;        /* milter/tables_wire.h */
	const char *program; /* postmap(1) */
	const struct account *account;
};

#define TABLES_POSTMAP "/usr/sbin/postmap"

_Noreturn void tables_process_run(const struct tables_process *process);

#endif
