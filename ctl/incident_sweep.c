/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/read.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/map.h"

#include "ctl/incident.h"
#include "ctl/postfix.h"
#include "ctl/reply.h"

/*
 * Mail of an incident's origins that was accepted before anybody noticed, and is still in
 * the queue, is put on hold. Whose a message is, the journal says, by its queue id; since
 * short ids are used again, the message in the queue must have the sender that was recorded
 * and must have come before it was decided about, and the decision must be the last one
 * about that id.
 */

enum {
	SECOND = 1000000,
	ARRIVAL_SLACK = 2, /* seconds that Postfix's clock may be ahead of the record */
	SHOWN = 10,
	WIDTH_ID = 15,
	TEXT_MAX = 3000, /* bytes of what is recorded */
};

enum queue { QUEUE_ACTIVE, QUEUE_DEFERRED, QUEUE_INCOMING, QUEUES };
static const char *const queue_names[QUEUES] = {"active", "deferred", "incoming"};

/* A decision about a queue id: the last one. */
struct decided {
	struct decided *next; /* among those that are in the queue */
	struct view id, sender;
	int64_t time; /* wall, microseconds */
	bool is_ours; /* accepted, and from an origin of the incident */
	bool is_queued, was_held;
	enum queue queue;
};

struct sweep {
	struct ctl *ctl;
	const char *postfix; /* its configuration */
	bool yes, is_dry;
	struct incident incident;
	const struct policy *policy;
	struct arena *arena;
	struct map by_id;
	struct decided *first, **last; /* in the queue, in no order */
	size_t n, n_in[QUEUES], n_others, n_held;
};

/* ---- what the journal has ---- */

static int
each_row(void *context, const struct journal_row *row)
{
	struct sweep *sweep = context;
	const struct facts *facts = &row->facts;
	bool is_ours = view_is(row->verdict, VIEW("accept")) &&
		       incident_is_from(&sweep->incident, sweep->policy, facts);
	struct decided *decided = map_get(&sweep->by_id, facts->queue_id);

	if (!postfix_is_id(facts->queue_id) || (decided == NULL && !is_ours))
		return 0;
	if (decided == NULL) {
		decided = arena_alloc(sweep->arena, sizeof(*decided));
		decided->id = arena_view(sweep->arena, facts->queue_id);
		(void)map_add(&sweep->by_id, decided->id, decided);
	}
	/* Rows come oldest first. */
	decided->is_ours = is_ours;
	decided->time = facts->time;
	decided->sender = arena_view(sweep->arena, facts->sender.text);
	return 0;
}

static int
read_journal(struct sweep *sweep)
{
	const struct journal_filter filter = {
	    .since = sweep->incident.began - INCIDENT_BEFORE * INT64_C(1000000)};
	struct journal_reader *reader;
	struct err err = ERR_INIT;
	int code = CTL_FINE;

	if (journal_reader_open(ctl_state(sweep->ctl), &reader, &err) == -1)
		return ctl_fail(&err);
	if (journal_scan(reader, &filter, each_row, sweep, &err) == -1)
		code = ctl_fail(&err);
	journal_reader_close(reader);
	return code;
}

/* ---- what the queue has ---- */

static bool
queue_of(struct view name, enum queue *ret_queue)
{
	for (int i = 0; i < QUEUES; i++)
		if (view_is(name, view_of(queue_names[i]))) {
			*ret_queue = (enum queue)i;
			return true;
		}
	return false;
}

static void
each_entry(void *context, const struct queue_entry *entry)
{
	struct sweep *sweep = context;
	struct decided *decided = map_get(&sweep->by_id, entry->id);
	enum queue queue;

	if (decided == NULL || !decided->is_ours || decided->is_queued ||
	    !queue_of(entry->queue, &queue))
		return;
	if (!view_is_nocase(entry->sender, decided->sender) ||
	    entry->arrival > decided->time / SECOND + ARRIVAL_SLACK) {
		sweep->n_others++;
		return;
	}
	decided->is_queued = true;
	decided->queue = queue;
	*sweep->last = decided;
	sweep->last = &decided->next;
	sweep->n_in[queue]++;
	sweep->n++;
}

/* ---- words ---- */

static void
say_what(const struct sweep *sweep)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	char time[CLOCK_TEXT];
	size_t shown = 0;

	buf_addf(
	    &out, "incident %llu: mail of ", (unsigned long long)sweep->incident.number);
	for (size_t i = 0; i < sweep->incident.n_origins; i++) {
		buf_add_text(&out, i > 0 ? ", " : "");
		escape_add(&out, sweep->incident.origins[i], ESCAPE_MAX);
	}
	buf_addf(&out, " in the queue: %zu (%zu active, %zu deferred, %zu incoming)\n",
	    sweep->n, sweep->n_in[QUEUE_ACTIVE], sweep->n_in[QUEUE_DEFERRED],
	    sweep->n_in[QUEUE_INCOMING]);
	for (const struct decided *decided = sweep->first; decided != NULL && shown < SHOWN;
	     decided = decided->next, shown++) {
		buf_add_text(&out, "  ");
		incident_cell(&out, decided->id, WIDTH_ID);
		buf_addf(&out, "  %s  %-8s  ", clock_text(decided->time, time),
		    queue_names[decided->queue]);
		escape_add(
		    &out, decided->sender.n > 0 ? decided->sender : VIEW("<>"), ESCAPE_MAX);
		buf_add_char(&out, '\n');
	}
	if (sweep->n > shown)
		buf_addf(&out, "  and %zu more\n", sweep->n - shown);
	if (sweep->incident.n_origins == INCIDENT_NAMES_MAX)
		buf_addf(&out,
		    "  these are its %d most frequent origins; it may have more\n",
		    INCIDENT_NAMES_MAX);
	if (sweep->n_others > 0)
		buf_addf(&out,
		    "  %zu more with such an id have another sender or came later: not "
		    "touched\n",
		    sweep->n_others);
	(void)ctl_print(&out);
	buf_fini(&out);
}

