/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/json.h"

#include "ctl/doctor.h"

static void
add_finding(const struct doctor_result *result, const struct doctor_finding *finding,
    struct buf *out)
{
	char addr[ADDR_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "area", view_of(result->area->name));
	json_string(&json, "check", view_of(result->check->name));
	if (result->subject.domain.n > 0)
		json_string(&json, "domain", result->subject.domain);
	if (result->subject.egress != NULL)
		json_string(
		    &json, "egress", view_of(addr_text(*result->subject.egress, addr)));
	json_string(&json, "answer", view_of(doctor_answer_name(finding->answer)));
	json_string(&json, "evidence", finding->evidence);
	if (finding->answer == DOCTOR_BAD)
		json_string(&json, "why", view_of(result->check->why));
	if (finding->remedy.n > 0)
		json_string(&json, "remedy", finding->remedy);
	json_end(&json);
	buf_add_char(out, '\n');
}

void
doctor_json(const struct doctor_run *run, struct doctor_count *ret_count, struct buf *out)
{
	*ret_count = (struct doctor_count){{0}};
	for (size_t i = 0; i < doctor_run_count(run); i++) {
		struct doctor_result result = doctor_run_result(run, i);

		ret_count->by[result.answer]++;
		for (const struct doctor_finding *at = result.first; at != NULL;
		     at = at->next)
			add_finding(&result, at, out);
	}
}
