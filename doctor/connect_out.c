/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "doctor/ask.h"
#include "doctor/connect.h"
#include "doctor/place.h"
#include "doctor/postfix.h"
#include "doctor/relay.h"
#include "doctor/socket.h"
#include "doctor/talk.h"

/* One connection to the outside, as any mail makes it. */

enum {
	SMTP_PORT = 25,
	TARGETS_MAX = 6,
	RESERVE = 3, /* seconds before the deadline of the check */
};

struct target {
	struct view host;
	struct addr addr;
	unsigned port;
};

struct targets {
	struct target at[TARGETS_MAX];
	size_t n;
	bool is_ours;  /* it may be this very machine */
	bool is_relay; /* mail leaves by one of them */
	bool is_part;  /* or by another one, which is not known or not tried */
};

static void
add_target(struct targets *targets, const struct relay *relay, struct addr addr)
{
	if (targets->n < TARGETS_MAX)
		targets->at[targets->n++] = (struct target){relay->host, addr, relay->port};
	else
		targets->is_part = true;
}

/* RELAY: a host and its port. False: it was said why there are none. */
static bool
add_host(struct ask *ask, struct targets *targets, const struct relay *relay)
{
	const struct dns_answer *v4, *v6;

	ask_addresses(ask, relay->host, &v4, &v6);
	for (uint32_t i = 0; i < v4->n; i++)
		add_target(targets, relay, ask_addr(v4, i));
	for (uint32_t i = 0; i < v6->n; i++)
		add_target(targets, relay, ask_addr(v6, i));
	if (v4->n + v6->n > 0)
		return true;
	if (ask_is_known(v4) && ask_is_known(v6)) {
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN, "%.*s has no address",
		    VIEW_ARG(relay->host));
		return false;
	}
	ask_say_unknown(ask->report, !ask_is_known(v4) ? v4 : v6);
	targets->is_part = true;
	return false;
}

static bool
add_mx(struct ask *ask, struct targets *targets, const struct doctor_world *world)
{
	const struct dns_answer *mx = ask_for(ask, DNS_MX, world->first_domain);
	const struct dns_record *sorted = ask_sorted(ask->report, mx);

	if (!ask_is_known(mx)) {
		ask_say_unknown(ask->report, mx);
		return false;
	}
	if (mx->n == 0 || sorted[0].data.n == 0) {
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN,
		    "%.*s has no MX to connect to: name a host with --probe",
		    VIEW_ARG(world->first_domain));
		return false;
	}
	const struct relay host = {.host = sorted[0].data, .port = SMTP_PORT};
	targets->is_ours = view_is_nocase(host.host, world->helo);
	return add_host(ask, targets, &host);
}

/* Postfix goes on to the next MX when the first cannot be reached. */
static void
add_relay(struct ask *ask, struct targets *targets, const struct relay *relay)
{
	struct relay host = *relay;
	struct addr addr;

	if (addr_parse(relay->host, &addr, NULL) == 0) {
		add_target(targets, relay, addr);
		return;
	}
	const struct dns_answer *mx =
	    relay->has_mx ? ask_for(ask, DNS_MX, relay->host) : NULL;
	if (mx == NULL || (ask_is_known(mx) && mx->n == 0)) {
		(void)add_host(ask, targets, relay);
		return;
	}
	if (!ask_is_known(mx)) {
		ask_say_unknown(ask->report, mx);
		targets->is_part = true;
		return;
	}
	const struct dns_record *sorted = ask_sorted(ask->report, mx);
	for (uint32_t i = 0; i < mx->n && targets->n < TARGETS_MAX; i++) {
		host.host = sorted[i].data;
		if (host.host.n > 0)
			(void)add_host(ask, targets, &host);
		targets->is_part |= i + 1 < mx->n && targets->n == TARGETS_MAX;
	}
	if (targets->n == 0)
		(void)doctor_say(ask->report, DOCTOR_UNKNOWN,
		    "no MX of %.*s can be connected to", VIEW_ARG(relay->host));
}

