/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "milter/dns_jobs_private.h"

/* Jobs that ask every authoritative server of a zone. */

void
job_unpark(struct dns_jobs *jobs)
{
	struct job *job;

	jobs->n_everywhere--;
	for (job = TAILQ_FIRST(&jobs->by_age[JOBS_OF_OURS]); job != NULL;
	     job = TAILQ_NEXT(job, of_age)) {
		if (!job->is_parked)
			continue;
		job->is_parked = false;
		job_wake(job);
		return;
	}
}

bool
job_servers_ask(struct job *job, const struct dns_known *known)
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
	TAILQ_REMOVE(job_list_of(job), job, of_age);
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

void
job_servers_reply(const struct job *job, struct dns_reply_head *reply)
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

void
jobs_servers_turn(struct dns_jobs *jobs, int64_t now)
{
	struct job *job;

	for (job = TAILQ_FIRST(&jobs->by_age[JOBS_OF_OURS]);
	     job != NULL && jobs->n_everywhere > 0; job = TAILQ_NEXT(job, of_age)) {
		if (job->everywhere == NULL || job->has_asked_servers ||
		    !everywhere_step(job->everywhere, now))
			continue;
		job->has_asked_servers = true;
		job_wake(job);
		job_unpark(jobs);
	}
}

size_t
jobs_servers_poll(struct dns_jobs *jobs, struct pollfd *into, int64_t *until)
{
	struct job *job;
	size_t n = 0;

	for (job = TAILQ_FIRST(&jobs->by_age[JOBS_OF_OURS]); job != NULL;
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
