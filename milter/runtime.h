/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_RUNTIME_H
#define MILTER_RUNTIME_H

/*
 * What the threads of the milter process share: the generation in force, the journal,
 * counters.
 *
 * Locks, in the order in which they may be taken: telling, runtime.lock (which generation;
 * references), then that of a key_client, of the dns client, of the tables client, of key
 * states, of opinions or of incidents, then the journal's queue. None is held over I/O that
 * waits;
 * control.c has a lock of its own for its clients, which mail never takes.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "journal/journal.h"
#include "milter/alerts.h"
#include "milter/coverage_watch.h"
#include "milter/dns_client.h"
#include "milter/follow_client.h"
#include "milter/generation.h"
#include "milter/key_watch.h"
#include "milter/link.h"
#include "milter/meters.h"
#include "milter/notices.h"
#include "milter/receiver_client.h"
#include "milter/session.h"
#include "milter/spf_opinions.h"
#include "milter/tables_client.h"

struct runtime {
	pthread_mutex_t lock;
	struct generation *current; /* NULL before the first commit */
	struct generation *offered; /* loaded, not yet in force */
	bool stopping;              /* no new messages */
	char last_reload[256];      /* why the last one failed; empty: it did not */

	struct journal *journal;
	struct message_pool messages;
	struct receiver_client *receiver;
	struct dns_client *dns;
	struct tables_client *tables;
	struct follow_client *follow;
	struct key_watch *key_watch;
	struct spf_opinions *spf_opinions;
	struct meters *meters;
	struct incidents *incidents;
	struct notices *notices;
	const char *state_dir;
	struct journal_reader *reader; /* of the thread that takes outcomes, and this: */
	bool has_lost_bounces;   /* the last one could not be looked up, which was said */
	pthread_mutex_t telling; /* of an alert; for good at the end */
	pthread_mutex_t alerts_lock; /* of these two */
	struct alerts alerts;
	struct coverage_status coverage;
	struct own_mail_secret own_secret;
	struct link *link; /* to the supervisor */
	/* Of the processes that the clients have; a report that they are hung says so. */
	atomic_ulong receiver_pid, dns_pid, tables_pid;
	struct map_seed seed;
	int64_t started;          /* wall */
	atomic_uint in_flight;    /* messages that hold a generation */
	atomic_ulong verdicts[4]; /* by enum verdict */
	atomic_ulong n_signed, on_error;
};

void runtime_init(struct runtime *runtime, struct map_seed seed, int64_t now);

/* The second opinion, told to journal and log. After the link is there. */
void runtime_receiver_init(struct runtime *runtime);

/* The meters, kept in STATE_DIR, which must outlive them. */
void runtime_meters_init(struct runtime *runtime, const char *state_dir);

/* runtime_incidents.c: incidents, kept in STATE_DIR, and notices of them by HOST. Both must
 * outlive them. */
void runtime_incidents_init(
    struct runtime *runtime, const char *state_dir, const char *host);
void runtime_incidents_world(const struct runtime *runtime, struct session_world *world);

/* Of the generation in force; runtime_release gives it back. NULL while stopping or before
 * the first. */
struct generation *runtime_hold(struct runtime *runtime);
void runtime_release(struct runtime *runtime, struct generation *generation);

/* runtime_dns.c: what DNS says. After the link is there; STATE_DIR must outlive it. */
void runtime_dns_init(struct runtime *runtime, const char *state_dir);
void runtime_dns_world(struct session_world *world);
/* As struct receiver_calls wants it; CONTEXT is the runtime. */
void runtime_spf_opinion(
    void *context, struct view domain, enum receiver_opinion opinion, const char *reason);

/* runtime_tables.c: what Postfix's tables say. After the link is there. */
void runtime_tables_init(struct runtime *runtime);
void runtime_tables_world(struct session_world *world);

/* runtime_follow.c: what Postfix's log says. STATE_DIR must outlive it.
 * runtime_follow_stop: before the journal is closed, and the process ends. */
void runtime_follow_init(struct runtime *runtime, const char *state_dir);
void runtime_follow_stop(struct runtime *runtime);

/* runtime_alerts.c. Tell log, journal and whoever wants to hear of it. Any thread. */
void runtime_tell(struct runtime *runtime, const struct alert_news *news);
/* Nobody has to be told of it any more. */
void runtime_alert_told(struct runtime *runtime, const struct alert_news *news);
void runtime_alerts_init(struct runtime *runtime);
/* Nobody is told any more when this returns: before the journal is closed, and after
 * runtime_follow_stop(). */
void runtime_alerts_stop(struct runtime *runtime);
/* What was told before frankd was started; once there is a journal, and before anybody
 * looks. */
void runtime_alerts_restore(struct runtime *runtime);
/* Does what is in Postfix's queue call for an alert, or end one? */
void runtime_alerts_look(struct runtime *runtime, const struct journal_sample *sample);
/* What somebody was told of and is not over. */
void runtime_alerts(struct runtime *runtime, struct alerts *ret_alerts);

/* runtime_coverage.c: whether mail leaves without us; its thread, and what it saw last. */
void runtime_coverage_start(struct runtime *runtime);
void runtime_coverage(struct runtime *runtime, struct coverage_status *ret_status);

/* A reference beside those of messages. runtime_share_current: to the one in force; NULL:
 * there is none. */
struct generation *runtime_share_current(struct runtime *runtime);
void runtime_share(struct runtime *runtime, struct generation *generation);
void runtime_unshare(struct runtime *runtime, struct generation *generation);

/* Put the offered generation in force; what was before ends with its last message. */
void runtime_commit(struct runtime *runtime);
void runtime_drop_offer(struct runtime *runtime);
void runtime_stop(struct runtime *runtime);

/* A session's world with this runtime behind it. */
struct session_world runtime_world(struct runtime *runtime);

/* What 'frank status' shows. */
void runtime_status(struct runtime *runtime, bool as_json, struct buf *out);

/* The journal's settings as the policy has them. HOST must outlive the result. */
struct journal_settings runtime_journal_settings(
    const struct policy *policy, struct view host);

#endif
