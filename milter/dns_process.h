/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_PROCESS_H
#define MILTER_DNS_PROCESS_H

/*
 * "frankd: dns": talks to the resolver and evaluates what it says. One thread beside
 * libunbound's: a question is a job with the answers it has so far; when answers come in
 * that it wanted, it is evaluated again, until it wants no more. Holds neither keys nor
 * mail.
 */

#include "milter/account.h"

struct dns_process {
	int link_fd;
	int serve_fd;         /* milter/dns_wire.h */
	const char *resolver; /* "192.0.2.1@5353"; NULL: the system's */
	const struct account *account;
};

_Noreturn void dns_process_run(const struct dns_process *process);

#endif
