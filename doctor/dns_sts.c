/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "doctor/dns.h"
#include "doctor/dns_text.h"
#include "doctor/sts.h"
#include "doctor/sts_fetch.h"

/* MTA-STS (RFC 8461): the record that announces it, the policy, and whether our MX are what
 * it says. */

enum {
	DAY = 86400,
	WEEK = 7 * DAY,
	STS_ID_MAX = 32,
	SHOWN = 100,
	ADDRS_MAX = 4,
	HOSTS_MAX = 4096
};

static bool
is_sts_id(struct view id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z')))
			return false;
	}
	return id.n > 0 && id.n <= STS_ID_MAX;
}

/* Each MX that the policy leaves out, as a line of it. The domain itself is its MX where
 * there is none. */
static size_t
find_missing(const struct sts_policy *policy, struct view domain,
    const struct dns_answer *mx, const struct dns_record *sorted, struct buf *lines)
{
	size_t n = 0;

	if (mx->n == 0 && !sts_allows(policy, domain)) {
		buf_addf(lines, "\nmx: %.*s", VIEW_ARG(domain));
		n++;
	}
	for (uint32_t i = 0; i < mx->n; i++) {
		struct view host = sorted[i].data;

		if (host.n == 0 || sts_allows(policy, host))
			continue;
		buf_addf(lines, "\nmx: %.*s", VIEW_ARG(host));
		n++;
	}
	return n;
}

/* "a, b" of "\nmx: a\nmx: b" */
static struct view
names_of(struct arena *arena, struct view lines)
{
	struct buf names = BUF_INIT(HOSTS_MAX);
	struct view line;

	while (view_cut(&lines, '\n', &line))
		if (line.n > 0)
			buf_addf(&names, "%s%.*s", names.n > 0 ? ", " : "",
			    VIEW_ARG(view_from(line, strlen("mx: "))));
	struct view kept = arena_view(arena, buf_view(&names));
	buf_fini(&names);
	return kept;
}

static void
judge_mx(struct ask *ask, const struct sts_policy *policy, struct view domain,
    const struct dns_answer *mx)
{
	struct doctor_report *report = ask->report;
	const char *mode = sts_mode_name(policy->mode);
	struct buf lines = BUF_INIT(HOSTS_MAX);
	size_t n = find_missing(policy, domain, mx, ask_sorted(report, mx), &lines);
	struct view names = names_of(report->arena, buf_view(&lines));

	if (n == 0) {
		(void)doctor_say(report, DOCTOR_OK,
		    "MTA-STS: mode %s for %llu s, and the policy has every MX", mode,
		    policy->max_age);
	} else if (policy->mode == STS_TESTING) {
		(void)doctor_say(report, DOCTOR_OK,
		    "MTA-STS: mode testing, and the policy does not have the MX %.*s: "
		    "with enforce others would not deliver there",
		    VIEW_ARG(names));
	} else {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "the policy of MTA-STS (mode %s) does not have the MX %.*s: who goes "
		    "by it does not deliver there",
		    mode, VIEW_ARG(names));

		doctor_remedy(report, finding,
		    "Add to the policy, and then give the TXT record _mta-sts.%.*s another "
		    "id, so that others fetch it again:%.*s",
		    VIEW_ARG(domain), VIEW_ARG(buf_view(&lines)));
	}
	buf_fini(&lines);
}

/* RFC 8461 3.2: weeks, so that nobody is in between when it has to be fetched again. While
 * it is tried a short time is a way back. */
static void
judge_age(struct doctor_report *report, const struct sts_policy *policy)
{
	struct doctor_finding *finding;

	if (policy->max_age >= WEEK || policy->mode == STS_TESTING)
		return;
	if (policy->max_age >= DAY) {
		(void)doctor_say(report, DOCTOR_OK,
		    "MTA-STS: max_age is %llu s; with mode enforce weeks are usual",
		    policy->max_age);
		return;
	}
	finding = doctor_say(report, DOCTOR_BAD,
	    "MTA-STS: max_age is %llu s, less than a day: senders forget the policy "
	    "before their next mail, and it protects nobody (RFC 8461 3.2)",
	    policy->max_age);
	doctor_remedy(report, finding, "In the policy:\nmax_age: 1209600");
}

