/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_MAIL_H
#define TESTS_SCENARIO_MAIL_H

/* A message as an MTA would show it to the milter, made of a scenario's 'message'. */

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"

#include "tests/scenario/scenario.h"

enum { MAIL_FIELDS_MAX = 64 };

struct mail_field {
	const char *name;
	const char *value; /* behind the colon, with its blank; folds are LF */
};

struct mail {
	const struct sending *message;
	struct arena *arena;
	const char *id; /* of the queue */
	const char
	    *message_id;    /* without the brackets; what it gets when it has no other */
	const char *login;  /* "": none */
	const char *sender; /* as in MAIL FROM */
	const char *helo;
	struct addr client;
	unsigned client_port; /* 0: sendmail(1) */
	unsigned port;        /* of the listener */
	const char **rcpts;
	unsigned n_rcpts;
	struct mail_field fields[MAIL_FIELDS_MAX];
	unsigned n_fields;
	struct buf body; /* lines end in CRLF */
};

/* NUMBER makes its ids different from all others. */
void mail_make(struct mail *mail, const struct sending *message, unsigned number);
void mail_fini(struct mail *mail);

#endif
