/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/bench/sim.h"

/* Messages that are still to be sent. */

enum { FIRST_ROOM = 1024 };

void
post_fini(struct sim_post *post)
{
	free(post->mails);
	free(post->pool);
	*post = (struct sim_post){0};
}

void
post_begin(struct sim_post *post, int64_t time, uint32_t person, struct addr client)
{
	if (post->n == post->room) {
		post->room = post->room != 0 ? post->room * 2 : FIRST_ROOM;
		post->mails = mem_resize(post->mails, post->room, sizeof(*post->mails));
	}
	post->mails[post->n++] = (struct sim_mail){
	    .time = time,
	    .order = post->order++,
	    .person = person,
	    .attack = -1,
	    .client = client,
	    .first = (uint32_t)post->n_pool,
	};
}

void
post_rcpt(struct sim_post *post, uint64_t rcpt)
{
	must(post->n > 0);
	if (post->n_pool == post->pool_room) {
		post->pool_room = post->pool_room != 0 ? post->pool_room * 2 : FIRST_ROOM;
		post->pool = mem_resize(post->pool, post->pool_room, sizeof(*post->pool));
	}
	post->pool[post->n_pool++] = rcpt;
	post->mails[post->n - 1].n++;
}

uint64_t
post_stranger(struct sim_post *post)
{
	return SIM_LOGINS + post->strangers++;
}

static int
by_time(const void *left, const void *right)
{
	const struct sim_mail *a = left, *b = right;

	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

size_t
post_due(struct sim_post *post, int64_t end)
{
	size_t n = 0;

	qsort(post->mails, post->n, sizeof(*post->mails), by_time);
	while (n < post->n && post->mails[n].time < end)
		n++;
	return n;
}

void
post_drop(struct sim_post *post, size_t n)
{
	post->n -= n;
	memmove(post->mails, post->mails + n, post->n * sizeof(*post->mails));
}
