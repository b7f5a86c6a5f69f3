/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * A policy: the text of frank.conf, parsed, checked and never changed again. It lives in
 *one arena and may be read from any thread. Whoever loads it holds it (milter/ counts
 *references).
 *
 * The pipeline is one file a step: source (text and spans), lex, parse, check, then match
 *(judge one test) and print (the canonical form). Nothing here touches a file, a clock or
 *the network: the files come out of a bundle (lib/bundle.h).
 *
 * Keys: 'keys' and 'key' statements say where keys are; only the key process can see which
 *there are. Its list comes back as the bundle's file POLICY_KEYS_FILE, one line a key:
 *
 *	NAME SP DOMAIN SP SELECTOR SP ALGORITHM SP MTIME LF
 *
 * (NAME is '-' for a key from a 'keys' directory; ALGORITHM rsa-sha256 or ed25519-sha256;
 *MTIME in seconds). A policy loaded without that file knows no keys yet; 'sign with' is
 *then checked for its names only.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/bundle.h"
#include "lib/map.h"
#include "lib/net.h"
#include "lib/view.h"
#include "policy/diag.h"
#include "policy/facts.h"

#define POLICY_KEYS_FILE "<keys>"
/* In a bundle that is kept: the name of the policy's main file, so that explain need not
 * guess. */
#define POLICY_MAIN_FILE "<main>"

enum policy_algorithm { ALGORITHM_RSA, ALGORITHM_ED25519, ALGORITHMS };

/* One usable key, from POLICY_KEYS_FILE. The line's number is the key's index everywhere.
 */
struct policy_key {
	struct view name; /* of the 'key' statement; the selector when it has none */
	struct view domain, selector;
	enum policy_algorithm algorithm;
	int64_t mtime;
	uint32_t index;
	bool named; /* by a 'key' statement: signs only by 'sign with' its name or domain */
};

/* Where keys are, as the policy says: what the key process is given. */
struct policy_key_source {
	struct view name; /* of a 'key' statement; empty for a 'keys' directory */
	struct view domain, selector;
	struct view path;  /* a file, or a directory of DOMAIN/SELECTOR.pem; as written */
	struct view place; /* "frank.conf:12" */
};

enum policy_on_error { ON_ERROR_DEFER, ON_ERROR_REJECT };
enum policy_recipients { RECIPIENTS_FULL, RECIPIENTS_DOMAIN, RECIPIENTS_HASH };
enum policy_journal { JOURNAL_BEST_EFFORT, JOURNAL_REQUIRED };
enum policy_canon { CANON_RELAXED, CANON_SIMPLE };

/* Why a message left without a decision (journal/coverage.h). */
enum coverage_reason {
	COVERAGE_BOUNCES,   /* notifications that Postfix made */
	COVERAGE_REENTRY,   /* from this machine, to a service without milters */
	COVERAGE_LOCAL,     /* by sendmail(1), without non_smtpd_milters */
	COVERAGE_FORWARDED, /* by local(8): .forward, aliases */
	COVERAGE_DOWN,      /* while Postfix had trouble with a milter */
	COVERAGE_SERVICE,   /* to a service without milters, by others */
	COVERAGE_NOTICES,   /* Postfix's own, to the postmaster */
	COVERAGE_UNKNOWN,   /* nobody can tell whether it was missed */
	COVERAGE_REASONS,
};
/* Its word in 'set coverage-ignore'; NULL for COVERAGE_UNKNOWN. */
const char *policy_coverage_word(enum coverage_reason reason);

enum { SETTINGS_LIST_MAX = 64 };

/* 'set NAME ...', defaults filled in. What only takes effect at start is marked so in
 * words.def. */
