/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/address.h"
#include "auth/dns.h"
#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "receiver/child.h"

#include "ctl/ctl.h"
#include "ctl/spf.h"
#include "ctl/world.h"

enum {
	PATIENCE_MS = 20000,
	LIBSPF2_MS = 5000,
	ANSWERS_BYTES = 64 << 20,
	SIGHT_BYTES = 1 << 20,
};

/* What is asked, and what is known so far. */
struct spf_order {
	struct view domain, sender, helo;
	const char *resolver;
	struct addr clients[SPF_EGRESS_MAX];
	uint32_t n;
	int64_t now; /* wall, seconds */
	struct arena *arena;
	struct answers *answers;                  /* of the address that is looked at */
	struct answers *everyone[SPF_EGRESS_MAX]; /* of each: there is a limit of them */
	struct spf_sight *sights;                 /* n of them */
};

/* The last evaluation, watched. */
struct watcher {
	struct spf_order *order;
	struct spf_sight *sight;
	size_t n_before; /* look-ups that steps have been told of */
	unsigned terms;
};

static const struct dns_answer *
watch_lookup(void *context, enum dns_type type, struct view name)
{
	struct watcher *watcher = context;
	struct spf_sight *sight = watcher->sight;
	const struct dns_answer *answer =
	    answers_lookup(watcher->order->answers, type, name);

	for (size_t i = 0; i < sight->n_lookups; i++)
		if (sight->lookups[i].answer == answer)
			return answer;
	if (answer != NULL && sight->n_lookups < SPF_QUERIES_MAX)
		sight->lookups[sight->n_lookups++] = (struct spf_lookup){.answer = answer};
	return answer;
}

/* A term that counts pays for the first look-up since the step before. */
static void
watch_step(void *context, const struct spf_step *step)
{
	struct watcher *watcher = context;
	struct spf_sight *sight = watcher->sight;

	if (step->terms > watcher->terms && watcher->n_before < sight->n_lookups)
		sight->lookups[watcher->n_before] =
		    (struct spf_lookup){.answer = sight->lookups[watcher->n_before].answer,
			.counts = true,
			.term = watcher->terms + 1};
	watcher->terms = step->terms;
	watcher->n_before = sight->n_lookups;
	if (sight->n_steps < SPF_SIGHT_STEPS)
		sight->steps[sight->n_steps++] = *step;
	else
		sight->has_more_steps = true;
}

static struct spf_question
question_of(const struct spf_order *order, uint32_t i)
{
	return (struct spf_question){.client = order->clients[i],
	    .domain = order->domain,
	    .sender = order->sender,
	    .helo = order->helo,
	    .now = order->now};
}

/* One round for one address: what is missing becomes wanted. */
static void
round_run(struct spf_order *order, uint32_t i)
{
	struct arena *arena = arena_new(SIGHT_BYTES);
	struct buf warnings = BUF_INIT(SPF_SIGHT_WARNINGS);
	struct spf_asking asking = {
	    .lookup = answers_lookup, .context = order->answers, .arena = arena};

	answers_want_none(order->answers);
	struct spf_question question = question_of(order, i);
	struct spf_result result;

	spf_eval(&question, &asking, &result);
	if (result.outcome != SPF_EVAL_PENDING)
		spf_warn(&question, &asking, &result, &warnings);
	buf_fini(&warnings);
	arena_free(arena);
}

static int
ask_for(
    struct spf_order *order, uint32_t i, struct dns *dns, int64_t deadline, struct err *err)
{
	int result = 0;

	order->answers = order->everyone[i] = answers_new(order->arena);
	round_run(order, i);
	while (result == 0 && answers_wanted(order->answers) > 0) {
		size_t known = answers_count(order->answers);

		result = dns_fetch(dns, order->answers, deadline, err);
		if (answers_count(order->answers) == known)
			break;
		round_run(order, i);
	}
	return result;
}

