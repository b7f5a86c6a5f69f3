/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "milter/meters.h"
#include "milter/meters_private.h"

/* When the meters are taken up, bound and written down. The writing itself is in
 * meters_keep.c. */

enum { SNAPSHOT_SECONDS = 5, ROWS_SECONDS = 10, SECOND = 1000000 };

struct meters *
meters_new(const struct meters_calls *calls, const char *dir)
{
	struct meters *meters = mem_zeroed(1, sizeof(*meters));

	meters->calls = calls;
	meters->dir = dir;
	must(
	    file_join(meters->snapshot, sizeof(meters->snapshot), dir, "meters.snap") == 0);
	must(pthread_mutex_init(&meters->lock, NULL) == 0);
	must(pthread_mutex_init(&meters->trouble_lock, NULL) == 0);
	return meters;
}

void
meters_free(struct meters *meters)
{
	if (meters == NULL)
		return;
	metering_site_free(atomic_load(&meters->site));
	must(pthread_mutex_destroy(&meters->lock) == 0);
	must(pthread_mutex_destroy(&meters->trouble_lock) == 0);
	free(meters);
}

struct metering_site *
meters_site(const struct meters *meters)
{
	return atomic_load(&meters->site);
}

struct burst_now
meters_now(struct clock now)
{
	struct clock_local local = clock_local(now.wall);

	return metering_now(now.mono, local.date, local.minute);
}

/* Without its seed nothing that was kept would mean anything. */
static struct map_seed
seed_of(struct meters *meters)
{
	struct err err = ERR_INIT;
	struct map_seed seed;

	if (state_meters_seed(meters->dir, &seed, &err) == 0)
		return seed;
	meters_say(meters, true, "meters begin anew at each start: %s", err.text);
	return map_seed_random();
}

struct metering *
meters_bind(struct meters *meters, const struct policy *policy)
{
	struct clock clock = meters->calls->now(meters->calls->context);
	struct burst_now now = meters_now(clock);
	struct metering_site *site = atomic_load(&meters->site);
	const struct policy_settings *settings = policy_settings(policy);
	struct view place;

	if (site != NULL)
		return metering_new(site, policy, &now);
	if (!policy_needs(policy, SUPPLY_METERS, &place))
		return NULL;
	const struct burst_settings wanted = {
	    .seed = seed_of(meters),
	    .keys = settings->meter_keys,
	    .learn = settings->learn,
	    .remember = settings->remember,
	};
	site = metering_site_new(&wanted, clock.wall, &now);
	meters->remember_hours = wanted.remember / 3600;
	struct metering *metering = metering_new(site, policy, &now);
	meters_restore(meters, site, clock);
	atomic_store(&meters->site, site);
	return metering;
}

/* The time for something that is done every SECONDS; *last is moved on. */
static bool
is_due(int64_t *last, int64_t mono, int seconds)
{
	if (*last != 0 && mono - *last < (int64_t)seconds * SECOND)
		return false;
	*last = mono;
	return true;
}

void
meters_work(struct meters *meters, struct clock now)
{
	struct metering_site *site = atomic_load(&meters->site);
	struct burst_now local = meters_now(now);

	if (site == NULL)
		return;
	metering_turn_begin(site);
	burst_tick(metering_burst(site), &local);
	uint64_t charges = burst_charges(metering_burst(site));
	if (charges != meters->snapshot_charges &&
	    is_due(&meters->snapshot_last, now.mono, SNAPSHOT_SECONDS) &&
	    meters_save(meters, site, now) == 0)
		meters->snapshot_charges = charges;
	bool is_changed = charges != meters->rows_charges ||
			  local.minute / 60 != meters->rows_hour || meters->rows_lost;
	if (is_changed && is_due(&meters->rows_last, now.mono, ROWS_SECONDS) &&
	    meters_give(meters, site, now) == 0) {
		meters->rows_charges = charges;
		meters->rows_hour = local.minute / 60;
	}
	metering_turn_end(site);
	meters_keep_exemptions(meters, site, now.wall);
}

void
meters_write(struct meters *meters)
{
	struct metering_site *site = atomic_load(&meters->site);
	struct clock now = meters->calls->now(meters->calls->context);

	if (site == NULL)
		return;
	pthread_mutex_lock(&meters->lock);
	metering_turn_begin(site);
	(void)meters_save(meters, site, now);
	(void)meters_give(meters, site, now);
	metering_turn_end(site);
	meters_keep_exemptions(meters, site, now.wall);
	pthread_mutex_unlock(&meters->lock);
}

static void *
meters_run(void *argument)
{
	struct meters *meters = argument;
	const struct timespec pause = {.tv_sec = 1};

	for (;;) {
		pthread_mutex_lock(&meters->lock);
		meters_work(meters, meters->calls->now(meters->calls->context));
		pthread_mutex_unlock(&meters->lock);
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

void
meters_start(struct meters *meters)
{
	pthread_t thread;

	must(pthread_create(&thread, NULL, meters_run, meters) == 0);
	must(pthread_detach(thread) == 0);
}

void
meters_status(struct meters *meters, struct meters_status *ret_status)
{
	struct metering_site *site = atomic_load(&meters->site);

	*ret_status = (struct meters_status){.has_meters = site != NULL};
	if (site != NULL) {
		ret_status->learn_left = burst_learn_left(metering_burst(site));
		ret_status->n_exempt = metering_exemptions(
		    site, meters->calls->now(meters->calls->context).wall, NULL, 0);
	}
	pthread_mutex_lock(&meters->trouble_lock);
	memcpy(ret_status->trouble, meters->trouble, sizeof(meters->trouble));
	pthread_mutex_unlock(&meters->trouble_lock);
}
