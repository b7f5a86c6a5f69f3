/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

/* Numbers, sizes, durations, dates, hours, names and domains: text to value and back. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/view.h"

bool value_size(
    struct view text, uint64_t *ret_bytes); /* 10M; K, M, G are powers of 1024 */
bool value_duration(struct view text, uint64_t *ret_seconds); /* 90s 10m 1h 14d */
bool value_date(struct view text, int *ret_date);             /* 2027-01-31 -> 20270131 */
bool value_hours(struct view text, unsigned *ret_from, unsigned *ret_to); /* 22-06 */
/* Days from DATE to LATER, both as 20270131. */
int value_days_between(int date, int later);

void value_add_size(struct buf *out, uint64_t bytes);
void value_add_duration(struct buf *out, uint64_t seconds); /* the largest unit that fits */
void value_add_date(struct buf *out, int date);

/* A letter, then letters, digits, '-' and '_'. */
bool value_is_name(struct view text);
/* Begins like a number: a name that does stands in quotes. */
bool value_is_numeric(struct view text);

/* What is wrong with a domain: NULL when nothing is. */
const char *domain_fault(struct view domain);

/*
 * TEXT bare where that is possible, else in quotes with escapes; _text: words of the
 * language in quotes too.
 */
void value_add_word(struct buf *out, struct view text);
void value_add_text(struct buf *out, struct view text);
void value_add_quoted(struct buf *out, struct view text);

#endif
