/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "policy/judge.h"

/* Logins: one form, and what a table of users has of them. */

void
login_make(const struct policy *policy, struct view user, struct login *ret_login)
{
	struct login *login = ret_login;
	struct view domain = policy->settings.login_domain;

	login->is_usable = false;
	login->n = 0;
	login->domain = VIEW_NONE;
	if (user.n == 0 || user.n + 1 + domain.n > LOGIN_MAX)
		return;
	login->n = key_lower(user, login->text);
	if (!view_has_char(user, '@') && domain.n > 0) {
		login->text[login->n++] = '@';
		memcpy(login->text + login->n, domain.p, domain.n);
		login->n += domain.n;
	}
	/* What begins like an entry of a table could pass for that entry. */
	login->is_usable = login->text[0] != '@' && login->text[0] != '.';
	for (size_t i = login->n; i > 0; i--)
		if (login->text[i - 1] == '@') {
			login->domain = (struct view){login->text + i, login->n - i};
			break;
		}
}

struct view
login_view(const struct login *login)
{
	return (struct view){login->text, login->n};
}

/* The part before '@' when the domain is 'set login-domain', else empty. */
static struct view
short_form(const struct policy *policy, const struct login *login)
{
	if (login->domain.n == 0 || !view_is(login->domain, policy->settings.login_domain))
		return VIEW_NONE;
	return (struct view){login->text, login->n - login->domain.n - 1};
}

bool
login_is(const struct policy *policy, const struct login *login, struct view text)
{
	struct view form = short_form(policy, login);

	return login->is_usable && text.n > 0 &&
	       (view_is(login_view(login), text) || (form.n > 0 && view_is(form, text)));
}

/* "@domain" of the login's own domain. */
static struct view
at_domain(const struct login *login)
{
	return (struct view){login->domain.p - 1, login->domain.n + 1};
}

unsigned
login_forms(
    const struct policy *policy, const struct login *login, struct view forms[LOGIN_FORMS])
{
	struct view form = short_form(policy, login);
	unsigned n = 0;

	if (!login->is_usable)
		return 0;
	forms[n++] = login_view(login);
	if (form.n > 0)
		forms[n++] = form;
	if (login->domain.n > 0)
		forms[n++] = at_domain(login);
	return n;
}

static bool
table_has_login(
    const struct policy *policy, const struct table *table, const struct login *login)
{
	struct view forms[LOGIN_FORMS];
	unsigned n = login_forms(policy, login, forms);

	for (unsigned i = 0; i < n; i++)
		if (table_has(table, forms[i]))
			return true;
	return false;
}

bool
judge_login(
    const struct policy *policy, const struct test *test, struct view user, struct buf *why)
{
	struct login login;
	bool is_in;

	if (user.n == 0) {
		why_add(why, VIEW("no login"));
		return false;
	}
	if (test->operand != OPERAND_TABLE)
		why_add(why, user);
	if (test->operand == OPERAND_ANY)
		return true;
	login_make(policy, user, &login);
	if (test->operand != OPERAND_TABLE) {
		if (test->text.p[0] == '@')
			return login.is_usable && login.domain.n > 0 &&
			       view_is(at_domain(&login), test->text);
		return login_is(policy, &login, test->text);
	}
	is_in = table_has_login(policy, test->table, &login);
	if (why != NULL) {
		why_add(why, user);
		buf_addf(why, is_in ? " is in <%.*s>" : " is not in <%.*s>",
		    VIEW_ARG(test->table->name));
	}
	return is_in;
}
