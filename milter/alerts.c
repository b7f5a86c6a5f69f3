/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "policy/value.h"

#include "milter/alerts.h"

enum {
	SECOND = 1000000,
	MINUTE = 60,
	HOUR = 3600,
	DAY = 86400,
	STALE = 3900,     /* nobody looked for a while */
	GROWTH_MIN = 600, /* seconds that have to lie between two counts */
	/* A number that goes up and down around its limit is one alert, not many: it is
	 * over when it is below that share of the limit. */
	OVER_PERCENT = 80,
};

const char *
alert_name(enum alert_kind kind)
{
	static const char *const names[ALERT_KINDS] = {[ALERT_HOLD] = "hold-alert",
	    [ALERT_QUEUE_AGE] = "queue-alert-age",
	    [ALERT_QUEUE_COUNT] = "queue-alert-count",
	    [ALERT_QUEUE_GROWTH] = "queue-alert-growth",
	    [ALERT_COVERAGE] = "coverage"};

	must(kind < ALERT_KINDS);
	return names[kind];
}

static const struct view over = {"over: ", 6};

void
alert_say(const struct alert_news *news, struct buf *out)
{
	if (news->is_over)
		buf_add(out, over);
	buf_addf(out, "%s: %s", alert_name(news->kind), news->text);
}

void
alerts_restore(struct alerts *alerts, int64_t time, struct view text)
{
	bool is_over = view_starts(text, over);
	struct view rest = view_from(text, is_over ? over.n : 0), name;

	if (!view_cut(&rest, ':', &name))
		return;
	for (unsigned kind = 0; kind < ALERT_KINDS; kind++) {
		if (!view_is(name, view_of(alert_name((enum alert_kind)kind))))
			continue;
		alerts->since[kind] = is_over ? 0 : time;
		snprintf(alerts->text[kind], sizeof(alerts->text[kind]), "%.*s",
		    VIEW_ARG(view_trim(rest)));
	}
}

/* What one look says of one kind. */
struct look {
	enum alert_kind kind;
	uint64_t limit, value;
	int64_t time;
	const char *text;
};

/* True: it is news. */
static bool
judge(struct alerts *alerts, const struct look *look, struct alert_news *ret_news)
{
	int64_t *since = &alerts->since[look->kind];
	bool was_on = *since != 0;
	uint64_t bar = was_on ? look->limit * OVER_PERCENT / 100 : look->limit;
	bool is_on = look->limit != 0 && look->value > bar;

	if (is_on)
		snprintf(
		    alerts->text[look->kind], sizeof(alerts->text[0]), "%s", look->text);
	if (is_on == was_on)
		return false;
	*ret_news = (struct alert_news){.kind = look->kind,
	    .is_over = was_on,
	    .time = look->time,
	    .since = was_on ? *since : look->time};
	snprintf(ret_news->text, sizeof(ret_news->text), "%s", look->text);
	*since = is_on ? look->time : 0;
	return true;
}

/* How long the oldest of QUEUE has waited. */
static uint64_t
age(const struct sample_count *queue, int64_t time)
{
	int64_t seconds = queue->oldest == 0 ? 0 : time / SECOND - queue->oldest;

	return seconds > 0 ? (uint64_t)seconds : 0;
}

/* All that waits and should not, in one. */
static struct sample_count
sum_of(const struct journal_sample *sample)
{
	static const enum sample_queue queues[] = {
	    SAMPLE_INCOMING, SAMPLE_ACTIVE, SAMPLE_DEFERRED};
	struct sample_count sum = {0};

	for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
		const struct sample_count *queue = &sample->queues[queues[i]];

		sum.messages += queue->messages;
		if (queue->oldest != 0 && (sum.oldest == 0 || queue->oldest < sum.oldest))
			sum.oldest = queue->oldest;
	}
	return sum;
}

/* How many more they are than an hour ago, or than when we began to look. False: that was
 * too short a time ago to say. */