struct policy_settings {
	struct view listen;          /* "unix:/var/spool/postfix/frank/milter.sock" */
	struct view control;         /* "/run/frank/control.sock" */
	struct view state;           /* "/var/lib/frank" */
	struct view user, keys_user; /* "frank", "frank-keys" */
	struct view group;           /* "frank": may ask over the control socket */
	struct view socket_group;    /* "postfix": may use the milter socket */
	struct view helo;
	const struct addr *egress;
	uint32_t n_egress;
	const uint16_t *reentry; /* ports where a content filter hands mail back */
	uint32_t n_reentry;
	const struct view *blocklists; /* zones of DNS, for frank(1) */
	uint32_t n_blocklists;
	struct view login_domain;
	struct view recipient_delimiter; /* one character or empty */
	struct view timezone;            /* "": the system's */
	enum policy_on_error on_error;
	enum policy_journal journal;
	uint32_t keep_days;
	enum policy_recipients recipients;
	enum policy_canon header_canon, body_canon;
	uint32_t signature_lifetime; /* seconds until x=; 0: no x= */
	struct view receiver_user;   /* "frank-receiver" */
	uint32_t verify_every;       /* messages of a key; 0: only its first ones */
	struct view dns_user;        /* "frank-dns" */
	struct view resolver;        /* "192.0.2.1" or "192.0.2.1@5353"; "": the system's */
	struct view trust_anchor;    /* a file; "": the resolver checks DNSSEC, or nobody */
	uint32_t dns_deadline;       /* seconds for one message */
	struct view tables_user;     /* "postfix": asks Postfix's tables */
	uint32_t learn, remember;    /* seconds */
	uint32_t meter_keys;         /* of each meter */
	struct view notify_to;       /* an address; "": nobody */
	struct view notify_smtp;     /* "127.0.0.1:25" */
	struct view notify_command;  /* "": none */
	uint32_t hold_alert;         /* seconds */
	uint32_t coverage_ignore;    /* 1 << enum coverage_reason */
	/* 0: nobody wants to hear of it. Seconds; messages; messages an hour. */
	uint32_t queue_alert_age, queue_alert_count, queue_alert_growth;
	struct view maillog;     /* "auto", "journald", "none" or a file */
	struct view follow_user; /* "frank-follow" */
	/* trusted and owners are tables and maps; policy_client_is_trusted and the owns
	 * tests ask them */
};

struct policy;

/*
 * Read NAME and what it includes out of BUNDLE, parse and check. NULL when there were
 * errors; DIAG has the text of errors and warnings either way. SEED is for the maps. BUNDLE
 * is only read during the call. NOW_DATE (20260302; 0: do not look) is for warnings about
 * 'until'.
 */
struct policy *policy_load(struct bundle *bundle, const char *name, struct map_seed seed,
    int now_date, struct diag *diag);
void policy_free(struct policy *policy); /* NULL is fine */

/*
 * Its keys, when POLICY_KEYS_FILE came into BUNDLE, the one it was loaded from, only after
 * that: the policy is then as if loaded with it. -1: there were errors, and it can be of
 * use only with another list.
 */
int policy_load_keys(struct policy *policy, struct bundle *bundle, struct diag *diag);

/* The canonical form: 'frank check -v'. It parses to itself. */
void policy_print(const struct policy *policy, struct buf *out);

const struct policy_settings *policy_settings(const struct policy *policy);
const struct policy_key_source *policy_key_sources(
    const struct policy *policy, size_t *ret_n);
const struct policy_key *policy_keys(const struct policy *policy, size_t *ret_n);

/* Do we hold a key for DOMAIN (lower-case)? What decides whether inbound mail is recorded.
 */
bool policy_has_key_for(const struct policy *policy, struct view domain);

/* Is CLIENT in 'set trusted', or on loopback? */
bool policy_client_is_trusted(const struct policy *policy, struct addr client);

/*
 * The rcpt tests, numbered from 0: each is answered for each recipient as it arrives, so
 * that the list need not be kept. At most POLICY_RCPT_TESTS_MAX (more is an error of
 * check).
 */
enum { POLICY_RCPT_TESTS_MAX = 256 };
uint32_t policy_rcpt_tests(const struct policy *policy);
bool policy_rcpt_fits(
    const struct policy *policy, uint32_t test, const struct fact_address *rcpt);

