/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_SPF_LAB_H
#define TESTS_UNIT_SPF_LAB_H

/* Answers of DNS, and questions to libspf2 over them, for the tests of receiver/spf.c. */

#include "lib/buf.h"
#include "receiver/spf.h"

enum { WORLD = 4 << 20 };

struct fact {
	const char *name, *data; /* NULL: none */
	enum dns_type type;
	enum dns_state state;
};
#define TXT(name, data)                                                                    \
	{                                                                                  \
		(name), (data), DNS_TXT, DNS_FOUND                                         \
	}
#define HAS(name, type, data)                                                              \
	{                                                                                  \
		(name), (data), (type), DNS_FOUND                                          \
	}
#define GONE(name, type, state)                                                            \
	{                                                                                  \
		(name), NULL, (type), (state)                                              \
	}

/* Up to N facts; a name of NULL ends them. */
struct answers *spf_world(struct arena *arena, const struct fact *facts, size_t n);

/* Of kim@example.org. */
struct spf_case spf_question(const char *client, const char *ours, struct answers *answers);

/* REASON is a part of it. */
void spf_check(const char *what, const struct spf_judgement *got,
    enum receiver_opinion opinion, const char *theirs, const char *reason);

/* "v=spf1", N times TERM, "-all". */
void spf_record_of(struct buf *out, const char *term, int n);

/* DEPTH levels, each of which includes the next one WIDTH times. */
struct answers *spf_fan(struct arena *arena, int depth, int width);

#endif