static int
ask_all(struct spf_order *order, int64_t *ret_micros, struct err *err)
{
	struct dns *dns = dns_new(order->resolver, err);
	int64_t start = clock_mono(), deadline = start + PATIENCE_MS * INT64_C(1000);
	int result = dns == NULL ? -1 : 0;

	if (result == 0 && world_is_silent(order->resolver, order->domain))
		deadline = start;
	for (uint32_t i = 0; result == 0 && i < order->n; i++)
		result = ask_for(order, i, dns, deadline, err);
	*ret_micros = clock_mono() - start;
	dns_free(dns); /* the child that comes is forked without its thread */
	return result;
}

static void
ask_libspf2(const struct spf_order *order, struct spf_sight *sight)
{
	struct spf_judgement *theirs = &sight->theirs;
	struct err err = ERR_INIT;
	struct spf_case asked = {.client = sight->question.client,
	    .ours = view_of(spf_outcome_name(sight->result.outcome)),
	    .domain = sight->question.domain,
	    .sender = sight->question.sender,
	    .helo = sight->question.helo,
	    .answers = order->answers};

	if (child_spf(&asked, LIBSPF2_MS, theirs, &err) == 0)
		return;
	theirs->opinion = RECEIVER_NO_OPINION;
	snprintf(theirs->reason, sizeof(theirs->reason), "%.*s",
	    (int)sizeof(theirs->reason) - 1, err.text);
}

static void
look(struct spf_order *order, uint32_t i, int64_t micros)
{
	struct spf_sight *sight = &order->sights[i];
	struct watcher watcher = {.order = order, .sight = sight};
	struct spf_asking asking = {.lookup = watch_lookup,
	    .context = &watcher,
	    .arena = order->arena,
	    .step = watch_step,
	    .step_context = &watcher};
	struct spf_asking quiet = {
	    .lookup = answers_lookup, .context = order->answers, .arena = order->arena};

	order->answers = order->everyone[i];
	quiet.context = order->answers;
	sight->question = question_of(order, i);
	sight->steps = mem_zeroed(SPF_SIGHT_STEPS, sizeof(*sight->steps));
	sight->micros = micros;
	buf_init(&sight->warnings, SPF_SIGHT_WARNINGS);
	spf_eval(&sight->question, &asking, &sight->result);
	spf_warn(&sight->question, &quiet, &sight->result, &sight->warnings);
	if (micros > SPF_DAEMON_MS * INT64_C(1000))
		buf_addf(&sight->warnings,
		    "asking took %.1f s; after %d s frankd takes the result for unknown\n",
		    (double)micros / 1e6, SPF_DAEMON_MS / 1000);
	ask_libspf2(order, sight);
}

/* An answer that is an error is one. */
static bool
nothing_answered(const struct spf_order *order)
{
	size_t n = 0;

	for (uint32_t at = 0; at < order->n; at++)
		for (size_t i = 0; i < answers_count(order->everyone[at]); i++, n++)
			if (answers_at(order->everyone[at], i)->state != DNS_NO_ANSWER)
				return false;
	return n > 0;
}

static int
show(const struct ctl *ctl, const struct spf_order *order)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int code = CTL_FINE, printed;

	for (uint32_t i = 0; i < order->n; i++) {
		if (!ctl->json && i > 0)
			buf_add_char(&out, '\n');
		if (ctl->json)
			spf_json(&order->sights[i], &out);
		else
			spf_text(&order->sights[i], &out);
		if (order->sights[i].result.outcome != SPF_EVAL_PASS)
			code = CTL_FINDINGS;
	}
	printed = ctl_print(&out);
	buf_fini(&out);
	if (nothing_answered(order)) {
		ctl_say("DNS gave no answer at all: is the resolver there?");
		code = EX_UNAVAILABLE;
	}
	return printed != CTL_FINE ? printed : code;
}

static int
run_order(const struct ctl *ctl, struct spf_order *order)
{
	struct err err = ERR_INIT;
	int64_t micros = 0;
	int code;

	order->now = clock_now().wall / 1000000;
	if (ask_all(order, &micros, &err) < 0) {
		if (err.code == ERR_CONFIG)
			return ctl_usage("spf", err.text);
		ctl_say("%s", err.text);
		return EX_UNAVAILABLE;
	}
	order->sights = mem_zeroed(order->n, sizeof(*order->sights));
	for (uint32_t i = 0; i < order->n; i++)
		look(order, i, micros);
	code = show(ctl, order);
	for (uint32_t i = 0; i < order->n; i++) {
		buf_fini(&order->sights[i].warnings);
		free(order->sights[i].steps);
	}
	free(order->sights);
	return code;
}

