/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

/*
 * Names as they are compared: addresses and logins in the form that tables have, and the
 * questions that several tests ask of them. WHY is NULL when nobody wants to know.
 */

#include "policy/ast.h"

enum { LOGIN_MAX = 320 };

struct address_key {
	char text[KEY_MAX];
	size_t n, local; /* local: bytes before the '@' */
	bool is_usable;  /* false: no address, or longer than any can be */
};

struct login {
	char text[LOGIN_MAX];
	size_t n;
	bool is_usable;
	struct view domain; /* behind its last '@'; empty: none */
};

void address_key_make(const struct fact_address *address, struct address_key *ret_key);
/* Without the extension of 'set recipient-delimiter'; false: KEY has none. */
bool address_key_stem(const struct policy *policy, const struct address_key *key,
    struct address_key *ret_stem);
struct view address_key_view(const struct address_key *key);

/* The keys under which a map may have ADDRESS, the nearest first: as it is, without its
 * extension, @domain. None: this is no address that could be looked up. */
enum { OWNER_KEYS = 3 };
struct owner_keys {
	struct view at[OWNER_KEYS]; /* borrow from what follows */
	unsigned n;
	struct address_key full, stem;
	char domain[KEY_MAX];
};
void owner_keys_make(const struct policy *policy, const struct fact_address *address,
    struct owner_keys *ret_keys);

/* In lower case, with 'set login-domain' where it has none. */
void login_make(const struct policy *policy, struct view user, struct login *ret_login);
struct view login_view(const struct login *login);
/* The keys under which a map may have it, the nearest first: login, short form, @domain. */
enum { LOGIN_FORMS = 3 };
unsigned login_forms(
    const struct policy *policy, const struct login *login, struct view forms[LOGIN_FORMS]);
/* Is TEXT, in lower case, this login? It may leave out 'set login-domain'. */
bool login_is(const struct policy *policy, const struct login *login, struct view text);

bool judge_address(const struct policy *policy, const struct test *test,
    const struct fact_address *address, struct buf *why);
bool judge_login(const struct policy *policy, const struct test *test, struct view user,
    struct buf *why);
enum match_answer judge_owns(const struct policy *policy,
    const struct fact_address *address, const struct facts *facts, struct buf *why);
enum match_answer judge_rcpt(const struct policy *policy, const struct test *test,
    const struct facts *facts, struct buf *why);

/* An entry of a map: values as table_values gives them. */
enum { ANSWER_MAX = 4096 };
struct map_answer {
	const char *values;
	char text[ANSWER_MAX];
};
enum fact_answer map_ask(const struct table *map, const struct facts *facts,
    struct view key, struct map_answer *ret_answer);
/*
 * The keys under which a map may have the origin, the nearest first: its login in all
 * forms; without one the client and its network of 24 or 64 bits, or "local".
 */
enum { ORIGIN_KEYS = LOGIN_FORMS };
struct origin_keys {
	struct view at[ORIGIN_KEYS]; /* borrow from what follows */
	unsigned n;
	struct login login;
	char client[ADDR_TEXT], network[ADDR_TEXT];
};
void origin_keys_make(
    const struct policy *policy, const struct facts *facts, struct origin_keys *ret_keys);
/*
 * The number that MAP has for the origin: its login, @domain, or without a login its client
 * and networks. YES: there is one; NO: no entry.
 */
enum match_answer map_limit(const struct policy *policy, const struct table *map,
    const struct facts *facts, uint64_t *ret_limit, struct buf *why);

enum match_answer judge_number(const struct policy *policy, const struct test *test,
    uint64_t number, const struct facts *facts, struct buf *why);
enum match_answer judge_meter(const struct policy *policy, const struct test *test,
    const struct facts *facts, struct buf *why);
enum match_answer judge_age(
    const struct test *test, const struct facts *facts, struct buf *why);
enum match_answer judge_spf(const struct policy *policy, const struct test *test,
    const struct facts *facts, struct buf *why);
enum match_answer judge_dmarc(
    const struct test *test, const struct derived *derived, struct buf *why);
enum match_answer judge_dmarc_policy(
    const struct test *test, const struct facts *facts, struct buf *why);
enum match_answer judge_key(
    const struct test *test, const struct derived *derived, struct buf *why);
enum match_answer judge_receiver(const struct derived *derived, struct buf *why);

/* Text from outside, escaped. */
void why_add(struct buf *why, struct view text);
void why_address(struct buf *why, const struct fact_address *address, const char *without);

#endif
