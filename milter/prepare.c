/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/listen.h"

#include "milter/notify.h"
#include "milter/supervisor.h"

/* What frankd needs before its first child: accounts, directories, listening sockets. */

static char *
text_of(struct view view)
{
	char *text = mem_zeroed(view.n + 1, 1);

	if (view.n > 0)
		memcpy(text, view.p, view.n);
	return text;
}

/* The path behind "unix:". */
static char *
unix_path(struct view address)
{
	struct view prefix = VIEW("unix:");

	return text_of(
	    view_starts(address, prefix) ? view_from(address, prefix.n) : address);
}

/* The directory that a socket lies in, when it is missing. */
static int
socket_dir_make(const char *path, gid_t gid, mode_t mode, struct err *err)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return file_make_dir(dir, mode, geteuid(), gid, err);
}

static void
stand_in_warn(const struct account *account)
{
	if (account->is_spare)
		log_warn(
		    "there is no user '%s': uid %u stands in", account->name, account->uid);
}

static int
accounts_check(const struct supervisor *supervisor, struct err *err)
{
	uid_t milter = supervisor->milter_account.uid, keys = supervisor->keys_account.uid;
	uid_t receiver = supervisor->receiver_account.uid;
	uid_t dns = supervisor->dns_account.uid;

	if (keys == milter || keys == receiver || keys == dns ||
	    keys == supervisor->tables_account.uid ||
	    keys == supervisor->follow_account.uid)
		return err_set(err, ERR_CONFIG,
		    "'set keys-user' names the account of 'set user', 'set receiver-user', "
		    "'set dns-user', 'set tables-user' or 'set follow-user': code that "
		    "reads what strangers wrote could take the keys");
	if (receiver == milter || receiver == dns)
		return err_set(err, ERR_CONFIG,
		    "'set receiver-user' names the account of 'set user' or 'set "
		    "dns-user': it is there to be kept apart");
	if (dns == milter)
		return err_set(err, ERR_CONFIG,
		    "'set dns-user' and 'set user' name the same account: it is there to "
		    "be kept apart");
	return 0;
}

/* One account for each thing that must not reach the others. */
static int
accounts_find(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct account *milter = &supervisor->milter_account;
	struct account *keys = &supervisor->keys_account;
	struct account *receiver = &supervisor->receiver_account;
	struct account *dns = &supervisor->dns_account;
	struct account *tables = &supervisor->tables_account;
	struct account *follow = &supervisor->follow_account;

	if (geteuid() != 0) {
		log_warn("not started as root: everything runs as uid %u, and the keys are "
			 "not kept "
			 "apart from the code that reads mail",
		    geteuid());
		*milter = (struct account){.uid = geteuid(), .gid = getegid()};
		*keys = *receiver = *dns = *tables = *follow = *milter;
		return 0;
	}
	if (account_find(settings->user, 0, milter, err) != 0 ||
	    account_find(settings->keys_user, 1, keys, err) != 0 ||
	    account_find(settings->receiver_user, 2, receiver, err) != 0 ||
	    account_find(settings->dns_user, 3, dns, err) != 0 ||
	    account_find(settings->tables_user, 4, tables, err) != 0 ||
	    account_find(settings->follow_user, 5, follow, err) != 0 ||
	    accounts_check(supervisor, err) != 0)
		return -1;
	stand_in_warn(milter);
	stand_in_warn(keys);
	stand_in_warn(receiver);
	stand_in_warn(dns);
	stand_in_warn(follow);
	if (policy_has_postmap(supervisor->config->policy))
		stand_in_warn(tables);
	return 0;
}

/* The group that may use a socket; one that does not exist is ours alone. */
static gid_t
socket_group(struct view name, gid_t fallback)
{
	struct err err = ERR_INIT;
	bool is_spare;
	gid_t gid;

	if (geteuid() != 0)
		return getegid();
	if (account_find_group(name, 0, &gid, &is_spare, &err) != 0 || is_spare) {
		log_warn("there is no group '%.*s': only root can use its socket",
		    VIEW_ARG(name));
		return fallback;
	}
	return gid;
}

