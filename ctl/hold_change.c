/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/bug.h"
#include "policy/value.h"
#include "postfix/request.h"

#include "ctl/changer.h"
#include "ctl/confirm.h"
#include "ctl/hold_change.h"
#include "ctl/reply.h"
#include "postfix/queue.h"

enum { TRUST_MAX = 30 * 86400, QUESTION_MAX = 256 };

/* ---- options ---- */

/* "60/min" -> 60 */
static bool
pace_read(struct view text, uint64_t *ret_pace)
{
	static const struct {
		const char *unit;
		uint64_t times;
	} units[] = {{"s", 60}, {"sec", 60}, {"m", 1}, {"min", 1}};
	unsigned long long number;
	struct view count;

	if (!view_has_char(text, '/') || !view_cut(&text, '/', &count) ||
	    !view_number(count, 1000000, &number) || number == 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (view_is(text, view_of(units[i].unit))) {
			*ret_pace = number * units[i].times;
			return true;
		}
	return false;
}

static int
bad_value(const char *option, const char *value, const char *form)
{
	ctl_say("%s '%s': write %s", option, value, form);
	return EX_USAGE;
}

/* An option that has a value. */
static int
take_value(struct hold_change *change, int option, const char *value)
{
	if (option == 'r') {
		if (view_of(value).n > POSTFIX_REASON_MAX)
			return bad_value("--reason", "...", "at most 512 bytes");
		change->reason = value;
	} else if (option == 'P') {
		if (!pace_read(view_of(value), &change->pace))
			return bad_value("--pace", value, "60/min or 5/s");
	} else if (option == 'T') {
		if (!value_duration(view_of(value), &change->trust) || change->trust == 0 ||
		    change->trust > TRUST_MAX)
			return bad_value("--trust", value, "for how long: 2h, at most 30d");
	} else {
		change->config = value;
	}
	return CTL_FINE;
}

static int
take_option(struct hold_change *change, int option, const char *value)
{
	switch (option) {
	case 'y':
		change->yes = true;
		return CTL_FINE;
	case 'd':
		change->is_dry = true;
		return CTL_FINE;
	case 'f':
		change->force = true;
		return CTL_FINE;
	case 'a':
		change->all = true;
		return CTL_FINE;
	case 'O':
		change->with_others = true;
		return CTL_FINE;
	case 'J':
		change->ctl->json = true;
		return CTL_FINE;
	default:
		return take_value(change, option, value);
	}
}

static int
take_options(struct hold_change *change, int argc, char **argv)
{
	static const struct option options[] = {
	    HELD_OPTIONS,
	    {"yes", no_argument, NULL, 'y'},
	    {"dry-run", no_argument, NULL, 'd'},
	    {"force", no_argument, NULL, 'f'},
	    {"all", no_argument, NULL, 'a'},
	    {"others", no_argument, NULL, 'O'},
	    {"json", no_argument, NULL, 'J'},
	    {"reason", required_argument, NULL, 'r'},
	    {"pace", required_argument, NULL, 'P'},
	    {"trust", required_argument, NULL, 'T'},
	    {"postfix-config", required_argument, NULL, 'p'},
	    {NULL, 0, NULL, 0},
	};
	int option, code = CTL_FINE;

	while (code == CTL_FINE &&
	       (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return ctl_bad_option(argc, argv);
		int taken = held_option(&change->filter, &change->client, option, optarg);
		if (taken == -1)
			return EX_USAGE;
		if (taken == 1)
			change->has_filter = true;
		else
			code = take_option(change, option, optarg);
	}
	return code;
}

/* What would be about everybody's mail is said in so many words. */
static int
take_ids(struct hold_change *change, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!postfix_is_id(view_of(argv[i]))) {
			ctl_say("'%s' is no queue id: 'frank hold list' has them", argv[i]);
			return EX_USAGE;
		}
	change->filter.ids = (const char *const *)argv;
	change->filter.n_ids = (size_t)argc;
	if (argc == 0 && !change->all && !change->has_filter)
		return ctl_usage(
		    "hold", "of what? Name ids or a filter; --all is all that frankd held");
	if (change->all && (argc > 0 || change->has_filter))
		return ctl_usage("hold", "all of them, or those that are named?");
	if (change->verb != POSTFIX_RELEASE && (change->trust > 0 || change->force))
		return ctl_usage("hold", "--trust and --force are for a release");
	return CTL_FINE;
}

/* ---- what is done ---- */

struct doing {
	struct hold_change *change;
	struct map by_id;
	struct hold_result result;
};

static void
on_done(void *context, struct view id)
{
	struct doing *doing = context;
	struct hold_item *item = map_get(&doing->by_id, id);

	if (item == NULL || item->is_done)
		return;
	item->is_done = true;
	doing->result.n_done++;
}

static void
on_queued(void *context, const struct queue_entry *entry)
{
	struct doing *doing = context;
	const struct hold_item *item = map_get(&doing->by_id, entry->id);

	if (item != NULL && !item->is_done && view_is(entry->queue, VIEW("hold")))
		doing->result.n_left++;
}

/* Of those that Postfix said nothing about: are they gone, or still there? */
static int
count_left(struct doing *doing)
{
	const struct hold_change *change = doing->change;
	struct err err = ERR_INIT;
	int code = CTL_FINE;

	if (doing->result.n_done < change->n &&
	    postfix_queue(change->config, on_queued, doing, &err) == -1)
		code = ctl_fail(&err);
	doing->result.n_gone =
	    change->n - doing->result.n_done - doing->result.n_left + change->n_gone;
	return code;
}

/* Their meters do not count for a while: frankd says so, and how it is undone is said here.
 */
static int
trust_them(struct hold_change *change)
{
	char seconds[24];
	int code = CTL_FINE;

	snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)change->trust);
	for (size_t i = 0; i < change->n_origins && code == CTL_FINE; i++) {
		char *name = arena_text(change->arena, change->origins[i]);
		const char *const asked[] = {"meter-exempt", name, seconds};
		struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
		struct view text = VIEW("");

		code =
		    reply_ask(change->ctl, asked, ARRAY_LEN(asked), change->arena, &text);
		buf_add(&out, text);
		if (code == CTL_FINE) {
			buf_add_text(&out, "  undo it: frank meter exempt ");
			value_add_text(&out, change->origins[i]);
			buf_add_text(&out, " --end\n");
		}
		if (!change->ctl->json)
			(void)ctl_print(&out);
		buf_fini(&out);
	}
	return code;
}

