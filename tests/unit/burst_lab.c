/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/unit/burst_lab.h"

void
lab_open(struct lab *lab, uint32_t within, bool is_distinct)
{
	const struct burst_settings settings = {
	    .seed = {1, 2}, .keys = 16000, .learn = 14 * 86400, .remember = 180 * 86400};
	const struct burst_meter_kind kind = {
	    .id = VIEW("it"), .within = within, .is_distinct = is_distinct};

	*lab = (struct lab){.random = 88172645463325252};
	lab->now = (struct burst_now){1000, burst_minute(20260302, 0)};
	lab->wall = (int64_t)lab->now.minute * LAB_MINUTE;
	lab->burst = burst_new(&settings, lab->wall, &lab->now);
	lab->meter = burst_meter_get(lab->burst, &kind, &lab->now);
}

void
lab_close(struct lab *lab)
{
	burst_meter_put(lab->burst, lab->meter);
	burst_free(lab->burst);
}

static void
move(struct lab *lab, int64_t micros)
{
	lab->wall += micros;
	lab->now.mono += micros;
	lab->now.minute = (uint32_t)(lab->wall / LAB_MINUTE);
	burst_tick(lab->burst, &lab->now);
}

void
lab_pass(struct lab *lab, int64_t micros)
{
	for (; micros > LAB_HOUR; micros -= LAB_HOUR)
		move(lab, LAB_HOUR);
	move(lab, micros);
}

void
lab_days(struct lab *lab, const char *key, unsigned days, uint64_t amount)
{
	for (unsigned hour = 0; hour < days * 24; hour++) {
		lab_pass(lab, LAB_HOUR / 2);
		if (hour % 24 >= 9 && hour % 24 <= 16)
			lab_charge(lab, key, amount);
		lab_pass(lab, LAB_HOUR / 2);
	}
}

uint64_t
lab_key(const struct lab *lab, const char *name)
{
	return burst_key(lab->burst, view_of(name));
}

void
lab_charge(struct lab *lab, const char *name, uint64_t count)
{
	const struct burst_amount amount = {.count = count};

	burst_charge(
	    lab->meter, lab_key(lab, name), view_of(name), &amount, &lab->now, false);
}

struct burst_reading
lab_read(struct lab *lab, const char *name, uint64_t count)
{
	const struct burst_amount amount = {.count = count};

	return burst_read(lab->meter, lab_key(lab, name), &amount, &lab->now);
}

uint64_t
lab_random(struct lab *lab, uint64_t below)
{
	lab->random ^= lab->random << 13;
	lab->random ^= lab->random >> 7;
	lab->random ^= lab->random << 17;
	return lab->random % below;
}

void
lab_want(const char *what, struct burst_reading got, uint64_t reading,
    enum burst_usual usual_of, uint64_t usual)
{
	static const char *const names[] = {"unknown", "own", "site"};

	if (got.reading != reading || got.usual_of != usual_of || got.usual != usual)
		fail_msg("%s: got %llu, usual %llu (%s), want %llu, usual %llu (%s)", what,
		    (unsigned long long)got.reading, (unsigned long long)got.usual,
		    names[got.usual_of], (unsigned long long)reading,
		    (unsigned long long)usual, names[usual_of]);
}
