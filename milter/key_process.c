/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/map.h"

#include "auth/keylist.h"
#include "auth/keyset.h"

#include "milter/key_process.h"
#include "milter/link.h"

enum { THREADS_MAX = 16, LIST_MAX = 64 << 20 };

static const uint32_t key_gone = UINT32_MAX;

/* What the signing threads share; nothing of it changes once they run. */
struct signer {
	const struct key_process *process;
	struct keyset *set;
	uint32_t *index; /* of the generation -> of the set, or key_gone */
	size_t n_index;
};

/*
 * Keys must not reach the swap or a core file. Locking what is still to be allocated needs
 * an unlimited RLIMIT_MEMLOCK: with a limit, allocations would begin to fail once it is
 * used up.
 */
static void
memory_lock(void)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY}, none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0 ||
	    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
		log_warn("the keys' memory is not locked and may be swapped out: "
			 "RLIMIT_MEMLOCK is too low");
}

static int
source_open(struct keyset *set, const char *conf_dir,
    const struct policy_key_source *source, struct err *err)
{
	char written[PATH_MAX], path[PATH_MAX], name[256], domain[256], selector[256];

	snprintf(written, sizeof(written), "%.*s", VIEW_ARG(source->path));
	if (file_join(path, sizeof(path), conf_dir, written) != 0)
		return err_set(err, ERR_CONFIG, "the path '%s' is too long", written);
	if (source->name.n == 0)
		return keyset_add_dir(set, path, err);
	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(source->name));
	snprintf(domain, sizeof(domain), "%.*s", VIEW_ARG(source->domain));
	snprintf(selector, sizeof(selector), "%.*s", VIEW_ARG(source->selector));
	return keyset_add_file(set, name, domain, selector, path, err);
}

/* The faults (or, with WARNINGS, the warnings) a line each. */
static size_t
faults_text(const struct keyset *set, bool warnings, struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < keyset_faults(set); i++) {
		bool is_warning;
		const char *text = keyset_fault_at(set, i, &is_warning);
		if (is_warning != warnings)
			continue;
		buf_addf(out, "%s\n", text);
		found++;
	}
	return found;
}

/* Open everything as root; what was wrong with a place as a whole is a fault like any
 * other. */
static void
sources_open(const struct key_process *process, struct keyset *set, struct buf *faults)
{
	for (size_t i = 0; i < process->n_sources; i++) {
		struct err err = ERR_INIT;
		if (source_open(set, process->conf_dir, &process->sources[i], &err) != 0)
			buf_addf(faults, "%.*s: %s\n", VIEW_ARG(process->sources[i].place),
			    err.text);
	}
}

static int
memory_file(const char *name, const void *bytes, size_t n)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < n;) {
		ssize_t wrote = write(fd, (const char *)bytes + done, n - done);
		must(wrote > 0);
		done += (size_t)wrote;
	}
	must(fd >= 0);
	return fd;
}

/* A line of the list without its file time: what identifies a key. */
static struct view
line_identity(struct view line)
{
	while (line.n > 0 && line.p[line.n - 1] != ' ')
		line.n--;
	return line;
}

/* Where each key of the generation is in this set: in place at a first load, looked up
 * after a crash. */
static void
index_build(struct signer *signer, struct view list)
{
	const struct key_process *process = signer->process;
	struct view rest = process->is_restart ? process->expected : list, line;
	struct view mine = list;
	struct map map;
	size_t count = keyset_count(signer->set);
	uint32_t *place = mem_zeroed(count + 1, sizeof(*place));

	map_init(&map, map_seed_random());
	for (size_t i = 0; i < count && view_cut(&mine, '\n', &line); i++) {
		place[i] = (uint32_t)i;
		(void)map_add(&map, line_identity(line), &place[i]);
	}
	signer->index = mem_zeroed(KEYSET_MAX + 1, sizeof(signer->index[0]));
	while (signer->n_index < KEYSET_MAX && view_cut(&rest, '\n', &line) && line.n > 0) {
		const uint32_t *at = map_get(&map, line_identity(line));
		bool is_same =
		    at != NULL &&
		    (!process->is_restart || keyset_at(signer->set, *at)->content_hash ==
						 process->expected_hashes[signer->n_index]);
		signer->index[signer->n_index++] = is_same ? *at : key_gone;
	}
	map_fini(&map);
	free(place);
}

static void
reply_error(struct key_reply *reply, const char *text)
{
	reply->status = -1;
	reply->n = (uint32_t)snprintf((char *)reply->bytes, KEY_ERROR_MAX, "%s", text);
	if (reply->n >= KEY_ERROR_MAX)
		reply->n = KEY_ERROR_MAX - 1;
}

