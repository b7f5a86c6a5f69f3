/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/scenario/daemon.h"
#include "tests/scenario/driver.h"
#include "tests/scenario/wire_packet.h"

/* The driver that is an MTA. The order of steps and macros is Postfix's. */

enum { CHUNK = 65535 };

/* Steps without an answer, where the milter wants it so. */
enum {
	NR_HEADER = 0x80,
	NR_CONNECT = 0x1000,
	NR_HELO = 0x2000,
	NR_MAIL = 0x4000,
	NR_RCPT = 0x8000,
	NR_DATA = 0x10000,
	NR_EOH = 0x40000,
	NR_BODY = 0x80000,
	LEADING_SPACE = 0x100000,
};

struct stage {
	enum wire_stage macros;
	char command;
	uint32_t no_reply;
};

static const struct stage stage_connect = {STAGE_CONNECT, 'C', NR_CONNECT},
			  stage_helo = {STAGE_HELO, 'H', NR_HELO},
			  stage_mail = {STAGE_MAIL, 'M', NR_MAIL},
			  stage_rcpt = {STAGE_RCPT, 'R', NR_RCPT},
			  stage_data = {STAGE_DATA, 'T', NR_DATA},
			  stage_eoh = {STAGE_EOH, 'N', NR_EOH};

struct session {
	struct daemon daemon;
	struct wire wire; /* of the message before, or closed */
};

/* One step of a message, with its macros before it. */
static int
stage_send(struct wire *wire, const struct mail *mail, const struct stage *stage,
    struct view data, struct err *err)
{
	bool has_id = stage->macros != STAGE_MAIL || mail->client_port == 0;
	char port[16];
	const struct wire_macro macros[] = {
	    {"i", has_id ? mail->id : ""},
	    {"{auth_authen}", mail->login},
	    {"{daemon_port}", port},
	};

	snprintf(port, sizeof(port), "%u", mail->port);
	if (mail->port == 0)
		port[0] = '\0';
	if (!mail->message->has_lost_macros &&
	    wire_send_macros(
		wire, stage->macros, stage->command, macros, ARRAY_LEN(macros), err) != 0)
		return -1;
	return wire_step(wire, stage->command, data, stage->no_reply, err);
}

static int
send_connect(struct wire *wire, const struct mail *mail, struct err *err)
{
	struct buf data = BUF_INIT(4096);
	char address[ADDR_TEXT];
	uint16_t port = htons((uint16_t)mail->client_port);

	buf_add_text(&data, mail->client_port == 0 ? "localhost" : "client.example.net");
	buf_add_char(&data, '\0');
	buf_add_char(&data, mail->client.family == ADDR_IPV6 ? '6' : '4');
	buf_add_bytes(&data, &port, sizeof(port));
	buf_add_text(&data, mail->client.family == ADDR_IPV6 ? "IPv6:" : "");
	buf_add_text(&data, addr_text(mail->client, address));
	buf_add_char(&data, '\0');
	int result = stage_send(wire, mail, &stage_connect, buf_view(&data), err);
	buf_fini(&data);
	if (result != 0)
		return -1;
	return stage_send(wire, mail, &stage_helo,
	    (struct view){mail->helo, strlen(mail->helo) + 1}, err);
}

/* Two texts, each with its NUL; the second may be NULL. */
static struct view
pair(struct buf *data, const char *first, const char *second)
{
	buf_reset(data);
	buf_add_bytes(data, first, strlen(first) + 1);
	if (second != NULL)
		buf_add_bytes(data, second, strlen(second) + 1);
	return buf_view(data);
}

static int
send_envelope(struct wire *wire, const struct mail *mail, struct err *err)
{
	struct buf data = BUF_INIT(PACKET_MAX);
	int result =
	    stage_send(wire, mail, &stage_mail, pair(&data, mail->sender, NULL), err);

	for (unsigned i = 0; result == 0 && i < mail->n_rcpts; i++)
		result = stage_send(
		    wire, mail, &stage_rcpt, pair(&data, mail->rcpts[i], NULL), err);
	if (result == 0)
		result = stage_send(wire, mail, &stage_data, VIEW(""), err);
	buf_fini(&data);
	return result;
}

static int
send_content(struct wire *wire, const struct mail *mail, struct err *err)
{
	struct buf data = BUF_INIT(PACKET_MAX);
	struct view body = buf_view(&mail->body);
	int result = 0;

	for (unsigned i = 0; result == 0 && i < mail->n_fields; i++) {
		const char *value = mail->fields[i].value;
		/* Who does not ask for it gets no blank behind the colon. */
		if ((wire->steps & LEADING_SPACE) == 0 && value[0] == ' ')
			value++;
		result = wire_step(
		    wire, 'L', pair(&data, mail->fields[i].name, value), NR_HEADER, err);
	}
	if (result == 0)
		result = stage_send(wire, mail, &stage_eoh, VIEW(""), err);
	for (; result == 0 && body.n > 0; body = view_from(body, CHUNK))
		result = wire_step(wire, 'B', view_head(body, CHUNK), NR_BODY, err);
	buf_fini(&data);
	return result;
}

