/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_CORE_H
#define TESTS_SCENARIO_CORE_H

/* Between core.c (the session and its world), core_load.c (policy and keys), core_dns.c
 * (what DNS says) and core_tables.c (what Postfix's tables say). */

#include "auth/keyset.h"
#include "journal/journal.h"
#include "milter/generation.h"
#include "milter/key_watch.h"
#include "milter/message.h"
#include "milter/meters.h"
#include "milter/session.h"

#include "tests/scenario/driver.h"

struct core {
	struct lab *lab;
	struct session_world world;
	struct message_pool messages;
	struct session *session; /* of the message before */
	struct journal *journal;
	struct key_watch *key_watch;
	struct meters *meters;
	struct meters_calls meters_calls;
	int64_t ticked; /* wall: the meters have seen the time until then */

	/* The policy in force. */
	struct generation *generation;
	struct keyset *keys;
	struct keyset_thread *signer;
	uint64_t loads;
	int stderr_fd;
};

/* What the supervisor and the key process do at a start or a reload. -1: the policy that
 * was in force stays. */
int core_load(struct core *core, struct buf *said);
void core_unload(struct core *core);

/* Between these the log goes where frankd's goes. */
void core_log_begin(struct core *core);
void core_log_end(struct core *core);

/* The meters, kept in the lab's state directory. */
void core_meters_begin(struct core *core);
/* Time has passed: they are shown it, hour by hour. */
void core_meters_tick(struct core *core);
int core_meters_step(struct lab *lab, const struct step *step, struct buf *said);

/* Fills in what the world has of DNS. */
void core_dns_begin(struct core *core);
/* The same for Postfix's tables. */
void core_tables_begin(struct core *core);

#endif
