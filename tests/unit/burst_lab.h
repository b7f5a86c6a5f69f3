/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_BURST_LAB_H
#define TESTS_BURST_LAB_H

/* Meters in a time that tests make. 2026-03-02 is a Monday. */

#include "burst/burst.h"

struct lab {
	struct burst *burst;
	struct burst_meter *meter;
	int64_t wall; /* microseconds */
	struct burst_now now;
	uint64_t random;
};

#define LAB_SECOND ((int64_t)1000000)
#define LAB_MINUTE (60 * LAB_SECOND)
#define LAB_HOUR   (60 * LAB_MINUTE)

/* Monday 2026-03-02 00:00 UTC, learn 14 days, remember 180 days, 16000 keys, one meter. */
void lab_open(struct lab *lab, uint32_t within, bool is_distinct);
void lab_close(struct lab *lab);
/* Time goes on; a tick in each minute or hour. */
void lab_pass(struct lab *lab, int64_t micros);
/* DAYS days from midnight on, with AMOUNT charged to KEY in each hour from 09:30 to 16:30.
 */
void lab_days(struct lab *lab, const char *key, unsigned days, uint64_t amount);

uint64_t lab_key(const struct lab *lab, const char *name);
void lab_charge(struct lab *lab, const char *name, uint64_t amount);
struct burst_reading lab_read(struct lab *lab, const char *name, uint64_t amount);
/* Of a generator that is always the same. */
uint64_t lab_random(struct lab *lab, uint64_t below);

/* "got X, want Y" with the usual's source. */
void lab_want(const char *what, struct burst_reading got, uint64_t reading,
    enum burst_usual usual_of, uint64_t usual);

#endif
