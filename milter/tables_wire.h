/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_TABLES_WIRE_H
#define MILTER_TABLES_WIRE_H

/*
 * Between the milter process and the tables process (SOCK_SEQPACKET), one question or
 * answer a frame. Questions are answered in any order, each once, or not at all when the
 * tables process ends: nobody may count on an answer. A TABLES_PING is answered at once,
 * whatever the tables do.
 */

#include <stdint.h>

enum tables_kind {
	TABLES_ASK = 1, /* payload: table, key */
	TABLES_PING,    /* no payload, either way */
};

enum {
	TABLES_NAME_MAX = 1024,   /* bytes of "type:name" */
	TABLES_KEY_MAX = 512,     /* bytes of a key */
	TABLES_VALUES_MAX = 3000, /* bytes of an entry, as it goes into the journal */
	TABLES_WORDS_MAX = 256,   /* bytes of what is wrong */
	TABLES_OPEN_MAX = 512,    /* questions at once */
	TABLES_RUN_MS = 4000,     /* for postmap(1) to answer what it was asked */
	TABLES_STALE_MS = 8000,   /* a question that has waited for so long is given up */
};

struct tables_question_head {
	uint32_t kind;
	uint32_t n_table, n_key; /* bytes */
	uint32_t unused;
	uint64_t id; /* echoed */
};
struct tables_question_frame {
	struct tables_question_head head;
	char payload[TABLES_NAME_MAX + TABLES_KEY_MAX];
};

struct tables_answer_head {
	uint32_t kind;
	uint32_t answer;            /* enum fact_answer */
	uint32_t n_values, n_words; /* bytes; words: why it is unknown */
	uint64_t id;
};
struct tables_answer_frame {
	struct tables_answer_head head;
	char payload[TABLES_VALUES_MAX + TABLES_WORDS_MAX];
};

#endif
