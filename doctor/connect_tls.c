/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/clock.h"

#include "doctor/connect.h"

/* What a certificate and a protocol mean for who comes to a service. */

enum { DAY = 86400, SHOWN = 200 };

static void
say_dates(struct doctor_report *report, const struct connect_service *service,
    const struct tls_facts *facts, int64_t now)
{
	struct view names = view_head(facts->names, SHOWN);
	struct doctor_finding *finding;
	char day[CLOCK_TEXT];

	if (now > facts->until) {
		finding = doctor_say(report, DOCTOR_BAD,
		    "%s: the certificate (%.*s) has ended on %s", service->what,
		    VIEW_ARG(names), clock_day(facts->until * 1000000, day));
	} else if (now < facts->from) {
		finding = doctor_say(report, DOCTOR_BAD,
		    "%s: the certificate (%.*s) is not valid before %s", service->what,
		    VIEW_ARG(names), clock_day(facts->from * 1000000, day));
	} else if (now > facts->until - DAY) {
		finding = doctor_say(report, DOCTOR_BAD,
		    "%s: the certificate (%.*s) ends within a day", service->what,
		    VIEW_ARG(names));
	} else {
		(void)doctor_say(report, DOCTOR_OK,
		    "%s: %.*s, certificate for %.*s, good until %s", service->what,
		    VIEW_ARG(facts->protocol), VIEW_ARG(names),
		    clock_day(facts->until * 1000000, day));
		return;
	}
	doctor_remedy(report, finding,
	    "Renew it, see why that did not happen by itself, and make Postfix take the "
	    "new "
	    "one; where it is:\n"
	    "postconf smtpd_tls_chain_files smtpd_tls_cert_file\npostfix reload");
}

static void
say_trust(struct doctor_report *report, const struct connect_service *service,
    const struct tls_facts *facts)
{
	if (facts->trust_fault.n == 0)
		return;
	if (!service->is_for_users) {
		(void)doctor_say(report, DOCTOR_OK,
		    "%s: nobody vouches for the certificate (%.*s), which other servers "
		    "do not mind",
		    service->what, VIEW_ARG(facts->trust_fault));
		return;
	}
	struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
	    "%s: programs of users warn of the certificate (%.*s): %.*s", service->what,
	    VIEW_ARG(view_head(facts->names, SHOWN)), VIEW_ARG(facts->trust_fault));
	doctor_remedy(report, finding,
	    "Use one that a known authority has signed, with all certificates between:\n"
	    "postconf -e 'smtpd_tls_chain_files = /path/key.pem, /path/fullchain.pem'\n"
	    "postfix reload");
}

static void
say_no_alt_names(struct doctor_report *report, const struct connect_service *service,
    const struct tls_facts *facts)
{
	struct view names = view_head(facts->names, SHOWN);
	struct doctor_finding *finding;

	if (!service->is_for_users) {
		(void)doctor_say(report, DOCTOR_OK,
		    "%s: the certificate has no subjectAltName, but only a CN (%.*s), "
		    "which few other servers mind",
		    service->what, VIEW_ARG(names));
		return;
	}
	finding = doctor_say(report, DOCTOR_BAD,
	    "%s: the certificate has no subjectAltName, but only a CN (%.*s), where "
	    "programs of users do not look",
	    service->what, VIEW_ARG(names));
	doctor_remedy(report, finding,
	    "Use one that has its names as subjectAltName (RFC 9525), as every known "
	    "authority makes them:\n"
	    "postconf -e 'smtpd_tls_chain_files = /path/key.pem, /path/fullchain.pem'\n"
	    "postfix reload");
}

void
connect_judge_tls(struct doctor_report *report, const struct connect_service *service,
    const struct tls_facts *facts, struct view helo, int64_t now)
{
	if (facts->is_old) {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "%s: nothing better than %.*s, which others refuse", service->what,
		    VIEW_ARG(facts->protocol));

		doctor_remedy(report, finding,
		    "postconf -e 'smtpd_tls_protocols = >=TLSv1.2'\n"
		    "postconf -e 'smtpd_tls_mandatory_protocols = >=TLSv1.2'\n"
		    "postfix reload");
	}
	if (!facts->has_certificate) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s: it shows no certificate, so that only who does not mind can use "
		    "TLS there; 'postconf smtpd_tls_chain_files smtpd_tls_cert_file' says "
		    "where one should be",
		    service->what);
		return;
	}
	say_dates(report, service, facts, now);
	say_trust(report, service, facts);
	if (!facts->has_alt_names)
		say_no_alt_names(report, service, facts);
	else if (helo.n > 0 && !facts->has_name)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%s: the certificate is for %.*s and not for %.*s: is it the name "
		    "that others come by?",
		    service->what, VIEW_ARG(view_head(facts->names, SHOWN)),
		    VIEW_ARG(helo));
}
