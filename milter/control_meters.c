/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <sysexits.h>

#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "policy/words.h"

#include "milter/control_private.h"

/* Meters for people: who sends most, one key's readings, and what an admin says about a
 * key. Answers are JSON lines, which frank(1) shows. */

enum { TOP_DEFAULT = 10, TOP_MAX = 50, EXEMPT_SECONDS_MAX = 30 * 86400 };

/* The policy in force and the time, for one request. */
struct asked {
	struct control *control;
	struct client *client;
	struct generation *generation; /* with meters */
	struct clock clock;
	struct burst_now now;
	struct buf out;
};

/* False: there are none, and the client knows. */
static bool
asked_begin(struct asked *asked, struct control *control, struct client *client)
{
	struct runtime *runtime = control->runtime;

	asked->control = control;
	asked->client = client;
	asked->generation = runtime_share_current(runtime);
	if (asked->generation == NULL || asked->generation->metering == NULL) {
		client_answer(client, EX_UNAVAILABLE, true,
		    VIEW("frankd: the policy in force has no meter\n"));
		runtime_unshare(runtime, asked->generation);
		return false;
	}
	asked->clock = clock_now();
	asked->now = meters_now(asked->clock);
	buf_init(&asked->out, CONTROL_REPLY_MAX);
	return true;
}

static void
asked_end(struct asked *asked, int exit_code, bool is_error)
{
	client_answer(asked->client, exit_code, is_error, buf_view(&asked->out));
	buf_fini(&asked->out);
	runtime_unshare(asked->control->runtime, asked->generation);
}

static void
add_meter(struct json *json, const struct policy_meter *meter)
{
	json_string(json, "meter", meter->name);
	json_string(
	    json, "count", view_of(word_text((enum word)(WORD_MESSAGES + meter->what))));
	json_string(
	    json, "per", view_of(word_text((enum word)(WORD_PER_USER + meter->whom))));
	json_number(json, "within", meter->within);
	json_number(json, "floor", (int64_t)meter->floor);
}

static void
add_numbers(struct json *json, const char *name, const uint64_t *numbers, size_t n)
{
	json_array(json, name);
	for (size_t i = 0; i < n; i++)
		json_number(json, NULL, (int64_t)numbers[i]);
	json_end(json);
}

static void
add_seen(struct json *json, const struct burst_seen *seen)
{
	json_string(json, "key", view_of(seen->name));
	json_number(json, "reading", (int64_t)seen->reading.reading);
	if (seen->reading.usual_of == BURST_USUAL_UNKNOWN) {
		json_null(json, "usual");
	} else {
		json_number(json, "usual", (int64_t)seen->reading.usual);
		json_bool(json, "usual.site", seen->reading.usual_of == BURST_USUAL_SITE);
	}
	add_numbers(json, "slots", seen->slots, BURST_SLOTS);
}

void
control_top(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	struct asked asked;
	struct burst_seen seen[TOP_MAX];
	unsigned long long wanted = TOP_DEFAULT;
	size_t n;

	if (n_words > 1 && !view_number(view_of(words[1]), TOP_MAX, &wanted)) {
		client_answer(
		    client, EX_USAGE, true, VIEW("frankd: at most 50 of each meter\n"));
		return;
	}
	if (!asked_begin(&asked, control, client))
		return;
	const struct policy_meter *meters = policy_meters(asked.generation->policy, &n);
	for (size_t i = 0; i < n; i++) {
		struct burst_meter *bound = metering_meter(asked.generation->metering, i);
		size_t n_seen =
		    bound == NULL ? 0 : burst_top(bound, &asked.now, seen, (size_t)wanted);

		for (size_t at = 0; at < n_seen; at++) {
			struct json json;

			json_begin(&json, &asked.out);
			json_object(&json, NULL);
			add_meter(&json, &meters[i]);
			add_seen(&json, &seen[at]);
			json_end(&json);
			buf_add_char(&asked.out, '\n');
		}
	}
	asked_end(&asked, EX_OK, false);
}

static void
add_hours(struct json *json, const double hours[BURST_HOURS])
{
	uint64_t rounded[BURST_HOURS];

	for (unsigned i = 0; i < BURST_HOURS; i++)
		rounded[i] = (uint64_t)(hours[i] + 0.5);
	add_numbers(json, "weekdays", rounded, BURST_HOURS / 2);
	add_numbers(json, "weekends", rounded + BURST_HOURS / 2, BURST_HOURS / 2);
}

/* Each meter that knows a key by this name. */
typedef void each_key(struct asked *asked, const struct policy_meter *meter,
    struct burst_meter *bound, uint64_t key);

static size_t
for_each_key(struct asked *asked, struct view name, each_key *each)
{
	const struct metering *metering = asked->generation->metering;
	size_t n, n_found = 0;
	const struct policy_meter *meters = policy_meters(asked->generation->policy, &n);

	for (size_t i = 0; i < n; i++) {
		uint64_t keys[METERING_KEYS_OF];
		struct burst_meter *bound = metering_meter(metering, i);
		size_t n_keys =
		    bound == NULL ? 0 : metering_keys_of(metering, &meters[i], name, keys);

		for (size_t at = 0; at < n_keys; at++) {
			struct burst_seen seen;
			double hours[BURST_HOURS];

			if (!burst_look(bound, keys[at], &asked->now, &seen, hours))
				continue;
			n_found++;
			each(asked, &meters[i], bound, keys[at]);
		}
	}
	return n_found;
}

