/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "doctor/ask.h"
#include "doctor/dns.h"

/* Who takes the mail of a domain (RFC 5321 5.1), and whether these hosts can be found. */

static void
say_no_name(struct doctor_report *report, struct view domain)
{
	struct doctor_finding *finding =
	    doctor_say(report, DOCTOR_BAD, "%.*s is not there: NXDOMAIN", VIEW_ARG(domain));

	doctor_remedy(report, finding,
	    "See whether it is registered and delegated, and not misspelt in the "
	    "directory of keys");
}

/* No MX: the domain's own address is one (RFC 5321 5.1). */
static void
judge_implicit(struct ask *ask, struct view domain)
{
	struct doctor_report *report = ask->report;
	const struct dns_answer *v4, *v6;

	ask_addresses(ask, domain, &v4, &v6);
	if (v4->state == DNS_FOUND || v6->state == DNS_FOUND) {
		(void)doctor_say(report, DOCTOR_OK,
		    "no MX: mail for %.*s goes to its own address", VIEW_ARG(domain));
	} else if (!ask_is_known(v4) || !ask_is_known(v6)) {
		ask_say_unknown(report, !ask_is_known(v4) ? v4 : v6);
	} else {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "%.*s has neither MX nor address", VIEW_ARG(domain));

		doctor_remedy(report, finding, "%.*s. IN MX 10 mail.%.*s.",
		    VIEW_ARG(domain), VIEW_ARG(domain));
	}
}

/* RFC 7505: "MX 0 ." */
static void
say_null(struct doctor_report *report, struct view domain)
{
	struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
	    "%.*s says that it takes no mail (a null MX), so receivers may refuse mail "
	    "from it (RFC 7505 4.2)",
	    VIEW_ARG(domain));

	doctor_remedy(report, finding,
	    "Name a host that takes its mail, instead of \"MX 0 .\":\n"
	    "%.*s. IN MX 10 mail.%.*s.",
	    VIEW_ARG(domain), VIEW_ARG(domain));
}

static bool
is_address_text(struct view name)
{
	struct addr addr;

	return addr_parse(name, &addr, NULL) == 0;
}

/* As where an A record was meant. */
static void
say_address(
    struct doctor_report *report, struct view domain, const struct dns_record *record)
{
	struct view host = record->data;
	struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
	    "MX %u of %.*s is the address %.*s, where a name has to stand",
	    record->preference, VIEW_ARG(domain), VIEW_ARG(host));

	doctor_remedy(report, finding, "mail.%.*s. IN A %.*s\n%.*s. IN MX %u mail.%.*s.",
	    VIEW_ARG(domain), VIEW_ARG(host), VIEW_ARG(domain), record->preference,
	    VIEW_ARG(domain));
}

static void
judge_target(struct ask *ask, struct view domain, const struct dns_record *record)
{
	struct doctor_report *report = ask->report;
	struct view host = record->data;
	const struct dns_answer *alias;

	if (is_address_text(host)) {
		say_address(report, domain, record);
		return;
	}
	alias = ask_for(ask, DNS_CNAME, host);
	if (alias->state == DNS_FOUND)
		(void)doctor_say(report, DOCTOR_OK,
		    "MX %u is %.*s, an alias of %.*s, which RFC 2181 10.3 does not allow "
		    "and some do not follow",
		    record->preference, VIEW_ARG(host), VIEW_ARG(alias->records[0].data));
	else
		(void)doctor_say(
		    report, DOCTOR_OK, "MX %u is %.*s", record->preference, VIEW_ARG(host));
}

void
dns_check_mx(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct view domain = subject->domain;
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	const struct dns_answer *mx = ask_for(&ask, DNS_MX, domain);
	if (!ask_is_known(mx))
		ask_say_unknown(report, mx);
	else if (mx->state == DNS_NO_NAME)
		say_no_name(report, domain);
	else if (mx->state == DNS_NO_DATA)
		judge_implicit(&ask, domain);
	const struct dns_record *sorted = ask_sorted(report, mx);
	for (uint32_t i = 0; mx->state == DNS_FOUND && i < mx->n; i++)
		if (sorted[i].data.n > 0)
			judge_target(&ask, domain, &sorted[i]);
	if (report->first == NULL)
		say_null(report, domain);
	ask_end(&ask);
}

static void
add_addresses(const struct dns_answer *answer, struct buf *out, bool *is_inside)
{
	char text[ADDR_TEXT];

	for (uint32_t i = 0; i < answer->n; i++) {
		struct addr addr = ask_addr(answer, i);

		buf_addf(out, "%s%s", out->n > 0 ? ", " : "", addr_text(addr, text));
		*is_inside &= ask_is_inside(addr);
	}
}

static void
say_addresses(struct ask *ask, struct view host, const struct dns_answer *v4,
    const struct dns_answer *v6)
{
	struct buf text = BUF_INIT(4096);
	bool is_inside = true;

	add_addresses(v4, &text, &is_inside);
	add_addresses(v6, &text, &is_inside);
	if (is_inside)
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN,
		    "%.*s is %s here, which only the inside can reach: ask a resolver that "
		    "sees what the world sees (--resolver)",
		    VIEW_ARG(host), buf_text(&text));
	else
		(void)doctor_say(
		    ask->report, DOCTOR_OK, "%.*s is %s", VIEW_ARG(host), buf_text(&text));
	buf_fini(&text);
}

static void
judge_host(struct ask *ask, struct view host)
{
	struct doctor_report *report = ask->report;
	const struct dns_answer *v4, *v6;

	ask_addresses(ask, host, &v4, &v6);
	if (v4->state == DNS_FOUND || v6->state == DNS_FOUND) {
		say_addresses(ask, host, v4, v6);
		/* Some do not try the other kind when one fails. */
		if (v4->state == DNS_FAILED)
			ask_say_unknown(report, v4);
		if (v6->state == DNS_FAILED)
			ask_say_unknown(report, v6);
	} else if (!ask_is_known(v4) || !ask_is_known(v6)) {
		ask_say_unknown(report, !ask_is_known(v4) ? v4 : v6);
	} else {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "%.*s, an MX, has no address: %s", VIEW_ARG(host),
		    v4->state == DNS_NO_NAME ? "there is no such name"
					     : "neither A nor AAAA");

		doctor_remedy(report, finding,
		    "Give it its address, or take it out of the MX:\n"
		    "%.*s. IN A ADDRESS",
		    VIEW_ARG(host));
	}
}

void
dns_check_address(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	const struct dns_answer *mx = ask_for(&ask, DNS_MX, subject->domain);
	if (!ask_is_known(mx))
		ask_say_unknown(report, mx);
	const struct dns_record *sorted = ask_sorted(report, mx);
	for (uint32_t i = 0; mx->state == DNS_FOUND && i < mx->n; i++)
		if (sorted[i].data.n > 0 && !is_address_text(sorted[i].data))
			judge_host(&ask, sorted[i].data);
	if (report->first == NULL)
		(void)doctor_say(report, DOCTOR_OK, "no host stands in an MX");
	ask_end(&ask);
}
