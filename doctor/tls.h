/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_TLS_H
#define DOCTOR_TLS_H

/* TLS as a client has it, over a connection that is there; whatever the other side shows is
 * looked at, nothing is refused. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

struct tls_facts {
	struct view protocol; /* "TLSv1.3" */
	bool is_old;          /* below TLS 1.2 */
	bool has_certificate;
	struct view names;       /* "mail.example.org, *.example.org" */
	bool has_alt_names;      /* they are in subjectAltName; else in its CN, where nobody
				    looks any more (RFC 9525 2) */
	int64_t from, until;     /* wall, seconds */
	bool has_name;           /* the name that was asked for is among them */
	struct view trust_fault; /* why others will not trust it, but for its dates; empty:
				    they do */
};

struct tls;

/* Shake hands over FD (not blocking, borrowed) as with NAME. Texts are in ARENA. NULL: it
 * did not come about: ERR_BAD_INPUT, the other side does not want to, or speaks no TLS;
 * ERR_TEMP, the connection ended, or it took too long. */
struct tls *tls_start(int fd, struct view name, int64_t deadline, struct arena *arena,
    struct tls_facts *ret_facts, struct err *err);
void tls_free(struct tls *tls); /* NULL is fine; the connection stays */

/* As recv(2) and send(2), but wait. 0 at the end, -1: failed, or too late. */
ssize_t tls_read(struct tls *tls, void *into, size_t size, int64_t deadline);
ssize_t tls_write(struct tls *tls, const void *bytes, size_t n, int64_t deadline);

#endif
