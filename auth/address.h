/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_ADDRESS_H
#define AUTH_ADDRESS_H

/*
 * The one parser for addresses (RFC 5321 4.1.2, RFC 5322 3.4, RFC 6854, RFC 6531), strict:
 * what it does not understand has no owner and gets no signature. Domains come out as
 * lower-case A-labels (libidn2, UTS 46 non-transitional); an address literal as "[...]" in
 * lower case. Pure but for libidn2. Any thread.
 *
 * Limits: 64 KB of From field, 320 bytes an address, 255 a domain, 16 nested comments.
 */

#include "lib/arena.h"
#include "lib/err.h"
#include "lib/view.h"

struct address {
	struct view text; /* local@domain, the domain normalised */
	struct view local, domain;
};

/*
 * An envelope path as a milter gets it: "<a@b>" (smtpd), "a@b" (pickup), "<>" or "" (null).
 * 1: *ret_address, whose text lives in ARENA; 0: the null path; -1: not an address.
 * A local part without a domain (Postfix lets "root" through before rewriting) is an
 * address with an empty domain.
 */
int address_parse_path(
    struct view path, struct arena *arena, struct address *ret_address, struct err *err);

/*
 * The author: the one mailbox of the one From field. VALUES are the raw values of all From
 * fields (folds as LF or CRLF). 1: *ret_author; 0: unclear, and *ret_unclear says why in a
 * few words that fit behind "author unclear:" ("no From field", "two From fields", "a
 * group", "3 mailboxes", "NUL", "bare CR", "8-bit domain", "not an address: ...").
 */
int address_parse_author(const struct view *values, size_t n_values, struct arena *arena,
    struct address *ret_author, struct view *ret_unclear);

/* "Example.ORG." no; "bücher.example" -> "xn--bcher-kva.example". 0 or -1. */
int address_parse_domain(
    struct view domain, struct arena *arena, struct view *ret_domain, struct err *err);

/* The same for a selector, which is a name below _domainkey and may end in a number
 * ("2026"). */
int address_parse_selector(
    struct view selector, struct arena *arena, struct view *ret_selector, struct err *err);

#endif
