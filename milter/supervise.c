/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "milter/key_client.h"
#include "milter/milter_process.h"
#include "milter/notify.h"
#include "milter/supervisor.h"

/* One log line for each line of MESSAGES. */
static void
messages_log(const struct buf *messages, bool is_error)
{
	struct view rest = buf_view(messages), line;

	while (view_cut(&rest, '\n', &line)) {
		if (line.n == 0)
			continue;
		if (is_error)
			log_error("%.*s", VIEW_ARG(line));
		else
			log_info("%.*s", VIEW_ARG(line));
	}
}

/* A new key process for the policy in force; the milter process goes on waiting for it
 * meanwhile. */
static int
keys_restart(struct supervisor *supervisor)
{
	struct buf messages = BUF_INIT(MESSAGES_MAX);
	struct key_sockets sockets;
	struct err err = ERR_INIT;

	int result = children_start_keys(
	    supervisor, supervisor->config, &supervisor->keys, &sockets, &messages, &err);
	if (result == 0)
		result = children_send_pool(supervisor, &sockets, &err);
	messages_log(&messages, false);
	buf_fini(&messages);
	if (result != 0)
		log_error("cannot restart the key process: %s", err.text);
	else
		log_info("the key process is back");
	return result;
}

static int
all_restart(struct supervisor *supervisor)
{
	struct buf messages = BUF_INIT(MESSAGES_MAX);
	struct err err = ERR_INIT;

	int result = children_start_all(supervisor, &messages, &err);
	messages_log(&messages, result != 0);
	buf_fini(&messages);
	if (result != 0)
		log_error("cannot start: %s", err.text);
	return result;
}

/* Start what is missing, at once or, when it keeps dying, after a pause. */
static void
restart_missing(struct supervisor *supervisor)
{
	int result = 0;

	supervisor->restart.at = 0;
	if (supervisor->milter.pid == 0)
		result = all_restart(supervisor);
	else if (supervisor->keys.pid == 0)
		result = keys_restart(supervisor);
	if (result != 0)
		supervisor->restart.at = clock_mono() + (int64_t)1000000;
}

static void
restart_helper(struct supervisor *supervisor, struct helper *helper)
{
	struct err err = ERR_INIT;

	helper->restart.at = 0;
	if (helper->start(supervisor, helper, &err) == 0)
		return;
	log_error("cannot start the %s process: %s", helper->name, err.text);
	helper->restart.at = clock_mono() + (int64_t)PAUSE_MAX_MS * 1000;
}

/* Microseconds until it is started again. */
static int64_t
pause_after(struct restart *restart, bool was_quick)
{
	restart->quick_deaths = was_quick ? restart->quick_deaths + 1 : 0;
	int64_t pause = restart->quick_deaths <= QUICK_DEATHS_FREE
			    ? 0
			    : (int64_t)restart->quick_deaths * 200;
	return (pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS) * 1000;
}

static void
child_died(struct child *child, struct restart *restart, const char *name, int status,
    bool is_helper)
{
	int64_t now = clock_mono();
	bool was_quick = now - child->born < (int64_t)QUICK_DEATH_SECONDS * 1000000;

	link_free(child->link);
	*child = (struct child){0};
	/* It ends by itself when the milter process has died: no death of its own. Or when
	 * there was no room for a helper: not to be tried again and again. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		int64_t at = now + (is_helper ? pause_after(restart, was_quick) : 0);
		restart->at = restart->at > at ? restart->at : at;
		return;
	}
	if (WIFSIGNALED(status))
		log_error("the %s process died of signal %d (SIG%s): it is started again",
		    name, WTERMSIG(status), sigabbrev_np(WTERMSIG(status)));
	else
		log_error("the %s process ended with status %d: it is started again", name,
		    WEXITSTATUS(status));
	restart->at = now + pause_after(restart, was_quick);
}

static void
children_reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == supervisor->milter.pid)
			child_died(&supervisor->milter, &supervisor->restart, "milter",
			    status, false);
		else if (pid == supervisor->keys.pid)
			child_died(
			    &supervisor->keys, &supervisor->restart, "key", status, false);
		for (unsigned i = 0; i < HELPERS; i++) {
			struct helper *helper = &supervisor->helpers[i];
			if (helper->child.pid != pid)
				continue;
			/* What it has started. */
			(void)kill(-pid, SIGKILL);
			child_died(
			    &helper->child, &helper->restart, helper->name, status, true);
		}
		for (unsigned i = 0; i < OLD_KEYS_MAX; i++) {
			struct child *old = &supervisor->old_keys[i];
			if (old->pid != pid)
				continue;
			link_free(old->link);
			*old = (struct child){0};
		}
	}
}

/* CLIENT 0: asked for by a signal. */
static void
reload_for(struct supervisor *supervisor, uint32_t client, const char *who)
{
	struct buf messages = BUF_INIT(MESSAGES_MAX);

	log_info("reload asked for by %s", who);
	notify("RELOADING=1");
	int result = reload(supervisor, &messages);
	messages_log(&messages, result != 0);
	reload_answer(
	    supervisor, client, result == 0 ? EX_OK : EX_CONFIG, who, buf_view(&messages));
	notify("READY=1");
	buf_fini(&messages);
	/* The milter process may have been waiting for us, not we for it. */
	supervisor->ponged = true;
	supervisor->ping_at = 0;
}

