/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "auth/keyset.h"

#include "ctl/key.h"
#include "ctl/key_running.h"

enum { NOTE_MAX = 512 };

/* What is on disk, what frankd says, and what Postfix says, once it is needed. */
struct listing {
	struct ctl *ctl;
	struct keyset *set;
	bool has_disk, is_running;
	struct running_keys running;
	bool has_life;
	struct queue_life life;
	struct buf out;
};

static const struct queue_life *
queue_life(struct listing *listing)
{
	if (!listing->has_life)
		queue_life_ask(&listing->life);
	listing->has_life = true;
	return &listing->life;
}

static bool
is_stage(const struct running_key *key, const char *stage)
{
	return key != NULL && view_is(key->stage, view_of(stage));
}

/* When the last mail that it signed has left Postfix's queue, held mail apart; 0: it is not
 * known. Wall, seconds. */
static int64_t
needed_until(struct listing *listing, const struct running_key *key)
{
	int64_t since = running_time(key->replaced);
	return since == 0 ? 0 : since + key->ttl + queue_life(listing)->seconds;
}

/* Mail that it may have signed waits on hold. */
static bool
is_held_up(struct listing *listing, const struct running_key *key)
{
	const struct queue_life *life = queue_life(listing);

	return life->oldest_hold != 0 && life->oldest_hold <= running_time(key->replaced);
}

/* frankd goes by Postfix's own default and knows nothing of mail on hold. */
static void
stage_judge(struct listing *listing, struct running_key *key)
{
	if (!is_stage(key, "retiring") && !is_stage(key, "retired"))
		return;
	int64_t until = needed_until(listing, key);
	key->stage = VIEW("retiring");
	if (until != 0 && until <= clock_now().wall / 1000000 && !is_held_up(listing, key))
		key->stage = VIEW("retired");
}

/* Lines behind the key's own, each a sentence. */
static void
notes_text(struct listing *listing, const struct running_key *key, struct buf *out)
{
	char time[CLOCK_TEXT];

	if (key->lagging.n > 0) {
		buf_add_text(out, "    the name server ");
		escape_add(out, key->lagging, ESCAPE_MAX);
		buf_add_text(out, " does not have it yet\n");
	}
	if (key->fault.n > 0 && !is_stage(key, "retired")) {
		buf_add_text(out, "    ");
		escape_add(out, key->fault, NOTE_MAX);
		buf_add_char(out, '\n');
	}
	if (!is_stage(key, "retiring") && !is_stage(key, "retired"))
		return;
	int64_t until = needed_until(listing, key);
	const struct queue_life *life = queue_life(listing);
	if (until == 0)
		buf_add_text(out, "    since when it does not sign is not known: leave it "
				  "published\n");
	else if (until > clock_now().wall / 1000000)
		buf_addf(out,
		    "    must stay published until %s: TTL, and %lld %s in Postfix's "
		    "queue%s\n",
		    clock_text(until * INT64_C(1000000), time),
		    (long long)(life->seconds % 86400 == 0 ? life->seconds / 86400
							   : life->seconds / 3600),
		    life->seconds % 86400 == 0 ? "days" : "hours",
		    life->is_assumed ? " (assumed: postconf(1) cannot be asked)" : "");
	else if (!is_held_up(listing, key))
		buf_addf(out,
		    "    not needed since %s: the file, and then the record, may go\n",
		    clock_text(until * INT64_C(1000000), time));
	if (is_held_up(listing, key))
		buf_addf(out,
		    "    and as long as mail that it signed waits on hold: the oldest "
		    "came %s\n",
		    clock_text(life->oldest_hold * INT64_C(1000000), time));
	else if (life->holds_unknown && until != 0)
		buf_add_text(out, "    and as long as mail that it signed waits on hold: "
				  "postqueue(1) cannot be asked\n");
}

