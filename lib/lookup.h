/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_LOOKUP_H
#define LIB_LOOKUP_H

/*
 * What DNS says, as values: names and types in, answers out. Nothing here asks anybody.
 * The evaluators in auth/ (SPF, DMARC, key records) get a lookup_fn that answers from
 * what is known already. What is not known yet is NULL, and the evaluator says so; whoever
 * runs it asks DNS, adds the answer and runs it again from the beginning. That costs
 * microseconds, needs no thread that waits, and makes every evaluation a pure function of
 * its answers, which can be kept, shown, and handed to someone else's evaluator.
 *
 * Names are lower-case, without a final dot, at most DNS_NAME_MAX octets; octets that are
 * not printable ASCII, and dots inside a label, stand as \\DDD (RFC 1035 5.1). The root is
 * "".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

enum {
	DNS_NAME_MAX = 253,   /* octets; longer names are refused, never cut */
	DNS_LABEL_MAX = 63,   /* octets */
	DNS_TXT_MAX = 8192,   /* bytes of one TXT record, its strings together */
	DNS_RECORDS_MAX = 64, /* of one answer; more are cut and 'is_cut' says so */
};

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_DS = 43,
	DNS_RRSIG = 46,
};

enum dns_state {
	DNS_NO_ANSWER, /* time-out, our own deadline, no resolver: nobody knows */
	DNS_FOUND,
	DNS_NO_DATA, /* the name is there, records of this type are not */
	DNS_NO_NAME, /* NXDOMAIN */
	DNS_FAILED,  /* SERVFAIL, REFUSED, bogus: an answer, but no record */
};

/* One record. A, AAAA: 4 or 16 bytes. TXT: the strings joined, raw. NS, CNAME, PTR, MX: the
 * name. SOA: the name of the primary server. DS, RRSIG: as on the wire. */
struct dns_record {
	struct view data;
	uint16_t preference; /* MX */
	uint32_t serial;     /* SOA; lost when packed */
};

struct dns_answer {
	struct view name; /* as asked */
	enum dns_type type;
	enum dns_state state;
	const struct dns_record *records; /* n of them; none unless DNS_FOUND */
	uint32_t n;
	uint32_t ttl;    /* seconds that it may be kept; of a negative answer too */
	uint8_t rcode;   /* RFC 1035 4.1.1, for people */
	bool is_secure;  /* DNSSEC said so */
	bool is_bogus;   /* DNSSEC failed; the state is DNS_FAILED */
	bool is_cut;     /* there were more records, or one was too large: it is left out */
	uint32_t micros; /* how long it took to get */
};

/* The answer, borrowed for as long as the caller of the evaluator keeps it; NULL: not known
 * yet, and now known to be wanted. */
typedef const struct dns_answer *(*lookup_fn)(
    void *context, enum dns_type type, struct view name);

const char *dns_type_name(enum dns_type type);    /* "TXT"; "?" */
const char *dns_state_name(enum dns_state state); /* "no answer", "found", ... */
/* Why ANSWER has nothing, for people: "no answer", "SERVFAIL", "DNSSEC failed". */
const char *dns_failure_text(const struct dns_answer *answer);

/*
 * Is NAME one that may be asked: labels of 1 to 63 octets, in all at most DNS_NAME_MAX?
 * Copies it to INTO in the form above (lower-case, no final dot). False: no.
 */
bool dns_name_normal(struct view name, char into[DNS_NAME_MAX * 4 + 1]);

/*
 * A list of answers that grows: what was learned for one question. Lives in ARENA, one
 * thread at a time.
 */
struct answers;

enum { ANSWERS_MAX = 160, ANSWERS_WANTED_MAX = 32 };

struct answers *answers_new(struct arena *arena);

/* A lookup_fn; CONTEXT is a struct answers. What it does not know it adds to what is
 * wanted. A name that cannot be asked is DNS_NO_NAME at once. */
const struct dns_answer *answers_lookup(
    void *context, enum dns_type type, struct view name);

/* Copies ANSWER. A second one for the same type and name is left out. False: there are
 * ANSWERS_MAX already. */
bool answers_add(struct answers *answers, const struct dns_answer *answer);

size_t answers_count(const struct answers *answers);
const struct dns_answer *answers_at(const struct answers *answers, size_t i);

/* What was asked in vain since the last answers_want_none. */
size_t answers_wanted(const struct answers *answers);
void answers_wanted_at(const struct answers *answers, size_t i, enum dns_type *ret_type,
    struct view *ret_name);
void answers_want_none(struct answers *answers);

/* As bytes, for another process, and back. Reading is for hostile bytes: -1 with
 * ERR_BAD_INPUT. */
void answers_pack(const struct answers *answers, struct buf *out);
int answers_unpack(struct answers *answers, struct view packed, struct err *err);

#endif
