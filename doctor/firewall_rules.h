/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_FIREWALL_RULES_H
#define DOCTOR_FIREWALL_RULES_H

/*
 * Rules of both languages, once they are read: chains of what may happen. A condition has
 * been judged already, for the one connection that is asked about. Private to firewall_*.c.
 */

#include "doctor/firewall.h"

/* Does it hold for the connection? In this order, so that the least of several is what
 * holds of all of them together. */
enum firewall_match { FIREWALL_NO, FIREWALL_PERHAPS, FIREWALL_YES };

enum firewall_match firewall_match_not(enum firewall_match match);
enum firewall_match firewall_match_both(enum firewall_match a, enum firewall_match b);
enum firewall_match firewall_match_either(enum firewall_match a, enum firewall_match b);

/* What a condition is about, and how its value is written. */
enum firewall_kind {
	FIREWALL_PORT,        /* "25" "20-30" "20:30" */
	FIREWALL_SOURCE_PORT, /* the same */
	FIREWALL_UID,         /* the same */
	FIREWALL_GID,         /* the same */
	FIREWALL_PROTOCOL,    /* "6" "tcp" "all" */
	FIREWALL_FAMILY,      /* "2" "ipv4" */
	FIREWALL_ETHERTYPE,   /* "0x0800" "ip" */
	FIREWALL_STATE,       /* "0x2,0x4" "RELATED,ESTABLISHED" */
	FIREWALL_DIRECTION,   /* "0" "original" */
	FIREWALL_HOST,        /* "10.0.0.0/8" "::1": where it goes */
	FIREWALL_HOST_TYPE,   /* "2" "local": of that */
	FIREWALL_OUT,         /* "lo" "\"lo\"" */
	FIREWALL_IN,          /* the same; there is none */
	FIREWALL_FLAGS,       /* of TCP: see firewall_match_flags() */
	FIREWALL_NEVER,       /* of something that it does not have */
	FIREWALL_NOT_UNDERSTOOD
};

enum firewall_target {
	FIREWALL_NEXT, /* goes on with the next rule */
	FIREWALL_ACCEPT,
	FIREWALL_STOP,
	FIREWALL_RETURN,
	FIREWALL_JUMP,
	FIREWALL_GOTO,
	FIREWALL_TURN,   /* to another host or port */
	FIREWALL_UNKNOWN /* anything may come of it */
};

struct firewall_chain;

struct firewall_rule {
	struct firewall_rule *next;
	struct firewall_chain *chain; /* where it stands */
	enum firewall_match match;
	enum firewall_target target;
	struct firewall_chain *to; /* of a jump */
	struct view text;
};

struct firewall_table {
	struct view name;
	bool is_for_us; /* what we ask about may pass it */
	bool is_dormant;
};

/* What may come of a chain, as bits. */
enum {
	FIREWALL_MAY_PASS = 1,
	FIREWALL_MAY_STOP = 2,
	FIREWALL_MAY_FALL = 4, /* off its end */
	FIREWALL_MAY_TURN = 8,
	FIREWALL_MAY_ALL = 16 /* it is not understood */
};

struct firewall_chain {
	struct firewall_chain *next;
	const struct firewall_table *table;
	struct view name;
	bool is_there; /* and not only jumped to */
	bool is_base;  /* what leaves this machine enters it */
	/* And need not: it is about one interface, or about what the kernel tracks. */
	bool is_partial;
	struct firewall_rule policy;
	struct firewall_rule *first, **end;
	enum { FIREWALL_NEW, FIREWALL_BUSY, FIREWALL_DONE } state;
	unsigned may; /* once done; and of what is not MAY_PASS: */
	const struct firewall_rule *cause, *surest; /* the first, and the last */
};

struct firewall_rules {
	const struct firewall_ask *ask;
	struct arena *arena;
	struct firewall_chain *first, **end;
	struct firewall_table *table;     /* that is being read */
	struct map chains, sets;          /* of it, by name */
	size_t n_rules, n_chains, n_sets; /* of all */
	size_t n_elements;                /* of sets that were gone through */
	bool is_cut;                      /* there was more than is read */
	bool is_untracked;                /* a rule keeps connections from being tracked */
};

void firewall_rules_init(struct firewall_rules *rules, struct view text,
    const struct firewall_ask *ask, struct arena *arena);
void firewall_rules_fini(struct firewall_rules *rules);

void firewall_table_begin(struct firewall_rules *rules, struct view name);
/* The chain of that name in this table, as yet without rules; never NULL. */
struct firewall_chain *firewall_chain_get(struct firewall_rules *rules, struct view name);
struct firewall_chain *firewall_chain_new(struct firewall_rules *rules, struct view name);
void firewall_rule_add(struct firewall_rules *rules, struct firewall_chain *chain,
    const struct firewall_rule *rule);
struct firewall_look firewall_judge(const struct firewall_rules *rules);

/* VALUE alone, no list but of states. */
enum firewall_match firewall_match_value(
    const struct firewall_rules *rules, enum firewall_kind kind, struct view value);
/* How the number that KIND is about stands to VALUE: OPERATOR is one of < <= > >=. */
enum firewall_match firewall_match_compare(const struct firewall_rules *rules,
    enum firewall_kind kind, struct view operator, struct view value);
/* FLAGS of TCP are set, and of MASK no others. */
enum firewall_match firewall_match_flags(struct view flags, struct view mask);

/*
 * Take the next word off *REST, with its quotes; false: there is none. In quotes blanks are
 * part of it, and with HAS_ESCAPES a backslash takes the next quote along.
 */
bool firewall_word(struct view *rest, bool has_escapes, struct view *ret_word);
struct view firewall_unquote(struct view word);
bool firewall_is_one_of(struct view word, const char *const *texts); /* NULL at its end */
/* What a target of iptables comes to; FIREWALL_JUMP: it is a chain, or nothing known. */
enum firewall_target firewall_target_of(struct view name);

#endif
