/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef AUTH_SPF_PRIVATE_H
#define AUTH_SPF_PRIVATE_H

/*
 * What the parts of the SPF evaluator share: terms (spf_term.c), macros (spf_macro.c,
 * spf_value.c), asking (spf_ask.c), the mechanisms (spf_mech.c), the records (spf_check.c)
 * and the explanation (spf_explain.c). A run is one evaluation for one client and lives on
 * the stack; what it looks at are the answers, which are the caller's.
 *
 * Names are written in two ways. A domain is what the record's text and its macros come to:
 * any octets, dots between the labels. A name is the same as it is asked for
 * (lib/lookup.h): lower-case, with \DDD for what is not printable.
 */

#include "auth/spf.h"

enum {
	SPF_DOMAIN_MAX = DNS_NAME_MAX,
	SPF_NAME_SIZE = DNS_NAME_MAX * 4 + 1,
	SPF_VALUE_MAX = 512,               /* bytes of a macro's value */
	SPF_PIECE_MAX = SPF_VALUE_MAX * 3, /* of what it expands to, %XX for each */
	SPF_PROBLEM_MAX = 400,
};

enum spf_kind {
	SPF_KIND_ALL,
	SPF_KIND_INCLUDE,
	SPF_KIND_A,
	SPF_KIND_MX,
	SPF_KIND_PTR,
	SPF_KIND_EXISTS,
	SPF_KIND_IP4,
	SPF_KIND_IP6,
	SPF_KIND_REDIRECT,
	SPF_KIND_EXP,
	SPF_KIND_OTHER, /* a modifier that nobody knows */
};

struct spf_term {
	enum spf_kind kind;
	enum spf_outcome outcome; /* when a mechanism matches */
	struct view text;
	struct view spec;     /* domain-spec; p is NULL: there is none */
	struct addr addr;     /* ip4, ip6: as written, ::ffff:a.b.c.d is IPv6 */
	uint8_t bits4, bits6; /* of ip4, ip6, a, mx */
};

/* A record: its terms have been checked. */
struct spf_record {
	struct view terms;         /* behind the version */
	struct view redirect, exp; /* domain-specs; p is NULL: there is none */
};

/* The next term of *REST, which moves behind it. False: there is none. */
bool spf_term_next(struct view *rest, struct view *ret_text);
/* False: a syntax error, and *ret_why says which. */
bool spf_term_parse(struct view text, struct spf_term *ret_term, const char **ret_why);
/* The whole record; false: *ret_bad is the first bad term of it. */
bool spf_record_parse(struct view text, struct spf_record *ret_record, struct view *ret_bad,
    const char **ret_why);
/* Does it begin with "v=spf1" and a space, or is it that alone? */
bool spf_record_is(struct view text);
/* Does the term make look-ups that count? */
bool spf_kind_looks_up(enum spf_kind kind);

/* What was asked for, over all runs of one evaluation. */
struct spf_asked {
	const struct dns_answer *at[SPF_QUERIES_MAX];
	unsigned n, pending;
};

struct spf_run {
	const struct spf_question *question;
	const struct spf_asking *asking;
	struct spf_asked *asked;
	struct addr client; /* ::ffff:a.b.c.d is IPv4 */
	struct view sender, local, sender_domain, helo, receiver;
	char sender_text[SPF_VALUE_MAX + 1];
	/* The result. */
	bool is_unanswered, is_per_message;
	unsigned terms, voids;
	uint32_t ttl;
	struct view term;
	size_t domain_n, explanation_n;
	char domain[SPF_DOMAIN_MAX + 1]; /* whose record 'term' stands in */
	char problem[SPF_PROBLEM_MAX];
	char explanation[SPF_EXPLANATION_MAX + 1];
};

enum spf_got {
	SPF_GOT_PENDING,
	SPF_GOT_FOUND,
	SPF_GOT_VOID,       /* no such name, or no such record there */
	SPF_GOT_FAILED,     /* SERVFAIL and its like */
	SPF_GOT_UNANSWERED, /* nobody answered, or there were too many queries */
};

/* *ret_answer is written when something is known. */
enum spf_got spf_ask(struct spf_run *run, enum dns_type type, struct view name,
    const struct dns_answer **ret_answer);
/* It will be asked for soon. */
void spf_ask_ahead(struct spf_run *run, enum dns_type type, struct view name);
/* The name of DOMAIN; false: it is none that can be asked. */
bool spf_name(struct view domain, char into[SPF_NAME_SIZE], struct view *ret_name);
/* The name in in-addr.arpa or ip6.arpa of the client. */
struct view spf_name_reverse(const struct spf_run *run, char into[SPF_NAME_SIZE]);

/* The client's validated name (7.3 "p"): DOMAIN itself before its subdomains before others.
 * FOUND, VOID, PENDING or UNANSWERED. The name is the answer's. */
enum spf_got spf_ptr_validated(
    struct spf_run *run, struct view domain, struct view *ret_name);

enum spf_macros {
	SPF_MACROS_TEXT,    /* of a modifier that nobody knows */
	SPF_MACROS_DOMAIN,  /* a domain-spec: must end in a top label or a macro */
	SPF_MACROS_EXPLAIN, /* with spaces, and c, r and t */
};

struct spf_token {
	char letter; /* lower case; 0: 'text' stands for itself */
	bool is_macro, is_escaped, is_reversed;
	unsigned parts;   /* right-hand ones to keep; 0: all */
	struct view text; /* or the delimiters */
};

/* The token that *REST begins with. False: a syntax error. */
bool spf_token_take(struct view *rest, enum spf_macros macros, struct spf_token *ret_token);
bool spf_macros_check(struct view text, enum spf_macros macros, const char **ret_why);

/* What a token of a text in DOMAIN's record comes to, in INTO. FOUND, PENDING, UNANSWERED.
 */
enum spf_got spf_token_expand(struct spf_run *run, const struct spf_token *token,
    struct view domain, char into[SPF_PIECE_MAX], struct view *ret_text);
/* A checked domain-spec of DOMAIN's record. VOID: it comes to nothing that can be asked. */
enum spf_got spf_domain_expand(struct spf_run *run, struct view spec, struct view domain,
    char into[SPF_DOMAIN_MAX + 1], struct view *ret_domain);

enum spf_match {
	SPF_MATCH_NO,
	SPF_MATCH_YES,
	SPF_MATCH_PENDING,
	SPF_MATCH_TEMPERROR,
	SPF_MATCH_PERMERROR,
};

/* All mechanisms but "all" and "include". */
enum spf_match spf_mech_match(
    struct spf_run *run, const struct spf_term *term, struct view domain);
/* Look-ups without an answer: one more. False: too many now. */
bool spf_void_count(struct spf_run *run);
/* What keeps a term from being judged. */
enum spf_match spf_match_failed(struct spf_run *run, enum spf_got got);

enum spf_outcome spf_check(struct spf_run *run, struct view domain);

/* Fills run->explanation. False: an answer is missing. */
bool spf_explain(struct spf_run *run, struct view exp, struct view domain);

/* Of temperror and permerror, in words. The last one stays. */
void spf_problem(struct spf_run *run, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
