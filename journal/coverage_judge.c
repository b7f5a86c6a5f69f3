/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "journal/coverage_private.h"

enum { SESSION_US = 600000000 /* an SMTP session finds its milters at its beginning */ };

/* The program itself: "smtpd" of "submission/smtpd". */
static const char *
program_of(const char *service)
{
	const char *slash = strrchr(service, '/');

	return slash != NULL ? slash + 1 : service;
}

/*
 * smtpd(8) and cleanup(8) both speak with milters: the first for its own clients, from the
 * beginning of their session on, the second for all, and alone for sendmail(1). A message
 * has left only when that was over.
 */
static bool
had_trouble(const struct covering *covering, const struct coverage_suspect *suspect)
{
	const int64_t left = suspect->key.to - COVERAGE_SLACK_US;

	for (size_t i = 0; i < covering->n_troubles; i++) {
		const struct coverage_trouble *trouble = &covering->troubles[i];
		bool is_own = strcmp(trouble->service, suspect->service) == 0;
		bool is_cleanup = strcmp(program_of(trouble->service), "cleanup") == 0;

		if ((is_own || is_cleanup) && trouble->first <= left &&
		    suspect->born <= trouble->last + (is_own ? SESSION_US : 0))
			return true;
	}
	return false;
}

static bool
is_between(const int64_t *times, size_t n, int64_t from, int64_t to)
{
	for (size_t i = 0; i < n; i++)
		if (times[i] >= from && times[i] <= to)
			return true;
	return false;
}

/* Is the log whole from when it came into the queue until it left? */
static bool
is_all_known(const struct covering *covering, const struct coverage_suspect *suspect)
{
	const struct coverage_key *key = &suspect->key;

	return key->from >= covering->begin - COVERAGE_SLACK_US &&
	       !is_between(
		   covering->gaps, covering->n_gaps, key->from, key->to + COVERAGE_HOUR);
}

static enum coverage_reason
reason_of_client(const struct covering *covering, const struct coverage_suspect *suspect)
{
	/* A loss is written down with the next decision that is not lost. */
	if (is_between(covering->losses, covering->n_losses,
		suspect->born - COVERAGE_SLACK_US, suspect->born + COVERAGE_DAY))
		return COVERAGE_UNKNOWN;
	if (had_trouble(covering, suspect))
		return COVERAGE_DOWN;
	if (suspect->birth == BIRTH_PICKED_UP)
		return COVERAGE_LOCAL;
	return suspect->is_loopback && !suspect->has_login ? COVERAGE_REENTRY
							   : COVERAGE_SERVICE;
}

enum coverage_fate
coverage_judge(const struct covering *covering, const struct coverage_suspect *suspect,
    enum coverage_reason *ret_reason)
{
	/* Of a former one, what was decided before it was born was another message. */
	if (suspect->key.decided != 0 &&
	    suspect->key.decided + COVERAGE_SLACK_US >= suspect->born)
		return FATE_JUDGED;
	switch (suspect->birth) {
	case BIRTH_NONE:
		*ret_reason = suspect->is_former || !is_all_known(covering, suspect)
				  ? COVERAGE_UNKNOWN
				  : COVERAGE_NOTICES;
		break;
	case BIRTH_NOTIFIED:
		*ret_reason = COVERAGE_BOUNCES;
		break;
	case BIRTH_FORWARDED:
		*ret_reason = COVERAGE_FORWARDED;
		break;
	case BIRTH_PICKED_UP:
		if (suspect->former[0] != '\0')
			return FATE_REQUEUED;
		*ret_reason = reason_of_client(covering, suspect);
		break;
	case BIRTH_ARRIVED:
		if (!suspect->has_login && !suspect->is_trusted)
			return FATE_INBOUND;
		*ret_reason = reason_of_client(covering, suspect);
		break;
	}
	return FATE_MISSED;
}
