/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_ALIGN_H
#define AUTH_ALIGN_H

/*
 * Identifier alignment (RFC 7489 3.1). Domains are lower-case A-labels without a final dot.
 * The Organizational Domain comes from the public suffix list of the process
 * (auth/suffixes.h). Pure, any thread.
 */

#include <stdbool.h>

#include "lib/view.h"

/* Relaxed alignment: the same Organizational Domain. A public suffix aligns with itself
 * only. */
bool align_relaxed(struct view signing_domain, struct view author_domain);

/* The Organizational Domain of DOMAIN, a part of it; DOMAIN itself when it is a public
 * suffix. */
struct view align_organizational(struct view domain);

/* Is DOMAIN the same as PARENT, or below it? */
bool align_is_within(struct view domain, struct view parent);

/* May a key of KEY_DOMAIN sign for AUTHOR_DOMAIN: the same or a parent of it, and aligned.
 */
bool align_key_may_sign(struct view key_domain, struct view author_domain);

#endif
