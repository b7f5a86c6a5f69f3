/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_jobs_private.h"

enum { SCRATCH_MAX = 1 << 20 }; /* bytes, for one evaluation */

void
job_wake(struct job *job)
{
	if (job->is_ready)
		return;
	job->is_ready = true;
	TAILQ_INSERT_TAIL(&job->jobs->ready, job, of_ready);
}

static void
answer_take(void *context, const struct dns_answer *answer)
{
	struct job *job = context;

	if (!answers_add(job->answers, answer))
		job->is_last = true;
	job_wake(job);
}

struct dns_jobs *
dns_jobs_new(const struct dns_jobs_settings *settings, const struct dns_pair *dns)
{
	struct dns_jobs *jobs = mem_zeroed(1, sizeof(*jobs));

	jobs->settings = *settings;
	jobs->of_ours = dns_queries_new(dns->for_ours, settings->seed, answer_take);
	jobs->of_others = dns_queries_new(dns->for_others, settings->seed, answer_take);
	jobs->scratch = arena_new(SCRATCH_MAX);
	for (size_t i = 0; i < JOB_LISTS; i++)
		TAILQ_INIT(&jobs->by_age[i]);
	TAILQ_INIT(&jobs->ready);
	buf_init(&jobs->packed, DNS_FRAME_MAX - sizeof(struct dns_reply_head));
	return jobs;
}

static enum job_list_place
place_of(const struct dns_asked *asked)
{
	if (asked->kind == DNS_ASK_SPF)
		return asked->is_ours ? JOBS_SPF : JOBS_SPF_OF_OTHERS;
	return asked->is_ours ? JOBS_OF_OURS : JOBS_OF_OTHERS;
}

struct job_list *
job_list_of(const struct job *job)
{
	return &job->jobs->by_age[place_of(&job->asked)];
}

static struct dns_queries *
queries_of(const struct job *job)
{
	return job->asked.is_ours ? job->jobs->of_ours : job->jobs->of_others;
}

void
job_begin(struct job *job)
{
	static const int seconds[JOB_LISTS] = {[JOBS_SPF_OF_OTHERS] = DNS_SPF_SECONDS,
	    [JOBS_OF_OTHERS] = DNS_OTHERS_SECONDS,
	    [JOBS_SPF] = DNS_SPF_SECONDS,
	    [JOBS_OF_OURS] = DNS_JOB_SECONDS};

	job->since = job->jobs->now;
	job->deadline = job->since + seconds[place_of(&job->asked)] * INT64_C(1000000);
	TAILQ_INSERT_TAIL(job_list_of(job), job, of_age);
}

static void
job_end(struct job *job)
{
	struct dns_jobs *jobs = job->jobs;

	TAILQ_REMOVE(job_list_of(job), job, of_age);
	if (job->is_ready)
		TAILQ_REMOVE(&jobs->ready, job, of_ready);
	jobs->n--;
	jobs->n_others -= !job->asked.is_ours;
	if (job->everywhere != NULL && !job->has_asked_servers)
		job_unpark(jobs);
	dns_queries_leave(queries_of(job), &job->waiters);
	everywhere_free(job->everywhere);
	arena_free(job->arena);
	free(job);
}

void
dns_jobs_free(struct dns_jobs *jobs)
{
	struct job *job, *next;

	for (size_t i = 0; i < ARRAY_LEN(jobs->by_age); i++)
		for (job = TAILQ_FIRST(&jobs->by_age[i]); job != NULL; job = next) {
			next = TAILQ_NEXT(job, of_age);
			job_end(job);
		}
	dns_queries_free(jobs->of_ours);
	dns_queries_free(jobs->of_others);
	arena_free(jobs->scratch);
	buf_fini(&jobs->packed);
	free(jobs);
}

/* The last word: what is not known will not be. */
static const struct dns_answer *
lookup_last(void *context, enum dns_type type, struct view name)
{
	static const struct dns_answer none = {.state = DNS_NO_ANSWER};
	const struct dns_answer *answer = answers_lookup(context, type, name);

	return answer != NULL ? answer : &none;
}

/* False: answers are missing. */
static bool
job_evaluate(struct job *job, struct dns_reply_head *reply)
{
	const struct dns_known known = {
	    .lookup = job->is_last ? lookup_last : answers_lookup,
	    .context = job->answers,
	    .arena = job->jobs->scratch};

	arena_reset(known.arena);
	answers_want_none(job->answers);
	bool is_complete = dns_asked_evaluate(&job->asked, &known, reply);
	if (job->asked.kind != DNS_ASK_KEY_EVERYWHERE)
		return is_complete;
	is_complete = job_servers_ask(job, &known) && is_complete;
	if (is_complete || job->is_last)
		job_servers_reply(job, reply);
	return is_complete;
}

