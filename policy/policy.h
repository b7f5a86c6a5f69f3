/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * A policy: the text of frank.conf, parsed, checked and never changed again. It lives in one arena
 * and may be read from any thread. Whoever loads it holds it (milter/ counts references).
 *
 * The pipeline is one file a step: source (text and spans), lex, parse, check, then match (judge one
 * test) and print (the canonical form). Nothing here touches a file, a clock or the network: the
 * files come out of a bundle (lib/bundle.h).
 *
 * Keys: 'keys' and 'key' statements say where keys are; only the key process can see which there
 * are. Its list comes back as the bundle's file POLICY_KEYS_FILE, one line a key:
 *
 *	NAME SP DOMAIN SP SELECTOR SP ALGORITHM SP MTIME LF
 *
 * (NAME is '-' for a key from a 'keys' directory; ALGORITHM rsa-sha256 or ed25519-sha256; MTIME in seconds).
 * A policy loaded without that file knows no keys yet; 'sign with' is then checked for its names only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/bundle.h"
#include "lib/map.h"
#include "lib/net.h"
#include "lib/view.h"
#include "policy/diag.h"
#include "policy/facts.h"

#define POLICY_KEYS_FILE	"<keys>"

enum policy_algorithm { ALGORITHM_RSA, ALGORITHM_ED25519, ALGORITHMS };

/* One usable key, from POLICY_KEYS_FILE. The line's number is the key's index everywhere. */
struct policy_key {
	struct view		name;		/* of the 'key' statement; the selector when it has none */
	struct view		domain, selector;
	enum policy_algorithm	algorithm;
	int64_t			mtime;
	uint32_t		index;
	bool			named;		/* by a 'key' statement: signs only by 'sign with' its name or domain */
};

/* Where keys are, as the policy says: what the key process is given. */
struct policy_key_source {
	struct view	name;		/* of a 'key' statement; empty for a 'keys' directory */
	struct view	domain, selector;
	struct view	path;		/* a file, or a directory of DOMAIN/SELECTOR.pem; as written */
	struct view	place;		/* "frank.conf:12" */
};

enum policy_on_error { ON_ERROR_DEFER, ON_ERROR_REJECT };
enum policy_recipients { RECIPIENTS_FULL, RECIPIENTS_DOMAIN, RECIPIENTS_HASH };
enum policy_journal { JOURNAL_BEST_EFFORT, JOURNAL_REQUIRED };
enum policy_canon { CANON_RELAXED, CANON_SIMPLE };

enum { SETTINGS_LIST_MAX = 64 };

/* 'set NAME ...', defaults filled in. What only takes effect at start is marked so in words.def. */
struct policy_settings {
	struct view		 listen;		/* "unix:/var/spool/postfix/frank/milter.sock" */
	struct view		 control;		/* "/run/frank/control.sock" */
	struct view		 state;			/* "/var/lib/frank" */
	struct view		 user, keys_user, receiver_user;	/* "frank", "frank-keys" ... */
	struct view		 group;			/* "frank": may ask over the control socket */
	struct view		 socket_group;		/* "postfix": may use the milter socket */
	struct view		 helo;
	const struct addr	*egress;
	uint32_t		 n_egress;
	const uint16_t		*reentry;		/* ports where a content filter hands mail back */
	uint32_t		 n_reentry;
	struct view		 login_domain;
	struct view		 recipient_delimiter;	/* one character or empty */
	struct view		 timezone;		/* "": the system's */
	enum policy_on_error	 on_error;
	enum policy_journal	 journal;
	uint32_t		 keep_days;
	enum policy_recipients	 recipients;
	enum policy_canon	 header_canon, body_canon;
	uint32_t		 signature_lifetime;	/* seconds until x=; 0: no x= */
	uint32_t		 verify_every;	/* messages between two that the receiver process is shown; 0: only first ones */
	/* trusted and owners are tables and maps; policy_client_is_trusted and the owns tests ask them */
};

struct policy;

/*
 * Read NAME and what it includes out of BUNDLE, parse and check. NULL when there were errors; DIAG has
 * the text of errors and warnings either way. SEED is for the maps. BUNDLE is only read during the
 * call. NOW_DATE (20260302; 0: do not look) is for warnings about 'until'.
 */
struct policy *policy_load(struct bundle *bundle, const char *name, struct map_seed seed,
    int now_date, struct diag *diag);
void policy_free(struct policy *policy);	/* NULL is fine */

/* The canonical form: 'frank check -v'. It parses to itself. */
void policy_print(const struct policy *policy, struct buf *out);

const struct policy_settings *policy_settings(const struct policy *policy);
const struct policy_key_source *policy_key_sources(const struct policy *policy, size_t *ret_n);
const struct policy_key *policy_keys(const struct policy *policy, size_t *ret_n);

/* Do we hold a key for DOMAIN (lower-case)? What decides whether inbound mail is recorded. */
bool policy_has_key_for(const struct policy *policy, struct view domain);

/* Is CLIENT in 'set trusted', or on loopback? */
bool policy_client_is_trusted(const struct policy *policy, struct addr client);

/*
 * The rcpt tests, numbered from 0: each is answered for each recipient as it arrives, so that the
 * list need not be kept. At most POLICY_RCPT_TESTS_MAX (more is an error of check).
 */
enum { POLICY_RCPT_TESTS_MAX = 256 };
uint32_t policy_rcpt_tests(const struct policy *policy);
bool policy_rcpt_fits(const struct policy *policy, uint32_t test, const struct fact_address *rcpt);

#endif
