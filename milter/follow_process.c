/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/poll.h>

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "follow/batch.h"
#include "follow/census.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/thread.h"

#include "receiver/sandbox.h"

#include "milter/follow_process.h"
#include "milter/link.h"

enum {
	MEMORY_MAX = 1 << 30,
	FILES_MAX = 64,
	LOOK_MS = 250,        /* between two looks at a log that says nothing */
	AGAIN_MS = 2000,      /* and at one that cannot be read */
	OPEN_MS = 5000,       /* for the supervisor */
	PLACE_US = 30000000,  /* a place that moves without outcomes is sent that often */
	LINES_AT_ONCE = 1000, /* between two looks at whether we are still wanted */
};

struct service {
	const struct follow_process *process;
	struct link *link;
	struct source source;
	struct batch batch;
	bool has_source, has_begun, has_told;
	char trouble[256]; /* that was told */
	int64_t sent;      /* monotonic; the place */
	uint64_t lines;    /* read when it was */
	struct follow_frame frame;
	struct buf place; /* where to begin */
	uint64_t asked;   /* questions to the supervisor */
};

/* ---- to the milter process, which may let us wait ---- */

static void
frame_send(const struct service *service, const struct follow_frame *frame, size_t n)
{
	struct err err = ERR_INIT;

	if (ipc_send(service->process->serve_fd, frame, n, &err) != 0)
		_exit(EX_OK); /* it is gone: so the supervisor starts us again */
}

static void
text_send(struct service *service, enum follow_kind kind, struct view text)
{
	struct follow_frame *frame = &service->frame;

	text = view_head(text, FOLLOW_PAYLOAD_MAX);
	frame->head = (struct follow_head){.kind = kind,
	    .time = clock_now().wall,
	    .lines = service->batch.lines,
	    .unknown = service->batch.unknown};
	memcpy(frame->payload, text.p, text.n);
	frame_send(service, frame, sizeof(frame->head) + text.n);
}

/* PLACE_OF: service->source's, behind the last entry or before it. What is not in the batch
 * must be read again if this is the last that anybody hears of us. */
static void
batch_send(struct service *service, void (*place_of)(void *self, struct buf *out))
{
	struct buf place = BUF_INIT(OUTCOME_PLACE_MAX);

	place_of(service->source.self, &place);
	size_t n = batch_take(
	    &service->batch, buf_view(&place), clock_now().wall, &service->frame);
	frame_send(service, &service->frame, n);
	service->sent = clock_mono();
	service->lines = service->batch.lines;
	buf_fini(&place);
}

/* TROUBLE empty: it is followed. Told when it is news. */
static void
state_send(struct service *service, const char *trouble)
{
	struct buf text = BUF_INIT(1024);

	if (service->has_told && strcmp(service->trouble, trouble) == 0)
		return;
	service->has_told = true;
	snprintf(service->trouble, sizeof(service->trouble), "%s", trouble);
	buf_addf(&text, "%s\n%s", service->process->log, trouble);
	text_send(service, FOLLOW_STATE, buf_view(&text));
	buf_fini(&text);
}

static void
on_gap(void *context, const char *text)
{
	struct service *service = context;

	log_warn("%s", text);
	text_send(service, FOLLOW_GAP, view_of(text));
}

/* ---- from the supervisor ---- */

/* It ends, and so do we; nothing else comes unasked. */
static void
orders_take(struct service *service)
{
	struct err err = ERR_INIT;
	int got;

	while ((got = link_recv(service->link, 0, &err)) > 0)
		link_close_fds(service->link);
	if (got == 0 || err.code != ERR_TEMP)
		_exit(EX_OK);
}

/* The answer to question NUMBER; late ones to earlier questions are passed over. */
static int
answer_take(struct link *link, uint64_t number, struct err *err)
{
	const int64_t deadline = clock_mono() + OPEN_MS * INT64_C(1000);

	for (;;) {
		int64_t left = (deadline - clock_mono()) / 1000;
		int got = link_recv(link, left > 0 ? (int)left : 0, err);

		if (got == 0)
			_exit(EX_OK);
		if (got < 0 || link->in.generation == number || link->in.number == number)
			return got < 0 ? -1 : 0;
		link_close_fds(link);
	}
}

static int
open_log(void *context, const char *suffix, struct err *err)
{
	struct service *service = context;
	struct link *link = service->link;
	uint64_t number = ++service->asked;

	if (link_send(link, LINK_LOG, 0, number, view_of(suffix), err) != 0 ||
	    answer_take(link, number, err) != 0)
		return -1;
	if (link->n_fds == 1)
		return link->fds[0];
	link_close_fds(link);
	if (link->in.code == ERR_NONE)
		return err_set(err, ERR_TEMP, "there is no file descriptor free");
	return err_set(err, (enum err_code)link->in.code, "%.200s", link->in.text);
}

/* ---- the queue; a thread of its own, since that may take long ---- */

