/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>
#include <sys/time.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "milter/link.h"

enum { FRAME_HEAD = offsetof(struct link_frame, text) };

struct link *
link_new(int fd)
{
	struct link *link = mem_zeroed(1, sizeof(*link));
	struct timeval patience = {.tv_sec = LINK_SEND_SECONDS};

	link->fd = fd;
	/* A peer that does not read must not stop the one who tells it something. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	must(pthread_mutex_init(&link->lock, NULL) == 0);
	return link;
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	close(link->fd);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

/* With the lock held. */
static void
frame_fill(struct link *link, enum link_type type, uint64_t generation, struct view text)
{
	struct link_frame *out = &link->out;

	text = view_head(text, LINK_TEXT_MAX - 1);
	*out = (struct link_frame){.type = type, .generation = generation};
	out->n = (uint32_t)text.n;
	if (text.n > 0)
		memcpy(out->text, text.p, text.n);
}

int
link_send(struct link *link, enum link_type type, uint32_t number, uint64_t generation,
    struct view text, struct err *err)
{
	pthread_mutex_lock(&link->lock);
	frame_fill(link, type, generation, text);
	link->out.number = number;
	int result = ipc_send(link->fd, &link->out, FRAME_HEAD + link->out.n, err);
	pthread_mutex_unlock(&link->lock);
	return result;
}

int
link_send_code(struct link *link, enum link_type type, uint32_t number, int code,
    struct view text, struct err *err)
{
	pthread_mutex_lock(&link->lock);
	frame_fill(link, type, 0, text);
	link->out.number = number;
	link->out.code = code;
	int result = ipc_send(link->fd, &link->out, FRAME_HEAD + link->out.n, err);
	pthread_mutex_unlock(&link->lock);
	return result;
}

int
link_send_fds(struct link *link, enum link_type type, uint64_t generation, struct view text,
    struct link_fds fds, struct err *err)
{
	pthread_mutex_lock(&link->lock);
	frame_fill(link, type, generation, text);
	int result = ipc_send_fds(
	    link->fd, &link->out, FRAME_HEAD + link->out.n, fds.fds, fds.n, err);
	pthread_mutex_unlock(&link->lock);
	return result;
}

int
link_recv(struct link *link, int milliseconds, struct err *err)
{
	struct link_frame *in = &link->in;
	size_t n;

	link->n_fds = 0;
	link->has_lost_fds = false;
	int got = ipc_recv_fds(link->fd, in, FRAME_HEAD + LINK_TEXT_MAX - 1, &n, link->fds,
	    &link->n_fds, milliseconds, err);
	if (got <= 0)
		return got;
	link->has_lost_fds = link->n_fds == IPC_FDS_LOST;
	if (link->has_lost_fds)
		link->n_fds = 0;
	if (n < FRAME_HEAD || in->n != n - FRAME_HEAD) {
		link_close_fds(link);
		return err_set(err, ERR_BAD_INPUT, "a malformed frame of %zu bytes", n);
	}
	in->text[in->n] = '\0';
	return 1;
}

void
link_close_fds(struct link *link)
{
	for (size_t i = 0; i < link->n_fds; i++)
		close(link->fds[i]);
	link->n_fds = 0;
}
