/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef TESTS_UNIT_DNS_FAKE_H
#define TESTS_UNIT_DNS_FAKE_H

/* The functions of auth/dns.h, over a DNS that answers when a test tells it to. */

#include <stdbool.h>
#include <stddef.h>

#include "auth/dns.h"

enum { DNS_FAKE_MAX = 8192 }; /* questions at once */

struct dns {
	struct {
		int id; /* 0: free */
		enum dns_type type;
		char name[256];
		dns_done_fn done;
		void *context;
	} open[DNS_FAKE_MAX];
	int last_id, n_asked, n_cancelled;
	bool is_refusing;
};

size_t dns_fake_open(const struct dns *dns);

/* Answer what is open for NAME with TEXT; NULL: there is none. False: nobody asked. */
bool dns_fake_answer(struct dns *dns, const char *name, const char *text);

/* The same for one type, with the bytes of the record. */
bool dns_fake_answer_type(
    struct dns *dns, enum dns_type type, const char *name, struct view data);

#endif
