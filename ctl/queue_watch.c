/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/queue.h"

/*
 * On a terminal each picture takes the place of the one before, on a screen of its own that
 * is given back at the end, whatever ends it: signals wait until a picture is whole.
 */

static const int enders[] = {SIGINT, SIGTERM, SIGHUP};

enum { ENDERS = sizeof(enders) / sizeof(*enders), ROWS_LEAST = 5 };

#define SCREEN_TAKE "\033[?1049h\033[?25l"
#define SCREEN_GIVE "\033[?25h\033[?1049l"

struct screen {
	bool is_terminal, is_input;
	sigset_t before, held;
	struct sigaction old[ENDERS];
};

static void
interrupted(int number)
{
	(void)number; /* ppoll() ends with EINTR: that is all it is for */
}

static void
screen_take(struct screen *screen)
{
	struct sigaction action = {.sa_handler = interrupted};

	screen->is_terminal = isatty(STDOUT_FILENO) == 1;
	screen->is_input = screen->is_terminal && isatty(STDIN_FILENO) == 1;
	(void)sigemptyset(&screen->held);
	for (int i = 0; i < ENDERS; i++)
		(void)sigaddset(&screen->held, enders[i]);
	(void)sigprocmask(SIG_BLOCK, &screen->held, &screen->before);
	for (int i = 0; i < ENDERS; i++) {
		(void)sigdelset(&screen->before, enders[i]);
		(void)sigaction(enders[i], &action, &screen->old[i]);
	}
	if (screen->is_terminal)
		fputs(SCREEN_TAKE, stdout);
}

static void
screen_give(const struct screen *screen)
{
	if (screen->is_terminal)
		fputs(SCREEN_GIVE, stdout);
	(void)fflush(stdout);
	for (int i = 0; i < ENDERS; i++)
		(void)sigaction(enders[i], &screen->old[i], NULL);
}

/* Has somebody asked for the end while signals waited? */
static bool
is_asked(const struct screen *screen)
{
	sigset_t pending;

	if (sigpending(&pending) == -1)
		return false;
	for (int i = 0; i < ENDERS; i++)
		if (sigismember(&screen->held, enders[i]) == 1 &&
		    sigismember(&pending, enders[i]) == 1)
			return true;
	return false;
}

/* True: it is over, by a signal or by the return key. */
static bool
wait_for(const struct screen *screen, int64_t seconds)
{
	struct pollfd key = {.fd = screen->is_input ? STDIN_FILENO : -1, .events = POLLIN};
	const struct timespec until = {.tv_sec = (time_t)seconds};
	int n = ppoll(&key, 1, &until, &screen->before);

	return n > 0 || (n < 0 && errno == EINTR);
}

/* As many lines as there is room for. */
static struct view
fit(struct view text)
{
	struct winsize size;
	int rows = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
	size_t n = 0;

	if (rows < ROWS_LEAST)
		return text;
	for (int line = 1; n < text.n && line < rows; n++)
		line += text.p[n] == '\n';
	return view_head(text, n);
}

static int
draw(const struct screen *screen, const struct buf *out)
{
	struct view text = buf_view(out);

	if (!screen->is_terminal)
		return ctl_print(out);
	text = fit(text);
	fputs("\033[H\033[2J", stdout);
	if (text.n > 0 && fwrite(text.p, 1, text.n, stdout) != text.n)
		return EX_IOERR;
	return fflush(stdout) == 0 ? CTL_FINE : EX_IOERR;
}

/* An exit code; -1: ERR. */
static int
show_once(const struct queue_watch *watch, const struct screen *screen, struct err *err)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int code = watch->show(watch->context, &out, err);

	if (code == 0)
		code = draw(screen, &out);
	buf_fini(&out);
	return code;
}

int
queue_watch(const struct queue_watch *watch)
{
	struct err err = ERR_INIT;
	struct screen screen;
	uint64_t shown = 0;
	int code;

	screen_take(&screen);
	do {
		code = show_once(watch, &screen, &err);
		shown++;
	} while (code == CTL_FINE && shown != watch->count && !is_asked(&screen) &&
		 !wait_for(&screen, watch->every));
	/* Ctrl-C also ends the command that Postfix was asked with. */
	if (is_asked(&screen))
		code = CTL_FINE;
	screen_give(&screen);
	/* On the terminal as it was. */
	return code == -1 ? ctl_fail(&err) : code;
}
