/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/log.h"
#include "lib/spool.h"

#include "milter/adapter.h"
#include "milter/attach.h"
#include "milter/control.h"
#include "milter/key_wire.h"
#include "milter/milter_process.h"

enum { HOST_MAX = 256, MALLOC_ARENAS = 2 };

struct service {
	const struct milter_process *process;
	struct runtime runtime;
	struct control *control;
	struct view packed; /* of the offered policy */
	char host[HOST_MAX];
};

static void
pause_milliseconds(long milliseconds)
{
	struct timespec pause = {
	    .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};

	(void)nanosleep(&pause, NULL);
}

static void
packed_forget(struct service *service)
{
	if (service->packed.p != NULL) {
		char *map;
		memcpy(&map, &service->packed.p, sizeof(map));
		(void)munmap(map, service->packed.n);
	}
	service->packed = VIEW_NONE;
}

/* From the journal's writer. */
static void
on_journal_trouble(void *context, struct view text)
{
	(void)context;
	log_error("journal: %.*s", VIEW_ARG(text));
}

static void
on_spooled(void *context, const struct spool_action *action)
{
	journal_action(context, action->time, action->what, action->who, action->text);
}

/* The first policy says where and how to keep records; without that there is no serving. */
static int
journal_begin(struct service *service, const struct policy *policy, struct err *err)
{
	struct runtime *runtime = &service->runtime;
	struct journal_settings settings =
	    runtime_journal_settings(policy, view_of(service->host));

	if (runtime->journal != NULL)
		return 0;
	if (journal_open(service->process->state_dir, &settings, on_journal_trouble, NULL,
		&runtime->journal, err) != 0)
		return err_add(err, "journal");
	/* What was done while there was no frankd. */
	if (spool_take(service->process->state_dir, on_spooled, runtime->journal, err) < 0)
		log_warn("actions that were kept for the journal: %s", err->text);
	runtime_alerts_restore(runtime);
	return 0;
}

/* A new policy, complete with the sockets of its key process. */
static void
on_offer(struct service *service)
{
	struct runtime *runtime = &service->runtime;
	struct link *link = runtime->link;
	const struct link_frame *in = &link->in;
	struct err err = ERR_INIT;
	struct generation *generation;

	must(link->n_fds == 2 + KEY_SLOTS && in->n > strlen(in->text) + 1);
	runtime_drop_offer(runtime);
	packed_forget(service);
	const struct generation_offer offer = {.number = in->generation,
	    .packed_fd = link->fds[0],
	    .hash = in->text,
	    .main_name = in->text + strlen(in->text) + 1};
	int failed = generation_load(
	    &offer, runtime->seed, clock_now().wall, &generation, &service->packed, &err);
	if (failed != 0) {
		link_close_fds(link);
		(void)link_send(
		    link, LINK_LOAD_FAILED, 0, in->generation, view_of(err.text), NULL);
		return;
	}
	close(link->fds[0]);
	key_client_attach(generation->keys, link->fds[1], link->fds + 2);
	runtime->offered = generation;
	if (journal_begin(service, generation->policy, &err) != 0) {
		runtime_drop_offer(runtime);
		(void)link_send(
		    link, LINK_LOAD_FAILED, 0, in->generation, view_of(err.text), NULL);
		return;
	}
	/* The journal has made the directory where they are kept. */
	generation->metering = meters_bind(runtime->meters, generation->policy);
	(void)link_send(link, LINK_LOADED, 0, in->generation, VIEW_NONE, NULL);
}

static void
on_commit(struct service *service)
{
	struct runtime *runtime = &service->runtime;
	size_t n_keys;

	runtime_commit(runtime);
	/* Only this thread changes what is in force, so it may look without holding it. */
	const struct generation *generation = runtime->current;
	struct journal_settings settings =
	    runtime_journal_settings(generation->policy, view_of(service->host));
	journal_set(runtime->journal, &settings);
	journal_policy(runtime->journal, generation->loaded, view_of(generation->hash),
	    service->packed);
	packed_forget(service);
	receiver_client_forget(runtime->receiver);
	tables_client_forget(runtime->tables);
	(void)policy_keys(generation->policy, &n_keys);
	log_info("policy %.6s in force, %zu key%s", generation->hash, n_keys,
	    n_keys == 1 ? "" : "s");
}

/* A new key process for a policy that we have. */
static void
on_pool(struct service *service)
{
	struct runtime *runtime = &service->runtime;
	struct link *link = runtime->link;

	must(link->n_fds == 1 + KEY_SLOTS);
	if (runtime->current != NULL && runtime->current->number == link->in.generation)
		key_client_attach(runtime->current->keys, link->fds[0], link->fds + 1);
	else
		link_close_fds(link);
}

static void
on_drop(struct service *service)
{
	struct runtime *runtime = &service->runtime;

	runtime_drop_offer(runtime);
	packed_forget(service);
	pthread_mutex_lock(&runtime->lock);
	snprintf(runtime->last_reload, sizeof(runtime->last_reload), "%.255s",
	    runtime->link->in.text);
	pthread_mutex_unlock(&runtime->lock);
}

