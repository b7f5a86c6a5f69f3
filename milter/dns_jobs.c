/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/dns_jobs.h"
#include "milter/dns_queries.h"
#include "milter/dns_question.h"

enum { SCRATCH_MAX = 1 << 20 }; /* bytes, for one evaluation */

struct job {
	TAILQ_ENTRY(job) of_age, of_ready;
	struct dns_jobs *jobs;
	struct dns_asked asked;
	struct arena *arena;
	struct answers *answers;
	struct dns_waiters waiters;
	int64_t since, deadline; /* its time */
	bool is_ready;           /* to be evaluated */
	bool is_last;            /* with what there is */
	struct everywhere *everywhere;
	bool is_parked; /* until others have asked their servers */
	bool has_asked_servers, has_no_servers;
};
TAILQ_HEAD(job_list, job);

struct dns_jobs {
	struct dns_jobs_settings settings;
	struct dns_queries *queries;
	struct arena *scratch;
	/* Each by age, and that is by deadline: SPF, and the others. */
	struct job_list by_age[2];
	struct job_list ready;
	size_t n, n_everywhere;
	int64_t now; /* of the last call */
	struct buf packed;
};

static void
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
dns_jobs_new(const struct dns_jobs_settings *settings, struct dns *dns)
{
	struct dns_jobs *jobs = mem_zeroed(1, sizeof(*jobs));

	jobs->settings = *settings;
	jobs->queries = dns_queries_new(dns, settings->seed, answer_take);
	jobs->scratch = arena_new(SCRATCH_MAX);
	TAILQ_INIT(&jobs->by_age[0]);
	TAILQ_INIT(&jobs->by_age[1]);
	TAILQ_INIT(&jobs->ready);
	buf_init(&jobs->packed, DNS_FRAME_MAX - sizeof(struct dns_reply_head));
	return jobs;
}

static struct job_list *
list_of(const struct job *job)
{
	return &job->jobs->by_age[job->asked.kind == DNS_ASK_SPF ? 0 : 1];
}

/* Its time begins now. */
static void
job_begin(struct job *job)
{
	int64_t seconds =
	    job->asked.kind == DNS_ASK_SPF ? DNS_SPF_SECONDS : DNS_JOB_SECONDS;

	job->since = job->jobs->now;
	job->deadline = job->since + seconds * 1000000;
	TAILQ_INSERT_TAIL(list_of(job), job, of_age);
}

/* Another may ask its servers now. */
static void
job_unpark(struct dns_jobs *jobs)
{
	struct job *job;

	jobs->n_everywhere--;
	for (job = TAILQ_FIRST(&jobs->by_age[1]); job != NULL;
	     job = TAILQ_NEXT(job, of_age)) {
		if (!job->is_parked)
			continue;
		job->is_parked = false;
		job_wake(job);
		return;
	}
}

static void
job_end(struct job *job)
{
	struct dns_jobs *jobs = job->jobs;

	TAILQ_REMOVE(list_of(job), job, of_age);
	if (job->is_ready)
		TAILQ_REMOVE(&jobs->ready, job, of_ready);
	jobs->n--;
	if (job->everywhere != NULL && !job->has_asked_servers)
		job_unpark(jobs);
	dns_queries_leave(jobs->queries, &job->waiters);
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
	dns_queries_free(jobs->queries);
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

/* True: all servers that will be asked were. */
static bool
servers_ask(struct job *job, const struct dns_known *known)
{
	struct dns_jobs *jobs = job->jobs;
	char name[DNS_NAME_MAX * 4 + 1];
	struct everywhere_found found;

	if (job->has_asked_servers || !dns_asked_key_name(&job->asked, name))
		return true;
	if (job->everywhere != NULL ||
	    !everywhere_find(view_of(name), known->lookup, known->context, &found))
		return false;
	if (job->is_last)
		return true;
	job->has_no_servers = found.n == 0;
	if (job->has_no_servers)
		return true;
	job->is_parked = jobs->n_everywhere == DNS_EVERYWHERE_JOBS;
	if (job->is_parked)
		return false;
	TAILQ_REMOVE(list_of(job), job, of_age);
	job_begin(job);
	const struct everywhere_question question = {.type = DNS_TXT,
	    .name = view_of(name),
	    .resolver = jobs->settings.resolver,
	    .port = jobs->settings.server_port,
	    .deadline = job->deadline};
	job->everywhere = everywhere_new(&question, &found);
	jobs->n_everywhere++;
	return false;
}

/* What the servers say. Where they were not asked to the end nothing is said: the
 * resolver's word would pass for theirs. */
static void
servers_reply(const struct job *job, struct dns_reply_head *reply)
{
	if (job->has_asked_servers && everywhere_has_asked_all(job->everywhere)) {
		dns_asked_add_servers(everywhere_answers(job->everywhere), reply);
	} else if (job->has_no_servers) {
		reply->key.has_no_servers = true;
	} else {
		reply->key = (struct dns_key_reply){.state = DNS_NO_ANSWER};
		reply->ttl = DNS_TTL_FAILURE;
	}
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
	is_complete = servers_ask(job, &known) && is_complete;
	if (is_complete || job->is_last)
		servers_reply(job, reply);
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
		if (dns_queries_join(job->jobs->queries, type, name, job, &job->waiters) <
		    0)
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
oldest(struct dns_jobs *jobs)
{
	struct job *spf = TAILQ_FIRST(&jobs->by_age[0]);
	struct job *other = TAILQ_FIRST(&jobs->by_age[1]);

	if (spf == NULL || (other != NULL && other->since < spf->since))
		return other;
	return spf;
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
	if (jobs->n == DNS_JOBS_MAX)
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
	job_wake(job);
	return true;
}

static void
servers_turn(struct dns_jobs *jobs, int64_t now)
{
	struct job *job;

	for (job = TAILQ_FIRST(&jobs->by_age[1]); job != NULL && jobs->n_everywhere > 0;
	     job = TAILQ_NEXT(job, of_age)) {
		if (job->everywhere == NULL || job->has_asked_servers ||
		    !everywhere_step(job->everywhere, now))
			continue;
		job->has_asked_servers = true;
		job_wake(job);
		job_unpark(jobs);
	}
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
	servers_turn(jobs, now);
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
	servers_turn(jobs, now);
}

static size_t
servers_poll(struct dns_jobs *jobs, struct pollfd *into, int64_t *until)
{
	struct job *job;
	size_t n = 0;

	for (job = TAILQ_FIRST(&jobs->by_age[1]); job != NULL;
	     job = TAILQ_NEXT(job, of_age)) {
		int64_t servers_until;

		if (job->everywhere == NULL || job->has_asked_servers)
			continue;
		n += everywhere_poll(job->everywhere, into + n, &servers_until);
		if (servers_until < *until)
			*until = servers_until;
	}
	return n;
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
	return jobs->n_everywhere > 0 ? servers_poll(jobs, into, ret_until) : 0;
}

void
dns_jobs_use(struct dns_jobs *jobs, struct dns *dns)
{
	dns_queries_use(jobs->queries, dns);
}
