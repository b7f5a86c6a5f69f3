/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "milter/dns_process.h"
#include "milter/dns_wire.h"

/*
 * The system's resolvers change while the dns process runs. Its /etc/resolv.conf is a file
 * of ours, mounted where nobody else sees it, which only root can do.
 */

#define FIRST  "127.53.9.1"
#define SECOND "127.53.9.2"

enum { PATIENCE_SECONDS = 20 };

static struct dns_lab first, second;
static char resolv_conf[256];
static int link_fd, serve_fd;
static pid_t process;

static bool
is_root(void)
{
	return geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(resolv_conf, "/etc/resolv.conf", NULL, MS_BIND, NULL) == 0;
}

static void
resolver_name(const char *address)
{
	char text[64];

	snprintf(text, sizeof(text), "nameserver %s\n", address);
	dns_lab_write(resolv_conf, text);
}

static void
process_start(void)
{
	struct account account = {
	    .uid = ACCOUNT_SPARE, .gid = ACCOUNT_SPARE, .name = "test"};
	int links[2], serves[2];

	must(ipc_pair(links, NULL) == 0 && ipc_pair(serves, NULL) == 0);
	struct dns_process dns = {
	    .link_fd = links[1], .serve_fd = serves[1], .account = &account};
	process = fork();
	must(process >= 0);
	if (process == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(links[0]);
		close(serves[0]);
		log_open(LOG_TO_STDERR, "dns", false);
		dns_process_run(&dns);
	}
	close(links[1]);
	close(serves[1]);
	link_fd = links[0];
	serve_fd = serves[0];
}

/* What is a._domainkey.ZONE at the resolver in use? */
static uint32_t
state_of(const char *zone)
{
	struct buf frame = BUF_INIT(4096);
	struct dns_question_head head = {.kind = DNS_ASK_KEY};
	struct dns_reply_head reply;
	struct err err = ERR_INIT;
	size_t n;

	buf_add_bytes(&frame, &head, sizeof(head));
	buf_addf(&frame, "%s%ca%c", zone, '\0', '\0');
	assert_int_equal(ipc_send(serve_fd, frame.p, frame.n, NULL), 0);
	buf_fini(&frame);
	if (ipc_recv(serve_fd, &reply, sizeof(reply), &n, PATIENCE_SECONDS * 1000, &err) !=
	    1)
		fail_msg("no answer: %s", err.text);
	return reply.key.state;
}

static void
follows_resolv_conf(void **state)
{
	int64_t deadline;

	(void)state;
	dns_lab_path(resolv_conf, sizeof(resolv_conf), "resolv.conf");
	resolver_name(FIRST);
	if (!is_root())
		skip();
	dns_lab_start(&first, FIRST, 53,
	    "    local-zone: \".\" static\n"
	    "    local-data: 'a._domainkey.first.org. 300 IN TXT \"v=DKIM1; p=\"'\n");
	dns_lab_start(&second, SECOND, 53,
	    "    local-zone: \".\" static\n"
	    "    local-data: 'a._domainkey.second.org. 300 IN TXT \"v=DKIM1; p=\"'\n");
	process_start();
	assert_int_equal(state_of("first.org"), DNS_FOUND);
	assert_int_equal(state_of("second.org"), DNS_NO_NAME);
	resolver_name(SECOND);
	/* It looks once a second, when there is a question. */
	deadline = clock_mono() + (int64_t)PATIENCE_SECONDS * 1000000;
	while (state_of("second.org") != DNS_FOUND) {
		assert_true(clock_mono() < deadline);
		(void)usleep(20000);
	}
	assert_int_equal(state_of("first.org"), DNS_NO_NAME);
}

static int
world_stop(void **state)
{
	(void)state;
	if (process > 0) {
		close(link_fd);
		(void)waitpid(process, NULL, 0);
	}
	dns_lab_stop(&first);
	dns_lab_stop(&second);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, world_stop);
}
