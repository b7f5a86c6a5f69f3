/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/thread.h"

#include "doctor/run.h"
#include "doctor/world.h"

enum { WAKE_MICROS = 200000, JOBS_MAX = 1 << 20 };

enum job_state { JOB_WAITS, JOB_RUNS, JOB_IS_DONE, JOB_IS_LEFT };

struct job {
	struct doctor_result result;
	struct doctor_report report;  /* while it runs */
	struct doctor_finding *first; /* when it is done: in 'kept' of the run */
	enum job_state state;
};

struct doctor_run {
	const struct doctor_world *world;
	int64_t patience, grace;
	struct job *jobs;
	size_t n, oldest, next, n_done; /* oldest: before it none runs */
	struct arena *kept;
	/* Of all that follows, of oldest, next, n_done, kept, and the jobs' state. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned n_workers, n_left; /* all of them; those whose check was left alone */
	bool is_over;               /* no more is begun */
	bool is_owned;              /* or else the last worker frees it */
};

static bool
fits(const struct doctor_check *check, struct view name)
{
	struct view text = view_of(check->name);

	return view_is(text, name) ||
	       (view_starts(text, name) && text.n > name.n && text.p[name.n] == '-');
}

static bool
is_among(const struct doctor_check *check, const struct view *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fits(check, names[i]))
			return true;
	return false;
}

static bool
is_wanted(const struct doctor_wish *wish, const struct doctor_check *check)
{
	return (wish->n_only == 0 || is_among(check, wish->only, wish->n_only)) &&
	       !is_among(check, wish->skip, wish->n_skip);
}

bool
doctor_has_name(const struct doctor_area *areas, struct view name)
{
	for (const struct doctor_area *area = areas; area->name != NULL; area++)
		for (const struct doctor_check *check = area->checks; check->name != NULL;
		     check++)
			if (fits(check, name))
				return true;
	return false;
}

bool
doctor_wants(const struct doctor_wish *wish, const char *head)
{
	for (const struct doctor_area *area = wish->areas; area->name != NULL; area++)
		for (const struct doctor_check *check = area->checks; check->name != NULL;
		     check++)
			if (view_starts(view_of(check->name), view_of(head)) &&
			    is_wanted(wish, check))
				return true;
	return false;
}

static void
add_job(struct doctor_run *run, const struct doctor_area *area,
    const struct doctor_check *check, const struct doctor_subject *subject)
{
	must(run->n < JOBS_MAX);
	run->jobs = mem_resize(run->jobs, run->n + 1, sizeof(*run->jobs));
	run->jobs[run->n++] =
	    (struct job){.result = {.area = area, .check = check, .subject = *subject}};
}

static void
add_scope(struct doctor_run *run, const struct doctor_wish *wish,
    const struct doctor_area *area, enum doctor_scope scope,
    const struct doctor_subject *subject)
{
	for (const struct doctor_check *check = area->checks; check->name != NULL; check++)
		if (check->scope == scope && is_wanted(wish, check))
			add_job(run, area, check, subject);
}

struct doctor_run *
doctor_run_new(const struct doctor_world *world, const struct doctor_wish *wish)
{
	struct doctor_run *run = mem_zeroed(1, sizeof(*run));
	pthread_condattr_t attributes;

	run->world = world;
	run->is_owned = true;
	run->kept = arena_new(0);
	run->patience =
	    wish->patience > 0 ? wish->patience : DOCTOR_CHECK_SECONDS * INT64_C(1000000);
	run->grace =
	    wish->grace > 0 ? wish->grace : DOCTOR_GRACE_SECONDS * INT64_C(1000000);
	must(pthread_mutex_init(&run->lock, NULL) == 0);
	must(pthread_condattr_init(&attributes) == 0);
	must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&run->changed, &attributes) == 0);
	must(pthread_condattr_destroy(&attributes) == 0);
	for (const struct doctor_area *area = wish->areas; area->name != NULL; area++) {
		struct doctor_subject subject = {.egress = NULL};

		add_scope(run, wish, area, DOCTOR_ONCE, &subject);
		for (size_t i = 0; i < world->n_egress; i++) {
			subject.egress = &world->egress[i];
			add_scope(run, wish, area, DOCTOR_EGRESS, &subject);
		}
		subject.egress = NULL;
		for (size_t i = 0; i < wish->n_domains; i++) {
			subject.domain = wish->domains[i];
			add_scope(run, wish, area, DOCTOR_DOMAIN, &subject);
		}
	}
	return run;
}

size_t
doctor_run_count(const struct doctor_run *run)
{
	return run->n;
}

static void
run_release(struct doctor_run *run)
{
	for (size_t i = 0; i < run->n; i++)
		arena_free(run->jobs[i].report.arena);
	arena_free(run->kept);
	must(pthread_cond_destroy(&run->changed) == 0);
	must(pthread_mutex_destroy(&run->lock) == 0);
	free(run->jobs);
	free(run);
}

static enum doctor_answer
worst(const struct doctor_finding *first)
{
	enum doctor_answer answer = DOCTOR_OK;

	for (const struct doctor_finding *at = first; at != NULL; at = at->next) {
		if (at->answer == DOCTOR_BAD)
			return DOCTOR_BAD;
		if (at->answer == DOCTOR_UNKNOWN)
			answer = DOCTOR_UNKNOWN;
	}
	return answer;
}

