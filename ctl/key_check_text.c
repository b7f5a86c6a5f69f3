/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "auth/keys.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/key.h"
#include "ctl/key_check.h"

enum { TEXT_SHOWN = 512 };

static bool
has_key(const struct spread_answer *answer)
{
	return answer->is_known && (answer->faults & KEY_FAULTS_UNUSABLE) == 0;
}

static void
add_zone_line(const struct spread_key *key, struct buf *out)
{
	struct buf record = BUF_INIT(KEY_RECORD_MAX);

	spread_record(key, &record);
	key_zone_record(
	    buf_view(&record), view_of(key->domain), view_of(key->selector), out);
	buf_fini(&record);
}

/* The good answers say so. */
static bool
is_testing(const struct spread *finding)
{
	unsigned faults = finding->resolver.faults;

	for (size_t i = 0; i < finding->n; i++)
		faults |= finding->answers[i].faults;
	return (faults & KEY_FAULT_TESTING) != 0;
}

static void
add_verdict(const struct spread *finding, struct buf *out)
{
	switch (finding->verdict) {
	case SPREAD_PUBLISHED:
		buf_add_text(out, "published");
		if (is_testing(finding))
			buf_add_text(out, " as testing (t=y)");
		if (finding->n == 0)
			buf_add_text(out, ", as the resolver sees it");
		if (finding->n_unknown > 0)
			buf_addf(out, "; %zu of %zu servers did not answer",
			    finding->n_unknown, finding->n);
		break;
	case SPREAD_CACHED:
		buf_addf(out,
		    "published, but for another %u s the resolver has what was there "
		    "before",
		    finding->resolver.ttl);
		break;
	case SPREAD_LAGGING:
		buf_add_text(out, "NOT ON EVERY SERVER: receivers may ask any of them");
		break;
	case SPREAD_MISSING:
		buf_add_text(out, "NOT PUBLISHED");
		break;
	case SPREAD_WRONG:
		buf_add_text(out, "WRONG IN DNS: what it signs cannot be verified");
		break;
	case SPREAD_UNKNOWN:
		buf_add_text(out, finding->is_silent ? "NOT KNOWN: DNS does not answer"
						     : "NOT KNOWN: DNS fails");
		break;
	}
}

static void
add_answer(const struct spread_answer *answer, struct buf *out)
{
	const char *what = !answer->is_known ? "?" : has_key(answer) ? "has it" : "HAS NOT";

	buf_addf(out, "  %-8s", what);
}

static void
add_fault(const struct spread_answer *answer, struct buf *out)
{
	if (!answer->is_known)
		buf_addf(out, ": %s", answer->failure);
	else if (answer->faults != 0)
		buf_addf(out, ": %s", key_fault_text(answer->faults));
	buf_add_char(out, '\n');
}

static void
add_server(const struct spread *finding, size_t i, struct buf *out)
{
	char addr[ADDR_TEXT];

	add_answer(&finding->answers[i], out);
	escape_add(out, finding->servers[i]->name, ESCAPE_MAX);
	buf_addf(out, " (%s)", addr_text(finding->servers[i]->addr, addr));
	add_fault(&finding->answers[i], out);
}

void
key_check_text(const struct spread *finding, struct buf *out)
{
	const struct spread_key *key = finding->key;

	buf_addf(out, "%s/%s  %s  %d bits  ", key->domain, key->selector,
	    key_algorithm_name(key->algorithm), key->bits);
	add_verdict(finding, out);
	buf_add_char(out, '\n');
	add_answer(&finding->resolver, out);
	buf_add_text(out, "the resolver");
	if (finding->resolver.is_known)
		buf_addf(out, ", for another %u s%s", finding->resolver.ttl,
		    finding->resolver.is_secure ? ", DNSSEC" : "");
	add_fault(&finding->resolver, out);
	for (size_t i = 0; i < finding->n; i++)
		add_server(finding, i, out);
	if (finding->n == 0)
		buf_add_text(out, "  no authoritative server could be found\n");
	if (finding->is_cut)
		buf_add_text(out, "  there are more servers, which were not asked\n");
	if (finding->verdict == SPREAD_LAGGING || finding->verdict == SPREAD_MISSING ||
	    finding->verdict == SPREAD_WRONG) {
		buf_add_text(out, "\n  Its DNS record, as a line of a zone file:\n\n");
		add_zone_line(key, out);
		buf_addf(out,
		    "\n\n  or, where a form asks for it: name %s._domainkey.%s, type TXT, "
		    "value\n\n",
		    key->selector, key->domain);
		spread_record(key, out);
		buf_add_text(out, "\n\n");
	}
}

static void
add_answer_json(const struct spread_answer *answer, struct json *json)
{
	json_string(json, "state", view_of(dns_state_name(answer->state)));
	if (answer->state == DNS_FAILED)
		json_string(json, "failure", view_of(answer->failure));
	if (!answer->is_known)
		return;
	json_bool(json, "has_key", has_key(answer));
	json_number(json, "ttl", answer->ttl);
	json_bool(json, "secure", answer->is_secure);
	if (answer->faults != 0)
		json_string(json, "fault", view_of(key_fault_text(answer->faults)));
}

void
key_check_json(const struct spread *finding, struct buf *out)
{
	static const char *const verdicts[] = {[SPREAD_PUBLISHED] = "published",
	    [SPREAD_CACHED] = "cached",
	    [SPREAD_LAGGING] = "lagging",
	    [SPREAD_MISSING] = "missing",
	    [SPREAD_WRONG] = "wrong",
	    [SPREAD_UNKNOWN] = "unknown"};
	const struct spread_key *key = finding->key;
	struct buf text = BUF_INIT(2 * KEY_RECORD_MAX);
	char addr[ADDR_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "domain", view_of(key->domain));
	json_string(&json, "selector", view_of(key->selector));
	if (key->name[0] != '\0')
		json_string(&json, "name", view_of(key->name));
	json_string(&json, "algorithm", view_of(key_algorithm_name(key->algorithm)));
	json_number(&json, "bits", key->bits);
	json_string(&json, "result", view_of(verdicts[finding->verdict]));
	json_object(&json, "resolver");
	add_answer_json(&finding->resolver, &json);
	json_end(&json);
	json_string(&json, "zone", finding->zone);
	json_array(&json, "servers");
	for (size_t i = 0; i < finding->n; i++) {
		json_object(&json, NULL);
		json_string(&json, "name", finding->servers[i]->name);
		json_string(
		    &json, "address", view_of(addr_text(finding->servers[i]->addr, addr)));
		add_answer_json(&finding->answers[i], &json);
		json_end(&json);
	}
	json_end(&json);
	json_number(&json, "unanswered", (int64_t)finding->n_unknown);
	spread_record(key, &text);
	json_string(&json, "record", buf_view(&text));
	json_end(&json);
	buf_add_char(out, '\n');
	buf_fini(&text);
}
