/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "milter/spf_opinions.h"

enum { REASON_MAX = 160 };

struct opinion {
	enum fact_seen seen;
	uint64_t result; /* hash of ours, or of what is published */
	bool is_per_message;
	char reason[REASON_MAX];
	size_t n;
	char domain[];
};

struct spf_opinions {
	pthread_mutex_t lock;
	struct map by_domain;
};

struct spf_opinions *
spf_opinions_new(struct map_seed seed)
{
	struct spf_opinions *opinions = mem_zeroed(1, sizeof(*opinions));

	must(pthread_mutex_init(&opinions->lock, NULL) == 0);
	map_init(&opinions->by_domain, seed);
	return opinions;
}

void
spf_opinions_free(struct spf_opinions *opinions)
{
	struct opinion *opinion;
	size_t at = 0;

	if (opinions == NULL)
		return;
	while ((opinion = map_next(&opinions->by_domain, &at, NULL)) != NULL)
		free(opinion);
	map_fini(&opinions->by_domain);
	pthread_mutex_destroy(&opinions->lock);
	free(opinions);
}

/* With the lock held. Domains of ours only, so there is an end to them. */
static struct opinion *
opinion_of(struct spf_opinions *opinions, struct view domain)
{
	struct opinion *opinion = map_get(&opinions->by_domain, domain);

	if (opinion != NULL)
		return opinion;
	opinion = mem_zeroed(1, sizeof(*opinion) + domain.n + 1);
	memcpy(opinion->domain, domain.p, domain.n);
	opinion->n = domain.n;
	(void)map_add(
	    &opinions->by_domain, (struct view){opinion->domain, domain.n}, opinion);
	return opinion;
}

static void
forget(struct opinion *opinion)
{
	opinion->seen = SEEN_UNKNOWN;
	opinion->reason[0] = '\0';
}

void
spf_opinions_result(
    struct spf_opinions *opinions, struct view domain, const struct dns_spf_reply *reply)
{
	char text[4 * DNS_TEXT_MAX];

	if (domain.n == 0)
		return;
	bool is_per_message = reply->is_per_message != 0;
	int n = is_per_message ? snprintf(text, sizeof(text), "%" PRIx64, reply->published)
			       : snprintf(text, sizeof(text), "%u %s %s %s", reply->outcome,
				     reply->term, reply->domain, reply->problem);
	uint64_t result = siphash(opinions->by_domain.seed, text, (size_t)n);
	pthread_mutex_lock(&opinions->lock);
	struct opinion *opinion = opinion_of(opinions, domain);
	if (opinion->result != result)
		forget(opinion);
	opinion->result = result;
	opinion->is_per_message = is_per_message;
	pthread_mutex_unlock(&opinions->lock);
}

bool
spf_opinions_learn(struct spf_opinions *opinions, struct view domain, enum fact_seen seen,
    const char *reason)
{
	if (domain.n == 0 || seen == SEEN_UNKNOWN)
		return false;
	pthread_mutex_lock(&opinions->lock);
	struct opinion *opinion = opinion_of(opinions, domain);
	bool is_news = seen == SEEN_DISAGREES && opinion->seen != SEEN_DISAGREES;
	bool stands = opinion->is_per_message && opinion->seen == SEEN_DISAGREES;
	if (!stands) {
		opinion->seen = seen;
		snprintf(opinion->reason, sizeof(opinion->reason), "%s",
		    seen == SEEN_DISAGREES && reason != NULL ? reason : "");
	}
	pthread_mutex_unlock(&opinions->lock);
	return is_news;
}

enum fact_seen
spf_opinions_get(struct spf_opinions *opinions, struct view domain)
{
	pthread_mutex_lock(&opinions->lock);
	const struct opinion *opinion = map_get(&opinions->by_domain, domain);
	enum fact_seen seen = opinion != NULL ? opinion->seen : SEEN_UNKNOWN;
	pthread_mutex_unlock(&opinions->lock);
	return seen;
}

void
spf_opinions_status(struct spf_opinions *opinions, struct spf_opinions_status *ret_status)
{
	const struct opinion *opinion;
	size_t at = 0;

	*ret_status = (struct spf_opinions_status){0};
	pthread_mutex_lock(&opinions->lock);
	while ((opinion = map_next(&opinions->by_domain, &at, NULL)) != NULL) {
		ret_status->agrees += opinion->seen == SEEN_AGREES;
		if (opinion->seen != SEEN_DISAGREES)
			continue;
		ret_status->disagrees++;
		if (ret_status->n < SPF_OPINIONS_SHOWN_MAX)
			snprintf(ret_status->disagreements[ret_status->n++],
			    sizeof(ret_status->disagreements[0]), "%.*s: %s",
			    (int)(opinion->n < 80 ? opinion->n : 80), opinion->domain,
			    opinion->reason);
	}
	pthread_mutex_unlock(&opinions->lock);
}
