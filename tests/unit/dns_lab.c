/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns_lab.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/run.h"

enum { START_SECONDS = 20, TRIES = 100 };

static struct sockaddr_in
address_of(const char *host, unsigned port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	must(inet_pton(AF_INET, host, &address.sin_addr) == 1);
	return address;
}

static int
bound(int type, unsigned port)
{
	struct sockaddr_in here = address_of("0.0.0.0", port);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) == 0)
		return fd;
	close(fd);
	return -1;
}

unsigned
dns_lab_port(void)
{
	for (int i = 0; i < TRIES; i++) {
		struct sockaddr_in here = {.sin_port = 0};
		socklen_t size = sizeof(here);
		int udp = bound(SOCK_DGRAM, 0), tcp;

		must(udp >= 0);
		must(getsockname(udp, (struct sockaddr *)&here, &size) == 0);
		tcp = bound(SOCK_STREAM, ntohs(here.sin_port));
		close(udp);
		if (tcp < 0)
			continue;
		close(tcp);
		return ntohs(here.sin_port);
	}
	BUG("no port");
}

void
dns_lab_path(char *into, size_t size, const char *name)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(into, size, "%s/%s", tmp != NULL ? tmp : "/tmp", name);
}

void
dns_lab_write(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	must(file != NULL && fputs(content, file) >= 0 && fclose(file) == 0);
}

void
dns_lab_run(const char *dir, const char *command)
{
	char line[4096];
	const char *const argv[] = {"/bin/sh", "-c", line, NULL};
	struct buf output = BUF_INIT(1 << 16);
	int status = -1;

	snprintf(line, sizeof(line), "cd '%s' && { %s; } 2>&1", dir, command);
	if (run(argv, VIEW_NONE, &output, NULL, START_SECONDS * 1000, &status, NULL) != 0 ||
	    status != 0) {
		fprintf(stderr, "failed: %s\n%s\n", line, buf_text(&output));
		abort();
	}
	buf_fini(&output);
}

void
dns_lab_add(struct buf *conf, const char *record)
{
	buf_addf(conf, "    local-data: '%s'\n", record);
}

/* Does it answer anything at all? The question is for the root's SOA. */
static bool
answers(const char *host, unsigned port)
{
	static const char question[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\0\0\6\0\1";
	struct sockaddr_in there = address_of(host, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char answer[512];

	bool result = connect(fd, (const struct sockaddr *)&there, sizeof(there)) == 0 &&
		      send(fd, question, sizeof(question) - 1, 0) > 0 &&
		      poll(&ready, 1, 50) > 0 && recv(fd, answer, sizeof(answer), 0) > 0;
	close(fd);
	return result;
}

void
dns_lab_start(struct dns_lab *lab, const char *host, unsigned port, const char *conf)
{
	char path[sizeof(lab->dir) + 16], name[64];
	struct buf text = BUF_INIT(1 << 20);

	lab->port = port;
	snprintf(lab->address, sizeof(lab->address), "%s@%u", host, port);
	snprintf(name, sizeof(name), "unbound-%s-%u", host, port);
	dns_lab_path(lab->dir, sizeof(lab->dir), name);
	(void)mkdir(lab->dir, 0700);
	buf_addf(&text,
	    "server:\n    interface: %s@%u\n    username: \"\"\n    chroot: \"\"\n"
	    "    directory: \"%s\"\n    pidfile: \"%s/pid\"\n    use-syslog: no\n"
	    "    logfile: \"%s/log\"\n    log-queries: yes\n    num-threads: 1\n"
	    "    do-ip6: no\n    so-reuseport: no\n    do-not-query-localhost: no\n    "
	    "minimal-responses: yes\n"
	    "    access-control: 127.0.0.0/8 allow_snoop\n"
	    "    module-config: \"iterator\"\n%s",
	    host, port, lab->dir, lab->dir, lab->dir, conf);
	must(!text.full);
	snprintf(path, sizeof(path), "%s/conf", lab->dir);
	dns_lab_write(path, buf_text(&text));
	buf_fini(&text);
	lab->pid = fork();
	must(lab->pid >= 0);
	if (lab->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		must(freopen("/dev/null", "w", stderr) != NULL);
		execlp("unbound", "unbound", "-d", "-c", path, (char *)NULL);
		execl("/usr/sbin/unbound", "unbound", "-d", "-c", path, (char *)NULL);
		_exit(127);
	}
	int64_t deadline = clock_mono() + (int64_t)START_SECONDS * 1000000;
	while (!answers(host, port)) {
		must(waitpid(lab->pid, NULL, WNOHANG) == 0);
		must(clock_mono() < deadline);
	}
}

void
dns_lab_stop(struct dns_lab *lab)
{
	if (lab->pid <= 0)
		return;
	(void)kill(lab->pid, SIGKILL);
	(void)waitpid(lab->pid, NULL, 0);
	lab->pid = 0;
}
