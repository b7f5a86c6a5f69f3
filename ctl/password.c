/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "ctl/password.h"

enum {
	FILE_BYTES = 4096,
	CTRL_C = 3,
	CTRL_D = 4,
	CTRL_U = 21,
	BACKSPACE = 8,
	DELETE = 127
};

static int
read_from_file(const char *file, struct buf *out, struct err *err)
{
	struct buf text = BUF_INIT(FILE_BYTES);
	struct view rest, line = VIEW("");

	(void)buf_reserve(&text, FILE_BYTES);
	int result = file_read(file, &text, err);

	rest = buf_view(&text);
	if (result == 0 && view_cut(&rest, '\n', &line) && view_ends(line, VIEW("\r")))
		line = view_head(line, line.n - 1);
	if (result == 0 && line.n > PASSWORD_MAX)
		result = err_set(err, ERR_LIMIT,
		    "%s: a password of more than %d bytes is not taken", file,
		    PASSWORD_MAX);
	else if (result == 0 && line.n == 0)
		result = err_set(err, ERR_CONFIG, "%s: the first line is empty", file);
	if (result == 0)
		buf_add(out, line);
	if (text.p != NULL)
		OPENSSL_cleanse(text.p, text.size);
	buf_fini(&text);
	return result;
}

static void
say(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno != EINTR)
			return;
		if (done > 0) {
			text += done;
			n -= (size_t)done;
		}
	}
}

/* Signals that end a process wait until the terminal is as it was. */
static const int enders[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};

struct waiting {
	sigset_t before; /* with the enders let through */
	sigset_t mask;   /* that there was */
	struct sigaction old[ARRAY_LEN(enders)];
};

static void
interrupted(int number)
{
	(void)number; /* ppoll(2) ends with EINTR: that is all it is for */
}

static void
signals_hold(struct waiting *waiting)
{
	struct sigaction action = {.sa_handler = interrupted};
	sigset_t held;

	(void)sigemptyset(&held);
	for (size_t i = 0; i < ARRAY_LEN(enders); i++)
		(void)sigaddset(&held, enders[i]);
	(void)sigprocmask(SIG_BLOCK, &held, &waiting->mask);
	waiting->before = waiting->mask;
	for (size_t i = 0; i < ARRAY_LEN(enders); i++) {
		(void)sigdelset(&waiting->before, enders[i]);
		(void)sigaction(enders[i], &action, &waiting->old[i]);
	}
}

static void
signals_give(const struct waiting *waiting)
{
	for (size_t i = 0; i < ARRAY_LEN(enders); i++)
		(void)sigaction(enders[i], &waiting->old[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &waiting->mask, NULL);
}

/* One key at a time, so that Ctrl-C ends it with the terminal as it was. 1; 0: given up. */
static int
read_keys(int fd, const struct waiting *waiting, struct buf *out)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	unsigned char key;

	for (;;) {
		if (ppoll(&ready, 1, NULL, &waiting->before) < 0)
			return 0;
		ssize_t n = read(fd, &key, 1);
		if (n <= 0 || key == CTRL_C || key == CTRL_D)
			return 0;
		if (key == '\r' || key == '\n')
			return out->n > 0;
		if (key == CTRL_U)
			buf_reset(out);
		else if (key != BACKSPACE && key != DELETE)
			buf_add_char(out, (char)key);
		else if (out->n > 0)
			out->n--;
	}
}

static int
read_typed(const char *prompt, struct buf *out, struct err *err)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, quiet;
	struct waiting waiting;

	if (fd < 0 || tcgetattr(fd, &before) == -1) {
		if (fd >= 0)
			(void)close(fd);
		return err_set(err, ERR_CONFIG,
		    "there is no terminal to ask on for the password: name a file with "
		    "--password-file");
	}
	quiet = before;
	quiet.c_lflag &= (tcflag_t) ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	signals_hold(&waiting);
	say(fd, prompt);
	(void)tcsetattr(fd, TCSAFLUSH, &quiet);
	int result = read_keys(fd, &waiting, out);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	say(fd, "\n");
	signals_give(&waiting);
	(void)close(fd);
	if (out->full)
		return err_set(err, ERR_LIMIT,
		    "a password of more than %zu bytes is not taken", out->limit);
	return result == 1 ? 0 : err_set(err, ERR_CONFIG, "no password was given");
}

int
password_read(const char *file, const char *prompt, struct buf *out, struct err *err)
{
	/* At its full size, so that growing leaves no pieces behind. */
	(void)buf_reserve(out, PASSWORD_MAX);
	return file != NULL ? read_from_file(file, out, err) : read_typed(prompt, out, err);
}