static bool
has_grown(struct alerts *alerts, uint64_t messages, int64_t time, uint64_t *ret_grown)
{
	size_t old = 0, n = alerts->n_samples;

	while (old < n && (alerts->samples[old].time < time - (int64_t)STALE * SECOND ||
			      (old + 1 < n && alerts->samples[old + 1].time <=
						  time - (int64_t)HOUR * SECOND)))
		old++;
	if (n == ALERT_SAMPLES && old == 0)
		old = 1;
	memmove(
	    alerts->samples, alerts->samples + old, (n - old) * sizeof(alerts->samples[0]));
	n -= old;
	alerts->samples[n].time = time;
	alerts->samples[n].messages = messages;
	alerts->n_samples = n + 1;
	const uint64_t before = alerts->samples[0].messages;
	*ret_grown = messages > before ? messages - before : 0;
	return time - alerts->samples[0].time >= (int64_t)GROWTH_MIN * SECOND;
}

/* Nobody wants to read of 853 seconds. */
static void
add_about(struct buf *out, uint64_t seconds)
{
	uint64_t unit = seconds >= 2 * DAY ? HOUR : seconds >= MINUTE ? MINUTE : 1;

	value_add_duration(out, seconds - seconds % unit);
}

static const char *
waits_text(
    struct buf *out, const struct sample_count *queue, const char *where, int64_t time)
{
	buf_reset(out);
	buf_addf(out, "%llu message%s wait%s %s", (unsigned long long)queue->messages,
	    queue->messages == 1 ? "" : "s", queue->messages == 1 ? "s" : "", where);
	if (queue->messages > 0) {
		buf_add_text(out, ", the oldest for ");
		add_about(out, age(queue, time));
	}
	return buf_text(out);
}

size_t
alerts_look(struct alerts *alerts, const struct alert_limits *limits,
    const struct journal_sample *sample, struct alert_news ret_news[ALERT_KINDS])
{
	const struct sample_count *hold = &sample->queues[SAMPLE_HOLD],
				  sum = sum_of(sample);
	struct buf hold_text = BUF_INIT(256), text = BUF_INIT(256), more = BUF_INIT(256);
	uint64_t grown;
	bool is_known = has_grown(alerts, sum.messages, sample->time, &grown);
	size_t n = 0;

	waits_text(&hold_text, hold, "on hold", sample->time);
	waits_text(&text, &sum, "in the queue", sample->time);
	buf_addf(&more, "%s; %llu more than ", buf_text(&text), (unsigned long long)grown);
	add_about(&more, (uint64_t)(sample->time - alerts->samples[0].time) / SECOND);
	buf_add_text(&more, " ago");
	const struct look looks[] = {
	    {ALERT_HOLD, limits->hold_age, age(hold, sample->time), sample->time,
		buf_text(&hold_text)},
	    {ALERT_QUEUE_AGE, limits->queue_age, age(&sum, sample->time), sample->time,
		buf_text(&text)},
	    {ALERT_QUEUE_COUNT, limits->queue_count, sum.messages, sample->time,
		buf_text(&text)},
	    {ALERT_QUEUE_GROWTH, limits->queue_growth, grown, sample->time,
		buf_text(&more)},
	};
	/* What is not known is no end of it; but nobody may want to hear of it any more. */
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (is_known || looks[i].kind != ALERT_QUEUE_GROWTH || looks[i].limit == 0)
			n += judge(alerts, &looks[i], &ret_news[n]);
	buf_fini(&hold_text);
	buf_fini(&text);
	buf_fini(&more);
	return n;
}

bool
alerts_coverage(
    struct alerts *alerts, const char *text, int64_t now, struct alert_news *ret_news)
{
	const struct look look = {ALERT_COVERAGE, 1, text != NULL ? 2 : 0, now,
	    text != NULL ? text : "nothing leaves without frankd any more"};

	return judge(alerts, &look, ret_news);
}
