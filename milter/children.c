/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/key_process.h"
#include "milter/milter_process.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

void
key_sockets_close(struct key_sockets *sockets)
{
	close(sockets->request);
	for (unsigned i = 0; i < KEY_SLOTS; i++)
		close(sockets->slot[i]);
}

void
children_end(struct child *child)
{
	if (child->pid > 0) {
		(void)kill(child->pid, SIGKILL);
		(void)waitpid(child->pid, NULL, 0);
	}
	link_free(child->link);
	*child = (struct child){0};
}

void
children_retire_keys(struct supervisor *supervisor, struct child *keys)
{
	struct child *place = &supervisor->old_keys[0];

	if (keys->pid == 0)
		return;
	for (unsigned i = 0; i < OLD_KEYS_MAX; i++) {
		struct child *old = &supervisor->old_keys[i];
		if (old->pid == 0) {
			place = old;
			break;
		}
		if (old->end_by < place->end_by)
			place = old;
	}
	/* Many reloads within a minute: the oldest has had its time. */
	if (place->pid != 0)
		children_end(place);
	*place = *keys;
	place->end_by = clock_mono() + (int64_t)OLD_KEYS_SECONDS * 1000000;
	*keys = (struct child){0};
}

static void
run_keys(const void *argument)
{
	key_process_run(argument);
}

static void
run_milter(const void *argument)
{
	milter_process_run(argument);
}

/* All pairs of a key process: pair[0] of each is the parent's. */
static int
pairs_open(int pairs[][2], size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (ipc_pair(pairs[i], err) == 0)
			continue;
		while (i-- > 0) {
			close(pairs[i][0]);
			close(pairs[i][1]);
		}
		return -1;
	}
	return 0;
}

static int
keys_fork(struct supervisor *supervisor, const struct config *config, bool is_restart,
    struct child *ret_child, struct key_sockets *ret_sockets, struct err *err)
{
	enum { LINK, REQUEST, SLOTS, PAIRS = SLOTS + KEY_SLOTS };
	int pairs[PAIRS][2], keep[PAIRS];
	struct key_process process = {
	    .conf_dir = config->dir, .account = &supervisor->keys_account};

	if (pairs_open(pairs, PAIRS, err) != 0)
		return -1;
	for (size_t i = 0; i < PAIRS; i++)
		keep[i] = pairs[i][1];
	process.link_fd = pairs[LINK][1];
	process.request_fd = pairs[REQUEST][1];
	for (size_t i = 0; i < KEY_SLOTS; i++)
		process.slot_fds[i] = pairs[SLOTS + i][1];
	process.sources = policy_key_sources(config->policy, &process.n_sources);
	if (is_restart) {
		process.expected = buf_view(&config->keys);
		process.expected_hashes = config->key_hashes;
	}
	struct spawn child = {.name = "frankd: keys",
	    .keep = keep,
	    .n_keep = PAIRS,
	    .log_target = supervisor->log_target,
	    .debug = supervisor->debug,
	    .run = run_keys,
	    .argument = &process};
	int result = spawn(&child, &ret_child->pid, err);
	for (size_t i = 0; i < PAIRS; i++)
		close(pairs[i][1]);
	ret_child->link = link_new(pairs[LINK][0]);
	ret_child->born = clock_mono();
	ret_sockets->request = pairs[REQUEST][0];
	for (size_t i = 0; i < KEY_SLOTS; i++)
		ret_sockets->slot[i] = pairs[SLOTS + i][0];
	return result;
}

/* The content of a memory file that a child sent. */
static void *
memory_file_map(int fd, size_t *ret_size)
{
	struct stat st;

	must(fstat(fd, &st) == 0);
	*ret_size = (size_t)st.st_size;
	if (st.st_size == 0)
		return NULL;
	void *map = mmap(NULL, *ret_size, PROT_READ, MAP_PRIVATE, fd, 0);
	must(map != MAP_FAILED);
	return map;
}

static int
list_take(struct config *config, struct link *link, struct buf *messages)
{
	int today = clock_local(clock_now().wall).date;
	size_t list_size, hashes_size;

	must(link->n_fds == 2);
	char *list = memory_file_map(link->fds[0], &list_size);
	uint64_t *hashes = memory_file_map(link->fds[1], &hashes_size);
	buf_add(messages, (struct view){link->in.text, link->in.n});
	int result = config_set_keys(
	    config, (struct view){list, list_size}, hashes, today, messages);
	if (list != NULL)
		(void)munmap(list, list_size);
	if (hashes != NULL)
		(void)munmap(hashes, hashes_size);
	return result;
}

int
children_start_keys(struct supervisor *supervisor, struct config *config, bool is_restart,
    struct child *ret_child, struct key_sockets *ret_sockets, struct buf *messages,
    struct err *err)
{
	struct child child = {0};
	int result = keys_fork(supervisor, config, is_restart, &child, ret_sockets, err);

