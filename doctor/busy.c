/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/map.h"

#include "doctor/busy.h"

enum {
	MS = 1000,
	MINUTE_MS = 60000,
	SAME_US = 2000000, /* the lines of one delivery are written within that */
	/* Mean of a minute. That all agents were busy for all of it is never seen: between
	 * two deliveries an agent is idle. */
	FULL_PERCENT = 80,
};

static const int64_t minute_us = (int64_t)MINUTE_MS * MS;

/* Is it another recipient's line of a delivery that is counted? */
static bool
is_known(struct busy *busy, const struct busy_delivery *delivery)
{
	for (size_t i = 0; i < BUSY_RECENT && i < busy->n; i++) {
		const struct busy_delivery *other = &busy->recent[i];

		if (other->id == delivery->id &&
		    other->connect_ms == delivery->connect_ms &&
		    other->send_ms == delivery->send_ms &&
		    delivery->time - other->time < SAME_US)
			return true;
	}
	return false;
}

/* An agent had it FROM the one time TO the other, of the day: microseconds. */
static void
add_agent(struct busy *busy, int64_t from, int64_t to)
{
	const int64_t end = BUSY_MINUTES * minute_us;

	if (from < 0)
		from = 0;
	if (to > end)
		to = end;
	while (from < to) {
		struct busy_minute *minute = &busy->minutes[from / minute_us];
		int64_t next = (from / minute_us + 1) * minute_us;
		uint32_t ms = (uint32_t)(((next < to ? next : to) - from) / MS);

		minute->agent_ms +=
		    ms < UINT32_MAX - minute->agent_ms ? ms : UINT32_MAX - minute->agent_ms;
		from = next;
	}
}

void
busy_add(struct busy *busy, int64_t since, const struct outcome *outcome)
{
	static const struct map_seed seed = {0, 0};
	const uint32_t *delays = outcome->delays_ms;
	const struct busy_delivery delivery = {
	    .id = siphash(seed, outcome->queue_id.p != NULL ? outcome->queue_id.p : "",
		outcome->queue_id.n),
	    .time = outcome->time,
	    .connect_ms = delays[OUTCOME_CONNECT],
	    .send_ms = delays[OUTCOME_SEND]};
	int64_t to = outcome->time - since;
	int64_t from = to - ((int64_t)delays[OUTCOME_CONNECT] + delays[OUTCOME_SEND]) * MS;

	if (is_known(busy, &delivery))
		return;
	busy->recent[busy->n++ % BUSY_RECENT] = delivery;
	add_agent(busy, from, to);
	if (delays[OUTCOME_ACTIVE] < BUSY_WAIT_MS || from < 0 ||
	    from >= BUSY_MINUTES * minute_us)
		return;
	busy->minutes[from / minute_us].waited++;
	if (delays[OUTCOME_ACTIVE] > busy->longest_ms)
		busy->longest_ms = delays[OUTCOME_ACTIVE];
}

static bool
is_full(const struct busy_minute *minute, unsigned long long limit)
{
	return minute->agent_ms >= limit * MINUTE_MS / 100 * FULL_PERCENT;
}

struct busy_peak
busy_peak_of(const struct busy *busy, unsigned long long limit)
{
	struct busy_peak peak = {.waited = 0};
	uint32_t most = 0;

	for (uint32_t i = 0; i < BUSY_MINUTES; i++) {
		const struct busy_minute *minute = &busy->minutes[i];

		if (minute->waited == 0 ||
		    (!is_full(minute, limit) && (i == 0 || !is_full(minute - 1, limit))))
			continue;
		peak.waited += minute->waited;
		if (minute->waited > most) {
			most = minute->waited;
			peak.minute = i;
		}
	}
	return peak;
}