/* The host that was named, as if it was a relay host without MX; else Postfix's. 1; 0:
 * there is neither; -1: it was said why it is not known. */
static int
find_named(const struct doctor_world *world, struct doctor_report *report,
    struct relays *ret_relays)
{
	const struct postfix_conf *conf =
	    world->postfix != NULL ? world->postfix->conf : NULL;
	struct place place;
	int got;

	if (world->probe.n > 0) {
		must(place_parse(world->probe, SMTP_PORT, &place));
		*ret_relays = (struct relays){
		    .at = {{.host = place.host, .port = place.port}}, .n = 1};
		return 1;
	}
	got = relay_read(conf, report->arena, ret_relays);
	if (got == -1 && conf == NULL)
		return 0;
	for (size_t i = 0; got == 1 && i < ret_relays->n; i++)
		if (ret_relays->at[i].port == 0)
			got = -1;
	if (got == -1)
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "where relayhost sends mail is not understood: name a host with "
		    "--probe");
	return got;
}

static bool
find_targets(
    const struct doctor_world *world, struct doctor_report *report, struct targets *targets)
{
	struct relays named;
	struct addr addr;
	struct ask ask;
	int got = find_named(world, report, &named);

	if (got == -1)
		return false;
	*targets = (struct targets){.is_relay = got == 1 && world->probe.n == 0,
	    .is_part = got == 1 && named.is_part};
	if (got == 0 && world->first_domain.n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "there is no host to connect to: name one with --probe");
		return false;
	}
	if (got == 1 && named.n == 1 && addr_parse(named.at[0].host, &addr, NULL) == 0) {
		add_target(targets, &named.at[0], addr);
		return true;
	}
	if (!ask_begin(&ask, world, report))
		return false;
	if (got == 0)
		(void)add_mx(&ask, targets, world);
	for (size_t i = 0; got == 1 && i < named.n; i++)
		add_relay(&ask, targets, &named.at[i]);
	ask_end(&ask);
	for (size_t i = 0; i < targets->n; i++)
		for (size_t k = 0; k < world->n_egress && got == 0; k++)
			targets->is_ours |= addr_is(targets->at[i].addr, world->egress[k]);
	return targets->n > 0;
}

/* What came of one address. */
enum outcome { OUT_FINE, OUT_BUSY, OUT_SILENT, OUT_REFUSED_MAIL, OUT_CLOSED, OUT_NO_WAY };

struct attempt {
	enum outcome outcome;
	struct view said; /* "2001:db8::1: Connection refused" */
};

static void
greet(const struct doctor_world *world, struct doctor_report *report, int fd,
    const char *where, struct attempt *attempt)
{
	struct talk *talk = arena_alloc(report->arena, sizeof(*talk));
	struct buf text = BUF_INIT(4096);
	enum talk_end end;

	talk->fd = fd;
	talk->arena = report->arena;
	talk->deadline = clock_mono() + world->patience * INT64_C(1000000);
	end = talk_read(talk);
	if (end != TALK_REPLY) {
		buf_addf(
		    &text, "%s takes the connection and %s", where, talk_end_text(end));
		attempt->outcome = end == TALK_LATE ? OUT_SILENT : OUT_REFUSED_MAIL;
	} else {
		buf_addf(&text, "%s greets with: %d %.*s", where, talk->code,
		    VIEW_ARG(talk->shown));
		attempt->outcome = talk->code / 100 == 2   ? OUT_FINE
				   : talk->code / 100 == 4 ? OUT_BUSY
							   : OUT_REFUSED_MAIL;
	}
	attempt->said = arena_view(report->arena, buf_view(&text));
	buf_fini(&text);
}