/* What was not said: our addresses, our name, and the sender of a bounce. */
static int
fill(const struct world *world, struct spf_order *order, struct err *err)
{
	char host[DNS_NAME_MAX + 1] = "localhost";
	struct buf sender = BUF_INIT(SPF_JUDGE_NAME_MAX);

	if (order->n == 0) {
		memcpy(order->clients, world->egress, sizeof(order->clients));
		order->n = world->n_egress;
	}
	if (order->n == 0 && !world->is_known) {
		(void)err_add(err, "say --ip, for 'set egress' is not known");
		return ctl_fail(err);
	}
	if (order->n == 0)
		return ctl_usage("spf",
		    "say --ip, or 'set egress' in the configuration: which address does "
		    "the mail come from?");
	if (order->helo.n == 0 && world->helo[0] == '\0')
		(void)gethostname(host, sizeof(host) - 1);
	if (order->helo.n == 0)
		order->helo = arena_view(
		    order->arena, view_of(world->helo[0] != '\0' ? world->helo : host));
	if (order->sender.n == 0) {
		buf_addf(&sender, "postmaster@%.*s", VIEW_ARG(order->domain));
		order->sender = arena_view(order->arena, buf_view(&sender));
	}
	buf_fini(&sender);
	return CTL_FINE;
}

static int
take_option(struct ctl *ctl, struct spf_order *order, int option, int argc, char **argv)
{
	struct err err = ERR_INIT;

	switch (option) {
	case 'i':
		if (order->n == SPF_EGRESS_MAX)
			return ctl_usage("spf", "more than 64 addresses");
		if (addr_parse(view_of(optarg), &order->clients[order->n], &err) != 0)
			return ctl_usage("spf", err.text);
		order->n++;
		return CTL_FINE;
	case 's':
		order->sender = view_of(optarg);
		return CTL_FINE;
	case 'h':
		order->helo = view_of(optarg);
		return CTL_FINE;
	case 'r':
		order->resolver = optarg;
		return CTL_FINE;
	case 'J':
		ctl->json = true;
		return CTL_FINE;
	default:
		return ctl_bad_option(argc, argv);
	}
}

static int
read_order(struct ctl *ctl, int argc, char **argv, struct spf_order *order)
{
	static const struct option options[] = {
	    {"ip", required_argument, NULL, 'i'},
	    {"sender", required_argument, NULL, 's'},
	    {"helo", required_argument, NULL, 'h'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct err err = ERR_INIT;
	struct view domain;
	int option, code;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if ((code = take_option(ctl, order, option, argc, argv)) != CTL_FINE)
			return code;
	if (optind + 1 != argc)
		return ctl_usage("spf", "name one domain");
	domain = view_of(argv[optind]);
	if (view_ends(domain, VIEW("."))) /* as in a zone file */
		domain = view_head(domain, domain.n - 1);
	if (address_parse_domain(domain, order->arena, &order->domain, &err) != 0) {
		(void)err_add(&err, "'%s' is not a domain", argv[optind]);
		return ctl_usage("spf", err.text);
	}
	return CTL_FINE;
}

int
command_spf(struct ctl *ctl, int argc, char **argv)
{
	struct spf_order *order = mem_zeroed(1, sizeof(*order));
	struct world *world = mem_zeroed(1, sizeof(*world));
	struct err err = ERR_INIT;
	int code;

	order->arena = arena_new(ANSWERS_BYTES);
	code = read_order(ctl, argc, argv, order);
	if (code == CTL_FINE) {
		(void)world_read(ctl, world, &err);
		order->resolver = world_resolver(world, order->resolver);
		code = fill(world, order, &err);
	}
	if (code == CTL_FINE)
		code = run_order(ctl, order);
	arena_free(order->arena);
	free(world);
	free(order);
	return code;
}