/* An answer to the end of the message that is not yet the verdict. */
static int
take_change(const struct wire *wire, const struct mail *mail, struct outcome *outcome,
    struct err *err)
{
	struct view data = view_from(buf_view(&wire->in), 1), name;

	if (wire->in.p[0] == 'q') {
		outcome->hold_reason = arena_text(mail->arena, view_of(data.p));
		return 0;
	}
	if (wire->in.p[0] != 'i' || data.n < 6 || outcome->n_inserted == OUTCOME_FIELDS_MAX)
		return err_set(
		    err, ERR_BAD_INPUT, "'%c' at the end of a message", wire->in.p[0]);
	data = view_from(data, 4); /* the index */
	(void)view_cut(&data, '\0', &name);
	if (data.n == 0 || data.p[data.n - 1] != '\0')
		return err_set(err, ERR_BAD_INPUT, "a header field without its end");
	outcome->inserted[outcome->n_inserted++] = (struct mail_field){
	    arena_text(mail->arena, name), arena_text(mail->arena, view_of(data.p))};
	return 0;
}

/* The MTA formats a reply: two percent signs are one. */
static const char *
reply_of(const struct mail *mail, const char *text)
{
	struct buf reply = BUF_INIT(PACKET_MAX);

	for (const char *p = text; *p != '\0'; p++) {
		buf_add_char(&reply, *p);
		p += p[0] == '%' && p[1] == '%';
	}
	const char *kept = arena_text(mail->arena, buf_view(&reply));
	buf_fini(&reply);
	return kept;
}

/* True: it was the verdict. */
static bool
take_verdict(const struct wire *wire, const struct mail *mail, struct outcome *outcome)
{
	struct view text = view_from(buf_view(&wire->in), 1);

	switch (wire->in.p[0]) {
	case 'c':
	case 'a':
		outcome->verdict =
		    outcome->hold_reason[0] != '\0' ? VERDICT_HOLD : VERDICT_ACCEPT;
		return true;
	case 't':
		outcome->verdict = VERDICT_DEFER;
		return true;
	case 'r':
		outcome->verdict = VERDICT_REJECT;
		return true;
	case 'y':
		outcome->reply = reply_of(mail, text.p);
		outcome->verdict =
		    outcome->reply[0] == '5' ? VERDICT_REJECT : VERDICT_DEFER;
		outcome->hold_reason = "";
		return true;
	default:
		return false;
	}
}

static int
send_end(
    struct wire *wire, const struct mail *mail, struct outcome *outcome, struct err *err)
{
	const struct wire_macro macros[] = {{"i", mail->id}};

	if (!mail->message->has_lost_macros &&
	    wire_send_macros(wire, STAGE_EOM, 'E', macros, 1, err) != 0)
		return -1;
	if (wire_send(wire, 'E', VIEW(""), err) != 0)
		return -1;
	do {
		if (wire_recv(wire, err) != 0)
			return -1;
		if (take_verdict(wire, mail, outcome))
			return 0;
	} while (take_change(wire, mail, outcome, err) == 0);
	return -1;
}

static int
wire_message(
    struct lab *lab, const struct mail *mail, struct outcome *ret_outcome, struct err *err)
{
	struct session *session = lab->driver;
	struct wire *wire = &session->wire;

	*ret_outcome = (struct outcome){.reply = "", .hold_reason = ""};
	if (!mail->message->is_again || wire->fd == -1) {
		wire_close(wire);
		if (wire_open(wire, lab->socket, err) != 0 ||
		    send_connect(wire, mail, err) != 0)
			return -1;
	}
	if (send_envelope(wire, mail, err) != 0 || send_content(wire, mail, err) != 0)
		return -1;
	if (mail->message->is_aborted)
		return wire_send(wire, 'A', VIEW(""), err);
	return send_end(wire, mail, ret_outcome, err);
}

static int
wire_start(struct lab *lab, struct buf *said)
{
	struct session *session = mem_zeroed(1, sizeof(*session));

	session->wire.fd = -1;
	lab->driver = session;
	return daemon_start(&session->daemon, lab, said);
}

static int
wire_reload(struct lab *lab, struct buf *said)
{
	return lab_frank(lab, "reload", NULL, said) == 0 ? 0 : -1;
}

static void
wire_stop(struct lab *lab)
{
	struct session *session = TAKE(lab->driver);

	if (session == NULL)
		return;
	wire_close(&session->wire);
	daemon_stop(&session->daemon);
	free(session);
}

const struct driver driver_wire = {
    .name = "wire",
    .start = wire_start,
    .reload = wire_reload,
    .send = wire_message,
    .stop = wire_stop,
    .finish = daemons_finish,
};
