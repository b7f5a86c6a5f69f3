/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_SUBMIT_H
#define DOCTOR_SUBMIT_H

/*
 * One message handed over as users do it: submission with STARTTLS, or TLS from the first
 * octet on, and a login (RFC 4954, PLAIN). A password is only given to a server that the
 * certificate vouches for, or to this machine. One thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

#include "doctor/tls.h"

enum { SUBMIT_SECRET_MAX = 512 }; /* bytes of a login, and of a password */

struct submit {
	struct view host; /* a name or an address */
	unsigned port;
	bool is_tls; /* from the first octet on */
	struct view helo;
	struct view login, password; /* empty login: without one */
	struct view sender, rcpt;    /* that can be said in SMTP */
	struct view text;            /* lines end in LF */
	int64_t now;                 /* wall, seconds: for the certificate's dates */
	int64_t deadline;            /* monotonic */
	struct arena *arena;         /* for all that is found */
};

struct submit_answer {
	int code;             /* of the last reply; 0: there was none */
	struct view said;     /* its text on one line */
	struct view protocol; /* "TLSv1.3"; empty: without TLS */
	bool has_text;        /* the message was said, so that a milter has seen it */
};

/*
 * 0: the server took it. -1: it did not: ERR says at what, with its words; ERR_CONFIG when
 * trying again would not help, else ERR_TEMP. *ret_answer is written in both cases.
 */
int submit_send(
    const struct submit *submit, struct submit_answer *ret_answer, struct err *err);

/* May a password be said to HOST, which showed FACTS? A machine that is no other is not
 * asked about. NOW is wall, seconds. -1: ERR says what is wrong. */
int submit_judge_server(
    const struct tls_facts *facts, struct view host, int64_t now, struct err *err);

#endif