static void
running_json_add(struct listing *listing, const struct running_key *key, struct json *json)
{
	char time[CLOCK_TEXT];

	if (!listing->is_running)
		return;
	if (key == NULL) {
		json_string(json, "stage", VIEW("not loaded"));
		return;
	}
	json_string(json, "stage", key->stage);
	json_string(json, "state", key->state);
	if (key->since.n > 0)
		json_string(json, "since", key->since);
	json_bool(json, "signs", key->signs);
	if (key->lagging.n > 0)
		json_string(json, "lagging", key->lagging);
	if (key->fault.n > 0)
		json_string(json, "problem", key->fault);
	if (!is_stage(key, "retiring") && !is_stage(key, "retired"))
		return;
	int64_t until = needed_until(listing, key);
	if (until != 0)
		json_string(json, "needed_until",
		    view_of(clock_rfc3339(until * INT64_C(1000000), time)));
	json_bool(json, "queue_lifetime_assumed", queue_life(listing)->is_assumed);
	if (is_held_up(listing, key))
		json_string(json, "oldest_hold",
		    view_of(clock_rfc3339(
			queue_life(listing)->oldest_hold * INT64_C(1000000), time)));
}

static void
disk_json(struct listing *listing, size_t i, const struct running_key *key)
{
	const struct keyset_entry *entry = keyset_at(listing->set, i);
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	char time[CLOCK_TEXT];
	struct json json;
	int bits;

	json_begin(&json, &listing->out);
	json_object(&json, NULL);
	json_string(&json, "domain", view_of(entry->domain));
	json_string(&json, "selector", view_of(entry->selector));
	json_string(&json, "algorithm", view_of(key_algorithm_name(entry->algorithm)));
	if (keyset_public(listing->set, i, &public, &bits, NULL) == 0) {
		json_number(&json, "bits", bits);
		json_string(&json, "public", buf_view(&public));
	}
	json_string(
	    &json, "time", view_of(clock_rfc3339(entry->mtime * INT64_C(1000000), time)));
	json_string(&json, "path", view_of(entry->path));
	if (entry->name[0] != '\0')
		json_string(&json, "name", view_of(entry->name));
	running_json_add(listing, key, &json);
	json_end(&json);
	buf_add_char(&listing->out, '\n');
	buf_fini(&public);
}

/* The columns that come from frankd; "not loaded": it does not know the key. */
static void
stage_text(const struct running_key *key, struct buf *out)
{
	char time[CLOCK_TEXT];
	int64_t since = key != NULL ? running_time(key->since) : 0;

	if (key == NULL)
		buf_addf(out, "%-10s %-12s %-20s  ", "not loaded", "-", "-");
	else
		buf_addf(out, "%-10.*s %-12.*s %-20s  ", VIEW_ARG(key->stage),
		    VIEW_ARG(key->state),
		    since != 0 ? clock_text(since * INT64_C(1000000), time) : "-");
}

static void
disk_text(struct listing *listing, size_t i, const struct running_key *key)
{
	const struct keyset_entry *entry = keyset_at(listing->set, i);
	struct buf public = BUF_INIT(KEY_RECORD_MAX), *out = &listing->out;
	char time[CLOCK_TEXT];
	int bits = 0;

	(void)keyset_public(listing->set, i, &public, &bits, NULL);
	buf_addf(out, "%-30s %-16s %-14s %4d  ", entry->domain, entry->selector,
	    key_algorithm_name(entry->algorithm), bits);
	if (listing->is_running)
		stage_text(key, out);
	else
		buf_addf(out, "%s  ", clock_text(entry->mtime * INT64_C(1000000), time));
	escape_add(out, view_of(entry->path), ESCAPE_MAX);
	if (entry->name[0] != '\0')
		buf_addf(out, "  key %s", entry->name);
	buf_add_char(out, '\n');
	if (key != NULL)
		notes_text(listing, key, out);
	buf_fini(&public);
}

/* A key that frankd has and that cannot be seen here: gone, or not for this user. */
static void
add_unseen(struct listing *listing, const struct running_key *key)
{
	struct buf *out = &listing->out;
	struct json json;

	if (listing->ctl->json) {
		json_begin(&json, out);
		json_object(&json, NULL);
		json_string(&json, "domain", key->domain);
		json_string(&json, "selector", key->selector);
		json_string(&json, "algorithm", key->algorithm);
		if (key->name.n > 0)
			json_string(&json, "name", key->name);
		running_json_add(listing, key, &json);
		json_end(&json);
		buf_add_char(out, '\n');
		return;
	}
	buf_addf(out, "%-30.*s %-16.*s %-14.*s %4s  ", VIEW_ARG(key->domain),
	    VIEW_ARG(key->selector), VIEW_ARG(key->algorithm), "-");
	stage_text(key, out);
	buf_add_text(out, listing->has_disk ? "(not on disk any more)\n" : "-\n");
	notes_text(listing, key, out);
}

