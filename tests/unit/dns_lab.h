/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_DNS_LAB_H
#define TESTS_UNIT_DNS_LAB_H

/* Name servers and resolvers for tests: an unbound of our own each, on loopback. */

#include <sys/types.h>

#include <stdbool.h>

#include "lib/buf.h"

struct dns_lab {
	pid_t pid;
	unsigned port;
	char address[64]; /* "127.0.0.1@5353" */
	char dir[256];
};

/* A port that nobody has, for UDP and TCP, at any loopback address. */
unsigned dns_lab_port(void);

/*
 * Start an unbound at HOST and PORT with CONF as the rest of its configuration (behind
 * "server:") and wait until it answers. DIR and its files stay.
 */
void dns_lab_start(struct dns_lab *lab, const char *host, unsigned port, const char *conf);
void dns_lab_stop(struct dns_lab *lab);

/* '    local-data: "..."' with the text as in a zone file. */
void dns_lab_add(struct buf *conf, const char *record);

/* Below TMPDIR. */
void dns_lab_path(char *into, size_t size, const char *name);
void dns_lab_write(const char *path, const char *content);
/* Run a shell command in DIR; it must succeed. */
void dns_lab_run(const char *dir, const char *command);

#endif