static void
show_key(struct asked *asked, const struct policy_meter *meter, struct burst_meter *bound,
    uint64_t key)
{
	struct burst_seen seen;
	double hours[BURST_HOURS];
	struct json json;

	if (!burst_look(bound, key, &asked->now, &seen, hours))
		return;
	json_begin(&json, &asked->out);
	json_object(&json, NULL);
	add_meter(&json, meter);
	add_seen(&json, &seen);
	json_number(&json, "learn", (int64_t)burst_meter_learn_left(bound));
	add_hours(&json, hours);
	json_end(&json);
	buf_add_char(&asked->out, '\n');
}

/* The names that are exempt, and until when: all (NAME empty), or this one. */
static void
add_exemptions(struct asked *asked, struct view name)
{
	struct metering_site *site = meters_site(asked->control->runtime->meters);
	struct metering_exemption *list = mem_zeroed(METERING_EXEMPT_MAX, sizeof(*list));
	size_t n = metering_exemptions(site, asked->clock.wall, list, METERING_EXEMPT_MAX);

	for (size_t i = 0; i < n && i < METERING_EXEMPT_MAX; i++) {
		char until[CLOCK_TEXT];
		struct json json;

		if (name.n > 0 && !view_is(name, view_of(list[i].name)))
			continue;
		json_begin(&json, &asked->out);
		json_object(&json, NULL);
		json_string(&json, "exempt", view_of(list[i].name));
		json_string(&json, "until", view_of(clock_rfc3339(list[i].until, until)));
		json_end(&json);
		buf_add_char(&asked->out, '\n');
	}
	free(list);
}

void
control_meter(struct control *control, struct client *client, const char *const *words,
    size_t n_words)
{
	struct asked asked;
	char name[METERING_NAME_MAX + 1] = "";

	if (!asked_begin(&asked, control, client))
		return;
	if (n_words < 2) {
		add_exemptions(&asked, VIEW_NONE);
		asked_end(&asked, EX_OK, false);
		return;
	}
	struct view typed = view_of(words[1]);
	metering_name(asked.generation->metering, typed, name);
	(void)for_each_key(&asked, typed, show_key);
	add_exemptions(&asked, view_of(name));
	asked_end(&asked, EX_OK, false);
}

/* False: this client may not, and knows. */
static bool
may_change(const struct control *control, struct client *client)
{
	if (client_may_change(control, client))
		return true;
	client_answer(
	    client, EX_NOPERM, true, VIEW("frankd: only root may change meters\n"));
	return false;
}

static void
record(struct asked *asked, const char *what, struct view text)
{
	char who[CONTROL_WHO_MAX];

	client_who(asked->client, who);
	journal_action(asked->control->runtime->journal, asked->clock.wall, view_of(what),
	    view_of(who), text);
}

static void
reset_key(struct asked *asked, const struct policy_meter *meter, struct burst_meter *bound,
    uint64_t key)
{
	(void)meter;
	(void)burst_reset(bound, key, &asked->now);
}

void
control_meter_reset(struct control *control, struct client *client,
    const char *const *words, size_t n_words)
{
	struct asked asked;

	if (!may_change(control, client))
		return;
	if (n_words < 2) {
		client_answer(client, EX_USAGE, true, VIEW("frankd: reset whom?\n"));
		return;
	}
	if (!asked_begin(&asked, control, client))
		return;
	size_t n = for_each_key(&asked, view_of(words[1]), reset_key);
	if (n == 0) {
		buf_add_text(&asked.out, "frankd: no meter knows this key\n");
		asked_end(&asked, EX_NOINPUT, true);
		return;
	}
	struct buf text = BUF_INIT(1024);
	buf_addf(&text, "%.320s in %zu meter%s", words[1], n, n == 1 ? "" : "s");
	record(&asked, "meter reset", buf_view(&text));
	buf_fini(&text);
	buf_addf(&asked.out, "emptied in %zu meter%s\n", n, n == 1 ? "" : "s");
	asked_end(&asked, EX_OK, false);
}

static void
exempt(struct asked *asked, struct view typed, unsigned long long seconds)
{
	struct metering_site *site = meters_site(asked->control->runtime->meters);
	char name[METERING_NAME_MAX + 1], until[CLOCK_TEXT];
	struct err err = ERR_INIT;
	int64_t end = seconds == 0 ? 0 : asked->clock.wall + (int64_t)seconds * 1000000;
	struct buf text = BUF_INIT(1024);

	metering_name(asked->generation->metering, typed, name);
	if (metering_exempt(site, view_of(name), end, asked->clock.wall, &err) != 0) {
		buf_addf(&asked->out, "frankd: %s\n", err.text);
		asked_end(asked, EX_TEMPFAIL, true);
		return;
	}
	if (seconds > 0)
		buf_addf(&text, "%s until %s", name, clock_text(end, until));
	else
		buf_addf(&text, "%s no longer", name);
	record(asked, "meter exempt", buf_view(&text));
	buf_add_text(&asked->out, "exempt: ");
	escape_add(&asked->out, buf_view(&text), ESCAPE_MAX);
	buf_add_char(&asked->out, '\n');
	buf_fini(&text);
	asked_end(asked, EX_OK, false);
}

void
control_meter_exempt(struct control *control, struct client *client,
    const char *const *words, size_t n_words)
{
	struct asked asked;
	unsigned long long seconds;

	if (!may_change(control, client))
		return;
	if (n_words < 3 || words[1][0] == '\0' ||
	    !view_number(view_of(words[2]), EXEMPT_SECONDS_MAX, &seconds)) {
		client_answer(client, EX_USAGE, true,
		    VIEW("frankd: exempt whom, and for how long (at most 30d)?\n"));
		return;
	}
	if (asked_begin(&asked, control, client))
		exempt(&asked, view_of(words[1]), seconds);
}
