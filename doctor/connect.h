/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef DOCTOR_CONNECT_H
#define DOCTOR_CONNECT_H

/* The checks of the area Connection, connect_*.c. */

#include "doctor/doctor.h"
#include "doctor/firewall.h"
#include "doctor/tls.h"
#include "doctor/world.h"

typedef void connect_run_fn(const struct doctor_world *world,
    const struct doctor_subject *subject, struct doctor_report *report);

connect_run_fn connect_check_out, connect_check_in, connect_check_source,
    connect_check_firewall;

/* A port of our own, and who comes there. */
struct connect_service {
	const char *what; /* "port 25" */
	unsigned port;
	bool is_tls;       /* from the first octet on */
	bool is_for_users; /* who give their password there */
};

/* What TLS shows of SERVICE, at NOW (wall, seconds); HELO is our own name. */
void connect_judge_tls(struct doctor_report *report, const struct connect_service *service,
    const struct tls_facts *facts, struct view helo, int64_t now);

/* What a firewall does to connections to a port of others. */
struct connect_firewall {
	struct firewall_look look;
	unsigned port;
	uint8_t family;    /* ADDR_NONE: IPv4 and IPv6 alike */
	bool has_family;   /* mail is known to leave over that */
	bool has_port;     /* and to that port, by relayhost */
	struct view owner; /* who connects */
	const char *adds;  /* the program that makes such rules: "nft", "iptables-legacy" */
};
void connect_judge_firewall(
    struct doctor_report *report, const struct connect_firewall *firewall);

/* What the service that smtpd offers at PORT is called in master.cf; empty: there is none.
 */
struct view connect_service_name(struct view lines, unsigned port);

/* Does Postfix offer SMTP at ADDR and PORT? LINES are those of 'postconf -M', INTERFACES is
 * inet_interfaces. */
enum connect_offer {
	CONNECT_OFFER_UNKNOWN,
	CONNECT_OFFER_NO,
	CONNECT_OFFER_ELSEWHERE, /* at this port of other addresses */
	CONNECT_OFFER_HERE
};
enum connect_offer connect_offers(
    struct view lines, struct view interfaces, struct addr addr, unsigned port);

#endif
