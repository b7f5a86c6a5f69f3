/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_WORLD_H
#define DOCTOR_WORLD_H

/*
 * What is known before the first check runs. Filled by frank(1), read by all; what could
 * not be found out is NULL or empty, and a check that needs it answers "could not tell"
 * with the reason.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/spread.h"
#include "lib/err.h"
#include "lib/net.h"
#include "lib/view.h"
#include "policy/policy.h"

struct doctor_report;
struct doctor_postfix; /* doctor/postfix.h: what postconf(1) says, read once */

struct doctor_world {
	const struct policy *policy; /* with its keys; NULL: it cannot be used, and then: */
	struct view policy_fault;    /* why, as 'frank check' says it */
	struct view
	    policy_warnings;   /* what 'frank check' says of it all the same; empty: none */
	bool has_keys;         /* the policy knows its keys; and of them, or why not: */
	struct view key_notes; /* lines as 'frank check' has them: "error: ..." for a key
				  that frankd does not load, "warning: ..." */
	const char *config_path;         /* frank.conf */
	const char *state_dir, *control; /* of frankd */
	int64_t now;                     /* wall, microseconds */

	const char *resolver;     /* for dns_new() */
	struct view dns_fault;    /* why it cannot be asked at all; empty: it can */
	const char *trust_anchor; /* a file of DNSSEC's anchors; NULL: there is none */
	unsigned dns_port;        /* of authoritative servers; 0: 53 */
	struct view helo;
	const struct addr *egress;
	size_t n_egress;

	const struct spread_key *keys; /* ours, without their private halves */
	size_t n_keys;
	struct view keys_fault; /* why not all of them could be read; empty: they could */

	const struct doctor_postfix *postfix; /* NULL: no Postfix to be seen, and then: */
	struct view postfix_fault;            /* why */
	const char *postfix_config;           /* directory; NULL: its own */

	struct view probe;        /* host[:port] for outbound connections; may be empty */
	struct view first_domain; /* whose MX will do instead; may be empty */
	/* Where our own services are: an address, with a port if it is not the usual one.
	 */
	struct view smtp, submission, submissions;
	struct view https;             /* of MTA-STS; empty: where DNS says */
	unsigned patience;             /* seconds for a connection or a greeting */
	const struct view *blocklists; /* zones */
	size_t n_blocklists;
};

/* False: there is no policy, and REPORT says that it could not be told, and why. */
bool world_has_policy(const struct doctor_world *world, struct doctor_report *report);

#endif
