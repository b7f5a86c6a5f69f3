/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_DNS_H
#define AUTH_DNS_H

/*
 * Looking up records of other people's, with a deadline. Answers are bounded; what stands
 * in them is theirs. A context belongs to the process that made it (not across a fork), and
 * to one thread at a time.
 */

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	DNS_NAME_MAX = 253, /* bytes; longer names are refused */
	DNS_TXT_MAX = 8192, /* bytes of one record, its strings together */
};

struct dns;

/* RESOLVER: "192.0.2.1" or "192.0.2.1@5353"; NULL: those of /etc/resolv.conf. NULL: failed.
 */
struct dns *dns_new(const char *resolver, struct err *err);
void dns_free(struct dns *dns); /* NULL is fine */

/*
 * The TXT record at NAME, its strings joined, is appended to OUT. 1: found, *ret_n says how
 * many records there are, OUT has the first; 0: no such name, or no such record there; -1:
 * ERR_TEMP when it may work later, ERR_BAD_INPUT for a name or a record that cannot be.
 */
int dns_txt(struct dns *dns, struct view name, int milliseconds, struct buf *out,
    size_t *ret_n, struct err *err);

#endif
