/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/json.h"

#include "ctl/hold_change.h"

static const char *const faults[HOLD_FAULTS] = {
    [HOLD_FINE] = "",
    [HOLD_EXPIRED] = "signature expired",
    [HOLD_KEY_GONE] = "key gone",
    [HOLD_KEY_RETIRED] = "key retired",
    [HOLD_KEY_UNPUBLISHED] = "key not published",
};

static void
add(const struct hold_change *change, const struct hold_item *item, const char *outcome,
    struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "event.action", view_of(postfix_verb_name(change->verb)));
	json_string(&json, "event.outcome", view_of(outcome));
	json_string(&json, "email.local_id", item->message->id);
	json_string(&json, "frank.origin", item->message->origin);
	json_number(&json, "frank.rcpts", item->message->rcpts);
	json_bool(&json, "frank.too_old", item->is_old);
	if (item->fault != HOLD_FINE)
		json_string(&json, "frank.signature", view_of(faults[item->fault]));
	json_end(&json);
	buf_add_char(out, '\n');
}

void
hold_change_json(const struct hold_change *change, bool was_done)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);

	for (size_t i = 0; i < change->n; i++) {
		const struct hold_item *item = &change->items[i];

		add(change, item,
		    !was_done       ? "unknown"
		    : item->is_done ? "success"
				    : "failure",
		    &out);
	}
	for (size_t i = 0; i < change->n_refused && !change->force; i++)
		add(change, &change->refused[i], "failure", &out);
	(void)ctl_print(&out);
	buf_fini(&out);
}
