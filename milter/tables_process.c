/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/ipc.h"
#include "lib/log.h"

#include "receiver/sandbox.h"

#include "milter/link.h"
#include "milter/tables_process.h"
#include "milter/tables_queue.h"

enum {
	MEMORY_MAX = 1 << 30, /* bytes of address space, of postmap too */
	FILES_MAX = 1024,
	MALLOC_ARENAS = 2,
	STACK_BYTES = 256 << 10,
	REPLY_MS = 200, /* that the milter process may leave its answers unread */
	FRAMES_AT_ONCE = 64,
};

struct service {
	const struct tables_process *process;
	struct link *link;
	struct tables_postmap postmap;
	bool has_complained; /* of frames that are none */

	pthread_mutex_t lock; /* of the queue */
	pthread_cond_t has_work;
	struct tables_queue queue;
};

/* ---- answers; any thread ---- */

static void
answer_send(const struct service *service, uint64_t id, const struct tables_item *item,
    const char *words)
{
	struct tables_answer_frame frame;
	struct err err = ERR_INIT;

	frame.head = (struct tables_answer_head){
	    .kind = TABLES_ASK, .answer = ANSWER_UNKNOWN, .id = id};
	if (item != NULL)
		frame.head.answer = item->answer;
	if (frame.head.answer == ANSWER_FOUND) {
		frame.head.n_values = (uint32_t)item->n_values;
		memcpy(frame.payload, item->values, item->n_values);
	} else if (frame.head.answer == ANSWER_UNKNOWN) {
		frame.head.n_words = (uint32_t)strnlen(words, TABLES_WORDS_MAX);
		memcpy(frame.payload, words, frame.head.n_words);
	}
	/* Who does not read learns nothing: it asks again. */
	if (ipc_send(service->process->serve_fd, &frame,
		sizeof(frame.head) + frame.head.n_values + frame.head.n_words, &err) != 0)
		log_debug("an answer is lost: %s", err.text);
}

/* ---- the threads that ask ---- */

/* Said once, and once more when it is over. */
static void
table_tell(struct tables_known *table, bool is_answered, const char *words)
{
	struct buf shown = BUF_INIT(4 * TABLES_WORDS_MAX);

	escape_add(&shown, view_of(words), TABLES_WORDS_MAX);
	if (!is_answered && !table->is_failing)
		log_error(
		    "the table %s cannot be asked: %s", table->name, buf_text(&shown));
	if (is_answered && table->is_failing)
		log_info("the table %s answers again", table->name);
	table->is_failing = !is_answered;
	buf_fini(&shown);
}

static void
batch_ask(struct service *service, struct tables_batch *batch)
{
	char words[TABLES_WORDS_MAX];
	struct tables_known *table = batch->table;

	for (size_t i = 0; i < batch->n_stale; i++)
		answer_send(service, batch->stale[i], NULL, "too many questions before it");
	if (batch->n == 0)
		return;
	/* Nobody else touches a table that is being asked, but to add what waits. */
	bool is_answered =
	    tables_ask(&service->postmap, table->name, batch->items, batch->n, words);
	for (size_t i = 0; i < batch->n; i++)
		answer_send(service, batch->items[i].id, &batch->items[i], words);
	table_tell(table, is_answered, words);
}

static void *
asker_run(void *argument)
{
	struct service *service = argument;
	struct tables_batch *batch = mem_zeroed(1, sizeof(*batch));

	pthread_mutex_lock(&service->lock);
	for (;;) {
		while (!tables_queue_take(&service->queue, clock_mono(), batch))
			pthread_cond_wait(&service->has_work, &service->lock);
		pthread_mutex_unlock(&service->lock);
		batch_ask(service, batch);
		pthread_mutex_lock(&service->lock);
		tables_queue_done(batch->table);
		/* What has come for it meanwhile woke somebody in vain. */
		if (service->queue.n_waiting > 0)
			pthread_cond_signal(&service->has_work);
	}
	return NULL;
}

/* ---- the thread that listens ---- */

