/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * As many slow domains of others as there may be, and one of ours: it has its answer as if
 * they were not there. The dns process is a real one, the resolver a socket of ours that
 * answers for our domain only.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bug.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "milter/dns_process.h"
#include "milter/dns_wire.h"

enum { HEAD = 12, PACKET_MAX = 4096, PATIENCE_MS = 20000, OUTGOING_MAX = 256 };

#define OURS "\4ours\4test" /* as it stands in a question */

static int resolver, serve_fd, link_fd;
static char address[64];
static pid_t process;
static atomic_uint n_slow; /* questions that nobody answers */

/* TXT "v=spf1 -all". */
static size_t
answer_make(char *packet, size_t n_question)
{
	static const char record[] = "\xc0\x0c\0\x10\0\1\0\0\1\x2c\0\x0c\x0b"
				     "v=spf1 -all";
	static const char flags[] = "\x81\x80\0\1\0\1\0\0\0\0";

	memcpy(packet + 2, flags, sizeof(flags) - 1);
	memcpy(packet + n_question, record, sizeof(record) - 1);
	return n_question + sizeof(record) - 1;
}

static void *
resolver_run(void *argument)
{
	char packet[PACKET_MAX];
	struct sockaddr_in from;

	(void)argument;
	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(resolver, packet, sizeof(packet) / 2, 0,
		    (struct sockaddr *)&from, &size);
		if (n <= HEAD + (ssize_t)sizeof(OURS) + 4)
			continue;
		if (memcmp(packet + HEAD, OURS, sizeof(OURS)) != 0) {
			atomic_fetch_add(&n_slow, 1);
			continue;
		}
		size_t n_answer = answer_make(packet, HEAD + sizeof(OURS) + 4);
		(void)sendto(resolver, packet, n_answer, 0, (struct sockaddr *)&from, size);
	}
	return NULL;
}

_Noreturn static void
process_run(int link, int serve)
{
	struct account account = {.uid = geteuid(), .gid = getegid(), .name = "test"};
	struct dns_process dns = {
	    .link_fd = link, .serve_fd = serve, .resolver = address, .account = &account};

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (account.uid == 0)
		account.uid = account.gid = ACCOUNT_SPARE;
	close(link_fd);
	close(serve_fd);
	log_open(LOG_TO_STDERR, "dns", false);
	dns_process_run(&dns);
}

static int
world_start(void **state)
{
	struct sockaddr_in here = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(here);
	int links[2], serves[2];
	pthread_t thread;

	(void)state;
	resolver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(resolver >= 0);
	must(bind(resolver, (struct sockaddr *)&here, sizeof(here)) == 0);
	must(getsockname(resolver, (struct sockaddr *)&here, &size) == 0);
	snprintf(address, sizeof(address), "127.0.0.1@%u", ntohs(here.sin_port));
	must(ipc_pair(links, NULL) == 0 && ipc_pair(serves, NULL) == 0);
	link_fd = links[0];
	serve_fd = serves[0];
	process = fork();
	must(process >= 0);
	if (process == 0)
		process_run(links[1], serves[1]);
	close(links[1]);
	close(serves[1]);
	must(pthread_create(&thread, NULL, resolver_run, NULL) == 0);
	must(pthread_detach(thread) == 0);
	return 0;
}

static int
world_stop(void **state)
{
	(void)state;
	if (process > 0) {
		(void)kill(process, SIGKILL);
		(void)waitpid(process, NULL, 0);
	}
	return 0;
}

static void
ask(uint64_t id, const char *domain, bool is_ours)
{
	char frame[sizeof(struct dns_question_head) + 512];
	struct dns_question_head head = {
	    .kind = DNS_ASK_SPF, .id = id, .n_egress = 1, .is_ours = is_ours};
	struct addr egress = {.family = ADDR_IPV4, .bytes = {192, 0, 2, 25}};

	memcpy(frame, &head, sizeof(head));
	size_t n = sizeof(head);
	n += (size_t)snprintf(
	    frame + n, 256, "%s%ca@%s%chelo.example%c", domain, '\0', domain, '\0', '\0');
	memcpy(frame + n, &egress, sizeof(egress));
	assert_int_equal(ipc_send(serve_fd, frame, n + sizeof(egress), NULL), 0);
}

static bool
take(int milliseconds, struct dns_reply_head *ret_reply)
{
	static char frame[DNS_FRAME_MAX];
	size_t n = 0;

	if (ipc_recv(serve_fd, frame, sizeof(frame), &n, milliseconds, NULL) != 1)
		return false;
	assert_true(n >= sizeof(*ret_reply));
	memcpy(ret_reply, frame, sizeof(*ret_reply));
	return true;
}

/* Room to ask: the process does not read while its answers find none. */
static void
drain_until_room(void)
{
	struct pollfd room = {.fd = serve_fd, .events = POLLOUT | POLLIN};
	struct dns_reply_head ignored;

	do {
		must(poll(&room, 1, PATIENCE_MS) > 0);
		if ((room.revents & POLLIN) != 0)
			(void)take(0, &ignored);
	} while ((room.revents & POLLOUT) == 0);
}

static void
slow_ask(void)
{
	static unsigned number;
	char domain[64];

	drain_until_room();
	snprintf(domain, sizeof(domain), "d%u.slow.test", number++);
	ask(number, domain, false);
}

static void
others_do_not_keep_ours_waiting(void **state)
{
	enum { OURS_ID = 1000000, DRAINED_MS = 200 };
	struct dns_reply_head reply;

	(void)state;
	for (unsigned i = 0; i < DNS_OTHERS_JOBS; i++)
		slow_ask();
	/* They are given up all at once, and others take their place: the library learns
	 * that its resolver is slow. What finds no room in our socket is dropped. */
	assert_true(take(PATIENCE_MS, &reply));
	do
		assert_int_equal(reply.spf.outcome, SPF_EVAL_PENDING);
	while (take(DRAINED_MS, &reply));
	for (unsigned i = 0; i < DNS_OTHERS_JOBS; i++)
		slow_ask();
	assert_true(atomic_load(&n_slow) >= OUTGOING_MAX);
	ask(OURS_ID, "ours.test", true);
	do
		if (!take(PATIENCE_MS, &reply))
			fail_msg("no answer about our domain");
	while (reply.id != OURS_ID);
	assert_int_equal(reply.spf.outcome, SPF_EVAL_FAIL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(others_do_not_keep_ours_waiting)};

	return cmocka_run_group_tests(tests, world_start, world_stop);
}
