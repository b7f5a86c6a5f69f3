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

/* In lower case, with 'set login-domain' where it has none. */
void login_make(const struct policy *policy, struct view user, struct login *ret_login);
struct view login_view(const struct login *login);
/* Is TEXT, in lower case, this login? It may leave out 'set login-domain'. */
bool login_is(const struct policy *policy, const struct login *login, struct view text);

bool judge_address(const struct policy *policy, const struct test *test,
    const struct fact_address *address, struct buf *why);
bool judge_login(const struct policy *policy, const struct test *test, struct view user,
    struct buf *why);
bool judge_owns(const struct policy *policy, const struct fact_address *address,
    const struct facts *facts, struct buf *why);
enum match_answer judge_rcpt(const struct policy *policy, const struct test *test,
    const struct facts *facts, struct buf *why);

/* Text from outside, escaped. */
void why_add(struct buf *why, struct view text);
void why_address(struct buf *why, const struct fact_address *address, const char *without);

#endif
