/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "journal/read.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/map.h"

#include "ctl/changer.h"
#include "ctl/confirm.h"
#include "ctl/incident.h"
#include "postfix/queue.h"

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
	struct changer changer;
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

static int
hold_them(struct sweep *sweep)
{
	struct view *ids = arena_array(sweep->arena, sweep->n, sizeof(*ids));
	size_t n = 0, late;

	for (const struct decided *decided = sweep->first; decided != NULL;
	     decided = decided->next)
		ids[n++] = decided->id;
	must(n == sweep->n);
	const struct changer_bulk bulk = {
	    .verb = POSTFIX_SWEEP, .ids = ids, .n = n, .done = on_held, .context = sweep};
	int code = changer_run(&sweep->changer, &bulk, &late);
	printf("%zu message%s put on hold\n", sweep->n_held, sweep->n_held == 1 ? "" : "s");
	if (sweep->n_held < sweep->n && code == CTL_FINE)
		printf("%zu left the queue in the meantime\n", sweep->n - sweep->n_held);
	if (sweep->n_held > 0)
		printf("'frank hold release', 'bounce' and 'delete' take them with "
		       "--others\n");
	(void)fflush(stdout);
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
	if (sweep->n == 0 || sweep->is_dry ||
	    !confirm(sweep->yes,
		sweep->n == 1 ? "put it on hold? [y/N] " : "put them on hold? [y/N] "))
		return CTL_FINE;
	return hold_them(sweep);
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
	char reason[32];
	int code = take_options(&sweep, argc, argv);

	if (code == CTL_FINE)
		code = changer_init(&sweep.changer, ctl, sweep.postfix);
	if (code != CTL_FINE)
		return code;
	snprintf(reason, sizeof(reason), "incident %.20s", argv[optind]);
	sweep.changer.reason = reason;
	sweep.arena = arena_new(0);
	sweep.last = &sweep.first;
	map_init(&sweep.by_id, map_seed_random());
	code = sweep_it(&sweep, argv[optind]);
	map_fini(&sweep.by_id);
	arena_free(sweep.arena);
	return code;
}
