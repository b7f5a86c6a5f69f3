/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/json.h"

#include "ctl/spf.h"

static void
add_steps(const struct spf_sight *sight, struct json *json)
{
	json_array(json, "steps");
	for (size_t i = 0; i < sight->n_steps; i++) {
		const struct spf_step *step = &sight->steps[i];
		bool is_record = step->what == SPF_STEP_RECORD;

		if (step->what == SPF_STEP_END)
			continue;
		json_object(json, NULL);
		json_number(json, "depth", step->depth);
		json_string(json, "domain", step->domain);
		json_string(json, is_record ? "record" : "term", step->text);
		if (!is_record) {
			json_bool(json, "matched", step->matched);
			json_string(
			    json, "result", view_of(spf_outcome_name(step->outcome)));
		}
		json_number(json, "terms", step->terms);
		json_end(json);
	}
	json_end(json);
}

static void
add_lookup(const struct spf_lookup *lookup, struct json *json)
{
	const struct dns_answer *answer = lookup->answer;
	struct buf text = BUF_INIT(DNS_TXT_MAX + 64);

	json_object(json, NULL);
	json_string(json, "type", view_of(dns_type_name(answer->type)));
	json_string(json, "name", answer->name);
	json_string(json, "state", view_of(dns_state_name(answer->state)));
	if (answer->state == DNS_FAILED)
		json_string(json, "failure", view_of(dns_failure_text(answer)));
	json_array(json, "records");
	for (uint32_t i = 0; i < answer->n; i++) {
		buf_reset(&text);
		spf_record_text(answer, &answer->records[i], &text);
		json_string(json, NULL, buf_view(&text));
	}
	json_end(json);
	json_number(json, "ttl", answer->ttl);
	json_number(json, "microseconds", answer->micros);
	json_bool(json, "counts", lookup->counts);
	json_bool(json, "secure", answer->is_secure);
	json_bool(json, "bogus", answer->is_bogus);
	json_end(json);
	buf_fini(&text);
}

static void
add_result(const struct spf_result *result, struct json *json)
{
	json_string(json, "result", view_of(spf_outcome_name(result->outcome)));
	if (result->term.n > 0) {
		json_string(json, "term", result->term);
		json_string(json, "record_domain", result->domain);
	}
	if (result->problem.n > 0)
		json_string(json, "problem", result->problem);
	if (result->explanation.n > 0)
		json_string(json, "explanation", result->explanation);
	json_bool(json, "per_message", result->is_per_message);
	json_number(json, "terms", result->terms);
	json_number(json, "voids", result->voids);
	json_number(json, "queries", result->queries);
	json_number(json, "ttl", result->ttl);
}

static void
add_theirs(const struct spf_judgement *theirs, struct json *json)
{
	static const char *const opinions[] = {[RECEIVER_NO_OPINION] = "none",
	    [RECEIVER_AGREES] = "agrees",
	    [RECEIVER_DISAGREES] = "disagrees"};

	json_object(json, "libspf2");
	json_string(json, "opinion", view_of(opinions[theirs->opinion]));
	if (theirs->theirs[0] != '\0')
		json_string(json, "result", view_of(theirs->theirs));
	if (theirs->reason[0] != '\0')
		json_string(json, "reason", view_of(theirs->reason));
	json_end(json);
}

void
spf_json(const struct spf_sight *sight, struct buf *out)
{
	struct view rest = buf_view(&sight->warnings), line;
	char client[ADDR_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "domain", sight->question.domain);
	json_string(&json, "client", view_of(addr_text(sight->question.client, client)));
	json_string(&json, "sender", sight->question.sender);
	json_string(&json, "helo", sight->question.helo);
	add_result(&sight->result, &json);
	add_theirs(&sight->theirs, &json);
	json_array(&json, "warnings");
	while (view_cut(&rest, '\n', &line))
		if (line.n > 0)
			json_string(&json, NULL, line);
	json_end(&json);
	add_steps(sight, &json);
	json_array(&json, "lookups");
	for (size_t i = 0; i < sight->n_lookups; i++)
		add_lookup(&sight->lookups[i], &json);
	json_end(&json);
	json_end(&json);
	buf_add_char(out, '\n');
}
