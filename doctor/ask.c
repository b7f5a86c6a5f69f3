/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/ask.h"

enum { PATIENCE = 20000000, RESERVE = 5000000 /* microseconds */ };

bool
ask_begin(struct ask *ask, const struct doctor_world *world, struct doctor_report *report)
{
	int64_t deadline = clock_mono() + PATIENCE;
	struct err err = ERR_INIT;

	if (world->dns_fault.n > 0) {
		(void)doctor_say(
		    report, DOCTOR_UNKNOWN, "%.*s", VIEW_ARG(world->dns_fault));
		return false;
	}
	*ask = (struct ask){.report = report,
	    .answers = answers_new(report->arena),
	    .deadline = report->deadline - RESERVE < deadline ? report->deadline - RESERVE
							      : deadline};
	ask->dns = dns_new(world->resolver, &err);
	if (ask->dns == NULL)
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%s", err.text);
	return ask->dns != NULL;
}

void
ask_end(struct ask *ask)
{
	dns_free(TAKE(ask->dns));
}

void
ask_fetch(struct ask *ask)
{
	/* What it cannot ask, or cannot keep, is not answered. */
	(void)dns_fetch(ask->dns, ask->answers, ask->deadline, NULL);
}

const struct dns_answer *
ask_for(struct ask *ask, enum dns_type type, struct view name)
{
	const struct dns_answer *answer = answers_lookup(ask->answers, type, name);

	if (answer == NULL) {
		ask_fetch(ask);
		answer = answers_lookup(ask->answers, type, name);
	}
	if (answer == NULL) {
		struct dns_answer *none = arena_alloc(ask->report->arena, sizeof(*none));

		answers_want_none(ask->answers);
		*none =
		    (struct dns_answer){.name = name, .type = type, .state = DNS_NO_ANSWER};
		answer = none;
	}
	return answer;
}

void
ask_addresses(struct ask *ask, struct view name, const struct dns_answer **ret_v4,
    const struct dns_answer **ret_v6)
{
	(void)answers_lookup(ask->answers, DNS_A, name);
	(void)answers_lookup(ask->answers, DNS_AAAA, name);
	*ret_v4 = ask_for(ask, DNS_A, name);
	*ret_v6 = ask_for(ask, DNS_AAAA, name);
}

bool
ask_is_known(const struct dns_answer *answer)
{
	return answer->state != DNS_NO_ANSWER && answer->state != DNS_FAILED;
}

static int
by_order(const void *a, const void *b)
{
	const struct dns_record *one = a, *other = b;
	int order = (int)one->preference - (int)other->preference;

	return order != 0 ? order : view_compare(one->data, other->data);
}

const struct dns_record *
ask_sorted(struct doctor_report *report, const struct dns_answer *answer)
{
	struct dns_record *sorted =
	    arena_array(report->arena, answer->n + 1U, sizeof(sorted[0]));

	if (answer->n > 0)
		memcpy(sorted, answer->records, answer->n * sizeof(sorted[0]));
	qsort(sorted, answer->n, sizeof(sorted[0]), by_order);
	return sorted;
}

void
ask_say_unknown(struct doctor_report *report, const struct dns_answer *answer)
{
	(void)doctor_say(report, DOCTOR_UNKNOWN, "%s of %.*s: %s",
	    dns_type_name(answer->type), VIEW_ARG(answer->name), dns_failure_text(answer));
}

struct view
ask_below(struct doctor_report *report, const char *label, struct view name)
{
	struct buf text = BUF_INIT(2 * DNS_NAME_MAX * 4);

	buf_addf(&text, "%s.%.*s", label, VIEW_ARG(name));
	struct view kept = arena_view(report->arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

struct addr
ask_addr(const struct dns_answer *answer, uint32_t i)
{
	struct addr addr = {.family = answer->type == DNS_A ? ADDR_IPV4 : ADDR_IPV6};
	struct view data = answer->records[i].data;

	must(data.n <= sizeof(addr.bytes));
	memcpy(addr.bytes, data.p, data.n);
	return addr;
}

bool
ask_is_inside(struct addr addr)
{
	static const char *const networks[] = {"10.0.0.0/8", "172.16.0.0/12",
	    "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8",
	    "::1/128", "::/128", "fc00::/7", "fe80::/10"};

	for (size_t i = 0; i < ARRAY_LEN(networks); i++) {
		struct prefix prefix;

		must(prefix_parse(view_of(networks[i]), &prefix, NULL) == 0);
		if (prefix_has(prefix, addr))
			return true;
	}
	return false;
}