static void
census_send(const struct service *service, const struct journal_sample *sample,
    const struct err *why)
{
	struct {
		struct follow_head head;
		char payload[sizeof(*sample) + sizeof(why->text)];
	} frame = {.head = {.kind = sample != NULL ? FOLLOW_QUEUE : FOLLOW_QUEUE_STATE}};
	size_t n = sample != NULL ? sizeof(*sample) : strlen(why->text);

	memcpy(frame.payload, sample != NULL ? (const void *)sample : why->text, n);
	frame_send(service, (const struct follow_frame *)(const void *)&frame,
	    sizeof(frame.head) + n);
}

static void *
census_run(void *argument)
{
	const struct service *service = argument;

	for (;;) {
		struct journal_sample sample;
		struct err err = ERR_INIT;
		struct clock began = clock_now();
		bool is_there =
		    census_take(getenv("MAIL_CONFIG"), began.wall, &sample, &err) == 0;
		int64_t pause = census_pause(clock_mono() - began.mono);

		census_send(service, is_there ? &sample : NULL, &err);
		const struct timespec wait = {
		    .tv_sec = pause / 1000000, .tv_nsec = pause % 1000000 * 1000};
		(void)nanosleep(&wait, NULL);
	}
	return NULL;
}

/* ---- the log ---- */

static void
source_find(struct service *service)
{
	const struct source_calls calls = {service, open_log, on_gap};
	const struct passwd *postfix;
	struct err err = ERR_INIT;

	service->has_source = true;
	if (strcmp(service->process->log, "journald") != 0) {
		source_of_file(service->process->log, &calls, &service->source);
		return;
	}
	postfix = getpwnam("postfix");
	if (source_of_journald(NULL, postfix != NULL ? postfix->pw_uid : 0, &calls,
		&service->source, &err) != 0) {
		state_send(service, err.text);
		service->has_source = false;
	}
}

/* Milliseconds until there may be more to do. */
static int
log_begin(struct service *service)
{
	struct err err = ERR_INIT;

	if (service->source.begin(service->source.self, buf_view(&service->place), &err) !=
	    0) {
		state_send(service, err.text);
		return AGAIN_MS;
	}
	state_send(service, "");
	service->has_begun = true;
	batch_send(service, service->source.place);
	return 0;
}

static int
log_read(struct service *service)
{
	const int64_t now = clock_now().wall;
	struct source_entry entry;
	struct err err = ERR_INIT;
	int got = 1;

	for (int i = 0; i < LINES_AT_ONCE && got == 1; i++) {
		got = service->source.next(service->source.self, now, &entry, &err);
		if (got == 1 && !batch_add(&service->batch, &entry, now)) {
			batch_send(service, service->source.place_before);
			must(batch_add(&service->batch, &entry, now));
		}
	}
	if (got == 1)
		return 0;
	if (service->batch.outcomes.n > 0 || (service->batch.lines != service->lines &&
						 clock_mono() - service->sent > PLACE_US))
		batch_send(service, service->source.place);
	if (got == 0 && batch_is_foreign(&service->batch))
		err_set(&err, ERR_BAD_INPUT,
		    "none of the lines that were read of it is written as syslog does: a "
		    "time "
		    "as in 'Nov 21 20:31:01' or '2026-11-21T20:31:01Z', a host, a program");
	state_send(service, err.text);
	return got == -1 ? AGAIN_MS : LOOK_MS;
}

/* ---- beginning ---- */

static void
place_take(struct service *service)
{
	struct follow_frame *frame = &service->frame;
	struct err err = ERR_INIT;
	size_t n = 0;

	int got = ipc_recv(
	    service->process->serve_fd, frame, sizeof(*frame), &n, IPC_FOREVER, &err);
	if (got <= 0)
		_exit(EX_OK);
	if (n < sizeof(frame->head) || frame->head.kind != FOLLOW_PLACE ||
	    n - sizeof(frame->head) > OUTCOME_PLACE_MAX) {
		log_error("the milter process does not say where to go on");
		_exit(EX_SOFTWARE);
	}
	buf_add_bytes(&service->place, frame->payload, n - sizeof(frame->head));
}

static void
start(struct service *service)
{
	const struct follow_process *process = service->process;
	struct err err = ERR_INIT;

	service->link = link_new(process->link_fd);
	if (account_become(process->account, &err) != 0 ||
	    sandbox_bounds(MEMORY_MAX, FILES_MAX, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_CONFIG);
	}
	buf_init(&service->place, OUTCOME_PLACE_MAX);
	batch_init(&service->batch);
	place_take(service);
	if (process->log[0] != '\0')
		source_find(service);
	if (thread_start(census_run, service, &err) != 0)
		log_warn("Postfix's queue is not watched: %s", err.text);
}

void
follow_process_run(const struct follow_process *process)
{
	struct service *service = mem_zeroed(1, sizeof(*service));

	service->process = process;
	start(service);
	for (int wait = 0;;) {
		struct pollfd fds[] = {
		    {.fd = service->link->fd, .events = POLLIN},
		    {.fd = process->serve_fd, .events = POLLIN},
		};

		if (poll(fds, ARRAY_LEN(fds), wait) < 0 && errno != EINTR)
			BUG("poll");
		orders_take(service);
		if (fds[1].revents != 0)
			_exit(EX_OK);
		if (!service->has_source)
			wait = IPC_FOREVER;
		else
			wait = service->has_begun ? log_read(service) : log_begin(service);
	}
}