/* Ask for what the evaluation wanted. False: nothing will come of it. */
static bool
job_ask(struct job *job)
{
	for (size_t i = 0; i < answers_wanted(job->answers); i++) {
		enum dns_type type;
		struct view name;

		answers_wanted_at(job->answers, i, &type, &name);
		if (dns_queries_join(queries_of(job), type, name, job, &job->waiters) < 0)
			return false;
	}
	bool asks_servers = job->everywhere != NULL && !job->has_asked_servers;
	return !LIST_EMPTY(&job->waiters) || job->is_ready || job->is_parked ||
	       asks_servers;
}

static void
job_reply(struct job *job, const struct dns_reply_head *reply)
{
	struct dns_jobs *jobs = job->jobs;
	struct view answers = VIEW_NONE;

	buf_reset(&jobs->packed);
	if (job->asked.with_answers && job->asked.kind == DNS_ASK_SPF) {
		answers_pack(job->answers, &jobs->packed);
		if (!jobs->packed.full)
			answers = buf_view(&jobs->packed);
	}
	jobs->settings.reply(jobs->settings.context, reply, answers);
}

/* Evaluate, and answer when that is possible; then the job is gone. */
static void
job_run(struct job *job)
{
	struct dns_reply_head reply;

	while (!job_evaluate(job, &reply) && !job->is_last) {
		if (job_ask(job))
			return;
		job->is_last = true;
	}
	job_reply(job, &reply);
	job_end(job);
}

static void
job_finish(struct job *job)
{
	job->is_last = true;
	job_run(job);
}

static struct job *
older(struct job *a, struct job *b)
{
	return a == NULL || (b != NULL && b->since < a->since) ? b : a;
}

/* Of others, where there are any. */
static struct job *
oldest(const struct dns_jobs *jobs)
{
	struct job *of_others = older(TAILQ_FIRST(&jobs->by_age[JOBS_SPF_OF_OTHERS]),
	    TAILQ_FIRST(&jobs->by_age[JOBS_OF_OTHERS]));

	return of_others != NULL ? of_others
				 : older(TAILQ_FIRST(&jobs->by_age[JOBS_SPF]),
				       TAILQ_FIRST(&jobs->by_age[JOBS_OF_OURS]));
}

static bool
is_full_for(const struct dns_jobs *jobs, const struct dns_asked *asked)
{
	return jobs->n == DNS_JOBS_MAX ||
	       (!asked->is_ours && jobs->n_others == DNS_OTHERS_JOBS);
}

bool
dns_jobs_take(struct dns_jobs *jobs, struct view frame, const struct clock *now)
{
	struct arena *arena = arena_new(DNS_JOB_MEMORY);
	struct dns_asked asked;
	struct job *job;

	if (!dns_asked_read(frame, arena, &asked)) {
		arena_free(arena);
		return false;
	}
	jobs->now = now->mono;
	if (is_full_for(jobs, &asked))
		job_finish(oldest(jobs));
	job = mem_zeroed(1, sizeof(*job));
	job->jobs = jobs;
	job->asked = asked;
	job->asked.now = now->wall / 1000000;
	job->arena = arena;
	job->answers = answers_new(arena);
	must(job->answers != NULL);
	LIST_INIT(&job->waiters);
	job_begin(job);
	jobs->n++;
	jobs->n_others += !asked.is_ours;
	job_wake(job);
	return true;
}

/* Those whose time is over; the others of a list are younger. */
static void
jobs_finish(struct job_list *list, int64_t now)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(list); job != NULL && now >= job->deadline; job = next) {
		next = TAILQ_NEXT(job, of_age);
		job_finish(job);
	}
}

void
dns_jobs_turn(struct dns_jobs *jobs, int64_t now)
{
	struct job *job, *next;

	jobs->now = now;
	jobs_servers_turn(jobs, now);
	/* One that is woken meanwhile may have to wait for the next turn. */
	for (job = TAILQ_FIRST(&jobs->ready); job != NULL; job = next) {
		next = TAILQ_NEXT(job, of_ready);
		TAILQ_REMOVE(&jobs->ready, job, of_ready);
		job->is_ready = false;
		job_run(job);
	}
	for (size_t i = 0; i < ARRAY_LEN(jobs->by_age); i++)
		jobs_finish(&jobs->by_age[i], now);
	/* What was started just now. */
	jobs_servers_turn(jobs, now);
}

size_t
dns_jobs_poll(struct dns_jobs *jobs, struct pollfd *into, int64_t *ret_until)
{
	*ret_until = TAILQ_EMPTY(&jobs->ready) ? INT64_MAX : 0;
	for (size_t i = 0; i < ARRAY_LEN(jobs->by_age); i++) {
		const struct job *job = TAILQ_FIRST(&jobs->by_age[i]);

		if (job != NULL && job->deadline < *ret_until)
			*ret_until = job->deadline;
	}
	return jobs->n_everywhere > 0 ? jobs_servers_poll(jobs, into, ret_until) : 0;
}

void
dns_jobs_use(struct dns_jobs *jobs, const struct dns_pair *dns)
{
	dns_queries_use(jobs->of_ours, dns->for_ours);
	dns_queries_use(jobs->of_others, dns->for_others);
}