static void
milter_frame(struct supervisor *supervisor)
{
	struct link *link = supervisor->milter.link;
	struct err err = ERR_INIT;

	must(link != NULL);
	if (link_recv(link, 0, &err) <= 0)
		return; /* it died: SIGCHLD follows */
	link_close_fds(link);
	switch (link->in.type) {
	case LINK_RELOAD: {
		char who[256];
		snprintf(who, sizeof(who), "%.255s", link->in.text);
		reload_for(supervisor, link->in.number, who);
		break;
	}
	case LINK_PONG:
		supervisor->ponged = true;
		break;
	default:
		children_kill_hung(supervisor, &link->in);
		break;
	}
}

/* A milter process that does not answer for PING_SECONDS is as good as dead. */
static void
ping(struct supervisor *supervisor, int64_t now)
{
	if (now < supervisor->ping_at || supervisor->milter.pid == 0)
		return;
	if (supervisor->ping_at != 0 && !supervisor->ponged) {
		log_error("the milter process does not answer: it is killed");
		(void)kill(supervisor->milter.pid, SIGKILL);
	} else {
		notify("WATCHDOG=1");
	}
	supervisor->ponged = false;
	int64_t interval = notify_watchdog_interval();
	if (interval == 0 || interval > (int64_t)PING_SECONDS * 1000000)
		interval = (int64_t)PING_SECONDS * 1000000;
	supervisor->ping_at = now + interval;
	(void)link_send(supervisor->milter.link, LINK_PING, 0, 0, VIEW_NONE, NULL);
}

static void
timers(struct supervisor *supervisor)
{
	int64_t now = clock_mono();

	if (supervisor->restart.at != 0 && now >= supervisor->restart.at)
		restart_missing(supervisor);
	for (unsigned i = 0; i < HELPERS; i++) {
		struct helper *helper = &supervisor->helpers[i];
		if (helper->restart.at != 0 && now >= helper->restart.at)
			restart_helper(supervisor, helper);
	}
	for (unsigned i = 0; i < OLD_KEYS_MAX; i++) {
		struct child *old = &supervisor->old_keys[i];
		if (old->pid != 0 && now > old->end_by)
			children_end(old);
	}
	ping(supervisor, now);
}

/* Which signal came; 0: none. */
static uint32_t
signal_read(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	ssize_t n = read(supervisor->signal_fd, &info, sizeof(info));
	return n == sizeof(info) ? info.ssi_signo : 0;
}

static void
sockets_remove(struct supervisor *supervisor)
{
	if (supervisor->listen_path != NULL)
		(void)unlink(supervisor->listen_path);
	if (supervisor->control_path != NULL)
		(void)unlink(supervisor->control_path);
}

static void
stop(struct supervisor *supervisor)
{
	struct err err = ERR_INIT;
	struct link *link = supervisor->milter.link;

	notify("STOPPING=1");
	log_info("stopping");
	if (link != NULL && link_send(link, LINK_STOP, 0, 0, VIEW_NONE, &err) == 0) {
		int64_t deadline = clock_mono() + (int64_t)(STOP_SECONDS + 7) * 1000000;
		while (clock_mono() < deadline && link_recv(link, 1000, &err) != 0 &&
		       link->in.type != LINK_STOPPED)
			link_close_fds(link);
	}
	children_end(&supervisor->milter);
	children_end(&supervisor->keys);
	for (unsigned i = 0; i < HELPERS; i++)
		children_end(&supervisor->helpers[i].child);
	for (unsigned i = 0; i < OLD_KEYS_MAX; i++)
		children_end(&supervisor->old_keys[i]);
	sockets_remove(supervisor);
	log_info("stopped");
}

/* Wait for one thing and deal with it; false: told to stop. */
static bool
turn(struct supervisor *supervisor)
{
	const struct link *milter = supervisor->milter.link,
			  *follow = supervisor->helpers[HELPER_FOLLOW].child.link;
	struct pollfd polled[3] = {
	    {.fd = supervisor->signal_fd, .events = POLLIN},
	    {.fd = milter != NULL ? milter->fd : -1, .events = POLLIN},
	    {.fd = follow != NULL ? follow->fd : -1, .events = POLLIN},
	};
	bool is_pending = supervisor->restart.at != 0;
	for (unsigned i = 0; i < HELPERS; i++)
		is_pending = is_pending || supervisor->helpers[i].restart.at != 0;
	int wait = is_pending ? 10 : 1000;

	if (poll(polled, ARRAY_LEN(polled), wait) < 0 && errno != EINTR)
		BUG("poll");
	if (polled[2].revents != 0)
		children_serve_follow(supervisor);
	if (polled[1].revents != 0)
		milter_frame(supervisor);
	if (polled[0].revents != 0) {
		switch (signal_read(supervisor)) {
		case SIGTERM:
		case SIGINT:
			return false;
		case SIGHUP:
			reload_for(supervisor, 0, "SIGHUP");
			break;
		case SIGCHLD:
			children_reap(supervisor);
			break;
		default:
			break;
		}
	}
	timers(supervisor);
	return true;
}

int
supervise(struct supervisor *supervisor)
{
	supervisor->generation = 1;
	children_init(supervisor);
	if (all_restart(supervisor) != 0) {
		sockets_remove(supervisor);
		return EX_CONFIG;
	}
	log_info("frankd is ready");
	notify("READY=1");
	while (turn(supervisor))
		continue;
	stop(supervisor);
	return EX_OK;
}