static void
fault_json(const char *text, bool is_warning, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, is_warning ? "warning" : "fault", view_of(text));
	json_end(&json);
	buf_add_char(out, '\n');
}

int
key_faults(const struct ctl *ctl, const struct keyset *set, struct buf *out)
{
	int code = CTL_FINE;

	for (size_t i = 0; i < keyset_faults(set); i++) {
		bool is_warning;
		const char *text = keyset_fault_at(set, i, &is_warning);

		if (!is_warning)
			code = CTL_FINDINGS;
		if (ctl->json)
			fault_json(text, is_warning, out);
		else
			ctl_say("%s%s", is_warning ? "warning: " : "", text);
	}
	return code;
}

static void
add_heading(struct listing *listing)
{
	if (listing->ctl->json)
		return;
	buf_addf(&listing->out, "%-30s %-16s %-14s %4s  ", "DOMAIN", "SELECTOR",
	    "ALGORITHM", "BITS");
	if (listing->is_running)
		buf_addf(&listing->out, "%-10s %-12s %-20s  %s\n", "STAGE", "STATE",
		    "SINCE", "PATH");
	else
		buf_addf(&listing->out, "%-20s  %s\n", "FILE TIME", "PATH");
}

static int
list_all(struct listing *listing)
{
	struct keyset *set = listing->set;
	size_t n = listing->has_disk ? keyset_count(set) : 0;
	int code, printed;

	for (size_t i = 0; i < listing->running.n; i++)
		stage_judge(listing, &listing->running.keys[i]);
	if (n + listing->running.n > 0)
		add_heading(listing);
	for (size_t i = 0; i < n; i++) {
		const struct keyset_entry *entry = keyset_at(set, i);
		struct running_key *key = running_keys_find(&listing->running,
		    view_of(entry->domain), view_of(entry->selector), view_of(entry->name));

		if (key != NULL)
			key->was_shown = true;
		if (listing->ctl->json)
			disk_json(listing, i, key);
		else
			disk_text(listing, i, key);
	}
	for (size_t i = 0; i < listing->running.n; i++)
		if (!listing->running.keys[i].was_shown)
			add_unseen(listing, &listing->running.keys[i]);
	code = listing->has_disk ? key_faults(listing->ctl, set, &listing->out) : CTL_FINE;
	if (!listing->ctl->json && n + listing->running.n == 0)
		ctl_say("there are no keys: 'frank key new DOMAIN' makes one");
	printed = ctl_print(&listing->out);
	return printed != CTL_FINE ? printed : code;
}

/* With --dir it is not frankd's keys that are looked at. */
static void
ask_running(struct listing *listing, const char *dir, struct arena *arena)
{
	struct err err = ERR_INIT;

	if (dir != NULL) {
		map_init(&listing->running.by_id, map_seed_random());
		return;
	}
	if (running_keys_ask(
		ctl_control(listing->ctl), NULL, arena, &listing->running, &err) == 0)
		listing->is_running = true;
	else
		ctl_say(
		    "frankd cannot be asked (%s): these are the keys on disk, without what "
		    "the world sees of them",
		    err.text);
}

static int
list(struct ctl *ctl, const char *dir)
{
	struct listing *listing = mem_zeroed(1, sizeof(*listing));
	struct arena *arena = arena_new(0);
	struct err err = ERR_INIT;
	int code;

	listing->ctl = ctl;
	listing->set = keyset_new(geteuid());
	buf_init(&listing->out, CTL_OUTPUT_MAX);
	ask_running(listing, dir, arena);
	listing->has_disk = key_sources_add(ctl, dir, listing->set, &err) == 0;
	if (listing->has_disk)
		keyset_parse(listing->set);
	if (!listing->has_disk && !listing->is_running) {
		code = ctl_fail(&err);
	} else {
		if (!listing->has_disk)
			ctl_say("%s: this is what frankd has loaded", err.text);
		code = list_all(listing);
	}
	running_keys_fini(&listing->running);
	buf_fini(&listing->out);
	keyset_free(listing->set);
	arena_free(arena);
	free(listing);
	return code;
}

int
key_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"dir", required_argument, NULL, 'd'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	const char *dir = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'd')
			dir = optarg;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind != argc)
		return ctl_usage("key", "'frank key list' takes no arguments");
	return list(ctl, dir);
}
