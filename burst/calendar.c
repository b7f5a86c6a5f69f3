/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <string.h>

#include "lib/bug.h"

#include "burst/calendar.h"

#define MINUTE ((int64_t)60 * 1000000)

enum {
	LATE = 5,          /* minutes that an hour may lack and still be whole */
	LEAP_MAX = 7 * 24, /* hours that nobody looked at the clock */
};

unsigned
calendar_hour_kind(uint32_t hour)
{
	unsigned weekday = (hour / 24 + 4) % 7; /* 1970-01-01 was a Thursday */

	return hour % 24 + (weekday == 0 || weekday == 6 ? 24 : 0);
}

static void
begin(struct calendar *calendar, uint32_t hour, bool is_part, int64_t began)
{
	calendar->began = began;
	calendar->is_part = is_part;
	atomic_store_explicit(&calendar->hour, hour, memory_order_relaxed);
	atomic_fetch_add_explicit(&calendar->number, 1, memory_order_release);
}

static void
set_kind(struct calendar *calendar, uint32_t number, unsigned kind)
{
	calendar->kinds[number % CALENDAR_HOURS] = (uint8_t)kind;
}

/* The hour that it was is over; LEAPT more have gone by unseen before HOUR. */
static void
end(struct calendar *calendar, bool is_whole, uint32_t hour, uint32_t leapt)
{
	uint32_t before = atomic_load_explicit(&calendar->hour, memory_order_relaxed);
	uint32_t number = atomic_load_explicit(&calendar->number, memory_order_relaxed);

	set_kind(calendar, number, is_whole ? calendar_hour_kind(before) : HOUR_NOT_WHOLE);
	for (uint32_t i = 1; i <= leapt; i++)
		set_kind(calendar, number + i, calendar_hour_kind(hour - leapt - 1 + i));
	atomic_store_explicit(&calendar->number, number + leapt, memory_order_release);
}

void
calendar_see(struct calendar *calendar, uint32_t minute, int64_t time)
{
	uint32_t hour = minute / 60;
	uint32_t before = atomic_load_explicit(&calendar->hour, memory_order_relaxed);
	int64_t began = time - (int64_t)(minute % 60) * MINUTE, passed, lived, off;
	bool is_set;

	if (atomic_load_explicit(&calendar->number, memory_order_relaxed) == 0) {
		begin(calendar, hour, minute % 60 >= LATE, began);
		return;
	}
	passed = time - calendar->began;
	/* The clock was put back by a little, or a message is older than the hour. */
	if (hour == before || passed < 0 || (hour < before && passed < LATE * MINUTE))
		return;
	/* From one beginning to the other it is whole hours, or else the clock was set. */
	lived = (began - calendar->began + 30 * MINUTE) / (60 * MINUTE);
	off = began - calendar->began - lived * 60 * MINUTE;
	is_set = lived < 1 || off > LATE * MINUTE || off < -LATE * MINUTE;
	if (lived > LEAP_MAX)
		lived = LEAP_MAX;
	end(calendar, !calendar->is_part && !is_set, hour,
	    is_set ? 0 : (uint32_t)lived - 1);
	begin(calendar, hour, is_set && minute % 60 >= LATE, began);
}

void
calendar_continue(struct calendar *calendar, const struct calendar *saved, bool is_soon)
{
	uint32_t number = atomic_load(&saved->number);

	memcpy(calendar->kinds, saved->kinds, sizeof(calendar->kinds));
	if (is_soon && atomic_load(&saved->hour) == atomic_load(&calendar->hour))
		calendar->is_part = saved->is_part;
	else
		set_kind(calendar, number++, HOUR_NOT_WHOLE);
	atomic_store(&calendar->number, number);
}

unsigned
calendar_kind(const struct calendar *calendar, uint32_t number)
{
	uint32_t now = atomic_load_explicit(&calendar->number, memory_order_acquire);

	if (number == 0 || number >= now || now - number > CALENDAR_REACH)
		return HOUR_NOT_WHOLE;
	return calendar->kinds[number % CALENDAR_HOURS];
}
