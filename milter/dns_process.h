/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_PROCESS_H
#define MILTER_DNS_PROCESS_H

/*
 * "frankd: dns": talks to the resolver and evaluates what it says. One thread beside
 * libunbound's two, of which one looks up what domains of ours depend on and the other all
 * else: a question is a job (milter/dns_jobs.h) with the answers it has so far.
 * Holds neither keys nor mail, and has an account of its own. It ends when the supervisor
 * or the milter process does.
 *
 * The system's resolvers are those of /etc/resolv.conf, which is read again when it has
 * changed.
 */

#include "milter/account.h"

struct dns_process {
	int link_fd;
	int serve_fd;             /* milter/dns_wire.h */
	const char *resolver;     /* "192.0.2.1@5353"; NULL: the system's */
	const char *trust_anchor; /* a file; NULL: DNSSEC is the resolver's affair */
	unsigned server_port;     /* of authoritative servers; 0: 53 */
	const struct account *account;
};

_Noreturn void dns_process_run(const struct dns_process *process);

#endif
