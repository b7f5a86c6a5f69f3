/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/arena.h"
#include "lib/json_line.h"

#include "postfix/queue.h"

/* What 'postqueue -j' prints: a message a line, its recipients last. */

/* Nobody's clock is beyond the year 9999. */
static int64_t
arrival_of(struct view line)
{
	const uint64_t last = UINT64_C(253402300799);
	uint64_t arrival = json_line_number(line, "arrival_time");

	return (int64_t)(arrival < last ? arrival : last);
}

bool
queue_entry_next_rcpt(
    const struct queue_entry *entry, struct view *rest, struct queue_rcpt *ret_rcpt)
{
	struct queue_rcpt rcpt = {.delay_reason = VIEW("")};

	if (!json_line_next_string(entry->arena, rest, "address", &rcpt.address))
		return false;
	/* Of this recipient, if it has one, and not of the next. */
	if (view_starts(*rest, VIEW(", \"delay_reason\":")))
		(void)json_line_next_string(
		    entry->arena, rest, "delay_reason", &rcpt.delay_reason);
	*ret_rcpt = rcpt;
	return true;
}

static void
read_recipients(struct view line, struct queue_entry *entry)
{
	struct queue_rcpt rcpt;

	entry->rcpts_text = line;
	while (queue_entry_next_rcpt(entry, &line, &rcpt))
		if (entry->rcpts++ == 0)
			entry->rcpt = rcpt.address;
}

size_t
postfix_queue_read(struct view text,
    void (*each)(void *context, const struct queue_entry *entry), void *context)
{
	struct arena *arena = arena_new(0);
	struct view line;
	size_t odd = 0;

	while (text.n > 0 && view_cut(&text, '\n', &line)) {
		struct queue_entry entry = {
		    .queue = json_line_string(arena, line, "queue_name"),
		    .id = json_line_string(arena, line, "queue_id"),
		    .sender = json_line_string(arena, line, "sender"),
		    .size = json_line_number(line, "message_size"),
		    .arrival = arrival_of(line),
		    .arena = arena};
		/* As Postfix shows the null sender. */
		if (view_is(entry.sender, VIEW("MAILER-DAEMON")))
			entry.sender = VIEW("");
		read_recipients(line, &entry);
		if (postfix_is_id(entry.id) && view_ends(line, VIEW("}")))
			each(context, &entry);
		else
			odd += line.n > 0;
		arena_reset(arena);
	}
	arena_free(arena);
	return odd;
}

/* TO is an address, or a domain with or without its "@". */
static bool
goes_to(struct view rcpt, struct view to)
{
	if (to.n > 0 && to.p[0] != '@' && view_has_char(to, '@'))
		return view_is_nocase(rcpt, to);
	if (view_starts(to, VIEW("@")))
		to = view_from(to, 1);
	return rcpt.n > to.n && rcpt.p[rcpt.n - to.n - 1] == '@' &&
	       view_ends_nocase(rcpt, to);
}

bool
queue_entry_has(const struct queue_entry *entry, struct view to)
{
	struct view rest = entry->rcpts_text, rcpt;

	while (json_line_next_string(entry->arena, &rest, "address", &rcpt))
		if (goes_to(rcpt, to))
			return true;
	return false;
}

bool
queue_entry_next_domain(
    const struct queue_entry *entry, struct view *rest, struct view *ret_domain)
{
	struct view rcpt;

	if (!json_line_next_string(entry->arena, rest, "address", &rcpt))
		return false;
	*ret_domain = VIEW("");
	for (size_t i = rcpt.n; i > 0; i--)
		if (rcpt.p[i - 1] == '@') {
			*ret_domain = view_from(rcpt, i);
			break;
		}
	return true;
}
