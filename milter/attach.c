/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/log.h"

#include "milter/attach.h"

/* Something new of the supervisor's cannot be taken: what there is goes on, and the
 * supervisor tries again. */
static void
refuse(struct runtime *runtime, const char *what, const char *why)
{
	struct link *link = runtime->link;
	enum link_type type = (enum link_type)link->in.type;

	log_error("%s cannot be taken: %s", what, why);
	if (type == LINK_OFFER)
		(void)link_send(
		    link, LINK_LOAD_FAILED, 0, link->in.generation, view_of(why), NULL);
	else
		(void)link_send(
		    link, LINK_UNTAKEN, type, link->in.generation, VIEW_NONE, NULL);
}

/* What the supervisor sends, in the words of the log; NULL: nothing that has descriptors.
 */
static const char *
name_of(unsigned type)
{
	switch (type) {
	case LINK_OFFER:
		return "the new policy";
	case LINK_POOL:
		return "the new key process";
	case LINK_RECEIVER:
		return "the new receiver process";
	case LINK_DNS:
		return "the new dns process";
	case LINK_TABLES:
		return "the new tables process";
	case LINK_FOLLOW:
		return "the new follow process";
	default:
		return NULL;
	}
}

void
attach_helper(struct runtime *runtime)
{
	struct link *link = runtime->link;
	atomic_ulong *pid = NULL;
	struct err err = ERR_INIT;
	int result;

	must(link->n_fds == 1);
	if (link->in.type == LINK_DNS) {
		result = dns_client_attach(runtime->dns, link->fds[0], &err);
		pid = &runtime->dns_pid;
	} else if (link->in.type == LINK_TABLES) {
		result = tables_client_attach(runtime->tables, link->fds[0], &err);
		pid = &runtime->tables_pid;
	} else if (link->in.type == LINK_FOLLOW) {
		result = follow_client_attach(runtime->follow, link->fds[0], &err);
	} else {
		result = receiver_client_attach(runtime->receiver, link->fds[0], &err);
		pid = &runtime->receiver_pid;
	}
	if (result != 0)
		refuse(runtime, name_of(link->in.type), err.text);
	else if (pid != NULL)
		atomic_store(pid, link->in.generation);
}

void
attach_lost(struct runtime *runtime)
{
	const char *what = name_of(runtime->link->in.type);

	if (what != NULL)
		refuse(runtime, what,
		    "the milter process has no file descriptor free: raise the limit on "
		    "open files");
}
