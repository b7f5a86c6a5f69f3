/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_ASK_H
#define DOCTOR_ASK_H

/* Questions of DNS that one check has. One thread; ask_begin to ask_end. */

#include <stdbool.h>

#include "auth/dns.h"
#include "lib/lookup.h"

#include "doctor/doctor.h"
#include "doctor/world.h"

struct ask {
	struct dns *dns;
	struct answers *answers; /* in the report's arena */
	struct doctor_report *report;
	int64_t deadline;
};

/* False: DNS cannot be asked at all, and the report says so. */
bool ask_begin(
    struct ask *ask, const struct doctor_world *world, struct doctor_report *report);
void ask_end(struct ask *ask);

/* Fetch what 'answers' wants. */
void ask_fetch(struct ask *ask);
/* One answer; it lives as long as the report. Never NULL: what was not answered is
 * DNS_NO_ANSWER. */
const struct dns_answer *ask_for(struct ask *ask, enum dns_type type, struct view name);
/* A and AAAA of NAME in one round. */
void ask_addresses(struct ask *ask, struct view name, const struct dns_answer **ret_v4,
    const struct dns_answer **ret_v6);

/* DNS said something about it, be it that there is nothing. */
bool ask_is_known(const struct dns_answer *answer);

/* MX in the order of their preference, and any other records in one of their own: DNS has
 * none. In the report's arena. */
const struct dns_record *ask_sorted(
    struct doctor_report *report, const struct dns_answer *answer);

/* Could not tell: "TXT of example.org: SERVFAIL". */
void ask_say_unknown(struct doctor_report *report, const struct dns_answer *answer);

/* "LABEL.NAME" in the report's arena. */
struct view ask_below(struct doctor_report *report, const char *label, struct view name);

/* The Ith record of an answer to A or AAAA. */
struct addr ask_addr(const struct dns_answer *answer, uint32_t i);

/* Of a kind that is the same nowhere else: private, loopback, link-local (RFC 1918, 3927,
 * 4193, 4291, 6598). */
bool ask_is_inside(struct addr addr);

#endif
