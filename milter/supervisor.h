/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_SUPERVISOR_H
#define MILTER_SUPERVISOR_H

/*
 * The supervisor: "frankd" itself. It parses the configuration, keeps the listening
 * sockets, forks the rest, restarts what dies, drives reloads. It stays root when started
 * as root, and reads no mail, no key, no network.
 *
 * One thread. children.c starts processes and brings a policy to them, reload.c puts a new
 * policy in force, supervise.c waits for what happens.
 */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/log.h"
#include "milter/account.h"
#include "milter/config.h"
#include "milter/key_wire.h"
#include "milter/link.h"

enum {
	/* For a key process to load, and for the milter process to take a policy: each
	 * below the interval of the service manager's watchdog. */
	CHILD_READY_MS = 20000,
	/* Key processes of earlier policies whose messages are not over. */
	OLD_KEYS_MAX = 8,
	OLD_KEYS_SECONDS = 3600, /* a slow upload may hold its policy for long */
	PING_SECONDS = 10,
	/* A child that dies younger, and not for the first few times in a row, is started
	 * again after a pause. */
	QUICK_DEATH_SECONDS = 2,
	QUICK_DEATHS_FREE = 3,
	PAUSE_MAX_MS = 5000,
	MESSAGES_MAX = 256 << 10,
};

struct child {
	pid_t pid; /* 0: none */
	struct link *link;
	int64_t born;   /* monotonic */
	int64_t end_by; /* monotonic; of an old key process */
};

/* When to start again what died; a pause for what dies young. */
struct restart {
	unsigned quick_deaths;
	int64_t at; /* monotonic; 0: nothing to start */
};

/* A process that mail can do without: it may die as it likes, the others do not wait for
 * it. */
struct supervisor;
struct helper {
	const char *name; /* "receiver" */
	int (*start)(struct supervisor *supervisor, struct helper *helper, struct err *err);
	struct child child;
	struct restart restart;
};
enum helper_place { HELPER_RECEIVER, HELPER_DNS, HELPER_TABLES, HELPER_FOLLOW, HELPERS };

/* Our end of a key process's sockets, until they are handed to the milter process. */
struct key_sockets {
	bool is_open;
	int request;
	int slot[KEY_SLOTS];
};

struct supervisor {
	const char *conf_path;
	enum log_target log_target;
	bool debug;

	int signal_fd;
	int listen_fd, control_fd;
	bool listen_is_unix;
	char *listen_path, *control_path; /* to be removed at the end; NULL: not ours */
	char *state_dir, *timezone;
	struct account milter_account, keys_account, receiver_account, dns_account,
	    tables_account, follow_account;
	char *empty_dir;               /* the receiver's root directory */
	char *resolver, *trust_anchor; /* of the dns process; NULL: none is set */

	char *maillog; /* a file, "journald", or "": none is followed */

	struct config *config; /* in force */
	uint64_t generation;
	struct child milter, keys, old_keys[OLD_KEYS_MAX];
	struct restart restart; /* of these */
	struct helper helpers[HELPERS];
	bool ponged;
	int64_t ping_at;
};

/* prepare.c */

/* Find accounts, make directories, open sockets, as the policy's settings say. */
int supervisor_prepare(struct supervisor *supervisor, struct err *err);
void supervisor_fini(struct supervisor *supervisor);

/* children_keys.c */

/*
 * Start a key process for CONFIG and wait until it is ready. Where CONFIG has no list of
 * keys yet, the process's goes into it; where it has, the process works by that list.
 * Warnings and faults go to MESSAGES. *ret_sockets may be closed in any case.
 */
int children_start_keys(struct supervisor *supervisor, struct config *config,
    struct child *ret_child, struct key_sockets *ret_sockets, struct buf *messages,
    struct err *err);
void key_sockets_close(struct key_sockets *sockets);

/* children.c */

struct spawn;

int children_start_milter(struct supervisor *supervisor, struct err *err);
/* Which helpers there are. Before the first start. */
void children_init(struct supervisor *supervisor);

/*
 * Both processes anew, with the configuration that supervisor->config is. Its keys are
 * loaded if they were not yet. On failure neither is left.
 */
int children_start_all(
    struct supervisor *supervisor, struct buf *messages, struct err *err);

/* Bring CONFIG as number GENERATION to the milter process; the sockets are closed here
 * either way. */
int children_offer(struct supervisor *supervisor, const struct config *config,
    uint64_t generation, struct key_sockets *sockets, struct err *err);
/* A new key process for the policy in force. */
int children_send_pool(
    struct supervisor *supervisor, struct key_sockets *sockets, struct err *err);

/* The old key process goes on until its last message has ended. Is there room for it? */
bool children_may_retire(struct supervisor *supervisor);
void children_retire_keys(struct supervisor *supervisor, struct child *keys);
/* Kill the process that IN (of the milter process) says is hung, or for which there was no
 * room, if it is still that one. Other frames are passed over. */
void children_kill_hung(const struct supervisor *supervisor, const struct link_frame *in);

/* children_tables.c */

/* Start the tables process, when the policy in force has a table for it to ask. */
int children_start_tables(
    struct supervisor *supervisor, struct helper *helper, struct err *err);
/*
 * CONFIG is to be GENERATION: tell the tables process what it may be asked from then on, or
 * have it started when there is none yet.
 */
void children_tell_tables(
    struct supervisor *supervisor, const struct config *config, uint64_t generation);

/* children_follow.c */

/* What 'set maillog' means here and now: a file, "journald", or "". Owned by the caller. */
char *follow_find_log(struct view setting);
int children_start_follow(
    struct supervisor *supervisor, struct helper *helper, struct err *err);
/* Something has come from the follow process: it wants one of the log's files opened. */
void children_serve_follow(struct supervisor *supervisor);

/* children.c */

/* Kill and reap, with what it has started. */
void children_end(struct child *child);

/* What a helper is made of: its link and one more socket, whose other end the milter
 * process gets in a frame of TYPE. SPAWN has its two descriptors in spawn->keep. */
enum { HELPER_LINK, HELPER_SERVE, HELPER_PAIRS };
int helper_fork(struct supervisor *supervisor, struct helper *helper, int pairs[][2],
    struct spawn *spawn, struct err *err);
/* Bring our end of its socket to the milter process. */
int helper_introduce(struct supervisor *supervisor, struct helper *helper,
    enum link_type type, int fd, struct err *err);

/* N socket pairs: [0] of each for us, [1] for the child. */
int child_pairs_open(int pairs[][2], size_t n, struct err *err);
/* Fork as SPAWN_AS says; LINK_FD is our end of the child's link, and taken over. */
int child_fork(struct supervisor *supervisor, struct spawn *spawn_as, int link_fd,
    struct child *ret_child, struct err *err);

/* reload.c */

/* Put what is on disk in force. MESSAGES: what the admin should read, in both cases. 0 or
 * -1. */
int reload(struct supervisor *supervisor, struct buf *messages);

/* Tell the milter process how the reload went that WHO asked for: for CLIENT (0: none) and
 * for the journal. WHO empty: it did not happen. */
void reload_answer(struct supervisor *supervisor, uint32_t client, int exit_code,
    const char *who, struct view messages);

/* supervise.c */

/* Start everything, then stay until told to stop. Returns the exit code. */
int supervise(struct supervisor *supervisor);

#endif