	if (result == 0) {
		int got = link_recv(child.link, CHILD_READY_MS, err);
		if (got == 0)
			result =
			    err_set(err, ERR_TEMP, "the key process died while loading");
		else if (got < 0)
			result = err_add(err, "key process");
		else if (child.link->in.type == LINK_KEYS_FAILED) {
			buf_add(
			    messages, (struct view){child.link->in.text, child.link->in.n});
			result =
			    err_set(err, ERR_CONFIG, "the keys cannot be used as they are");
		} else if (!is_restart && list_take(config, child.link, messages) != 0)
			result =
			    err_set(err, ERR_CONFIG, "the policy does not fit the keys");
		link_close_fds(child.link);
	}
	if (result != 0) {
		key_sockets_close(ret_sockets);
		children_end(&child);
		return -1;
	}
	*ret_child = child;
	return 0;
}

int
children_start_milter(struct supervisor *supervisor, struct err *err)
{
	int pair[2];

	if (ipc_pair(pair, err) != 0)
		return -1;
	int keep[] = {pair[1], supervisor->listen_fd, supervisor->control_fd};
	struct milter_process process = {
	    .link_fd = pair[1],
	    .listen_fd = supervisor->listen_fd,
	    .listen_is_unix = supervisor->listen_is_unix,
	    .control_fd = supervisor->control_fd,
	    .state_dir = supervisor->state_dir,
	    .timezone = supervisor->timezone,
	    .account = &supervisor->milter_account,
	};
	struct spawn child = {.name = "frankd: milter",
	    .keep = keep,
	    .n_keep = ARRAY_LEN(keep),
	    .log_target = supervisor->log_target,
	    .debug = supervisor->debug,
	    .run = run_milter,
	    .argument = &process};
	int result = spawn(&child, &supervisor->milter.pid, err);
	close(pair[1]);
	if (result != 0) {
		close(pair[0]);
		return -1;
	}
	supervisor->milter.link = link_new(pair[0]);
	supervisor->milter.born = clock_mono();
	return 0;
}

/* Wait for the milter process's word about GENERATION; other requests have to come again.
 */
static int
loaded_wait(struct supervisor *supervisor, uint64_t generation, struct err *err)
{
	struct link *link = supervisor->milter.link;
	int64_t deadline = clock_mono() + (int64_t)CHILD_READY_MS * 1000;

	for (;;) {
		int64_t left = (deadline - clock_mono()) / 1000;
		int got = link_recv(link, left > 0 ? (int)left : 0, err);
		if (got <= 0)
			return got == 0 ? err_set(err, ERR_TEMP,
					      "the milter process died while loading")
					: err_add(err, "milter process");
		link_close_fds(link);
		const struct link_frame *in = &link->in;
		if (in->type == LINK_LOADED && in->generation == generation)
			return 0;
		if (in->type == LINK_LOAD_FAILED && in->generation == generation)
			return err_set(err, ERR_CONFIG, "%.200s", in->text);
		if (in->type == LINK_RELOAD)
			(void)link_send_code(link, LINK_RELOADED, in->number, 75,
			    VIEW("another reload is under way\n"), NULL);
	}
}

/* [extra,] requests, slots... as one list of descriptors. */
static size_t
fds_list(int *list, int extra, const struct key_sockets *sockets)
{
	size_t n = 0;

	if (extra >= 0)
		list[n++] = extra;
	list[n++] = sockets->request;
	for (unsigned i = 0; i < KEY_SLOTS; i++)
		list[n++] = sockets->slot[i];
	return n;
}

int
children_offer(struct supervisor *supervisor, const struct config *config,
    uint64_t generation, struct key_sockets *sockets, struct err *err)
{
	struct buf what = BUF_INIT(LINK_TEXT_MAX);
	int fds[2 + KEY_SLOTS];
	int result = -1, memory = memfd_create("policy", MFD_CLOEXEC);

	buf_addf(&what, "%s%c%s", config->hash, '\0', config->main_name);
	if (memory < 0)
		err_sys(err, "cannot make a memory file");
	else if (write(memory, config->packed.p, config->packed.n) !=
		 (ssize_t)config->packed.n)
		err_sys(err, "cannot write the policy into memory");
	else
		result = link_send_fds(supervisor->milter.link, LINK_OFFER, generation,
		    buf_view(&what), fds, fds_list(fds, memory, sockets), err);
	buf_fini(&what);
	if (memory >= 0)
		close(memory);
	key_sockets_close(sockets);
	return result == 0 ? loaded_wait(supervisor, generation, err) : -1;
}

int
children_send_pool(
    struct supervisor *supervisor, struct key_sockets *sockets, struct err *err)
{
	int fds[1 + KEY_SLOTS];

	int result = link_send_fds(supervisor->milter.link, LINK_POOL,
	    supervisor->generation, VIEW_NONE, fds, fds_list(fds, -1, sockets), err);
	key_sockets_close(sockets);
	return result;
}
