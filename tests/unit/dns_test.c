/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/dns.h"
#include "lib/bug.h"
#include "lib/clock.h"

/* A server of our own on loopback: the first label of a name says what it answers. */
enum { HEAD = 12, PACKET = 4096, SERVFAIL = 2, NXDOMAIN = 3 };

struct server {
	int fd;
	char address[32];
	pthread_t thread;
};

static bool
asks_for(const unsigned char *packet, const char *label)
{
	size_t n = strlen(label);

	return packet[HEAD] == n && memcmp(packet + HEAD + 1, label, n) == 0;
}

static size_t
add_txt(unsigned char *into, const char *const strings[], size_t n_strings, size_t repeat)
{
	static const unsigned char head[] = {0xc0, HEAD, 0, 16, 0, 1, 0, 0, 0, 60};
	size_t at = sizeof(head) + 2, n;

	memcpy(into, head, sizeof(head));
	for (size_t i = 0; i < n_strings * repeat; i++) {
		const char *text = strings[i % n_strings];

		n = strlen(text);
		into[at] = (unsigned char)n;
		memcpy(into + at + 1, text, n);
		at += n + 1;
	}
	n = at - sizeof(head) - 2;
	into[sizeof(head)] = (unsigned char)(n >> 8);
	into[sizeof(head) + 1] = (unsigned char)n;
	return at;
}

/* Turns a question into its answer; 0: there is none. */
static size_t
answer(unsigned char *packet, size_t n)
{
	static const char *const key[] = {"v=DKIM1; ", "p=AAAA"};
	unsigned char count = 1;

	packet[2] = 0x84; /* an answer, and from who should know */
	packet[3] = 0x80;
	packet[10] = packet[11] = 0; /* without the question's EDNS record */
	for (n = HEAD; packet[n] != 0; n += packet[n] + 1u)
		continue;
	n += 5;
	if (asks_for(packet, "silent"))
		return 0;
	if (asks_for(packet, "broken") || asks_for(packet, "missing")) {
		packet[3] |= asks_for(packet, "broken") ? SERVFAIL : NXDOMAIN;
		return n;
	}
	if (asks_for(packet, "empty"))
		return n;
	n += add_txt(packet + n, key, 2, asks_for(packet, "long") ? 100 : 1);
	if (asks_for(packet, "two")) {
		n += add_txt(packet + n, key + 1, 1, 1);
		count = 2;
	}
	packet[7] = count;
	return n;
}

static void *
serve(void *argument)
{
	const struct server *server = argument;
	unsigned char packet[PACKET];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(server->fd, packet, PACKET / 2, 0, (struct sockaddr *)&from,
		    &size)) > HEAD) {
		size_t length = answer(packet, (size_t)n);

		if (length > 0)
			(void)sendto(server->fd, packet, length, 0,
			    (const struct sockaddr *)&from, size);
		size = sizeof(from);
	}
	return NULL;
}

static void
server_start(struct server *server)
{
	struct sockaddr_in here = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(here);

	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(bind(server->fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	must(getsockname(server->fd, (struct sockaddr *)&here, &size) == 0);
	snprintf(server->address, sizeof(server->address), "127.0.0.1@%u",
	    (unsigned)ntohs(here.sin_port));
	must(pthread_create(&server->thread, NULL, serve, server) == 0);
}

static void
server_stop(struct server *server)
{
	(void)shutdown(server->fd, SHUT_RDWR);
	(void)pthread_join(server->thread, NULL);
	(void)close(server->fd);
}

static void
answers_what_there_is(void **state)
{
	static const struct {
		const char *name;
		int want;
		enum err_code code;
		size_t n;
	} cases[] = {
	    {"key._domainkey.example.org", 1, ERR_NONE, 1},
	    {"two.example.org", 1, ERR_NONE, 2},
	    {"missing.example.org", 0, ERR_NONE, 0},
	    {"empty.example.org", 0, ERR_NONE, 0},
	    {"broken.example.org", -1, ERR_TEMP, 0},
	    {"", -1, ERR_BAD_INPUT, 0},
	    {"a..example.org", -1, ERR_BAD_INPUT, 0},
	    {".example.org", -1, ERR_BAD_INPUT, 0},
	    {"a b.example.org", -1, ERR_BAD_INPUT, 0},
	    {"a\\046b.example.org", -1, ERR_BAD_INPUT, 0},
	    {"\xc3\xa9.example.org", -1, ERR_BAD_INPUT, 0},
	};
	struct server server;
	struct dns *dns;

	(void)state;
	server_start(&server);
	dns = dns_new(server.address, NULL);
	assert_non_null(dns);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out = BUF_INIT(DNS_TXT_MAX);
		struct err err = ERR_INIT;
		size_t n = 0;
		int got = dns_txt(dns, view_of(cases[i].name), 5000, &out, &n, &err);

		if (got != cases[i].want || err.code != cases[i].code || n != cases[i].n)
			fail_msg("%s: got %d, %zu records (%s), want %d, %zu",
			    cases[i].name, got, n, err.text, cases[i].want, cases[i].n);
		/* Which of two comes first is the resolver's choice. */
		if (got == 1 && n == 1)
			assert_string_equal(buf_text(&out), "v=DKIM1; p=AAAA");
		buf_fini(&out);
	}
	dns_free(dns);
	server_stop(&server);
}

static void
keeps_its_bounds(void **state)
{
	struct buf small = BUF_INIT(100);
	struct err err = ERR_INIT;
	char name[300];
	struct server server;
	struct dns *dns;
	size_t n;
	int64_t before;

	(void)state;
	server_start(&server);
	dns = dns_new(server.address, NULL);
	assert_int_equal(
	    dns_txt(dns, VIEW("long.example.org"), 5000, &small, &n, &err), -1);
	assert_int_equal(err.code, ERR_BAD_INPUT);
	buf_reset(&small);
	before = clock_mono();
	assert_int_equal(
	    dns_txt(dns, VIEW("silent.example.org"), 200, &small, &n, &err), -1);
	assert_int_equal(err.code, ERR_TEMP);
	assert_in_range(clock_mono() - before, 200000, 2000000);
	memset(name, 'a', sizeof(name));
	for (size_t i = 50; i < sizeof(name); i += 50)
		name[i] = '.';
	assert_int_equal(dns_txt(dns, (struct view){name, 254}, 200, &small, &n, &err), -1);
	assert_int_equal(err.code, ERR_BAD_INPUT);
	memset(name, 'a', 64);
	assert_int_equal(dns_txt(dns, (struct view){name, 64}, 200, &small, &n, &err), -1);
	assert_int_equal(err.code, ERR_BAD_INPUT);
	buf_fini(&small);
	dns_free(dns);
	server_stop(&server);
}

static void
refuses_what_is_no_resolver(void **state)
{
	static const char *const bad[] = {"", "localhost", "127.0.0.1@", "127.0.0.1@0",
	    "127.0.0.1@65536", "127.0.0.1@53x", "127.0.0.1:53", "@53"};
	static const char *const good[] = {"127.0.0.1", "127.0.0.1@5353", "::1", "::1@53"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;
		struct dns *dns = dns_new(bad[i], &err);

		if (dns != NULL || err.code != ERR_CONFIG)
			fail_msg("'%s': got a resolver, want none", bad[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct dns *dns = dns_new(good[i], NULL);

		if (dns == NULL)
			fail_msg("'%s': got no resolver, want one", good[i]);
		dns_free(dns);
	}
	dns_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_what_there_is),
	    cmocka_unit_test(keeps_its_bounds),
	    cmocka_unit_test(refuses_what_is_no_resolver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
