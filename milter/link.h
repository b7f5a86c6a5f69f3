/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_LINK_H
#define MILTER_LINK_H

/*
 * What the supervisor and its children say to one another, one frame each; descriptors that
 * come with it in brackets. A child whose link ends, ends.
 *
 * keys to supervisor: KEYS_READY [list, hashes], KEYS_FAILED.
 *
 * supervisor to milter: OFFER [policy, requests, slots...], POOL [requests, slots...],
 * RECEIVER [socket], DNS [socket], TABLES [socket], FOLLOW [socket], COMMIT, DROP,
 * RELOADED, STOP, PING.
 *
 * supervisor to tables: TABLE. follow to supervisor: LOG; back: LOG [file].
 *
 * milter to supervisor: LOADED, LOAD_FAILED, RELOAD, KEYS_HUNG, RECEIVER_HUNG, DNS_HUNG,
 * TABLES_HUNG, UNTAKEN, STOPPED, PONG.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/ipc.h"
#include "lib/view.h"

enum link_type {
	LINK_KEYS_READY = 1, /* number: of keys */
	LINK_KEYS_FAILED,    /* text: the faults, a line each */
	LINK_OFFER,          /* generation; text: hash NUL name of the main file */
	LINK_POOL,           /* generation: a new key process for it */
	LINK_COMMIT,         /* generation */
	LINK_DROP,           /* generation; text: why the reload failed */
	LINK_LOADED,         /* generation */
	LINK_LOAD_FAILED,    /* generation, text */
	LINK_RELOAD,         /* number: of the control client; text: who asks */
	LINK_RELOADED,       /* number: of the control client; code: exit code; text */
	LINK_KEYS_HUNG,      /* generation */
	LINK_RECEIVER,       /* generation: its pid [socket]: a new receiver process */
	LINK_RECEIVER_HUNG,  /* generation: its pid */
	LINK_DNS,            /* generation: its pid [socket]: a new dns process */
	LINK_DNS_HUNG,       /* generation: its pid */
	LINK_TABLES,         /* generation: its pid [socket]: a new tables process */
	LINK_TABLES_HUNG,    /* generation: its pid */
	LINK_TABLE,          /* generation; text: a table that its policy names */
	LINK_FOLLOW,         /* generation: its pid [socket]: a new follow process */
	/* generation: of the question; text: which of the log's files. Back: generation
	 * [file], or number: the question's, code and text: why not. */
	LINK_LOG,
	LINK_STOP,
	LINK_STOPPED,
	LINK_PING,
	LINK_PONG,
	/* number: POOL, RECEIVER or DNS, and its generation: the milter process had no room
	 * for it, and goes on with what it has. */
	LINK_UNTAKEN,
};

enum { LINK_TEXT_MAX = 32 << 10, LINK_SEND_SECONDS = 1 };

struct link_frame {
	uint32_t type;
	uint32_t number;
	int32_t code;
	uint32_t n; /* of text */
	uint64_t generation;
	char text[LINK_TEXT_MAX]; /* n bytes and a NUL */
};

struct link {
	int fd;
	pthread_mutex_t lock;      /* of 'out': any thread may send */
	struct link_frame out, in; /* 'in' belongs to the one thread that receives */
	int fds[IPC_FDS_MAX];      /* what came with 'in' */
	size_t n_fds;
	bool has_lost_fds; /* more came with 'in' than there was room for: there are none */
};

struct link *link_new(int fd);
void link_free(struct link *link); /* closes */

/* TEXT is cut at LINK_TEXT_MAX - 1. */
int link_send(struct link *link, enum link_type type, uint32_t number, uint64_t generation,
    struct view text, struct err *err);
int link_send_code(struct link *link, enum link_type type, uint32_t number, int code,
    struct view text, struct err *err);
struct link_fds {
	const int *fds;
	size_t n;
};
int link_send_fds(struct link *link, enum link_type type, uint64_t generation,
    struct view text, struct link_fds fds, struct err *err);

/* Into link->in and link->fds (owned by the caller from then on). As ipc_recv; -1
 * ERR_BAD_INPUT, too: what came was no frame, and is dropped. */
int link_recv(struct link *link, int milliseconds, struct err *err);
void link_close_fds(struct link *link);

#endif
