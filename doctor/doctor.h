/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H

/*
 * What can be wrong around us: a table of small checks. A check looks at one thing, and
 * says ok, bad or could not tell, with what it saw, why that matters and what to do. It
 * changes nothing anywhere. What it cannot see is never "bad".
 *
 * Checks run in several threads at once. They share the world, which does not change, and
 * nothing else; each makes what it needs (struct dns, connections) for itself, and ends by
 * the deadline of its report.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/net.h"
#include "lib/view.h"

enum doctor_answer { DOCTOR_OK, DOCTOR_BAD, DOCTOR_UNKNOWN };

const char *doctor_answer_name(enum doctor_answer answer); /* "ok" "bad" "could not tell" */

/* One thing that was looked at. Text from outside stands in it as it came. */
struct doctor_finding {
	struct doctor_finding *next;
	enum doctor_answer answer;
	struct view evidence; /* what was seen: "mx.example.org has no address" */
	struct view remedy;   /* what to do, a line each; may be empty unless the answer is
				 bad. Each is words or to be pasted: doctor_is_words() */
	bool is_words;        /* all of 'remedy' is, however its lines begin */
};

/* Is LINE of a remedy words? They begin with a capital. Any other line is to be pasted as
 * it is: a command, a record, a line of a file. */
bool doctor_is_words(struct view line);

/* What a check says of its subject; all in the arena. */
struct doctor_report {
	struct arena *arena;
	int64_t deadline; /* monotonic */
	struct doctor_finding *first, **end;
};

/* Another finding, in printf's words. */
struct doctor_finding *doctor_say(struct doctor_report *report, enum doctor_answer answer,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
void doctor_remedy(struct doctor_report *report, struct doctor_finding *finding,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What a check looks at; what its scope does not name is empty. */
struct doctor_subject {
	struct view domain; /* lower case, A-labels, without a dot at its end */
	const struct addr *egress;
};

enum doctor_scope {
	DOCTOR_ONCE,
	DOCTOR_DOMAIN, /* for each domain that we sign for, or that was asked about */
	DOCTOR_EGRESS, /* for each address of 'set egress' */
};

struct doctor_world; /* doctor/world.h */

struct doctor_check {
	const char *name; /* "dns-mx": for --only and --skip, with or without what is behind
			     the '-' */
	enum doctor_scope scope;
	const char *why; /* it matters; a sentence */
	void (*run)(const struct doctor_world *world, const struct doctor_subject *subject,
	    struct doctor_report *report);
};

/* Each area's checks; the last has no name. */
extern const struct doctor_check doctor_dns[], doctor_connection[], doctor_blocklist[],
    doctor_postfix[], doctor_machine[], doctor_ourselves[];

#endif
