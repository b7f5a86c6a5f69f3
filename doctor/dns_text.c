/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "auth/taglist.h"

#include "doctor/ask.h"
#include "doctor/dns.h"
#include "doctor/dns_text.h"

/* TXT records that others read: TLS-RPT (RFC 8460), and those that a wildcard puts where
 * nobody wants them. */

enum { SHOWN = 100, STRING_MAX = 255 };

/* How many TXT records of ANSWER begin with VERSION; the last of them. */
static unsigned
find_version(const struct dns_answer *answer, struct view version, struct view *ret_text)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < answer->n; i++)
		if (view_starts(answer->records[i].data, version)) {
			*ret_text = answer->records[i].data;
			n++;
		}
	return n;
}

struct view
dns_text_tag(struct view text, struct view name)
{
	struct tag tag;
	int found;

	while ((found = tag_take(&text, &tag)) != 0)
		if (found > 0 && view_is(tag.name, name))
			return tag.value;
	return VIEW_NONE;
}

bool
dns_text_take(struct ask *ask, const char *what, const char *label, struct view domain,
    struct view version, struct view *ret_text)
{
	struct doctor_report *report = ask->report;
	struct view name = ask_below(report, label, domain);
	const struct dns_answer *txt = ask_for(ask, DNS_TXT, name);
	unsigned n = find_version(txt, version, ret_text);

	if (!ask_is_known(txt)) {
		ask_say_unknown(report, txt);
	} else if (n == 0) {
		(void)doctor_say(report, DOCTOR_OK, "%s is not used: there is no %.*s",
		    what, VIEW_ARG(name));
	} else if (n > 1) {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "%.*s has %u records, which count as none", VIEW_ARG(name), n);

		doctor_remedy(report, finding, "Remove all but one TXT record at %.*s",
		    VIEW_ARG(name));
	}
	return n == 1;
}

/* RFC 1035 3.3, 5.1 */
void
dns_text_add_record(struct view name, struct view text, struct buf *out)
{
	bool is_long = text.n > STRING_MAX;

	buf_addf(out, "%.*s. IN TXT %s", VIEW_ARG(name), is_long ? "( " : "");
	for (size_t i = 0; i < text.n || i == 0; i++) {
		char c = i < text.n ? text.p[i] : '\0';

		if (i % STRING_MAX == 0)
			buf_add_text(out, i > 0 ? "\" \"" : "\"");
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (i < text.n && (c < ' ' || c > '~'))
			buf_addf(out, "\\%03u", (unsigned char)c);
		else if (i < text.n)
			buf_add_char(out, c);
	}
	buf_add_text(out, is_long ? "\" )" : "\"");
}

static bool
has_report_uri(struct view list)
{
	struct view uri;

	while (view_cut(&list, ',', &uri)) {
		uri = view_trim(uri);
		if ((view_starts_nocase(uri, VIEW("mailto:")) && view_has_char(uri, '@')) ||
		    (view_starts_nocase(uri, VIEW("https://")) && uri.n > 8))
			return true;
	}
	return false;
}

void
dns_check_tls_rpt(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct view text;
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	if (dns_text_take(&ask, "TLS-RPT", "_smtp._tls", subject->domain,
		VIEW("v=TLSRPTv1"), &text)) {
		if (has_report_uri(dns_text_tag(text, VIEW("rua")))) {
			(void)doctor_say(report, DOCTOR_OK, "reports about TLS go to %.*s",
			    VIEW_ARG(view_head(dns_text_tag(text, VIEW("rua")), SHOWN)));
		} else {
			struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
			    "_smtp._tls.%.*s names nobody who gets the reports: %.*s",
			    VIEW_ARG(subject->domain), VIEW_ARG(view_head(text, SHOWN)));

			doctor_remedy(report, finding,
			    "_smtp._tls.%.*s. IN TXT \"v=TLSRPTv1; "
			    "rua=mailto:postmaster@%.*s\"",
			    VIEW_ARG(subject->domain), VIEW_ARG(subject->domain));
		}
	}
	ask_end(&ask);
}

/* A key that was taken back, for whatever selector, is meant so. */
static bool
is_revoked_key(struct view text)
{
	struct tag tag;
	struct view rest = text;
	int found;

	while ((found = tag_take(&rest, &tag)) != 0)
		if (found > 0 && view_is(tag.name, VIEW("p")))
			return tag.value.n == 0;
	return false;
}

static void
judge_key_wildcard(struct doctor_report *report, struct view domain, struct view text)
{
	struct doctor_finding *finding;

	if (is_revoked_key(text)) {
		(void)doctor_say(report, DOCTOR_OK,
		    "a wildcard below _domainkey.%.*s takes back every other key",
		    VIEW_ARG(domain));
		return;
	}
	finding = doctor_say(report, DOCTOR_BAD,
	    "a wildcard gives every selector below _domainkey.%.*s the text \"%.*s\"",
	    VIEW_ARG(domain), VIEW_ARG(view_head(text, SHOWN)));
	doctor_remedy(report, finding,
	    "Remove the wildcard TXT (or CNAME) record *._domainkey.%.*s, or *.%.*s",
	    VIEW_ARG(domain), VIEW_ARG(domain));
}

void
dns_check_wildcard(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct view domain = subject->domain;
	struct ask ask;

	if (!ask_begin(&ask, world, report))
		return;
	struct view above = ask_below(report, "frank-doctor-looks", domain);
	struct view below = ask_below(report, "frank-doctor-looks._domainkey", domain);
	(void)answers_lookup(ask.answers, DNS_TXT, above);
	const struct dns_answer *key = ask_for(&ask, DNS_TXT, below);
	const struct dns_answer *name = ask_for(&ask, DNS_TXT, above);
	if (!ask_is_known(key))
		ask_say_unknown(report, key);
	else if (key->n > 0)
		judge_key_wildcard(report, domain, key->records[0].data);
	if (!ask_is_known(name))
		ask_say_unknown(report, name);
	else if (name->n > 0)
		(void)doctor_say(report, DOCTOR_OK,
		    "a wildcard gives every name below %.*s the text \"%.*s\"",
		    VIEW_ARG(domain), VIEW_ARG(view_head(name->records[0].data, SHOWN)));
	if (report->first == NULL)
		(void)doctor_say(report, DOCTOR_OK, "there is no wildcard TXT record");
	ask_end(&ask);
}
