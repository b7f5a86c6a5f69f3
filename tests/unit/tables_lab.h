/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_TABLES_LAB_H
#define TESTS_UNIT_TABLES_LAB_H

/*
 * A tables client whose tables process is a socket in our hand, and whose clock moves when
 * it is told to. Its questions are about the table hash:/x.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "milter/tables_client_private.h"

enum { PATIENCE = 20 /* seconds */, SECOND = 1000000 };

struct tables_lab {
	struct tables_client *client;
	int process;     /* the other end; -1: none */
	int pings;       /* that came */
	uint64_t origin; /* of the questions from now on */
	atomic_llong now;
	atomic_int hung;
};

/* A lab for each test, as cmocka wants it. */
int tables_lab_set_up(void **state);
int tables_lab_tear_down(void **state);
void tables_lab_process(struct tables_lab *lab); /* a new one */
void tables_lab_advance(struct tables_lab *lab, double seconds);
struct tables_status tables_lab_status(struct tables_lab *lab);

struct tables_question tables_lab_question(const struct tables_lab *lab, const char *key);
void tables_lab_start(struct tables_lab *lab, const char *key);
/* "?", "-" or the values, waiting for so long. */
const char *tables_lab_get(struct tables_lab *lab, const char *key, double seconds);

/* The next question that comes within MILLISECONDS; pings are counted. */
bool tables_lab_recv(
    struct tables_lab *lab, int milliseconds, struct tables_question_frame *frame);
/* The next one, which is for KEY. Its id. */
uint64_t tables_lab_next(struct tables_lab *lab, const char *key);
/* Fails when a question is there. */
void tables_lab_silent(struct tables_lab *lab, const char *when);

void tables_lab_send(
    struct tables_lab *lab, struct tables_answer_head head, const char *payload);
void tables_lab_reply(
    struct tables_lab *lab, uint64_t id, enum fact_answer answer, const char *text);
/* When this returns, all that was sent has been taken. */
void tables_lab_settle(struct tables_lab *lab);
/* Ask, answer, and wait until the answer is there. */
void tables_lab_answered(
    struct tables_lab *lab, const char *key, enum fact_answer answer, const char *text);

#endif
