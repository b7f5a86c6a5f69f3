/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_SCENARIO_WIRE_PACKET_H
#define TESTS_SCENARIO_WIRE_PACKET_H

/*
 * The milter protocol from the MTA's side, as Postfix speaks it: version 6, macros that the
 * milter asked for, steps that it need not answer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

enum { PACKET_MAX = 1 << 20 };

/* Steps; the numbers are libmilter's, in the order of SMFIM_*. */
enum wire_stage {
	STAGE_CONNECT,
	STAGE_HELO,
	STAGE_MAIL,
	STAGE_RCPT,
	STAGE_DATA,
	STAGE_EOM,
	STAGE_EOH,
	STAGES
};

struct wire_macro {
	const char *name; /* "i", "{auth_authen}" */
	const char *value;
};

struct wire {
	int fd; /* -1: none */
	uint32_t steps;
	struct buf macros[STAGES]; /* names that the milter asked for */
	struct buf in;             /* the packet that came last, without its length */
};

int wire_open(struct wire *wire, const char *socket_path, struct err *err);
void wire_close(struct wire *wire);

int wire_send(struct wire *wire, char command, struct view data, struct err *err);
int wire_recv(struct wire *wire, struct err *err);

/* Those of MACROS that the milter wants at STAGE, before COMMAND. */
int wire_send_macros(struct wire *wire, enum wire_stage stage, char command,
    const struct wire_macro *macros, unsigned n, struct err *err);

/* Send, and have it answered with "continue" unless no answer was agreed on. */
int wire_step(
    struct wire *wire, char command, struct view data, uint32_t no_reply, struct err *err);

#endif