static bool
question_take(struct service *service, const struct tables_question_frame *frame, size_t n)
{
	const struct tables_question_head *head = &frame->head;

	if (n < sizeof(*head) || head->n_table > TABLES_NAME_MAX ||
	    head->n_key > TABLES_KEY_MAX ||
	    n != sizeof(*head) + head->n_table + head->n_key)
		return false;
	if (head->kind == TABLES_PING) {
		struct tables_answer_head pong = {.kind = TABLES_PING, .id = head->id};
		struct err err = ERR_INIT;
		(void)ipc_send(service->process->serve_fd, &pong, sizeof(pong), &err);
		return true;
	}
	struct view table = {frame->payload, head->n_table};
	struct view key = {frame->payload + head->n_table, head->n_key};
	pthread_mutex_lock(&service->lock);
	bool is_taken = head->kind == TABLES_ASK && tables_queue_add(&service->queue, table,
							key, head->id, clock_mono());
	if (is_taken)
		pthread_cond_signal(&service->has_work);
	pthread_mutex_unlock(&service->lock);
	if (!is_taken)
		answer_send(service, head->id, NULL, "this cannot be asked");
	return head->kind == TABLES_ASK;
}

/* All that the supervisor has said comes before what the milter process asks. */
static void
orders_take(struct service *service)
{
	struct link *link = service->link;
	struct err err = ERR_INIT;
	int got;

	while ((got = link_recv(link, 0, &err)) > 0) {
		link_close_fds(link);
		if (link->in.type != LINK_TABLE)
			continue;
		pthread_mutex_lock(&service->lock);
		tables_queue_allow(&service->queue,
		    (struct view){link->in.text, link->in.n}, link->in.generation);
		pthread_mutex_unlock(&service->lock);
	}
	if (got == 0 || err.code != ERR_TEMP)
		_exit(EX_OK);
}

static void
frames_take(struct service *service)
{
	struct tables_question_frame frame;

	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		struct err err = ERR_INIT;
		size_t n = 0;

		int got = ipc_recv(
		    service->process->serve_fd, &frame, sizeof(frame), &n, 0, &err);
		if (got == 0)
			_exit(EX_OK); /* the milter process is gone */
		if (got < 0 && err.code == ERR_TEMP)
			return;
		orders_take(service);
		if (got > 0 && question_take(service, &frame, n))
			continue;
		if (got < 0 && err.code != ERR_LIMIT) {
			log_error("%s", err.text);
			_exit(EX_SOFTWARE);
		}
		if (!service->has_complained)
			log_warn("a frame that is no question came from the milter "
				 "process: such are passed over");
		service->has_complained = true;
	}
}

static void
start(struct service *service)
{
	const struct tables_process *process = service->process;
	struct timeval patience = {.tv_usec = REPLY_MS * 1000};
	struct err err = ERR_INIT;
	pthread_attr_t small;

	(void)mallopt(M_ARENA_MAX, MALLOC_ARENAS);
	service->link = link_new(process->link_fd);
	service->postmap = (struct tables_postmap){.program = process->program,
	    .config_dir = getenv("MAIL_CONFIG"),
	    .milliseconds = TABLES_RUN_MS};
	if (account_become(process->account, &err) != 0 ||
	    sandbox_bounds(MEMORY_MAX, FILES_MAX, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_CONFIG);
	}
	(void)setsockopt(
	    process->serve_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	tables_queue_init(&service->queue);
	must(pthread_mutex_init(&service->lock, NULL) == 0);
	must(pthread_cond_init(&service->has_work, NULL) == 0);
	must(pthread_attr_init(&small) == 0);
	must(pthread_attr_setstacksize(&small, STACK_BYTES) == 0);
	for (unsigned i = 0; i < TABLES_RUNS_MAX; i++) {
		pthread_t thread;
		must(pthread_create(&thread, &small, asker_run, service) == 0);
	}
}

void
tables_process_run(const struct tables_process *process)
{
	struct service *service = mem_zeroed(1, sizeof(*service));

	service->process = process;
	start(service);
	for (;;) {
		struct pollfd fds[] = {
		    {.fd = service->link->fd, .events = POLLIN},
		    {.fd = process->serve_fd, .events = POLLIN},
		};
		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			BUG("poll");
		orders_take(service);
		if (fds[1].revents != 0)
			frames_take(service);
	}
}
