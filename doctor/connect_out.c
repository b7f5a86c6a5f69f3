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
};

struct targets {
	struct target at[TARGETS_MAX];
	size_t n;
	unsigned port;
	bool is_ours;  /* it may be this very machine */
	bool is_relay; /* mail leaves by it */
};

static void
add_answer(struct targets *targets, struct view host, const struct dns_answer *answer)
{
	for (uint32_t i = 0; i < answer->n && targets->n < TARGETS_MAX; i++)
		targets->at[targets->n++] = (struct target){host, ask_addr(answer, i)};
}

/* False: it was said why there are none. */
static bool
add_host(struct ask *ask, struct targets *targets, struct view host)
{
	const struct dns_answer *v4, *v6;

	ask_addresses(ask, host, &v4, &v6);
	add_answer(targets, host, v4);
	add_answer(targets, host, v6);
	if (targets->n > 0)
		return true;
	if (!ask_is_known(v4) || !ask_is_known(v6))
		ask_say_unknown(ask->report, !ask_is_known(v4) ? v4 : v6);
	else
		(void)doctor_say(
		    ask->report, DOCTOR_UNKNOWN, "%.*s has no address", VIEW_ARG(host));
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
	targets->is_ours = view_is_nocase(sorted[0].data, world->helo);
	return add_host(ask, targets, sorted[0].data);
}

static bool
add_relay(struct ask *ask, struct targets *targets, const struct relay *relay)
{
	const struct dns_answer *mx =
	    relay->has_mx ? ask_for(ask, DNS_MX, relay->host) : NULL;

	if (mx == NULL || (ask_is_known(mx) && mx->n == 0))
		return add_host(ask, targets, relay->host);
	if (ask_is_known(mx))
		return add_host(ask, targets, ask_sorted(ask->report, mx)[0].data);
	ask_say_unknown(ask->report, mx);
	return false;
}

/* The host that was named, as if it was a relay host without MX; else that of Postfix.
 * False: there is neither. */
static bool
find_named(
    const struct doctor_world *world, struct doctor_report *report, struct relay *ret_relay)
{
	const struct postfix_conf *conf =
	    world->postfix != NULL ? world->postfix->conf : NULL;
	struct place place;
	bool is_one;

	if (world->probe.n == 0)
		return relay_read(conf, report->arena, ret_relay, &is_one) == 1 &&
		       ret_relay->port != 0;
	must(place_parse(world->probe, SMTP_PORT, &place));
	*ret_relay = (struct relay){.host = place.host, .port = place.port};
	return true;
}

static bool
find_targets(
    const struct doctor_world *world, struct doctor_report *report, struct targets *targets)
{
	struct relay named;
	struct addr addr;
	struct ask ask;
	bool is_named = find_named(world, report, &named);

	*targets = (struct targets){.port = is_named ? named.port : SMTP_PORT,
	    .is_relay = is_named && world->probe.n == 0};
	if (!is_named && world->first_domain.n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "there is no host to connect to: name one with --probe");
		return false;
	}
	if (is_named && addr_parse(named.host, &addr, NULL) == 0) {
		targets->at[targets->n++] = (struct target){named.host, addr};
		return true;
	}
	if (!ask_begin(&ask, world, report))
		return false;
	bool is_found =
	    is_named ? add_relay(&ask, targets, &named) : add_mx(&ask, targets, world);
	ask_end(&ask);
	for (size_t i = 0; i < targets->n; i++)
		for (size_t k = 0; k < world->n_egress && !is_named; k++)
			targets->is_ours |= addr_is(targets->at[i].addr, world->egress[k]);
	return is_found;
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
    const struct target *target, unsigned port, struct attempt *attempt)
{
	int64_t deadline = clock_mono() + world->patience * INT64_C(1000000);
	char where[ADDR_TEXT + DNS_NAME_MAX + 32], addr[ADDR_TEXT];
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT(1024);
	int fd = -1;

	(void)addr_text(target->addr, addr);
	if (view_is(target->host, view_of(addr)))
		snprintf(where, sizeof(where), "%s port %u", addr, port);
	else
		snprintf(where, sizeof(where), "%.*s (%s) port %u",
		    VIEW_ARG(view_head(target->host, DNS_NAME_MAX)), addr, port);
	enum socket_end end = socket_connect(target->addr, port, deadline, &fd, &err);
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
		    targets->port);
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
		attempt_one(world, report, &targets.at[i], targets.port, &attempts[n++]);
		if (attempts[n - 1].outcome < attempts[best].outcome)
			best = n - 1;
		if (attempts[n - 1].outcome == OUT_FINE)
			break;
	}
	if (n == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN, "there was no time to try");
		return;
	}
	say_attempt(report, &targets, &attempts[best]);
	for (size_t i = 0; i < n; i++)
		if (i != best)
			(void)doctor_say(
			    report, DOCTOR_OK, "and %.*s", VIEW_ARG(attempts[i].said));
}
