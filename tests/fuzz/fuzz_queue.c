/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input as what postqueue(1) prints: each message is counted once in its queue and at
 * most once for a destination, a cause and a login; and nothing of it speaks to a terminal.
 */

#include <stdint.h>

#include "lib/bug.h"

#include "ctl/queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char table[] =
    "reply refused\nmatch \"refused\"\nclass connection\nmeans m\ndo d\nsource s\ntest "
    "refused\nreply later\nmatch 4.x.x\nclass receiver\nmeans m\ndo d\nsource s\ntest 450 "
    "n\n";

static void
check_sum(struct queue_count *count, enum queue_kind kind)
{
	uint64_t messages = 0, rcpts = 0;
	size_t n;
	const struct queue_group *groups = queue_groups(count, kind, &n);

	for (size_t i = 0; i < n; i++) {
		must(groups[i].messages > 0 && groups[i].messages <= count->total.messages);
		must(groups[i].oldest >= count->total.oldest);
		messages += groups[i].messages;
		rcpts += groups[i].rcpts;
	}
	if (kind == QUEUE_BY_QUEUE)
		must(messages == count->total.messages);
	must(rcpts == count->total.rcpts);
}

static void
check_shown(struct queue_count *count, bool is_by, enum queue_kind kind)
{
	const struct queue_view view = {.is_by = is_by, .kind = kind, .n = 20, .now = 1};
	const struct queue_samples samples = {.n = 0};
	struct buf out = BUF_INIT(16 << 20);

	queue_text(count, &view, &samples, &out);
	must(!out.full);
	for (size_t i = 0; i < out.n; i++)
		must(out.p[i] == '\n' ||
		     ((unsigned char)out.p[i] >= ' ' && out.p[i] != 0x7f));
	buf_reset(&out);
	queue_json(count, &view, &out);
	must(!out.full);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct replies *replies = replies_new();
	struct queue_count count;

	must(replies_read(replies, "t", view_of(table), NULL) == 0);
	queue_count_init(&count, replies, true);
	(void)postfix_queue_read(
	    (struct view){(const char *)data, size}, queue_count_entry, &count);
	queue_count_logins(&count);
	check_sum(&count, QUEUE_BY_QUEUE);
	check_sum(&count, QUEUE_BY_DESTINATION);
	check_sum(&count, QUEUE_BY_CAUSE);
	for (int kind = QUEUE_BY_QUEUE; kind < QUEUE_BY_PLACE; kind++)
		check_shown(&count, true, (enum queue_kind)kind);
	check_shown(&count, false, QUEUE_BY_QUEUE);
	queue_count_fini(&count);
	replies_free(replies);
	return 0;
}