/* 'meter': what is counted, for whom, and in which window. In the order of words.def. */
enum meter_what {
	METER_MESSAGES,
	METER_RECIPIENTS,
	METER_BYTES,
	METER_RCPT_DOMAINS,
	METER_NEW_RECIPIENTS,
	METER_CLIENTS,
	METER_USERS,
	METER_BOUNCES,
};
enum meter_whom {
	METER_PER_USER,
	METER_PER_ORIGIN,
	METER_PER_CLIENT,
	METER_PER_NETWORK,
	METER_PER_SENDER,
	METER_PER_SENDER_DOMAIN,
	METER_PER_AUTHOR_DOMAIN,
	METER_PER_EVERYONE,
};

struct policy_meter {
	struct view name;
	uint32_t index; /* facts.meters stand in this order */
	enum meter_what what;
	enum meter_whom whom;
	uint32_t within; /* seconds */
	uint64_t floor;  /* 0: none */
	struct view to;  /* a table that recipients are in, or not in; empty: all count */
	bool to_not;
	struct view place; /* "frank.conf:12" */
};
const struct policy_meter *policy_meters(const struct policy *policy, size_t *ret_n);
/* Does a message to RCPT count for METER ('to', 'to not')? */
bool policy_meter_counts(const struct policy *policy, const struct policy_meter *meter,
    const struct fact_address *rcpt);

/* Is there a map NAME? */
bool policy_has_map(const struct policy *policy, struct view name);

/* The Ith map through postmap; false: no more. */
struct policy_postmap {
	struct view name;
	struct view table; /* "hash:/etc/postfix/plan" */
	struct view place; /* "frank.conf:3" */
};
bool policy_postmap_at(
    const struct policy *policy, size_t i, struct policy_postmap *ret_map);
bool policy_has_postmap(const struct policy *policy);
/* The table behind map NAME; empty: this is no map through postmap. */
struct view policy_postmap_table(const struct policy *policy, struct view name);

/*
 * What a message will be looked up by in maps through postmap, as far as FACTS go: by its
 * sender or its author, where the policy asks who owns it, or by its origin. Appended to
 * LIST of N (room for FACTS_LOOKUPS_MAX), each once, as not known yet; keys are in ARENA.
 * False: that is full.
 */
enum policy_lookup { LOOKUP_SENDER = 1, LOOKUP_AUTHOR = 2, LOOKUP_ORIGIN = 4 };
enum {
	POLICY_POSTMAP_MAX = 1000,   /* bytes of "type:name" */
	POLICY_POSTMAP_NUMBERS = 14, /* maps with numbers; more is an error of check */
};
bool policy_lookups(const struct policy *policy, const struct facts *facts, unsigned what,
    struct arena *arena, struct fact_lookup *list, uint32_t *n);

/*
 * What a policy may want and not every frankd has. POLICY_SUPPLIED is what the frankd built
 * from this source has: whoever builds a supplier in adds its bit. A policy that wants more
 * is refused with the line, rather than run with a test that is never answered.
 */
enum policy_supply {
	SUPPLY_NOTHING,
	SUPPLY_METERS,
	SUPPLY_BOUNCES,
	SUPPLY_DNS,
	SUPPLY_RECEIVER,
	SUPPLY_POSTMAP,
	SUPPLY_NOTIFY,
	SUPPLIES,
};
#define POLICY_SUPPLIED                                                                    \
	(1U << SUPPLY_NOTHING | 1U << SUPPLY_METERS | 1U << SUPPLY_RECEIVER |              \
	    1U << SUPPLY_DNS | 1U << SUPPLY_NOTIFY | 1U << SUPPLY_POSTMAP |                \
	    1U << SUPPLY_BOUNCES)

/* Does POLICY want this; where does it say so first? */
bool policy_needs(
    const struct policy *policy, enum policy_supply what, struct view *ret_place);
/*
 * Append "frank.conf:12: error: meters are not built into this frankd yet" for each thing
 * that POLICY wants and SUPPLIED (bits 1U << enum policy_supply) has not. How many those
 * are.
 */
unsigned policy_unsupplied(const struct policy *policy, unsigned supplied, struct buf *out);

#endif