/* The one that systemd holds for us. */
static int
milter_socket_take(struct supervisor *supervisor, struct err *err)
{
	int type = 0, domain = 0, listens = 0;
	socklen_t n = sizeof(int);

	supervisor->listen_fd = 3;
	if (notify_listen_fds() != 1)
		return err_set(err, ERR_CONFIG,
		    "systemd hands over %d sockets: it should be one", notify_listen_fds());
	if (getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &n) != 0 ||
	    getsockopt(3, SOL_SOCKET, SO_DOMAIN, &domain, &n) != 0 ||
	    getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0 ||
	    type != SOCK_STREAM || !listens)
		return err_set(err, ERR_CONFIG,
		    "descriptor 3 from systemd is no listening stream socket");
	supervisor->listen_is_unix = domain == AF_UNIX;
	return 0;
}

static int
milter_socket_open(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct listen_owner owner = {.uid = geteuid(), .mode = 0660};

	supervisor->listen_is_unix = listen_is_unix(settings->listen);
	if (notify_listen_fds() > 0)
		return milter_socket_take(supervisor, err);
	owner.gid = socket_group(settings->socket_group, 0);
	if (supervisor->listen_is_unix) {
		supervisor->listen_path = unix_path(settings->listen);
		if (socket_dir_make(supervisor->listen_path, owner.gid, 0750, err) != 0)
			return -1;
	}
	return listen_open(
	    settings->listen, SOCK_STREAM, &owner, &supervisor->listen_fd, err);
}

static int
control_socket_open(
    struct supervisor *supervisor, const struct policy_settings *settings, struct err *err)
{
	struct listen_owner owner = {.uid = geteuid(), .mode = 0660};
	char address[PATH_MAX];

	owner.gid = socket_group(settings->group, 0);
	supervisor->control_path = unix_path(settings->control);
	snprintf(address, sizeof(address), "unix:%s", supervisor->control_path);
	if (socket_dir_make(supervisor->control_path, owner.gid, 0750, err) != 0)
		return -1;
	return listen_open(
	    view_of(address), SOCK_SEQPACKET, &owner, &supervisor->control_fd, err);
}

/* Beside the control socket: the receiver's root directory, where nothing is and nobody can
 * put anything. */
static int
empty_dir_make(struct supervisor *supervisor, struct err *err)
{
	const char *socket = supervisor->control_path, *slash = strrchr(socket, '/');
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/empty",
	    slash == NULL ? 1 : (int)(slash - socket), slash == NULL ? "." : socket);
	supervisor->empty_dir = mem_text(path);
	return geteuid() == 0 ? file_make_dir(path, 0555, 0, 0, err) : 0;
}

int
supervisor_prepare(struct supervisor *supervisor, struct err *err)
{
	const struct policy_settings *settings =
	    policy_settings(supervisor->config->policy);

	supervisor->state_dir = text_of(settings->state);
	supervisor->timezone = text_of(settings->timezone);
	supervisor->maillog = follow_find_log(settings->maillog);
	if (settings->resolver.n > 0)
		supervisor->resolver = text_of(settings->resolver);
	if (settings->trust_anchor.n > 0)
		supervisor->trust_anchor = text_of(settings->trust_anchor);
	/* It is for the rules of the policy alone: syslog's lines are in the system's zone.
	 */
	if (clock_check_zone(supervisor->timezone, err) != 0 ||
	    accounts_find(supervisor, settings, err) != 0)
		return -1;
	account_add_group(&supervisor->follow_account, "systemd-journal");
	account_add_group(&supervisor->follow_account, "postdrop");
	const struct account *milter = &supervisor->milter_account;
	if (file_make_dir(supervisor->state_dir, 0750, milter->uid, milter->gid, err) != 0)
		return -1;
	if (milter_socket_open(supervisor, settings, err) != 0)
		return err_add(err, "milter socket");
	if (control_socket_open(supervisor, settings, err) != 0)
		return err_add(err, "control socket");
	return empty_dir_make(supervisor, err);
}

void
supervisor_fini(struct supervisor *supervisor)
{
	config_free(supervisor->config);
	free(supervisor->listen_path);
	free(supervisor->control_path);
	free(supervisor->state_dir);
	free(supervisor->timezone);
	free(supervisor->maillog);
	free(supervisor->empty_dir);
	free(supervisor->resolver);
	free(supervisor->trust_anchor);
}