static void
public_answer(const struct signer *signer, uint32_t at, struct key_reply *reply)
{
	struct buf text = BUF_INIT(sizeof(reply->bytes));
	struct err err = ERR_INIT;
	int bits;

	if (keyset_public(signer->set, at, &text, &bits, &err) != 0 || text.full) {
		reply_error(reply, text.full ? "the public key is too long" : err.text);
	} else {
		memcpy(reply->bytes, text.p, text.n);
		reply->status = 0;
		reply->n = (uint32_t)text.n;
	}
	buf_fini(&text);
}

static void
request_answer(const struct signer *signer, struct keyset_thread *thread,
    const struct key_request *request, struct key_reply *reply)
{
	struct err err = ERR_INIT;
	size_t n;

	reply->sequence = request->sequence;
	uint32_t at =
	    request->key < signer->n_index ? signer->index[request->key] : key_gone;
	if (at == key_gone) {
		reply_error(reply,
		    "the key file is gone or has changed since it was loaded: "
		    "frank reload takes it as it is now");
		return;
	}
	/* Whatever happened on the other side, a key signs for its own domain only. */
	if (strncmp(keyset_at(signer->set, at)->domain, request->domain, KEY_DOMAIN_MAX) !=
	    0) {
		reply_error(reply, "the key is not of the domain that was asked for");
		return;
	}
	if (request->operation == KEY_PUBLIC) {
		public_answer(signer, at, reply);
		return;
	}
	if (keyset_sign(thread, at, request->digest, reply->bytes, &n, &err) != 0) {
		reply_error(reply, err.text);
		return;
	}
	reply->status = 0;
	reply->n = (uint32_t)n;
}

static void *
thread_run(void *argument)
{
	const struct signer *signer = argument;
	const struct key_process *process = signer->process;
	struct keyset_thread *thread = keyset_thread_new(signer->set);
	struct key_request request;
	struct key_reply reply;

	for (;;) {
		ssize_t n = recv(process->request_fd, &request, sizeof(request), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(EX_OK); /* the last message of this generation has ended */
		if (n != sizeof(request) || request.slot >= KEY_SLOTS ||
		    request.domain[KEY_DOMAIN_MAX] != '\0')
			continue;
		request_answer(signer, thread, &request, &reply);
		(void)send(process->slot_fds[request.slot], &reply,
		    offsetof(struct key_reply, bytes) + reply.n,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return NULL;
}

static void
threads_start(struct signer *signer)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;

	if (n < 1)
		n = 1;
	for (long i = 0; i < n && i < THREADS_MAX; i++)
		must(pthread_create(&thread, NULL, thread_run, signer) == 0);
}

static void
ready_send(struct link *link, const struct keyset *set, struct view list)
{
	struct buf warnings = BUF_INIT(LINK_TEXT_MAX);
	size_t count = keyset_count(set);
	uint64_t *hashes = mem_zeroed(count + 1, sizeof(*hashes));
	struct err err = ERR_INIT;

	for (size_t i = 0; i < count; i++)
		hashes[i] = keyset_at(set, i)->content_hash;
	int fds[] = {memory_file("keys", list.p, list.n),
	    memory_file("hashes", hashes, count * sizeof(*hashes))};
	(void)faults_text(set, true, &warnings);
	if (link_send_fds(link, LINK_KEYS_READY, 0, buf_view(&warnings),
		(struct link_fds){fds, 2}, &err) != 0)
		_exit(EX_OSERR);
	close(fds[0]);
	close(fds[1]);
	free(hashes);
	buf_fini(&warnings);
}

void
key_process_run(const struct key_process *process)
{
	struct link *link = link_new(process->link_fd);
	struct keyset *set = keyset_new(geteuid());
	struct buf faults = BUF_INIT(LINK_TEXT_MAX), list = BUF_INIT(LIST_MAX);
	struct signer signer = {.process = process, .set = set};
	struct err err = ERR_INIT;

	memory_lock();
	sources_open(process, set, &faults);
	if (account_become(process->account, &err) != 0) {
		(void)link_send(link, LINK_KEYS_FAILED, 0, 0, view_of(err.text), NULL);
		_exit(EX_OSERR);
	}
	keyset_parse(set);
	(void)faults_text(set, false, &faults);
	/* After a crash what is left must go on signing; a load takes all keys or none. */
	if (faults.n > 0 && !process->is_restart) {
		(void)link_send(link, LINK_KEYS_FAILED, 0, 0, buf_view(&faults), NULL);
		_exit(EX_CONFIG);
	}
	if (faults.n > 0)
		log_error("%s", buf_text(&faults));
	keyset_list(set, &list);
	index_build(&signer, buf_view(&list));
	threads_start(&signer);
	ready_send(link, set, buf_view(&list));
	while (link_recv(link, IPC_FOREVER, &err) > 0)
		link_close_fds(link);
	_exit(EX_OK);
}