static void
report_begin(struct doctor_run *run, struct job *job)
{
	struct doctor_report *report = &job->report;

	report->arena = arena_new(0);
	report->deadline = clock_mono() + run->patience;
	report->first = NULL;
	report->end = &report->first;
}

/* The next job to run, with the lock held; NULL: there is none. */
static struct job *
take_job(struct doctor_run *run)
{
	if (run->is_over || run->next == run->n)
		return NULL;
	struct job *job = &run->jobs[run->next++];
	report_begin(run, job);
	job->state = JOB_RUNS;
	return job;
}

/* With the lock held: what was found stays, what it was found in (answers of DNS, texts)
 * goes: for all domains that somebody signs for that is gigabytes. */
static void
keep_findings(struct doctor_run *run, struct job *job)
{
	struct doctor_finding **end = &job->first;

	must(job->report.first != NULL);
	for (const struct doctor_finding *at = job->report.first; at != NULL;
	     at = at->next) {
		struct doctor_finding *copy = arena_alloc(run->kept, sizeof(*copy));

		*copy = *at;
		copy->evidence = arena_view(run->kept, at->evidence);
		copy->remedy = arena_view(run->kept, at->remedy);
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	arena_free(TAKE(job->report.arena));
}

static void *
work(void *argument)
{
	struct doctor_run *run = argument;
	struct job *job;
	bool is_left = false;
	sigset_t signals;

	/* OpenSSL writes to connections that may be closed. */
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGPIPE);
	must(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);

	must(pthread_mutex_lock(&run->lock) == 0);
	while (!is_left && (job = take_job(run)) != NULL) {
		must(pthread_mutex_unlock(&run->lock) == 0);
		job->result.check->run(run->world, &job->result.subject, &job->report);
		must(pthread_mutex_lock(&run->lock) == 0);
		/* One that was left alone has another in its place by now. */
		is_left = job->state == JOB_IS_LEFT;
		if (!is_left) {
			keep_findings(run, job);
			job->state = JOB_IS_DONE;
			run->n_done++;
		}
		must(pthread_cond_signal(&run->changed) == 0);
	}
	run->n_workers--;
	run->n_left -= is_left;
	must(pthread_cond_signal(&run->changed) == 0);
	bool is_last = !run->is_owned && run->n_workers == 0;
	must(pthread_mutex_unlock(&run->lock) == 0);
	if (is_last)
		run_release(run);
	return NULL;
}

/* With the lock held. */
static int
start_worker(struct doctor_run *run, struct err *err)
{
	if (thread_start(work, run, err) < 0)
		return -1;
	run->n_workers++;
	return 0;
}

/* With the lock held: what is over its time is left alone. */
static void
leave_late_ones(struct doctor_run *run)
{
	int64_t now = clock_mono();

	while (run->oldest < run->next && run->jobs[run->oldest].state != JOB_RUNS)
		run->oldest++;
	for (size_t i = run->oldest; i < run->next; i++) {
		struct job *job = &run->jobs[i];

		if (job->state != JOB_RUNS || now < job->report.deadline + run->grace)
			continue;
		job->state = JOB_IS_LEFT;
		run->n_left++;
		run->n_done++;
	}
}

/* With the lock held: as many as there may be and is work for. -1: there is not one. */
static int
start_workers(struct doctor_run *run, struct err *err)
{
	size_t n_waiting = run->n - run->next;

	while (n_waiting > 0 && run->n_workers - run->n_left < DOCTOR_THREADS) {
		if (start_worker(run, err) < 0)
			return run->n_workers > run->n_left ? 0 : -1;
		n_waiting--;
	}
	return 0;
}

static void
wait_a_while(struct doctor_run *run)
{
	int64_t until = clock_mono() + WAKE_MICROS;
	const struct timespec time = {
	    .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};

	int why = pthread_cond_timedwait(&run->changed, &run->lock, &time);
	must(why == 0 || why == ETIMEDOUT);
}

int
doctor_run_all(
    struct doctor_run *run, doctor_progress_fn progress, void *context, struct err *err)
{
	int result = 0;

	must(pthread_mutex_lock(&run->lock) == 0);
	while (result == 0 && run->n_done < run->n) {
		leave_late_ones(run);
		result = start_workers(run, err);
		if (result == 0)
			wait_a_while(run);
		if (progress != NULL)
			progress(context, run->n_done);
	}
	run->is_over = true;
	while (run->n_workers > run->n_left)
		wait_a_while(run);
	must(pthread_mutex_unlock(&run->lock) == 0);
	return result;
}

struct doctor_result
doctor_run_result(const struct doctor_run *run, size_t i)
{
	static const struct doctor_finding late = {.answer = DOCTOR_UNKNOWN,
	    .evidence = {"it did not end in time", sizeof("it did not end in time") - 1}};

	must(i < run->n);
	const struct job *job = &run->jobs[i];
	struct doctor_result result = job->result;
	/* What is left alone still writes its report. */
	result.first = job->state == JOB_IS_DONE ? job->first : &late;
	result.answer = worst(result.first);
	return result;
}

bool
doctor_run_free(struct doctor_run *run)
{
	must(pthread_mutex_lock(&run->lock) == 0);
	run->is_owned = false;
	bool is_last = run->n_workers == 0;
	must(pthread_mutex_unlock(&run->lock) == 0);
	if (is_last)
		run_release(run);
	return is_last;
}