static void
attempt_one(const struct doctor_world *world, struct doctor_report *report,
    const struct target *target, struct attempt *attempt)
{
	int64_t deadline = clock_mono() + world->patience * INT64_C(1000000);
	char where[ADDR_TEXT + DNS_NAME_MAX + 32], addr[ADDR_TEXT];
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT(1024);
	int fd = -1;

	(void)addr_text(target->addr, addr);
	if (view_is(target->host, view_of(addr)))
		snprintf(where, sizeof(where), "%s port %u", addr, target->port);
	else
		snprintf(where, sizeof(where), "%.*s (%s) port %u",
		    VIEW_ARG(view_head(target->host, DNS_NAME_MAX)), addr, target->port);
	enum socket_end end =
	    socket_connect(target->addr, target->port, deadline, &fd, &err);
	if (end == SOCKET_CONNECTED) {
		greet(world, report, fd, where, attempt);
		(void)close(fd);
		return;
	}
	attempt->outcome = end == SOCKET_NO_WAY ? OUT_NO_WAY : OUT_CLOSED;
	if (end == SOCKET_LATE)
		buf_addf(&text, "%s: no answer within %u s", where, world->patience);
	else
		buf_addf(&text, "%s: %s", where, err.text);
	attempt->said = arena_view(report->arena, buf_view(&text));
	buf_fini(&text);
}

static void
say_closed(struct doctor_report *report, const struct targets *targets, struct view said)
{
	if (targets->is_ours) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s, which may be this very machine: name another with --probe",
		    VIEW_ARG(said));
		return;
	}
	if (targets->is_relay && targets->is_part) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s; but not all that relayhost names could be tried",
		    VIEW_ARG(said));
		return;
	}
	struct doctor_finding *finding =
	    doctor_say(report, DOCTOR_BAD, "%.*s", VIEW_ARG(said));
	if (targets->is_relay)
		doctor_remedy(report, finding,
		    "All mail waits for that: it is Postfix's relayhost. Look at the "
		    "firewall here, then ask who runs it");
	else
		doctor_remedy(report, finding,
		    "See whether it is for this host only (--probe with others). If not, "
		    "look at the firewall here, then ask the provider to open port %u "
		    "outwards, or send through a relay host on 587",
		    targets->at[0].port);
}

static void
say_attempt(struct doctor_report *report, const struct targets *targets,
    const struct attempt *attempt)
{
	struct doctor_finding *finding;

	switch (attempt->outcome) {
	case OUT_FINE:
		if (targets->is_ours)
			(void)doctor_say(report, DOCTOR_UNKNOWN,
			    "%.*s; but that may be this very machine: name another with "
			    "--probe",
			    VIEW_ARG(attempt->said));
		else
			(void)doctor_say(
			    report, DOCTOR_OK, "%.*s", VIEW_ARG(attempt->said));
		return;
	case OUT_BUSY:
	case OUT_SILENT:
	case OUT_NO_WAY:
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%.*s", VIEW_ARG(attempt->said));
		return;
	case OUT_REFUSED_MAIL:
		finding = doctor_say(report, DOCTOR_BAD, "%.*s", VIEW_ARG(attempt->said));
		doctor_remedy(report, finding,
		    "The port is open, but this host does not take our mail: its words say "
		    "why; blocklist-egress and dns-ptr look at what it goes by");
		return;
	case OUT_CLOSED:
		say_closed(report, targets, attempt->said);
		return;
	}
	BUG("an outcome that there is not");
}

void
connect_check_out(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct targets targets;
	struct attempt attempts[TARGETS_MAX];
	size_t n = 0, best = 0;

	(void)subject;
	if (!find_targets(world, report, &targets))
		return;
	for (size_t i = 0; i < targets.n; i++) {
		/* A connection and a greeting. */
		if (clock_mono() + (2 * world->patience + RESERVE) * INT64_C(1000000) >
		    report->deadline)
			break;
		attempt_one(world, report, &targets.at[i], &attempts[n++]);
		if (attempts[n - 1].outcome < attempts[best].outcome)
			best = n - 1;
		if (attempts[n - 1].outcome == OUT_FINE)
			break;
	}
	if (n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN, "there was no time to try");
		return;
	}
	targets.is_part |= n < targets.n;
	say_attempt(report, &targets, &attempts[best]);
	for (size_t i = 0; i < n; i++)
		if (i != best)
			(void)doctor_say(
			    report, DOCTOR_OK, "and %.*s", VIEW_ARG(attempts[i].said));
}
