/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/run.h"
#include "postfix/lifetime.h"

#include "ctl/key_running.h"
#include "ctl/reply.h"

enum {
	REPLY_BYTES = 1 << 20,
	KEYS_MAX = 300000,
	ID_MAX = 2048,
	POSTFIX_MS = 5000,
	DEFAULT_DAYS = 5, /* Postfix's maximal_queue_lifetime */
	QUEUE_BYTES = 64 << 20,
};

static void
key_read(struct arena *arena, struct view line, struct running_key *key)
{
	*key = (struct running_key){.domain = json_line_string(arena, line, "domain"),
	    .selector = json_line_string(arena, line, "selector"),
	    .name = json_line_string(arena, line, "name"),
	    .algorithm = json_line_string(arena, line, "algorithm"),
	    .stage = json_line_string(arena, line, "stage"),
	    .state = json_line_string(arena, line, "state"),
	    .since = json_line_string(arena, line, "since"),
	    .replaced = json_line_string(arena, line, "replaced"),
	    .lagging = json_line_string(arena, line, "lagging"),
	    .fault = json_line_string(arena, line, "fault"),
	    .ttl = (uint32_t)json_line_number(line, "ttl"),
	    .signs = json_line_is(line, "signs")};
}

struct reply {
	struct buf text, errors;
};

static void
collect(void *context, int is_error, struct view text)
{
	struct reply *reply = context;

	buf_add(is_error ? &reply->errors : &reply->text, text);
}

/* One page. 1: *ret_next is where the next one begins; 0: that was all; -1. */
static int
page_ask(const char *control, const char *domain, struct arena *arena,
    struct running_keys *keys, uint64_t *ret_next, struct err *err)
{
	char from[24];
	const char *words[] = {"keys", domain, from};
	struct reply reply = {BUF_INIT(REPLY_BYTES), BUF_INIT(REPLY_BYTES)};
	int result = 0, code;

	snprintf(from, sizeof(from), "%llu", (unsigned long long)*ret_next);
	code = control_ask(control, words, ARRAY_LEN(words), collect, &reply, err);
	if (code > 0)
		result = err_set(err, ERR_TEMP, "frankd does not list its keys: %.*s",
		    VIEW_ARG(view_trim(buf_view(&reply.errors))));
	if (code != 0)
		result = -1;
	/* Views outlive the buffer. */
	struct view rest =
			arena_view(arena, result == 0 ? buf_view(&reply.text) : VIEW("")),
		    line;
	while (result == 0 && view_cut(&rest, '\n', &line)) {
		if (view_starts(line, VIEW("{\"next\":"))) {
			*ret_next = json_line_number(line, "next");
			result = 1;
		} else if (line.n > 0 && keys->n < KEYS_MAX) {
			key_read(arena, line, &keys->keys[keys->n++]);
		}
	}
	buf_fini(&reply.text);
	buf_fini(&reply.errors);
	return result;
}

/* "domain selector name": none of them holds a blank. */
static void
id_add(struct view domain, struct view selector, struct view name, struct buf *out)
{
	buf_add(out, domain);
	buf_add_char(out, ' ');
	buf_add(out, selector);
	buf_add_char(out, ' ');
	buf_add(out, name);
}

int
running_keys_ask(const char *control, const char *domain, struct arena *arena,
    struct running_keys *ret_keys, struct err *err)
{
	uint64_t next = 0, before = 0;
	int result;

	ret_keys->keys = arena_array(arena, KEYS_MAX, sizeof(*ret_keys->keys));
	ret_keys->n = 0;
	map_init(&ret_keys->by_id, map_seed_random());
	do {
		before = next;
		result = page_ask(
		    control, domain != NULL ? domain : "", arena, ret_keys, &next, err);
	} while (result == 1 && next > before);
	for (size_t i = 0; i < ret_keys->n; i++) {
		struct running_key *key = &ret_keys->keys[i];
		struct buf id = BUF_INIT(ID_MAX);

		id_add(key->domain, key->selector, key->name, &id);
		map_add(&ret_keys->by_id, arena_view(arena, buf_view(&id)), key);
		buf_fini(&id);
	}
	return result < 0 ? -1 : 0;
}

struct running_key *
running_keys_find(const struct running_keys *keys, struct view domain, struct view selector,
    struct view name)
{
	struct buf id = BUF_INIT(ID_MAX);
	struct running_key *found;

	id_add(domain, selector, name, &id);
	found = keys->n > 0 ? map_get(&keys->by_id, buf_view(&id)) : NULL;
	buf_fini(&id);
	return found;
}

void
running_keys_fini(struct running_keys *keys)
{
	map_fini(&keys->by_id);
}

int64_t
running_time(struct view text)
{
	char plain[CLOCK_TEXT];
	int64_t wall;

	if (text.n < 19 || text.n >= sizeof(plain))
		return 0;
	snprintf(plain, sizeof(plain), "%.10s %.8s", text.p, text.p + 11);
	return clock_parse_since(view_of(plain), 0, &wall, NULL) == 0 ? wall / 1000000 : 0;
}

/* The queue as JSON lines: those on hold, by the time they came. */
static void
find_holds(struct view text, struct queue_life *life)
{
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		if (memmem(line.p, line.n, "\"queue_name\": \"hold\"", 20) == NULL)
			continue;
		const char *at = memmem(line.p, line.n, "\"arrival_time\": ", 16);
		int64_t came = 0;

		for (at = at != NULL ? at + 16 : line.p + line.n;
		     at < line.p + line.n && *at >= '0' && *at <= '9' &&
		     came < INT64_C(1) << 40;
		     at++)
			came = came * 10 + (*at - '0');
		if (came > 0 && (life->oldest_hold == 0 || came < life->oldest_hold))
			life->oldest_hold = came;
	}
}

void
queue_life_ask(struct queue_life *ret_life)
{
	const char *const queue[] = {"/usr/sbin/postqueue", "-j", NULL};
	struct buf out = BUF_INIT(QUEUE_BYTES);
	int status = 0;

	*ret_life = (struct queue_life){.seconds = -1};
	if (postfix_lifetime(NULL, &ret_life->seconds, NULL) == -1) {
		ret_life->is_assumed = true;
		ret_life->seconds = DEFAULT_DAYS * INT64_C(86400);
	}
	if (run(queue, VIEW_NONE, &out, NULL, POSTFIX_MS, &status, NULL) == 0 &&
	    status == 0 && !out.full)
		find_holds(buf_view(&out), ret_life);
	else
		ret_life->holds_unknown = true;
	buf_fini(&out);
}