static void
print_result(const struct hold_change *change, const struct hold_result *result)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);

	hold_came_of_it(change, result, &out);
	(void)ctl_print(&out);
	buf_fini(&out);
}

static int
do_them(struct hold_change *change, struct changer *changer)
{
	struct view *ids = arena_array(change->arena, change->n, sizeof(*ids));
	struct doing doing = {.change = change};
	int code, looked;

	map_init(&doing.by_id, map_seed_random());
	for (size_t i = 0; i < change->n; i++) {
		ids[i] = change->items[i].message->id;
		(void)map_add(&doing.by_id, ids[i], &change->items[i]);
	}
	const struct changer_bulk bulk = {.verb = change->verb,
	    .ids = ids,
	    .n = change->n,
	    .pace = change->pace,
	    .done = on_done,
	    .context = &doing};
	code = changer_run(changer, &bulk, &doing.result.n_late);
	looked = count_left(&doing);
	if (change->ctl->json)
		hold_change_json(change, true);
	else
		print_result(change, &doing.result);
	map_fini(&doing.by_id);
	if (code == CTL_FINE)
		code = looked;
	if (code == CTL_FINE && change->trust > 0 && doing.result.n_done > 0)
		code = trust_them(change);
	if (code == CTL_FINE && doing.result.n_done < change->n)
		code = CTL_FINDINGS;
	return code;
}

/* What it is about, and then whether it shall be done. */
static bool
is_wanted(const struct hold_change *change)
{
	struct buf about = BUF_INIT(CTL_OUTPUT_MAX), question = BUF_INIT(QUESTION_MAX);
	bool wanted = false;

	hold_about(change, &about);
	hold_question(change, &question);
	if (!change->ctl->json)
		(void)ctl_print(&about);
	if (change->n > 0 && !change->is_dry)
		wanted = confirm(change->yes, buf_text(&question));
	buf_fini(&about);
	buf_fini(&question);
	return wanted;
}

static int
decide(struct hold_change *change, struct changer *changer)
{
	int code = CTL_FINE;

	if (change->trust > 0 && change->n_origins > HOLD_ORIGINS_MAX) {
		ctl_say("--trust is for at most %d senders, and these are %zu: release "
			"them apart",
		    HOLD_ORIGINS_MAX, change->n_origins);
		return EX_USAGE;
	}
	if (is_wanted(change))
		code = do_them(change, changer);
	else if (change->n > 0 && !change->is_dry)
		code = CTL_FINDINGS;
	else if (change->ctl->json)
		hold_change_json(change, false);
	if (code == CTL_FINE &&
	    (change->n_gone > 0 || (change->n_refused > 0 && !change->force)))
		code = CTL_FINDINGS;
	return code;
}

int
hold_change(struct ctl *ctl, int argc, char **argv)
{
	struct hold_change change = {.ctl = ctl, .reason = ""};
	struct changer changer;
	int code;

	must(postfix_verb_find(view_of(argv[0]), &change.verb) == 1);
	code = take_options(&change, argc, argv);
	if (code == CTL_FINE)
		code = take_ids(&change, argc - optind, argv + optind);
	if (code == CTL_FINE && !change.is_dry)
		code = changer_init(&changer, ctl, change.config);
	if (code == CTL_FINE && change.trust > 0 && geteuid() != 0) {
		ctl_say("--trust changes meters, which only root may");
		code = EX_NOPERM;
	}
	if (code != CTL_FINE)
		return code;
	changer.reason = change.reason;
	change.arena = arena_new(0);
	code = hold_choose(&change);
	if (code == CTL_FINE)
		code = decide(&change, &changer);
	held_fini(&change.held);
	arena_free(change.arena);
	return code;
}
