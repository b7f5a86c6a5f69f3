/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <pthread.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "tests/scenario/zone.h"

/* A name server of the zone: RFC 1035 over UDP, as much of it as a resolver library wants
 * of the recursive resolver that it is told of. */

enum { PACKET_MAX = 4096, HEADER = 12, STRING_MAX = 255, OPT_BYTES = 11 };

static struct {
	pthread_mutex_t lock;
	struct zone *zone;
	unsigned port;
	int fd;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
put16(struct buf *out, unsigned number)
{
	buf_add_char(out, (char)(number >> 8));
	buf_add_char(out, (char)(number & 0xff));
}

static void
put_name(struct buf *out, struct view name)
{
	struct view label;

	while (name.n > 0 && view_cut(&name, '.', &label)) {
		buf_add_char(out, (char)label.n);
		buf_add(out, label);
	}
	buf_add_char(out, '\0');
}

static void
put_data(struct buf *out, enum dns_type type, const struct dns_record *record)
{
	struct view rest = record->data;

	if (type == DNS_TXT) {
		do {
			struct view string = view_head(rest, STRING_MAX);
			buf_add_char(out, (char)string.n);
			buf_add(out, string);
			rest = view_from(rest, string.n);
		} while (rest.n > 0);
		return;
	}
	if (type == DNS_A || type == DNS_AAAA) {
		buf_add(out, record->data);
		return;
	}
	if (type == DNS_MX)
		put16(out, record->preference);
	put_name(out, record->data);
}

static void
put_record(struct buf *out, enum dns_type type, const struct dns_record *record)
{
	struct buf data = BUF_INIT(PACKET_MAX);

	put_data(&data, type, record);
	put16(out, 0xc00c); /* the name that was asked */
	put16(out, (unsigned)type);
	put16(out, 1);
	put16(out, 0);
	put16(out, ZONE_TTL);
	put16(out, (unsigned)data.n);
	buf_add(out, buf_view(&data));
	buf_fini(&data);
}

/* Of the root, so that a negative answer says how long it is good. */
static void
put_soa(struct buf *out)
{
	static const char soa[] = "\0\0\6\0\1\0\0\0\5\0\x16\0\0\0\0\0\1\0\0\0\5\0\0\0\5\0\0"
				  "\0\5\0\0\0\5";

	buf_add_bytes(out, soa, sizeof(soa) - 1);
}

/* The one question, or false. */
static bool
question_read(
    const uint8_t *packet, size_t n, struct buf *name, unsigned *ret_type, size_t *ret_end)
{
	size_t at = HEADER;

	if (n < HEADER || packet[4] != 0 || packet[5] != 1)
		return false;
	while (at < n && packet[at] != 0) {
		size_t length = packet[at++];
		if (length > DNS_LABEL_MAX || at + length >= n)
			return false;
		if (name->n > 0)
			buf_add_char(name, '.');
		buf_add_bytes(name, packet + at, length);
		at += length;
	}
	if (at + 5 > n)
		return false;
	*ret_type = (unsigned)packet[at + 1] << 8 | packet[at + 2];
	*ret_end = at + 5;
	return true;
}

static bool
answer_make(const uint8_t *packet, size_t n, struct buf *out)
{
	struct buf name = BUF_INIT(PACKET_MAX);
	struct arena *arena = arena_new(0);
	const struct dns_answer *answer = NULL;
	unsigned type;
	size_t end = 0;

	pthread_mutex_lock(&server.lock);
	if (question_read(packet, n, &name, &type, &end) && server.zone != NULL)
		answer =
		    zone_answer(server.zone, (enum dns_type)type, buf_view(&name), arena);
	pthread_mutex_unlock(&server.lock);
	if (answer != NULL) {
		bool has_opt = packet[11] != 0;
		buf_add_bytes(out, packet, 2);
		put16(out, 0x8180 | answer->rcode);
		put16(out, 1);
		put16(out, answer->n);
		put16(out, answer->n == 0);
		put16(out, has_opt);
		buf_add_bytes(out, packet + HEADER, end - HEADER);
		for (uint32_t i = 0; i < answer->n; i++)
			put_record(out, answer->type, &answer->records[i]);
		if (answer->n == 0)
			put_soa(out);
		if (has_opt)
			buf_add_bytes(out, "\0\0\x29\x10\0\0\0\0\0\0", OPT_BYTES);
	}
	arena_free(arena);
	buf_fini(&name);
	return answer != NULL && !out->full;
}

static void *
server_run(void *argument)
{
	static uint8_t packet[PACKET_MAX];
	struct sockaddr_in peer;

	(void)argument;
	for (;;) {
		struct buf out = BUF_INIT(PACKET_MAX);
		socklen_t length = sizeof(peer);
		ssize_t n = recvfrom(server.fd, packet, sizeof(packet), 0,
		    (struct sockaddr *)&peer, &length);
		if (n > 0 && answer_make(packet, (size_t)n, &out))
			(void)sendto(server.fd, out.p, out.n, 0,
			    (const struct sockaddr *)&peer, length);
		buf_fini(&out);
	}
	return NULL;
}

static void
server_start(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);
	pthread_t thread;

	server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(server.fd >= 0);
	must(bind(server.fd, (const struct sockaddr *)&at, sizeof(at)) == 0);
	must(getsockname(server.fd, (struct sockaddr *)&at, &length) == 0);
	server.port = ntohs(at.sin_port);
	must(pthread_create(&thread, NULL, server_run, NULL) == 0);
	must(pthread_detach(thread) == 0);
}

unsigned
zone_serve(struct zone *zone)
{
	if (server.port == 0)
		server_start();
	pthread_mutex_lock(&server.lock);
	server.zone = zone;
	pthread_mutex_unlock(&server.lock);
	return server.port;
}
