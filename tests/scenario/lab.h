/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_LAB_H
#define TESTS_SCENARIO_LAB_H

/*
 * Where one scenario runs: a directory with etc/ (policy, tables, keys), state/ (the
 * journal), run/ (sockets) and the log; the zone with the public halves of its keys; what
 * is broken on purpose; what time it is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

#include "tests/scenario/scenario.h"
#include "tests/scenario/zone.h"

/* Keys are made once for all scenarios: the first rsa key of each is the same. */
enum { POOL_KEYS = 8 };
struct key_pool {
	struct buf pem[2][POOL_KEYS]; /* rsa, ed25519 */
};

enum dns_fault { DNS_WORKS, DNS_SILENT, DNS_GONE };

enum key_process { KEYS_WORK, KEYS_GONE, KEYS_REFUSE, KEYS_LIE };

enum { LAB_PATH = 1024 };

struct lab {
	char dir[LAB_PATH / 2];
	char conf[LAB_PATH], socket[LAB_PATH], control[LAB_PATH], state[LAB_PATH];
	char log[LAB_PATH];
	const char *build; /* the tree with frank and frankd */
	struct arena *arena;
	struct key_pool *pool;
	unsigned used[2]; /* keys of the pool */
	struct zone *zone;
	unsigned resolver; /* the port of a server for the zone; 0: none is needed */
	unsigned messages; /* sent so far */

	int64_t wall;
	enum key_process keys;
	enum dns_fault dns;
	bool journal_is_full, tables_are_silent;

	void *driver; /* of the driver that runs */
};

void pool_fini(struct key_pool *pool);

/* A directory NAME below BASE; it stays, since a daemon may still be stopping in it. */
void lab_open(struct lab *lab, struct key_pool *pool, const char *build, const char *base,
    const char *name);
void lab_close(struct lab *lab);

/* A file below etc/; frank.conf gets its settings appended. */
void lab_write(struct lab *lab, struct view name, struct view text);
int lab_key(struct lab *lab, const struct step *step, struct err *err);

/* What frank(1) says, stdout and stderr; returns its exit code. */
int lab_frank(struct lab *lab, const char *command, const char *argument, struct buf *out);

/* The log from byte AT on. */
void lab_log(const struct lab *lab, size_t at, struct buf *out);
size_t lab_log_size(const struct lab *lab);

#endif
