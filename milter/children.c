/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>
#include <sys/wait.h>

#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/log.h"

#include "milter/dns_process.h"
#include "milter/milter_process.h"
#include "milter/notify.h"
#include "milter/receiver_process.h"
#include "milter/spawn.h"
#include "milter/supervisor.h"

enum { NOBODY_WAITS = 0 /* for that process, so nobody says that it is hung */ };

/* Each has a process group of its own, unless it has only just been forked. */
static void
children_kill(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

void
children_end(struct child *child)
{
	if (child->pid > 0) {
		children_kill(child->pid);
		(void)waitpid(child->pid, NULL, 0);
	}
	link_free(child->link);
	*child = (struct child){0};
}

void
children_kill_hung(const struct supervisor *supervisor, const struct link_frame *in)
{
	const struct helper *helpers = supervisor->helpers;
	const struct {
		unsigned is_hung, is_new; /* how frames speak of it */
		const char *name;
		pid_t pid;
		uint64_t is_meant; /* the number in a report of this one */
	} children[] = {
	    {LINK_KEYS_HUNG, LINK_POOL, "key", supervisor->keys.pid,
		supervisor->generation},
	    {LINK_RECEIVER_HUNG, LINK_RECEIVER, "receiver",
		helpers[HELPER_RECEIVER].child.pid,
		(uint64_t)helpers[HELPER_RECEIVER].child.pid},
	    {LINK_DNS_HUNG, LINK_DNS, "dns", helpers[HELPER_DNS].child.pid,
		(uint64_t)helpers[HELPER_DNS].child.pid},
	    {LINK_TABLES_HUNG, LINK_TABLES, "tables", helpers[HELPER_TABLES].child.pid,
		(uint64_t)helpers[HELPER_TABLES].child.pid},
	    {NOBODY_WAITS, LINK_FOLLOW, "follow", helpers[HELPER_FOLLOW].child.pid,
		(uint64_t)helpers[HELPER_FOLLOW].child.pid},
	};

	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		bool is_hung = in->type == children[i].is_hung;
		bool is_untaken =
		    in->type == LINK_UNTAKEN && in->number == children[i].is_new;

		if (children[i].pid <= 0 || (!is_hung && !is_untaken) ||
		    in->generation != children[i].is_meant)
			continue;
		log_error("the %s process %s: it is killed", children[i].name,
		    is_hung ? "does not answer" : "finds no room in the milter process");
		children_kill(children[i].pid);
	}
}

/* A free place for the key process of an earlier policy; NULL: there are too many. */
static struct child *
old_place(struct supervisor *supervisor)
{
	for (unsigned i = 0; i < OLD_KEYS_MAX; i++)
		if (supervisor->old_keys[i].pid == 0)
			return &supervisor->old_keys[i];
	return NULL;
}

bool
children_may_retire(struct supervisor *supervisor)
{
	return old_place(supervisor) != NULL;
}

void
children_retire_keys(struct supervisor *supervisor, struct child *keys)
{
	struct child *place = old_place(supervisor);

	must(place != NULL);
	if (keys->pid == 0)
		return;
	*place = *keys;
	place->end_by = clock_mono() + (int64_t)OLD_KEYS_SECONDS * 1000000;
	*keys = (struct child){0};
}

int
child_pairs_open(int pairs[][2], size_t n, struct err *err)
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

int
child_fork(struct supervisor *supervisor, struct spawn *spawn_as, int link_fd,
    struct child *ret_child, struct err *err)
{
	spawn_as->log_target = supervisor->log_target;
	spawn_as->debug = supervisor->debug;
	if (spawn(spawn_as, &ret_child->pid, err) != 0) {
		close(link_fd);
		return -1;
	}
	ret_child->link = link_new(link_fd);
	ret_child->born = clock_mono();
	return 0;
}

static void
run_milter(const void *argument)
{
	milter_process_run(argument);
}

static void
run_receiver(const void *argument)
{
	receiver_process_run(argument);
}

static void
run_dns(const void *argument)
{
	dns_process_run(argument);
}

int
children_start_milter(struct supervisor *supervisor, struct err *err)
{
	int pair[1][2];

	if (child_pairs_open(pair, 1, err) != 0)
		return -1;
	int keep[] = {pair[0][1], supervisor->listen_fd, supervisor->control_fd};
	struct milter_process process = {
	    .link_fd = pair[0][1],
	    .listen_fd = supervisor->listen_fd,
	    .listen_is_unix = supervisor->listen_is_unix,
	    .control_fd = supervisor->control_fd,
	    .state_dir = supervisor->state_dir,
	    .timezone = supervisor->timezone,
	    .account = &supervisor->milter_account,
	    .admin = geteuid(),
	};
	struct spawn spawn = {.name = "frankd: milter",
	    .keep = keep,
	    .n_keep = ARRAY_LEN(keep),
	    .run = run_milter,
	    .argument = &process};
	int result = child_fork(supervisor, &spawn, pair[0][0], &supervisor->milter, err);
	close(pair[0][1]);
	/* Nothing was asked of it yet. */
	supervisor->ponged = true;
	supervisor->ping_at = 0;
	return result;
}

int
helper_fork(struct supervisor *supervisor, struct helper *helper, int pairs[][2],
    struct spawn *spawn, struct err *err)
{
	const int keep[] = {pairs[HELPER_LINK][1], pairs[HELPER_SERVE][1]};

