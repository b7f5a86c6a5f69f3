/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/smtp.h"

enum { COMMAND_MAX = 1024, TEXT_OUT_MAX = 16 << 20, HOST_MAX = 256, SAID_MAX = 160 };

struct talk {
	const char *server;
	int fd;
	int64_t deadline;       /* monotonic */
	char in[SMTP_LINE_MAX]; /* n bytes, read and not yet used */
	size_t n;
	struct buf said; /* the last line of the last reply */
};

static int
wait_for(const struct talk *talk, short events, struct err *err)
{
	struct pollfd poll_fd = {.fd = talk->fd, .events = events};

	for (;;) {
		int64_t left = (talk->deadline - clock_mono() + 999) / 1000;
		int n = left > 0 ? poll(&poll_fd, 1, (int)left) : 0;

		if (n > 0)
			return 0;
		if (n == 0)
			return err_set(
			    err, ERR_TEMP, "%s did not answer in time", talk->server);
		if (errno != EINTR)
			return err_sys(err, "cannot wait for %s", talk->server);
	}
}

static int
send_all(struct talk *talk, struct view text, struct err *err)
{
	while (text.n > 0) {
		ssize_t n = send(talk->fd, text.p, text.n, MSG_NOSIGNAL);

		if (n > 0)
			text = view_from(text, (size_t)n);
		else if (errno != EINTR && errno != EAGAIN)
			return err_set(err, ERR_TEMP, "%s closed the connection: %s",
			    talk->server, strerror(errno));
		else if (wait_for(talk, POLLOUT, err) == -1)
			return -1;
	}
	return 0;
}

/* One line without its end; it lives until the next. */
static int
read_line(struct talk *talk, struct buf *line, struct err *err)
{
	buf_reset(line);
	for (;;) {
		char *end = memchr(talk->in, '\n', talk->n);

		if (end != NULL) {
			size_t used = (size_t)(end - talk->in) + 1;
			buf_add(line, view_trim((struct view){talk->in, used - 1}));
			memmove(talk->in, talk->in + used, talk->n - used);
			talk->n -= used;
			return 0;
		}
		if (talk->n == sizeof(talk->in))
			return err_set(err, ERR_TEMP,
			    "%s answered with a line over %d bytes", talk->server,
			    SMTP_LINE_MAX);
		if (wait_for(talk, POLLIN, err) == -1)
			return -1;
		ssize_t n =
		    recv(talk->fd, talk->in + talk->n, sizeof(talk->in) - talk->n, 0);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return err_set(
			    err, ERR_TEMP, "%s closed the connection", talk->server);
		talk->n += n > 0 ? (size_t)n : 0;
	}
}

/* "250-text", "250 text", "250" (RFC 5321 4.2). 0: it is none. */
static int
code_of(struct view line, bool *ret_goes_on)
{
	unsigned long long code;

	if (line.n < 3 || !view_number(view_head(line, 3), 599, &code) || code < 200)
		return 0;
	*ret_goes_on = line.n > 3 && line.p[3] == '-';
	return line.n == 3 || line.p[3] == ' ' || line.p[3] == '-' ? (int)code : 0;
}

/* The code of the next reply, whose last line is in talk->said; -1. */
static int
read_reply(struct talk *talk, struct err *err)
{
	bool goes_on = true;
	int code = 0;

	for (int i = 0; goes_on; i++) {
		if (i == SMTP_REPLY_LINES)
			return err_set(err, ERR_TEMP, "%s answered with more than %d lines",
			    talk->server, SMTP_REPLY_LINES);
		if (read_line(talk, &talk->said, err) == -1)
			return -1;
		int next = code_of(buf_view(&talk->said), &goes_on);
		if (next == 0 || (code != 0 && next != code))
			return err_set(err, ERR_TEMP, "%s does not speak SMTP: %.*s",
			    talk->server,
			    VIEW_ARG(view_head(buf_view(&talk->said), SAID_MAX)));
		code = next;
	}
	return code;
}

static int
refused(const struct talk *talk, const char *what, int code, struct err *err)
{
	return err_set(err, code >= 500 ? ERR_CONFIG : ERR_TEMP,
	    "%s answered %s with: %.*s", talk->server, what,
	    VIEW_ARG(view_head(buf_view(&talk->said), SAID_MAX)));
}

/* COMMAND and its one argument, and a reply of the kind WANT (2 or 3). */
static int
command(struct talk *talk, const char *verb, const char *format, struct view argument,
    struct err *err)
{
	struct buf line = BUF_INIT(COMMAND_MAX);
	int want = strcmp(verb, "DATA") == 0 ? 3 : 2;

	buf_add_text(&line, verb);
	if (argument.p != NULL)
		buf_addf(&line, "%s%.*s%s", format, VIEW_ARG(argument),
		    view_has_char(view_of(format), '<') ? ">" : "");
	buf_add_text(&line, "\r\n");
	must(!line.full);
	int code = send_all(talk, buf_view(&line), err);
	buf_fini(&line);
	if (code == 0)
		code = read_reply(talk, err);
	if (code == -1)
		return -1;
	return code / 100 == want ? 0 : refused(talk, verb, code, err);
}

