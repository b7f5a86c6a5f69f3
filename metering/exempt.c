/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "metering/private.h"

/* Who is exempt from meters for a while, because an admin said so. */

static void
remove_at(struct metering_site *site, size_t at)
{
	size_t n = atomic_load(&site->n_exempt);

	memmove(&site->exempt[at], &site->exempt[at + 1],
	    (n - at - 1) * sizeof(site->exempt[0]));
	atomic_store(&site->n_exempt, (uint32_t)(n - 1));
	site->exempt_changes++;
}

/* With the lock held. */
static void
drop_ended(struct metering_site *site, int64_t wall)
{
	for (size_t i = atomic_load(&site->n_exempt); i > 0; i--)
		if (site->exempt[i - 1].until <= wall)
			remove_at(site, i - 1);
}

int
metering_exempt(struct metering_site *site, struct view name, int64_t until, int64_t wall,
    struct err *err)
{
	int result = 0;

	if (name.n == 0 || name.n > METERING_NAME_MAX)
		return err_set(
		    err, ERR_LIMIT, "a name has 1 to %d bytes", METERING_NAME_MAX);
	must(pthread_mutex_lock(&site->lock) == 0);
	drop_ended(site, wall);
	for (size_t i = atomic_load(&site->n_exempt); i > 0; i--)
		if (view_is(view_of(site->exempt[i - 1].name), name))
			remove_at(site, i - 1);
	size_t n = atomic_load(&site->n_exempt);
	if (until > wall && n == METERING_EXEMPT_MAX) {
		result = err_set(
		    err, ERR_LIMIT, "%d names are exempt already", METERING_EXEMPT_MAX);
	} else if (until > wall) {
		memcpy(site->exempt[n].name, name.p, name.n);
		site->exempt[n].name[name.n] = '\0';
		site->exempt[n].until = until;
		site->exempt_changes++;
		atomic_store(&site->n_exempt, (uint32_t)(n + 1));
	}
	must(pthread_mutex_unlock(&site->lock) == 0);
	return result;
}

bool
exempt_has(struct metering_site *site, struct view name, int64_t wall)
{
	bool has = false;

	if (atomic_load(&site->n_exempt) == 0 || name.n == 0)
		return false;
	must(pthread_mutex_lock(&site->lock) == 0);
	for (size_t i = 0; i < atomic_load(&site->n_exempt) && !has; i++)
		has = site->exempt[i].until > wall &&
		      view_is(view_of(site->exempt[i].name), name);
	must(pthread_mutex_unlock(&site->lock) == 0);
	return has;
}

size_t
metering_exemptions(
    struct metering_site *site, int64_t wall, struct metering_exemption *into, size_t n)
{
	size_t n_now = 0;

	must(pthread_mutex_lock(&site->lock) == 0);
	for (size_t i = 0; i < atomic_load(&site->n_exempt); i++) {
		if (site->exempt[i].until <= wall)
			continue;
		if (n_now < n)
			into[n_now] = site->exempt[i];
		n_now++;
	}
	must(pthread_mutex_unlock(&site->lock) == 0);
	return n_now;
}

uint64_t
metering_exemption_changes(struct metering_site *site)
{
	must(pthread_mutex_lock(&site->lock) == 0);
	uint64_t changes = site->exempt_changes;
	must(pthread_mutex_unlock(&site->lock) == 0);
	return changes;
}