	spawn->keep = keep;
	spawn->n_keep = HELPER_PAIRS;
	int result =
	    child_fork(supervisor, spawn, pairs[HELPER_LINK][0], &helper->child, err);
	close(pairs[HELPER_LINK][1]);
	close(pairs[HELPER_SERVE][1]);
	return result;
}

int
helper_introduce(struct supervisor *supervisor, struct helper *helper, enum link_type type,
    int fd, struct err *err)
{
	int result = link_send_fds(supervisor->milter.link, type,
	    (uint64_t)helper->child.pid, VIEW_NONE, (struct link_fds){&fd, 1}, err);

	if (result != 0)
		children_end(&helper->child);
	return result;
}

static int
receiver_start(struct supervisor *supervisor, struct helper *helper, struct err *err)
{
	int pairs[HELPER_PAIRS][2];

	if (child_pairs_open(pairs, HELPER_PAIRS, err) != 0)
		return -1;
	struct receiver_process process = {.link_fd = pairs[HELPER_LINK][1],
	    .serve_fd = pairs[HELPER_SERVE][1],
	    .empty_dir = supervisor->empty_dir,
	    .account = &supervisor->receiver_account};
	struct spawn spawn = {
	    .name = "frankd: receiver", .run = run_receiver, .argument = &process};
	int result = helper_fork(supervisor, helper, pairs, &spawn, err);
	if (result == 0)
		result = helper_introduce(
		    supervisor, helper, LINK_RECEIVER, pairs[HELPER_SERVE][0], err);
	close(pairs[HELPER_SERVE][0]);
	return result;
}

static int
dns_start(struct supervisor *supervisor, struct helper *helper, struct err *err)
{
	int pairs[HELPER_PAIRS][2];

	if (child_pairs_open(pairs, HELPER_PAIRS, err) != 0)
		return -1;
	struct dns_process process = {.link_fd = pairs[HELPER_LINK][1],
	    .serve_fd = pairs[HELPER_SERVE][1],
	    .resolver = supervisor->resolver,
	    .trust_anchor = supervisor->trust_anchor,
	    .account = &supervisor->dns_account};
	struct spawn spawn = {.name = "frankd: dns", .run = run_dns, .argument = &process};
	int result = helper_fork(supervisor, helper, pairs, &spawn, err);
	if (result == 0)
		result = helper_introduce(
		    supervisor, helper, LINK_DNS, pairs[HELPER_SERVE][0], err);
	close(pairs[HELPER_SERVE][0]);
	return result;
}

void
children_init(struct supervisor *supervisor)
{
	supervisor->helpers[HELPER_RECEIVER] =
	    (struct helper){.name = "receiver", .start = receiver_start};
	supervisor->helpers[HELPER_DNS] =
	    (struct helper){.name = "dns", .start = dns_start};
	supervisor->helpers[HELPER_TABLES] =
	    (struct helper){.name = "tables", .start = children_start_tables};
	supervisor->helpers[HELPER_FOLLOW] =
	    (struct helper){.name = "follow", .start = children_start_follow};
}

/* Wait for the milter process's word about GENERATION; other requests have to come again.
 */
static int
loaded_wait(struct supervisor *supervisor, uint64_t generation, struct err *err)
{
	struct link *link = supervisor->milter.link;

	notify("WATCHDOG=1");
	int64_t deadline = clock_mono() + (int64_t)CHILD_READY_MS * 1000;

	for (int64_t left; (left = (deadline - clock_mono()) / 1000) > 0;) {
		int got = link_recv(link, (int)left, err);
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
		children_kill_hung(supervisor, in);
		if (in->type == LINK_PONG)
			supervisor->ponged = true;
		if (in->type == LINK_RELOAD)
			reload_answer(supervisor, in->number, EX_TEMPFAIL, "",
			    VIEW("another reload is under way\n"));
	}
	return err_set(err, ERR_TEMP, "the milter process did not answer in time");
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
		    buf_view(&what), (struct link_fds){fds, fds_list(fds, memory, sockets)},
		    err);
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

	int result =
	    link_send_fds(supervisor->milter.link, LINK_POOL, supervisor->generation,
		VIEW_NONE, (struct link_fds){fds, fds_list(fds, -1, sockets)}, err);
	key_sockets_close(sockets);
	return result;
}

int
children_start_all(struct supervisor *supervisor, struct buf *messages, struct err *err)
{
	struct key_sockets sockets = {.is_open = false};

	children_end(&supervisor->keys);
	children_end(&supervisor->milter);
	for (unsigned i = 0; i < HELPERS; i++)
		children_end(&supervisor->helpers[i].child);
	if (children_start_keys(supervisor, supervisor->config, &supervisor->keys, &sockets,
		messages, err) == 0 &&
	    children_start_milter(supervisor, err) == 0 &&
	    children_offer(supervisor, supervisor->config, supervisor->generation, &sockets,
		err) == 0 &&
	    link_send(supervisor->milter.link, LINK_COMMIT, 0, supervisor->generation,
		VIEW_NONE, err) == 0) {
		for (unsigned i = 0; i < HELPERS; i++)
			supervisor->helpers[i].restart.at = clock_mono();
		return 0;
	}
	key_sockets_close(&sockets);
	children_end(&supervisor->keys);
	children_end(&supervisor->milter);
	return -1;
}