/* RFC 5321 4.5.2. */
static int
send_text(struct talk *talk, struct view text, struct err *err)
{
	struct buf out = BUF_INIT(TEXT_OUT_MAX);
	struct view line;
	int result;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line = view_head(line, line.n - 1);
		if (line.n > 0 && line.p[0] == '.')
			buf_add_char(&out, '.');
		buf_add(&out, line);
		buf_add(&out, VIEW("\r\n"));
	}
	buf_add(&out, VIEW(".\r\n"));
	result = out.full ? err_set(err, ERR_BAD_INPUT, "the message is too long")
			  : send_all(talk, buf_view(&out), err);
	buf_fini(&out);
	if (result == -1)
		return -1;
	int code = read_reply(talk, err);
	if (code == -1)
		return -1;
	return code / 100 == 2 ? 0 : refused(talk, "the message", code, err);
}

static int
converse(
    struct talk *talk, const struct smtp_mail *mail, struct buf *reply, struct err *err)
{
	struct err ignored = ERR_INIT;
	int code = read_reply(talk, err);

	if (code == -1)
		return -1;
	if (code / 100 != 2)
		return refused(talk, "the connection", code, err);
	if ((command(talk, "EHLO", " ", mail->helo, &ignored) == -1 &&
		command(talk, "HELO", " ", mail->helo, err) == -1) ||
	    command(talk, "MAIL", " FROM:<", mail->sender, err) == -1 ||
	    command(talk, "RCPT", " TO:<", mail->rcpt, err) == -1 ||
	    command(talk, "DATA", "", VIEW_NONE, err) == -1 ||
	    send_text(talk, mail->text, err) == -1)
		return -1;
	if (reply != NULL)
		buf_add(reply, buf_view(&talk->said));
	/* It has the message, whatever it says now. */
	(void)send_all(talk, VIEW("QUIT\r\n"), NULL);
	return 0;
}

static int
connect_to(struct talk *talk, const struct addrinfo *to, struct err *err)
{
	int why = 0;
	socklen_t size = sizeof(why);

	talk->fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (talk->fd < 0)
		return err_sys(err, "cannot make a socket");
	if (connect(talk->fd, to->ai_addr, to->ai_addrlen) == -1) {
		if (errno != EINPROGRESS)
			why = errno;
		else if (wait_for(talk, POLLOUT, err) == -1)
			return -1;
		else
			(void)getsockopt(talk->fd, SOL_SOCKET, SO_ERROR, &why, &size);
	}
	if (why != 0)
		return err_set(
		    err, ERR_TEMP, "cannot connect to %s: %s", talk->server, strerror(why));
	return 0;
}

/* "host:port", the host in brackets when it is an IPv6 address. */
static struct addrinfo *
find_server(const char *server, struct err *err)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG};
	struct addrinfo *found = NULL;
	char host[HOST_MAX];
	const char *colon = strrchr(server, ':');
	size_t n = colon != NULL ? (size_t)(colon - server) : 0;

	if (n >= 2 && server[0] == '[' && colon[-1] == ']') {
		server++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(host)) {
		(void)err_set(err, ERR_CONFIG, "'%s' is no host and port", server);
		return NULL;
	}
	memcpy(host, server, n);
	host[n] = '\0';
	/* An address is one without asking anybody, and without a network. */
	hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
	int why = getaddrinfo(host, colon + 1, &hints, &found);
	if (why == EAI_NONAME) {
		hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
		why = getaddrinfo(host, colon + 1, &hints, &found);
	}
	if (why != 0) {
		(void)err_set(err, ERR_TEMP, "cannot find %s: %s", host, gai_strerror(why));
		return NULL;
	}
	return found;
}

/* What would end a command, or begin another. */
static bool
is_sayable(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == '\x7f' ||
		    text.p[i] == '<' || text.p[i] == '>')
			return false;
	return text.n <= COMMAND_MAX / 2;
}

int
smtp_send(
    const struct smtp_mail *mail, int milliseconds, struct buf *reply, struct err *err)
{
	struct talk talk = {.server = mail->server, .fd = -1};
	struct view sender = mail->sender.p != NULL ? mail->sender : VIEW("");
	struct smtp_mail said = *mail;
	int result = -1;

	if (!is_sayable(sender) || !is_sayable(mail->rcpt) || !is_sayable(mail->helo))
		return err_set(err, ERR_BAD_INPUT,
		    "an address or name cannot be said in SMTP: %.*s, %.*s, %.*s",
		    VIEW_ARG(mail->helo), VIEW_ARG(sender), VIEW_ARG(mail->rcpt));
	said.sender = sender;
	struct addrinfo *found = find_server(mail->server, err);
	if (found == NULL)
		return -1;
	talk.deadline = clock_mono() + (int64_t)milliseconds * 1000;
	buf_init(&talk.said, SMTP_LINE_MAX);
	for (const struct addrinfo *to = found; to != NULL; to = to->ai_next) {
		if (talk.fd >= 0)
			(void)close(talk.fd);
		result = connect_to(&talk, to, err);
		if (result == 0)
			break;
	}
	if (result == 0)
		result = converse(&talk, &said, reply, err);
	if (talk.fd >= 0)
		(void)close(talk.fd);
	freeaddrinfo(found);
	buf_fini(&talk.said);
	return result;
}
