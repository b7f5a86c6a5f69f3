/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "milter/account.h"

enum { ENTRY_MAX = 16384 }; /* bytes of one passwd or group entry */

static int
name_copy(struct view name, char into[64], struct err *err)
{
	if (name.n == 0 || name.n >= 64)
		return err_set(err, ERR_CONFIG,
		    "the account name '%.*s' is empty or too long", VIEW_ARG(name));
	snprintf(into, 64, "%.*s", VIEW_ARG(name));
	return 0;
}

/* The NTH number from ACCOUNT_SPARE on that nobody has, as user or group. */
static unsigned
spare_number(unsigned nth)
{
	unsigned number = ACCOUNT_SPARE;

	for (unsigned tried = 0; tried < ACCOUNT_SPARES; tried++, number++) {
		if (getpwuid(number) != NULL || getgrgid(number) != NULL)
			continue;
		if (nth-- == 0)
			return number;
	}
	return number;
}

int
account_find(struct view name, unsigned nth, struct account *ret_account, struct err *err)
{
	char buffer[ENTRY_MAX / 4];
	struct passwd entry, *found;
	struct account account = {0};

	if (name_copy(name, account.name, err) != 0)
		return -1;
	int failed = getpwnam_r(account.name, &entry, buffer, sizeof(buffer), &found);
	if (failed != 0) {
		errno = failed;
		return err_sys(err, "cannot look up the user '%s'", account.name);
	}
	if (found != NULL) {
		account.uid = found->pw_uid;
		account.gid = found->pw_gid;
	} else {
		account.uid = spare_number(nth);
		account.gid = account.uid;
		account.is_spare = true;
	}
	if (account.uid == 0)
		return err_set(err, ERR_CONFIG,
		    "the user '%s' is root: take one without rights", account.name);
	*ret_account = account;
	return 0;
}

int
account_find_group(
    struct view name, unsigned nth, gid_t *ret_gid, bool *ret_is_spare, struct err *err)
{
	char text[64], buffer[ENTRY_MAX / 4];
	struct group entry, *found;

	if (name_copy(name, text, err) != 0)
		return -1;
	int failed = getgrnam_r(text, &entry, buffer, sizeof(buffer), &found);
	if (failed != 0) {
		errno = failed;
		return err_sys(err, "cannot look up the group '%s'", text);
	}
	*ret_gid = found != NULL ? found->gr_gid : spare_number(nth);
	*ret_is_spare = found == NULL;
	return 0;
}

void
account_add_group(struct account *account, const char *name)
{
	bool is_spare;
	gid_t gid;

	must(account->n_more < ACCOUNT_GROUPS_MAX);
	if (account_find_group(view_of(name), 0, &gid, &is_spare, NULL) == 0 && !is_spare)
		account->more[account->n_more++] = gid;
}

int
account_become(const struct account *account, struct err *err)
{
	gid_t groups[1 + ACCOUNT_GROUPS_MAX] = {account->gid};

	memcpy(groups + 1, account->more, sizeof(account->more));
	if (prctl(PR_SET_DUMPABLE, 0) != 0)
		return err_sys(err, "cannot make the process undumpable");
	if (geteuid() != 0)
		return 0;
	if (setgroups(1 + account->n_more, groups) != 0 ||
	    setresgid(account->gid, account->gid, account->gid) != 0 ||
	    setresuid(account->uid, account->uid, account->uid) != 0)
		return err_sys(err, "cannot become the user '%s'", account->name);
	must(setuid(0) != 0 && geteuid() == account->uid && getegid() == account->gid);
	/* setresuid made it dumpable again where the kernel thinks that is safe. */
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, "cannot give up privileges for good");
	return 0;
}
