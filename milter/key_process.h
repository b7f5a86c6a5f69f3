/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_KEY_PROCESS_H
#define MILTER_KEY_PROCESS_H

/*
 * "frankd: keys": opens the key files as root, gives root up, and signs digests. Forked
 * afresh for every load of keys and after a crash. It never sees mail and has no network.
 */

#include "lib/view.h"
#include "milter/account.h"
#include "milter/key_wire.h"
#include "policy/policy.h"

struct key_process {
	int link_fd;
	int request_fd;
	int slot_fds[KEY_SLOTS];
	const struct policy_key_source *sources;
	size_t n_sources;
	const char *conf_dir; /* relative paths begin here */
	const struct account *account;

	/*
	 * After a crash: the list that the generation was loaded with and its content
	 * hashes. The indexes stay as they were; a key that has gone or changed since does
	 * not sign.
	 */
	bool is_restart;
	struct view expected; /* POLICY_KEYS_FILE */
	const uint64_t *expected_hashes;
};

/*
 * Load, report over the link (LINK_KEYS_READY with two memory files: the list for
 * POLICY_KEYS_FILE and a uint64_t a key; the text holds warnings; or LINK_KEYS_FAILED),
 * sign until the sockets close.
 */
_Noreturn void key_process_run(const struct key_process *process);

#endif