/* Let what is under way come to its end, write what is queued, and go. */
_Noreturn static void
on_stop(struct service *service)
{
	struct runtime *runtime = &service->runtime;
	int64_t deadline = clock_mono() + STOP_SECONDS * 1000000L;

	runtime_stop(runtime);
	while (atomic_load(&runtime->in_flight) > 0 && clock_mono() < deadline)
		pause_milliseconds(5);
	/* libmilter sends the last answers after our callbacks have returned. */
	pause_milliseconds(100);
	unsigned left = atomic_load(&runtime->in_flight);
	if (left > 0)
		log_warn(
		    "stopping with %u messages under way: their clients get 451", left);
	key_watch_write(runtime->key_watch);
	meters_write(runtime->meters);
	notices_stop(runtime->notices);
	runtime_follow_stop(runtime);
	runtime_alerts_stop(runtime);
	if (runtime->journal != NULL)
		journal_close(runtime->journal);
	(void)link_send(runtime->link, LINK_STOPPED, 0, 0, VIEW_NONE, NULL);
	_exit(EX_OK);
}

static void
on_reloaded(struct service *service)
{
	const struct link_frame *in = &service->runtime.link->in;
	struct view who = view_of(in->text), text = {in->text, in->n};

	text = view_from(text, who.n + 1);
	if (who.n > 0 && service->runtime.journal != NULL)
		journal_action(
		    service->runtime.journal, clock_now().wall, VIEW("reload"), who, text);
	if (service->control != NULL)
		control_reloaded(service->control, in->number, in->code, text);
}

static void
frame_serve(struct service *service)
{
	struct link *link = service->runtime.link;

	switch (link->in.type) {
	case LINK_OFFER:
		on_offer(service);
		break;
	case LINK_COMMIT:
		on_commit(service);
		break;
	case LINK_POOL:
		on_pool(service);
		break;
	case LINK_DROP:
		on_drop(service);
		break;
	case LINK_RECEIVER:
	case LINK_DNS:
	case LINK_TABLES:
	case LINK_FOLLOW:
		attach_helper(&service->runtime);
		break;
	case LINK_RELOADED:
		on_reloaded(service);
		break;
	case LINK_PING:
		(void)link_send(link, LINK_PONG, 0, 0, VIEW_NONE, NULL);
		break;
	case LINK_STOP:
		on_stop(service);
		break;
	default:
		link_close_fds(link);
		log_error("a frame of type %u from the supervisor", link->in.type);
		break;
	}
}

/* One order of the supervisor's. When it is gone nobody would restart what dies, and we go
 * too. */
static void
order_take(struct service *service)
{
	struct err err = ERR_INIT;

	int got = link_recv(service->runtime.link, IPC_FOREVER, &err);
	if (got == 0)
		_exit(EX_OK);
	if (got > 0 && service->runtime.link->has_lost_fds) {
		attach_lost(&service->runtime);
	} else if (got > 0) {
		frame_serve(service);
	} else {
		log_error("from the supervisor: %s", err.text);
		if (err.code != ERR_BAD_INPUT && err.code != ERR_LIMIT)
			_exit(EX_OSERR);
	}
}

static void *
link_run(void *argument)
{
	for (;;)
		order_take(argument);
	return NULL;
}

static void
start(struct service *service, struct err *err)
{
	const struct milter_process *process = service->process;

	/* One malloc arena a thread would be the largest part of our memory. */
	(void)mallopt(M_ARENA_MAX, MALLOC_ARENAS);
	if (gethostname(service->host, sizeof(service->host) - 1) != 0)
		snprintf(service->host, sizeof(service->host), "localhost");
	if (account_become(process->account, err) != 0 ||
	    clock_set_zone(process->timezone, err) != 0) {
		log_error("%s", err->text);
		_exit(EX_CONFIG);
	}
	runtime_init(&service->runtime, map_seed_random(), clock_now().wall);
	service->runtime.link = link_new(process->link_fd);
	runtime_dns_init(&service->runtime, process->state_dir);
	runtime_receiver_init(&service->runtime);
	runtime_tables_init(&service->runtime);
	runtime_alerts_init(&service->runtime);
	runtime_follow_init(&service->runtime, process->state_dir);
	runtime_meters_init(&service->runtime, process->state_dir);
	runtime_incidents_init(&service->runtime, process->state_dir, service->host);
}

void
milter_process_run(const struct milter_process *process)
{
	struct service *service = mem_zeroed(1, sizeof(*service));
	struct err err = ERR_INIT;
	pthread_t thread;

	service->process = process;
	start(service, &err);
	while (service->runtime.current == NULL)
		order_take(service);
	struct session_world world = runtime_world(&service->runtime);
	service->control =
	    control_start(process->control_fd, process->admin, &service->runtime);
	must(pthread_create(&thread, NULL, link_run, service) == 0);
	key_watch_start(service->runtime.key_watch);
	meters_start(service->runtime.meters);
	notices_start(service->runtime.notices);
	runtime_coverage_start(&service->runtime);
	(void)adapter_serve(process->listen_fd, process->listen_is_unix, &world, &err);
	log_error("%s", err.text);
	_exit(EX_SOFTWARE);
}
