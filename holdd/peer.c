/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/bug.h"

#include "holdd/holdd.h"

enum { ENTRY_MAX = 4096, GROUPS_MAX = 65536 /* the kernel's own limit */ };

/* True: GROUP is the account's own, as it is of frankd's: whoever takes over what parses
 * mail must not decide what leaves. */
static bool
find_account(struct peer *peer, gid_t group)
{
	char buffer[ENTRY_MAX];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(peer->uid, &entry, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL) {
		snprintf(peer->name, sizeof(peer->name), "uid %u", peer->uid);
		return false;
	}
	snprintf(peer->name, sizeof(peer->name), "%s", entry.pw_name);
	return entry.pw_gid == group;
}

/* The groups that the process had when it connected, as the kernel knows them. */
static int
has_group(int fd, gid_t group, struct err *err)
{
	gid_t *groups = mem_zeroed(GROUPS_MAX, sizeof(*groups));
	socklen_t size = GROUPS_MAX * sizeof(*groups);
	int result = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		result = err_sys(err, "cannot see the groups of who asks");
	for (size_t i = 0; result == 0 && i < size / sizeof(*groups); i++)
		result = groups[i] == group;
	free(groups);
	return result;
}

int
peer_may_ask(int fd, gid_t group, struct peer *ret_peer, struct err *err)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
		return err_sys(err, "cannot see who asks");
	ret_peer->uid = credentials.uid;
	bool is_own = find_account(ret_peer, group);
	if (credentials.uid == 0)
		return 1;
	if (is_own)
		return 0;
	if (credentials.gid == group)
		return 1;
	return has_group(fd, group, err);
}
