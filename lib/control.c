/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/ipc.h"

enum {
	SEND_SECONDS = 2,
	ASK_SECONDS = 60,
	PIECE_MAX = 4 * 1024, /* bytes of output in one frame */
};

static int
build_request(const char *const *words, size_t n_words, struct buf *out, struct err *err)
{
	if (n_words == 0 || n_words > CONTROL_WORDS_MAX)
		return err_set(
		    err, ERR_LIMIT, "a request has 1 to %d words", CONTROL_WORDS_MAX);
	for (size_t i = 0; i < n_words; i++)
		buf_add_bytes(out, words[i], strlen(words[i]) + 1);
	if (out->full)
		return err_set(
		    err, ERR_LIMIT, "a request is at most %d bytes", CONTROL_REQUEST_MAX);
	return 0;
}

static int
connect_to(const char *path, int *ret_fd, struct err *err)
{
	/* The time-out of sends is the one of connect(2) too, when the daemon's queue is
	 * full. */
	struct timeval patience = {.tv_sec = SEND_SECONDS};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	int fd;

	if (n == 0 || n >= sizeof(address.sun_path))
		return err_set(
		    err, ERR_CONFIG, "the path of the control socket is too long");
	memcpy(address.sun_path, path, n);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, "cannot make a socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (errno == ECONNREFUSED)
			(void)err_set(
			    err, ERR_MISSING, "%s: no frankd answers there", path);
		else
			(void)err_sys(err, "%s", path);
		(void)close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

/* One frame of the answer. 1: it was the last; 0: there are more. */
static int
take_answer(const unsigned char *frame, size_t n, control_show *show, void *context,
    int *ret_exit, struct err *err)
{
	if (frame[0] == 'x' && n == 2) {
		*ret_exit = frame[1];
		return 1;
	}
	if (frame[0] != 'd' && frame[0] != 'e')
		return err_set(
		    err, ERR_BAD_INPUT, "frankd answered in a way not known here");
	show(context, frame[0] == 'e', (struct view){(const char *)frame + 1, n - 1});
	return 0;
}

static int
take_answers(int fd, control_show *show, void *context, struct err *err)
{
	int64_t end = clock_mono() + (int64_t)ASK_SECONDS * 1000000;
	unsigned char *frame = mem_zeroed(1, IPC_FRAME_MAX);
	int exit_code = -1, result;

	do {
		int64_t left = (end - clock_mono()) / 1000;
		size_t n = 0;

		result =
		    ipc_recv(fd, frame, IPC_FRAME_MAX, &n, left > 0 ? (int)left : 0, err);
		if (result == 0)
			result = err_set(err, ERR_IO, "frankd broke off its answer");
		else if (result > 0)
			result = take_answer(frame, n, show, context, &exit_code, err);
	} while (result == 0);
	free(frame);
	return result < 0 ? -1 : exit_code;
}

int
control_ask(const char *socket_path, const char *const *words, size_t n_words,
    control_show *show, void *context, struct err *err)
{
	struct buf request = BUF_INIT(CONTROL_REQUEST_MAX);
	int fd = -1, result = -1;

	if (build_request(words, n_words, &request, err) == 0 &&
	    connect_to(socket_path, &fd, err) == 0) {
		if (ipc_send(fd, request.p, request.n, err) == 0)
			result = take_answers(fd, show, context, err);
		(void)close(fd);
	}
	buf_fini(&request);
	return result;
}

int
control_parse(char *frame, size_t n, const char *ret_words[CONTROL_WORDS_MAX],
    size_t *ret_n, struct err *err)
{
	const char *words[CONTROL_WORDS_MAX];
	size_t count = 0;

	if (n == 0 || n > CONTROL_REQUEST_MAX || frame[n - 1] != '\0' || frame[0] == '\0')
		return err_set(err, ERR_BAD_INPUT, "not a request");
	for (size_t at = 0; at < n; at += strlen(frame + at) + 1) {
		if (count == CONTROL_WORDS_MAX)
			return err_set(
			    err, ERR_LIMIT, "more than %d words", CONTROL_WORDS_MAX);
		words[count++] = frame + at;
	}
	memcpy(ret_words, words, count * sizeof(words[0]));
	*ret_n = count;
	return 0;
}

/* Who asks and does not read the answer holds up nothing for longer than this. */
static int
send_patiently(int fd, const void *frame, size_t n)
{
	int64_t end = clock_mono() + (int64_t)SEND_SECONDS * 1000000;

	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
		int64_t left;

		if (send(fd, frame, n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		left = (end - clock_mono() + 999) / 1000;
		if (left <= 0)
			return -1;
		(void)poll(&poll_fd, 1, (int)left);
	}
}

int
control_answer(int fd, int is_error, struct view text)
{
	char frame[1 + PIECE_MAX];

	while (text.n != 0) {
		struct view piece = view_head(text, PIECE_MAX);

		frame[0] = is_error ? 'e' : 'd';
		memcpy(frame + 1, piece.p, piece.n);
		if (send_patiently(fd, frame, 1 + piece.n) < 0)
			return -1;
		text = view_from(text, piece.n);
	}
	return 0;
}

int
control_finish(int fd, int exit_code)
{
	unsigned char frame[2] = {'x', (unsigned char)exit_code};

	return send_patiently(fd, frame, sizeof(frame));
}
