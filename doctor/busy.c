/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"
#include "lib/map.h"

#include "doctor/busy.h"

enum {
	MS = 1000,
	MINUTE_MS = 60000,
	/* Times of a log may be whole seconds, and delays are: what is the same is apart by
	 * less than that. */
	SAME_US = 2000000,
	/* Mean of a minute. That all agents were busy for all of it is never seen: between
	 * two deliveries an agent is idle. */
	FULL_PERCENT = 80,
};

static const int64_t minute_us = (int64_t)MINUTE_MS * MS;

static bool
is_near(int64_t a, int64_t b)
{
	return a - b < SAME_US && b - a < SAME_US;
}

/* Are A and B lines of one delivery? */
static bool
is_same(const struct busy_delivery *a, const struct busy_delivery *b)
{
	if (a->time == 0 || a->id != b->id || a->active_ms != b->active_ms ||
	    a->connect_ms != b->connect_ms)
		return false;
	/* What was sent is said at the end, with one time for all. */
	if (a->is_sent && b->is_sent)
		return a->send_ms == b->send_ms && is_near(a->time, b->time);
	/* A recipient that is refused is said at once: they began together. */
	return is_near(
	    a->time - (int64_t)a->send_ms * MS, b->time - (int64_t)b->send_ms * MS);
}

struct busy_span
busy_line(struct busy_lines *lines, int64_t since, const struct outcome *outcome)
{
	static const struct map_seed seed = {0, 0};
	const uint32_t *delays = outcome->delays_ms;
	const struct busy_delivery line = {
	    .id = siphash(seed, outcome->queue_id.p != NULL ? outcome->queue_id.p : "",
		outcome->queue_id.n),
	    .time = outcome->time,
	    .active_ms = delays[OUTCOME_ACTIVE],
	    .connect_ms = delays[OUTCOME_CONNECT],
	    .send_ms = delays[OUTCOME_SEND],
	    .is_sent = view_is(outcome->what, VIEW("sent"))};
	struct busy_delivery *set = lines->sets[line.id % BUSY_SETS], *last = &set[0];
	struct busy_span span = {.to = outcome->time - since};

	for (size_t i = 0; i < BUSY_OF_SET; i++) {
		if (is_same(&set[i], &line)) {
			/* Its agent has had it since, and no other one. */
			span.from = set[i].time - since;
			if (line.time > set[i].time)
				set[i] = line;
			return span;
		}
		if (set[i].time < last->time)
			last = &set[i];
	}
	*last = line;
	span.from = span.to - ((int64_t)line.connect_ms + line.send_ms) * MS;
	span.waited_ms = line.active_ms;
	return span;
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
busy_add(struct busy *busy, const struct busy_span *span)
{
	struct busy_minute *minute;

	add_agent(busy, span->from, span->to);
	if (span->waited_ms < BUSY_WAIT_MS || span->from < 0 ||
	    span->from >= BUSY_MINUTES * minute_us)
		return;
	minute = &busy->minutes[span->from / minute_us];
	minute->waited++;
	if (span->waited_ms > minute->longest_ms)
		minute->longest_ms = span->waited_ms;
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
		if (minute->longest_ms > peak.longest_ms)
			peak.longest_ms = minute->longest_ms;
		if (minute->waited > most) {
			most = minute->waited;
			peak.minute = i;
		}
	}
	return peak;
}