/* Shall it be done? */
static bool
is_wanted(const struct sweep *sweep)
{
	char answer[16];

	if (sweep->is_dry)
		return false;
	if (sweep->yes)
		return true;
	if (isatty(STDIN_FILENO) == 0) {
		ctl_say("nothing was changed: there is no terminal to ask on, and --yes "
			"was not said");
		return false;
	}
	printf("put %s on hold? [y/N] ", sweep->n == 1 ? "it" : "them");
	(void)fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	ctl_say("nothing was changed");
	return false;
}

/* ---- what is done ---- */

static void
on_held(void *context, struct view id)
{
	struct sweep *sweep = context;
	struct decided *decided = map_get(&sweep->by_id, id);

	if (decided == NULL || !decided->is_queued || decided->was_held)
		return;
	decided->was_held = true;
	sweep->n_held++;
}

/* Who did what: for the journal, through frankd, which alone writes it. */
static void
record(const struct sweep *sweep)
{
	const char *words[] = {"action", "sweep", NULL, incident_for_whom()};
	struct arena *arena = arena_new(0);
	struct buf text = BUF_INIT(TEXT_MAX + 64);
	struct view said;
	size_t left = sweep->n_held;

	buf_addf(&text, "incident %llu: %zu of %zu messages put on hold:",
	    (unsigned long long)sweep->incident.number, sweep->n_held, sweep->n);
	for (const struct decided *decided = sweep->first; decided != NULL;
	     decided = decided->next) {
		if (!decided->was_held || text.n + decided->id.n > TEXT_MAX)
			continue;
		buf_addf(&text, " %.*s", VIEW_ARG(decided->id));
		left--;
	}
	if (left > 0)
		buf_addf(&text, " and %zu more", left);
	words[2] = buf_text(&text);
	if (reply_ask(sweep->ctl, words, ARRAY_LEN(words), arena, &said) != CTL_FINE)
		ctl_say("what was done is not recorded in the journal");
	buf_fini(&text);
	arena_free(arena);
}

static int
hold_them(struct sweep *sweep)
{
	struct view *ids = arena_array(sweep->arena, sweep->n, sizeof(*ids));
	struct err err = ERR_INIT;
	size_t n = 0;
	int code = CTL_FINE;

	for (const struct decided *decided = sweep->first; decided != NULL;
	     decided = decided->next)
		ids[n++] = decided->id;
	must(n == sweep->n);
	if (postfix_hold(sweep->postfix, ids, n, on_held, sweep, &err) == -1)
		code = ctl_fail(&err);
	printf("%zu message%s put on hold\n", sweep->n_held, sweep->n_held == 1 ? "" : "s");
	if (sweep->n_held < sweep->n && code == CTL_FINE)
		printf("%zu left the queue in the meantime\n", sweep->n - sweep->n_held);
	(void)fflush(stdout);
	if (sweep->n_held > 0)
		record(sweep);
	return code;
}

static int
sweep_policy(struct sweep *sweep)
{
	struct err err = ERR_INIT;
	int code = read_journal(sweep);

	if (code != CTL_FINE)
		return code;
	if (postfix_queue(sweep->postfix, each_entry, sweep, &err) == -1)
		return ctl_fail(&err);
	say_what(sweep);
	return sweep->n > 0 && is_wanted(sweep) ? hold_them(sweep) : CTL_FINE;
}

static int
sweep_it(struct sweep *sweep, const char *number)
{
	struct load load;
	int code = incident_ask(sweep->ctl, number, sweep->arena, &sweep->incident);

	if (code != CTL_FINE)
		return code;
	code = incident_policy(sweep->ctl, &load);
	if (code != CTL_FINE)
		return code;
	sweep->policy = load.policy;
	code = sweep_policy(sweep);
	load_fini(&load);
	return code;
}

static int
take_options(struct sweep *sweep, int argc, char **argv)
{
	static const struct option options[] = {
	    {"yes", no_argument, NULL, 'y'},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"postfix-config", required_argument, NULL, 'p'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'y')
			sweep->yes = true;
		else if (option == 'n')
			sweep->is_dry = true;
		else if (option == 'p')
			sweep->postfix = optarg;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind + 1 != argc)
		return ctl_usage("incident", "'frank incident sweep' wants one ID");
	return CTL_FINE;
}

int
incident_sweep(struct ctl *ctl, int argc, char **argv)
{
	struct sweep sweep = {.ctl = ctl};
	int code = take_options(&sweep, argc, argv);

	if (code != CTL_FINE)
		return code;
	if (geteuid() != 0) {
		ctl_say("only root may put mail in Postfix's queue on hold: use sudo(8)");
		return EX_NOPERM;
	}
	sweep.arena = arena_new(0);
	sweep.last = &sweep.first;
	map_init(&sweep.by_id, map_seed_random());
	code = sweep_it(&sweep, argv[optind]);
	map_fini(&sweep.by_id);
	arena_free(sweep.arena);
	return code;
}
