/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef MILTER_DNS_JOBS_PRIVATE_H
#define MILTER_DNS_JOBS_PRIVATE_H

/* Shared by dns_jobs.c (jobs and their time) and dns_jobs_servers.c (those that ask every
 * server of a zone). */

#include "milter/dns_jobs.h"
#include "milter/dns_queries.h"
#include "milter/dns_question.h"

/* Jobs that have the same time, each list by age, and so by deadline. */
enum job_list_place {
	JOBS_SPF_OF_OTHERS,
	JOBS_OF_OTHERS,
	JOBS_SPF,
	JOBS_OF_OURS, /* and all that ask servers */
	JOB_LISTS
};

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
	/* Each with its own DNS: what is slow for the one does not stop the other. */
	struct dns_queries *of_ours, *of_others;
	struct arena *scratch;
	struct job_list by_age[JOB_LISTS];
	struct job_list ready;
	size_t n, n_others; /* n_others: of these, for domains of others */
	size_t n_everywhere;
	int64_t now; /* of the last call */
	struct buf packed;
};

/* dns_jobs.c */

/* To be evaluated in the next turn. */
void job_wake(struct job *job);
/* Its time begins now; it is in no list. */
void job_begin(struct job *job);
struct job_list *job_list_of(const struct job *job);

/* dns_jobs_servers.c */

/* True: all servers that will be asked were. */
bool job_servers_ask(struct job *job, const struct dns_known *known);
/* What the servers say. Where they were not asked to the end nothing is said: the
 * resolver's word would pass for theirs. */
void job_servers_reply(const struct job *job, struct dns_reply_head *reply);
/* Another may ask its servers now. */
void job_unpark(struct dns_jobs *jobs);
void jobs_servers_turn(struct dns_jobs *jobs, int64_t now);
/* As dns_jobs_poll; *UNTIL is made earlier, not later. */
size_t jobs_servers_poll(struct dns_jobs *jobs, struct pollfd *into, int64_t *until);

#endif