static void
say_no_policy(struct doctor_report *report, struct view host, const struct err *err)
{
	struct doctor_finding *finding;

	if (err->code == ERR_LIMIT) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "the policy of MTA-STS at %.*s has %s", VIEW_ARG(host), err->text);
		return;
	}
	finding = doctor_say(report, DOCTOR_BAD,
	    "MTA-STS is announced, but the policy at %.*s counts as none: %s",
	    VIEW_ARG(host), err->text);
	doctor_remedy(report, finding,
	    "See RFC 8461 3.2; to begin with, and an mx: for each MX:\n"
	    "version: STSv1\nmode: testing\nmax_age: 604800\nmx: HOST");
}

static void
judge_policy(struct ask *ask, struct view text, struct view host, struct view domain)
{
	struct doctor_report *report = ask->report;
	const struct dns_answer *mx = ask_for(ask, DNS_MX, domain);
	struct sts_policy policy;
	struct err err = ERR_INIT;

	bool is_read = sts_parse(text, &policy, &err) == 0;
	if (!is_read)
		say_no_policy(report, host, &err);
	else if (policy.mode == STS_NONE)
		(void)doctor_say(
		    report, DOCTOR_OK, "MTA-STS: mode none, which asks others for nothing");
	else if (!ask_is_known(mx))
		ask_say_unknown(report, mx);
	else
		judge_mx(ask, &policy, domain, mx);
	if (is_read && policy.mode != STS_NONE)
		judge_age(report, &policy);
}

static size_t
take_addresses(const struct dns_answer *answer, struct addr *addrs, size_t n)
{
	for (uint32_t i = 0; i < answer->n && n < ADDRS_MAX; i++)
		addrs[n++] = ask_addr(answer, i);
	return n;
}

static void
judge_policy_host(const struct doctor_world *world, struct ask *ask, struct view domain)
{
	struct doctor_report *report = ask->report;
	struct view host = ask_below(report, "mta-sts", domain), text;
	const struct dns_answer *v4, *v6;
	struct addr addrs[ADDRS_MAX];

	/* One round for all. */
	(void)answers_lookup(ask->answers, DNS_MX, domain);
	ask_addresses(ask, host, &v4, &v6);
	size_t n = take_addresses(v6, addrs, take_addresses(v4, addrs, 0));
	if (n > 0) {
		if (sts_fetch(world, report, host, addrs, n, &text))
			judge_policy(ask, text, host, domain);
	} else if (!ask_is_known(v4) || !ask_is_known(v6)) {
		ask_say_unknown(report, !ask_is_known(v4) ? v4 : v6);
	} else {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "MTA-STS is announced, but %.*s, which has to serve the policy, has no "
		    "address",
		    VIEW_ARG(host));

		doctor_remedy(report, finding,
		    "Give it the address of a web server that has "
		    "/.well-known/mta-sts.txt:\n%.*s. IN A ADDRESS",
		    VIEW_ARG(host));
	}
}

void
dns_check_mta_sts(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct view text;
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	if (dns_text_take(
		&ask, "MTA-STS", "_mta-sts", subject->domain, VIEW("v=STSv1"), &text)) {
		if (is_sts_id(dns_text_tag(text, VIEW("id")))) {
			judge_policy_host(world, &ask, subject->domain);
		} else {
			struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
			    "_mta-sts.%.*s has no id= of 1 to %d letters and digits, so it "
			    "counts as none: %.*s",
			    VIEW_ARG(subject->domain), STS_ID_MAX,
			    VIEW_ARG(view_head(text, SHOWN)));

			doctor_remedy(report, finding,
			    "_mta-sts.%.*s. IN TXT \"v=STSv1; id=1;\"",
			    VIEW_ARG(subject->domain));
		}
	}
	ask_end(&ask);
}
