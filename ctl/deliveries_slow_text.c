/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>

#include "lib/clock.h"
#include "lib/json.h"

#include "ctl/cause.h"
#include "ctl/deliveries.h"
#include "ctl/deliveries_slow.h"

enum { INDENT = 8, LINE = 4096 };

/* As many were quick since as made it slow. */
static bool
is_over(const struct slow_place *place)
{
	return place->quick >= SLOW_MORE;
}

static void
add_place(const struct slow_place *place, struct buf *out)
{
	const struct slow_stretch *most = &place->most;
	struct buf text = BUF_INIT(LINE);
	char time[CLOCK_TEXT], delay[DELIVERIES_DELAY];

	buf_add(&text, place->domain);
	buf_addf(&text, ": deliveries %s %s since %.16sZ (median of %" PRIu64 " messages)",
	    is_over(place) ? "took" : "take",
	    deliveries_delay(delays_median(&most->delays), delay),
	    clock_text(most->first, time), most->delays.n);
	buf_addf(&text, ", before that %s",
	    deliveries_delay(delays_median(&place->before), delay));
	if (is_over(place))
		buf_addf(&text, "; over since %.16sZ", clock_text(place->resumed, time));
	buf_addf(out, "%*s", INDENT, "");
	cause_wrap(out, buf_view(&text), INDENT);
	buf_fini(&text);
}

void
slow_text(const struct slow *slow, size_t n, struct buf *out)
{
	for (size_t i = 0; i < slow->n_list && i < n; i++)
		add_place(slow->list[i], out);
	if (slow->n_list > n)
		buf_addf(out, "%*s and %zu more that take longer\n", INDENT, "",
		    slow->n_list - n);
}

void
slow_text_limits(const struct slow *slow, struct buf *out)
{
	if (slow->n_held_left_out > 0)
		buf_addf(out,
		    "\nmore than %d messages were held: nobody can tell which deliveries "
		    "take longer\n",
		    SLOW_HELD_MAX);
	if (slow->n_places_left_out > 0)
		buf_addf(out,
		    "\nmore than %d domains: of %zu it is not known whether deliveries "
		    "take longer\n",
		    SLOW_PLACES_MAX, slow->n_places_left_out);
}

void
slow_json(const struct slow *slow, size_t n, struct buf *out)
{
	for (size_t i = 0; i < slow->n_list && i < n; i++) {
		const struct slow_place *place = slow->list[i];
		const struct slow_stretch *most = &place->most;
		char time[CLOCK_TEXT];
		struct json json;

		json_begin(&json, out);
		json_object(&json, NULL);
		json_string(&json, "frank.by", VIEW("slow"));
		json_string(&json, "frank.group", place->domain);
		json_string(
		    &json, "frank.since", view_of(clock_rfc3339(most->first, time)));
		json_string(&json, "frank.last", view_of(clock_rfc3339(most->last, time)));
		if (is_over(place))
			json_string(&json, "frank.over",
			    view_of(clock_rfc3339(place->resumed, time)));
		json_number(&json, "frank.messages", (int64_t)most->delays.n);
		json_number(&json, "frank.median_ms", delays_median(&most->delays));
		json_number(&json, "frank.messages_before", (int64_t)place->before.n);
		json_number(&json, "frank.median_before_ms", delays_median(&place->before));
		json_end(&json);
		buf_add_char(out, '\n');
	}
}
