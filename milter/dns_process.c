/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"
#include "lib/log.h"

#include "receiver/sandbox.h"

#include "milter/dns_jobs.h"
#include "milter/dns_process.h"
#include "milter/link.h"

enum {
	MEMORY_MAX = 1 << 30, /* bytes of address space; threads' stacks count */
	FILES_MAX = 2048,
	MALLOC_ARENAS = 2,
	FRAMES_AT_ONCE = 64,  /* before answers are looked at again */
	REPLY_MS = 200,       /* that the milter process may leave its answers unread */
	LOOK_AGAIN = 1000000, /* microseconds between looks at resolv.conf */
	POLL_LINK = 0,
	POLL_SERVE,
	POLL_OURS,
	POLL_OTHERS,
	POLL_JOBS,
};

#define RESOLV_CONF "/etc/resolv.conf"

struct service {
	const struct dns_process *process;
	struct link *link;
	struct dns_pair dns; /* NULL: there is no resolver */
	struct dns_jobs *jobs;
	struct stat resolv_conf; /* as it was read */
	int64_t looked;          /* monotonic */
	bool has_complained;     /* of frames that are none */
	char frame[DNS_FRAME_MAX];
	char reply[DNS_FRAME_MAX];
};

static void
reply_send(void *context, const struct dns_reply_head *reply, struct view answers)
{
	struct service *service = context;
	struct err err = ERR_INIT;

	must(sizeof(*reply) + answers.n <= sizeof(service->reply));
	memcpy(service->reply, reply, sizeof(*reply));
	if (answers.n > 0)
		memcpy(service->reply + sizeof(*reply), answers.p, answers.n);
	/* Who does not read learns nothing: it asks again. */
	if (ipc_send(service->process->serve_fd, service->reply, sizeof(*reply) + answers.n,
		&err) != 0)
		log_debug("an answer is lost: %s", err.text);
}

static struct dns *
resolver_open(const struct dns_process *process, struct err *err)
{
	struct dns *dns = dns_new(process->resolver, err);

	if (dns != NULL && process->trust_anchor != NULL &&
	    dns_trust(dns, process->trust_anchor, err) != 0)
		dns_free(TAKE(dns));
	return dns;
}

/* Both or none. */
static int
resolvers_open(const struct dns_process *process, struct dns_pair *ret_dns, struct err *err)
{
	struct dns_pair dns = {.for_ours = resolver_open(process, err)};

	if (dns.for_ours == NULL)
		return -1;
	dns.for_others = resolver_open(process, err);
	if (dns.for_others == NULL) {
		dns_free(dns.for_ours);
		return -1;
	}
	*ret_dns = dns;
	return 0;
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The system's resolvers may have changed. What cannot be read changes nothing. */
static void
resolver_renew(struct service *service, int64_t now)
{
	struct err err = ERR_INIT;
	struct stat st;

	if (service->process->resolver != NULL || now < service->looked + LOOK_AGAIN)
		return;
	service->looked = now;
	if (stat(RESOLV_CONF, &st) != 0 || is_same_file(&st, &service->resolv_conf))
		return;
	service->resolv_conf = st;
	struct dns_pair dns;
	if (resolvers_open(service->process, &dns, &err) != 0) {
		log_warn("%s: the resolvers stay as they were", err.text);
		return;
	}
	log_info(RESOLV_CONF " has changed: it was read again");
	dns_jobs_use(service->jobs, &dns);
	dns_free(service->dns.for_ours);
	dns_free(service->dns.for_others);
	service->dns = dns;
}

static void
start(struct service *service)
{
	const struct dns_process *process = service->process;
	struct timeval patience = {.tv_usec = REPLY_MS * 1000};
	struct err err = ERR_INIT;

	(void)mallopt(M_ARENA_MAX, MALLOC_ARENAS);
	service->link = link_new(process->link_fd);
	if (account_become(process->account, &err) != 0 ||
	    sandbox_bounds(MEMORY_MAX, FILES_MAX, &err) != 0) {
		log_error("%s", err.text);
		_exit(EX_CONFIG);
	}
	(void)setsockopt(
	    process->serve_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	(void)stat(RESOLV_CONF, &service->resolv_conf);
	if (resolvers_open(process, &service->dns, &err) != 0)
		log_error("%s: what DNS would say stays unknown", err.text);
	const struct dns_jobs_settings settings = {.seed = map_seed_random(),
	    .resolver = process->resolver,
	    .server_port = process->server_port,
	    .reply = reply_send,
	    .context = service};
	service->jobs = dns_jobs_new(&settings, &service->dns);
}

static void
frames_take(struct service *service)
{
	int fd = service->process->serve_fd;

	for (int i = 0; i < FRAMES_AT_ONCE; i++) {
		struct err err = ERR_INIT;
		size_t n = 0;

		int got = ipc_recv(fd, service->frame, sizeof(service->frame), &n, 0, &err);
		if (got == 0)
			_exit(EX_OK); /* the milter process is gone */
		if (got < 0 && err.code == ERR_TEMP)
			return;
		struct clock now = clock_now();
		if (got > 0 &&
		    dns_jobs_take(service->jobs, (struct view){service->frame, n}, &now))
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

/* Milliseconds for poll(2). */
static int
timeout_of(int64_t until, int64_t now)
{
	enum { HOUR = 3600 * 1000 };

	if (until == INT64_MAX)
		return -1;
	int64_t left = until > now ? (until - now + 999) / 1000 : 0;
	return left < HOUR ? (int)left : HOUR;
}

static int
poll_fd(struct dns *dns)
{
	return dns != NULL ? dns_fd(dns) : -1;
}

/* Wait for one thing and deal with it. */
static void
turn(struct service *service)
{
	const struct dns_pair *dns = &service->dns;
	struct pollfd fds[POLL_JOBS + DNS_JOBS_FDS] = {
	    [POLL_LINK] = {.fd = service->link->fd, .events = POLLIN},
	    [POLL_SERVE] = {.fd = service->process->serve_fd, .events = POLLIN},
	    [POLL_OURS] = {.fd = poll_fd(dns->for_ours), .events = POLLIN},
	    [POLL_OTHERS] = {.fd = poll_fd(dns->for_others), .events = POLLIN},
	};
	struct err err = ERR_INIT;
	int64_t until;

	size_t n = POLL_JOBS + dns_jobs_poll(service->jobs, fds + POLL_JOBS, &until);
	if (poll(fds, n, timeout_of(until, clock_mono())) < 0 && errno != EINTR)
		BUG("poll");
	if (fds[POLL_LINK].revents != 0) {
		if (link_recv(service->link, 0, &err) <= 0 && err.code != ERR_TEMP)
			_exit(EX_OK);
		link_close_fds(service->link);
	}
	if (fds[POLL_OURS].revents != 0)
		dns_process(dns->for_ours);
	if (fds[POLL_OTHERS].revents != 0)
		dns_process(dns->for_others);
	if (fds[POLL_SERVE].revents != 0) {
		resolver_renew(service, clock_mono());
		frames_take(service);
	}
	dns_jobs_turn(service->jobs, clock_mono());
}

void
dns_process_run(const struct dns_process *process)
{
	struct service *service = mem_zeroed(1, sizeof(*service));

	service->process = process;
	start(service);
	for (;;)
		turn(service);
}
