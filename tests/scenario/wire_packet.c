/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "tests/scenario/wire_packet.h"

enum { PATIENCE_SECONDS = 20, MTA_VERSION = 6, MTA_ACTIONS = 0x1ff, MTA_STEPS = 0x1fffff };

static int
send_all(int fd, const char *bytes, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return err_sys(err, "cannot send to the milter");
		bytes += sent;
		n -= (size_t)sent;
	}
	return 0;
}

static int
recv_all(int fd, char *into, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t got = recv(fd, into, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return err_set(err, ERR_IO, "the milter closed the connection");
		if (got < 0)
			return err_sys(err, "no answer from the milter");
		into += got;
		n -= (size_t)got;
	}
	return 0;
}

static void
add_number(struct buf *out, uint32_t number)
{
	number = htonl(number);
	buf_add_bytes(out, &number, sizeof(number));
}

static uint32_t
number_at(struct view bytes, size_t at)
{
	uint32_t number;

	must(bytes.n >= at + sizeof(number));
	memcpy(&number, bytes.p + at, sizeof(number));
	return ntohl(number);
}

int
wire_send(struct wire *wire, char command, struct view data, struct err *err)
{
	struct buf packet = BUF_INIT(PACKET_MAX);

	add_number(&packet, (uint32_t)data.n + 1);
	buf_add_char(&packet, command);
	buf_add(&packet, data);
	must(!packet.full);
	int result = send_all(wire->fd, packet.p, packet.n, err);
	buf_fini(&packet);
	return result;
}

int
wire_recv(struct wire *wire, struct err *err)
{
	uint32_t n;

	if (recv_all(wire->fd, (char *)&n, sizeof(n), err) != 0)
		return -1;
	n = ntohl(n);
	if (n == 0 || n > PACKET_MAX)
		return err_set(err, ERR_BAD_INPUT, "a packet of %u bytes", n);
	buf_reset(&wire->in);
	char *into = buf_reserve(&wire->in, n);
	must(into != NULL);
	if (recv_all(wire->fd, into, n, err) != 0)
		return -1;
	wire->in.n = n;
	return 0;
}

int
wire_send_macros(struct wire *wire, enum wire_stage stage, char command,
    const struct wire_macro *macros, unsigned n, struct err *err)
{
	struct view wanted = buf_view(&wire->macros[stage]), name;
	struct buf data = BUF_INIT(4096);

	buf_add_char(&data, command);
	while (view_cut(&wanted, ' ', &name))
		for (unsigned i = 0; i < n; i++)
			if (view_is(name, view_of(macros[i].name)) &&
			    macros[i].value[0] != '\0') {
				buf_add_bytes(
				    &data, macros[i].name, strlen(macros[i].name) + 1);
				buf_add_bytes(
				    &data, macros[i].value, strlen(macros[i].value) + 1);
			}
	int result = data.n > 1 ? wire_send(wire, 'D', buf_view(&data), err) : 0;
	buf_fini(&data);
	return result;
}

int
wire_step(
    struct wire *wire, char command, struct view data, uint32_t no_reply, struct err *err)
{
	if (wire_send(wire, command, data, err) != 0)
		return -1;
	if ((wire->steps & no_reply) != 0)
		return 0;
	if (wire_recv(wire, err) != 0)
		return -1;
	if (wire->in.p[0] != 'c')
		return err_set(err, ERR_BAD_INPUT, "'%c' was answered with '%c'", command,
		    wire->in.p[0]);
	return 0;
}

/* What stands behind the three numbers: stage, names, NUL, and so on. */
static int
take_macro_lists(struct wire *wire, struct view rest, struct err *err)
{
	while (rest.n > sizeof(uint32_t)) {
		uint32_t stage = number_at(rest, 0);
		struct view names;

		rest = view_from(rest, sizeof(uint32_t));
		if (stage >= STAGES || !view_has_char(rest, '\0'))
			return err_set(err, ERR_BAD_INPUT, "a malformed list of macros");
		(void)view_cut(&rest, '\0', &names);
		buf_reset(&wire->macros[stage]);
		buf_add(&wire->macros[stage], names);
	}
	return 0;
}

static int
negotiate(struct wire *wire, struct err *err)
{
	struct buf offer = BUF_INIT(64);

	add_number(&offer, MTA_VERSION);
	add_number(&offer, MTA_ACTIONS);
	add_number(&offer, MTA_STEPS);
	int result = wire_send(wire, 'O', buf_view(&offer), err);
	buf_fini(&offer);
	if (result != 0 || wire_recv(wire, err) != 0)
		return -1;
	struct view in = buf_view(&wire->in);
	if (in.n < 13 || in.p[0] != 'O' || number_at(in, 1) != MTA_VERSION)
		return err_set(err, ERR_BAD_INPUT, "a malformed answer to the negotiation");
	wire->steps = number_at(in, 9);
	return take_macro_lists(wire, view_from(in, 13), err);
}

int
wire_open(struct wire *wire, const char *socket_path, struct err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_SECONDS};

	buf_init(&wire->in, PACKET_MAX + 1);
	for (unsigned i = 0; i < STAGES; i++)
		buf_init(&wire->macros[i], 4096);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", socket_path);
	wire->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(wire->fd >= 0);
	(void)setsockopt(wire->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(wire->fd, (const struct sockaddr *)&un, sizeof(un)) != 0)
		err_sys(err, "cannot connect to %s", socket_path);
	else if (negotiate(wire, err) == 0)
		return 0;
	wire_close(wire);
	return -1;
}

void
wire_close(struct wire *wire)
{
	struct err ignored = ERR_INIT;

	if (wire->fd == -1)
		return;
	(void)wire_send(wire, 'Q', VIEW(""), &ignored);
	close(wire->fd);
	wire->fd = -1;
	buf_fini(&wire->in);
	for (unsigned i = 0; i < STAGES; i++)
		buf_fini(&wire->macros[i]);
}
