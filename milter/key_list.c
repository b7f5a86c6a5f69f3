/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/json.h"

#include "milter/key_watch_private.h"

enum { LINE_MAX_BYTES = 4096 };

const char *
key_stage_name(enum key_stage stage)
{
	static const char *const names[] = {
	    [KEY_STAGE_PENDING] = "pending",
	    [KEY_STAGE_ACTIVE] = "active",
	    [KEY_STAGE_RETIRING] = "retiring",
	    [KEY_STAGE_RETIRED] = "retired",
	};

	return names[stage];
}

/* What is shown of one key. */
struct row {
	const struct policy_key *key;
	struct key_seen seen;
	bool signs;
	enum key_stage stage;
	int64_t retired; /* 0: it is not, and will not be soon */
};

/* STATE may be NULL. */
static void
row_make(struct key_watch *watch, const struct generation *generation,
    const struct policy_key *key, const struct key_state *state, struct row *row)
{
	int64_t now = watch->calls.now(watch->calls.context);
	const struct policy_key *chosen =
	    key_watch_chosen(watch, generation, key->domain, key->algorithm);

	*row = (struct row){.key = key};
	if (state != NULL)
		key_states_read(watch->states, state, &row->seen);
	/* One with a name signs where a rule names it. */
	row->signs = key == chosen || key->named;
	if (row->signs) {
		row->stage = KEY_STAGE_ACTIVE;
	} else if (row->seen.replaced != 0) {
		/* The clock may have been set back. */
		int64_t since = row->seen.replaced < now ? row->seen.replaced : now;
		row->retired = since + row->seen.ttl + WATCH_QUEUE_SECONDS;
		row->stage = now < row->retired ? KEY_STAGE_RETIRING : KEY_STAGE_RETIRED;
	} else {
		/* One that was ready has signed, and nobody noted until when. */
		row->stage =
		    row->seen.last_ready == 0 ? KEY_STAGE_PENDING : KEY_STAGE_RETIRING;
	}
}

static void
add_time(struct json *json, const char *name, int64_t seconds)
{
	char text[CLOCK_TEXT];

	json_string(json, name,
	    seconds == 0 ? VIEW("") : view_of(clock_rfc3339(seconds * 1000000, text)));
}

static void
row_print(const struct row *row, struct buf *out)
{
	const struct key_seen *seen = &row->seen;
	const struct policy_key *key = row->key;
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "domain", key->domain);
	json_string(&json, "selector", key->selector);
	json_string(&json, "name", key->named ? key->name : VIEW(""));
	json_string(&json, "algorithm",
	    key->algorithm == ALGORITHM_RSA ? VIEW("rsa-sha256") : VIEW("ed25519-sha256"));
	add_time(&json, "file.time", key->mtime);
	json_string(&json, "state", view_of(fact_key_state_name(seen->state)));
	json_string(&json, "stage", view_of(key_stage_name(row->stage)));
	json_bool(&json, "signs", row->signs);
	json_bool(&json, "published", seen->is_published);
	json_string(&json, "lagging", view_of(seen->lagging));
	json_string(&json, "fault", view_of(key_fault_text(seen->faults)));
	add_time(&json, "since", seen->state == KEY_UNKNOWN ? 0 : seen->since);
	add_time(&json, "last-ready", seen->last_ready);
	add_time(&json, "first-seen", seen->first_seen);
	add_time(&json, "replaced", seen->replaced);
	json_number(&json, "ttl", seen->ttl);
	add_time(&json, "retired", row->retired);
	json_end(&json);
	buf_add_char(out, '\n');
}

void
key_watch_count(struct key_watch *watch, const struct generation *generation,
    struct key_counts *ret_counts)
{
	size_t n;
	const struct policy_key *keys = policy_keys(generation->policy, &n);

	*ret_counts = (struct key_counts){0};
	for (size_t i = 0; i < n; i++) {
		const struct key_state *state = atomic_load(&generation->states[i]);
		struct row row;
		if (state == NULL)
			continue;
		row_make(watch, generation, &keys[i], state, &row);
		ret_counts->ready += row.seen.state == KEY_READY;
		ret_counts->pending += row.stage == KEY_STAGE_PENDING;
		ret_counts->faulty +=
		    row.stage == KEY_STAGE_ACTIVE &&
		    (row.seen.state == KEY_UNPUBLISHED || row.seen.state == KEY_MISMATCHED);
	}
}

void
key_watch_list(struct key_watch *watch, struct generation *generation, struct view domain,
    uint32_t from, struct buf *out)
{
	size_t n;
	const struct policy_key *keys = policy_keys(generation->policy, &n);
	bool may_ask = true;
	struct row row;

	for (size_t i = from; i < n; i++) {
		if (domain.n > 0 && !view_is_nocase(domain, keys[i].domain))
			continue;
		if (out->n + LINE_MAX_BYTES > out->limit) {
			buf_addf(out, "{\"next\":%zu}\n", i);
			return;
		}
		/* Without a key process each of them would cost its whole patience. */
		const struct key_state *state =
		    may_ask ? key_watch_state(watch, generation, &keys[i])
			    : atomic_load(&generation->states[i]);
		may_ask = may_ask && state != NULL;
		row_make(watch, generation, &keys[i], state, &row);
		row_print(&row, out);
	}
}
