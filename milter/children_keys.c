/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "milter/key_process.h"
#include "milter/notify.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

/* Starting a key process, and taking over its list. It is not believed: it has parsed
 * files. */

enum {
	LIST_TEXT_MAX = 64 << 20, /* bytes of POLICY_KEYS_FILE */
	HASHES_MAX = 4 << 20,     /* bytes of one uint64_t a key */
};

void
key_sockets_close(struct key_sockets *sockets)
{
	if (!sockets->is_open)
		return;
	close(sockets->request);
	for (unsigned i = 0; i < KEY_SLOTS; i++)
		close(sockets->slot[i]);
	sockets->is_open = false;
}

static void
run_keys(const void *argument)
{
	key_process_run(argument);
}

static int
keys_fork(struct supervisor *supervisor, const struct config *config,
    struct child *ret_child, struct key_sockets *ret_sockets, struct err *err)
{
	enum { LINK, REQUEST, SLOTS, PAIRS = SLOTS + KEY_SLOTS };
	int pairs[PAIRS][2], keep[PAIRS];
	struct key_process process = {
	    .conf_dir = config->dir, .account = &supervisor->keys_account};

	if (child_pairs_open(pairs, PAIRS, err) != 0)
		return -1;
	for (size_t i = 0; i < PAIRS; i++)
		keep[i] = pairs[i][1];
	process.link_fd = pairs[LINK][1];
	process.request_fd = pairs[REQUEST][1];
	for (size_t i = 0; i < KEY_SLOTS; i++)
		process.slot_fds[i] = pairs[SLOTS + i][1];
	process.sources = policy_key_sources(config->policy, &process.n_sources);
	process.is_restart = config->has_keys;
	process.expected = buf_view(&config->keys);
	process.expected_hashes = config->key_hashes;
	struct spawn spawn = {.name = "frankd: keys",
	    .keep = keep,
	    .n_keep = PAIRS,
	    .run = run_keys,
	    .argument = &process};
	int result = child_fork(supervisor, &spawn, pairs[LINK][0], ret_child, err);
	for (size_t i = 0; i < PAIRS; i++)
		close(pairs[i][1]);
	ret_sockets->is_open = true;
	ret_sockets->request = pairs[REQUEST][0];
	for (size_t i = 0; i < KEY_SLOTS; i++)
		ret_sockets->slot[i] = pairs[SLOTS + i][0];
	return result;
}

/* Copies, so that the child cannot change or cut what was checked. */
static int
list_take(struct config *config, struct link *link, struct buf *messages, struct err *err)
{
	struct buf list = BUF_INIT(LIST_TEXT_MAX), hashes = BUF_INIT(HASHES_MAX);
	int result = -1;

	/* The descriptors share their position with the writer's. */
	if (link->n_fds != 2 || lseek(link->fds[0], 0, SEEK_SET) != 0 ||
	    lseek(link->fds[1], 0, SEEK_SET) != 0 ||
	    file_read_fd(link->fds[0], &list, err) != 0 ||
	    file_read_fd(link->fds[1], &hashes, err) != 0 || list.full || hashes.full) {
		err_set(
		    err, ERR_BAD_INPUT, "the key process sent a list that cannot be read");
	} else {
		buf_add(messages, (struct view){link->in.text, link->in.n});
		result =
		    config_set_keys(config, buf_view(&list), buf_view(&hashes), messages);
		if (result != 0)
			err_set(err, ERR_CONFIG, "the policy does not fit the keys");
	}
	buf_fini(&list);
	buf_fini(&hashes);
	return result;
}

static int
ready_wait(struct config *config, struct link *link, struct buf *messages, struct err *err)
{
	notify("WATCHDOG=1");
	int result = -1, got = link_recv(link, CHILD_READY_MS, err);

	if (got < 0)
		return err_add(err, "key process");
	if (got == 0)
		return err_set(err, ERR_TEMP, "the key process died while loading");
	if (link->in.type == LINK_KEYS_FAILED) {
		buf_add(messages, (struct view){link->in.text, link->in.n});
		err_set(err, ERR_CONFIG, "the keys cannot be used as they are");
	} else if (link->in.type != LINK_KEYS_READY) {
		err_set(err, ERR_BAD_INPUT, "the key process does not keep to its part");
	} else {
		result = config->has_keys ? 0 : list_take(config, link, messages, err);
	}
	link_close_fds(link);
	return result;
}

int
children_start_keys(struct supervisor *supervisor, struct config *config,
    struct child *ret_child, struct key_sockets *ret_sockets, struct buf *messages,
    struct err *err)
{
	struct child child = {0};

	ret_sockets->is_open = false;
	if (keys_fork(supervisor, config, &child, ret_sockets, err) != 0 ||
	    ready_wait(config, child.link, messages, err) != 0) {
		key_sockets_close(ret_sockets);
		children_end(&child);
		return -1;
	}
	*ret_child = child;
	return 0;
}
