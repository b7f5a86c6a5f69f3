/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/dns.h"
#include "doctor/servers.h"
#include "doctor/socket.h"

/* Do all name servers serve the zone, and alike? */

enum { DNS_PORT = 53, SHOWN = 200 };

struct zone {
	struct ask *ask;
	const struct doctor_world *world;
	struct view domain;
	struct everywhere_found found;
	size_t n_known;
	uint32_t serials[EVERYWHERE_MAX];
	bool is_known[EVERYWHERE_MAX];
	bool is_differing;
};

static bool
has_zone(const struct dns_answer *answer)
{
	return answer->state == DNS_FOUND && answer->n > 0;
}

static void
say_server(struct zone *zone, const struct everywhere_server *server)
{
	struct doctor_report *report = zone->ask->report;
	unsigned port = zone->world->dns_port != 0 ? zone->world->dns_port : DNS_PORT;
	struct addr source;
	char addr[ADDR_TEXT];

	(void)addr_text(server->addr, addr);
	if (!socket_source(server->addr, port, &source)) {
		(void)doctor_say(report, DOCTOR_OK,
		    "%.*s (%s) cannot be asked from here: there is no way to IPv%u",
		    VIEW_ARG(server->name), addr, server->addr.family);
	} else if (server->answer.state == DNS_NO_ANSWER) {
		(void)doctor_say(report, DOCTOR_UNKNOWN, "%.*s (%s) does not answer",
		    VIEW_ARG(server->name), addr);
	} else if (zone->n_known == 0) {
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s (%s) could not be asked: is port %u open to the outside?",
		    VIEW_ARG(server->name), addr, port);
	} else {
		struct doctor_finding *finding = doctor_say(report, DOCTOR_BAD,
		    "%.*s (%s) does not serve %.*s, though it is named as one that does",
		    VIEW_ARG(server->name), addr, VIEW_ARG(zone->found.zone));

		doctor_remedy(report, finding,
		    "Make it serve the zone, or take it out, here and at the registrar:\n"
		    "%.*s. IN NS %.*s.",
		    VIEW_ARG(zone->found.zone), VIEW_ARG(server->name));
	}
}

/* Who has the zone, and which state of it. */
static void
look_at_serials(struct zone *zone)
{
	struct everywhere *everywhere =
	    servers_ask(zone->ask, zone->world, &zone->found, DNS_SOA, zone->found.zone);
	const struct everywhere_found *found = everywhere_answers(everywhere);

	for (size_t i = 0; i < found->n; i++) {
		const struct dns_answer *answer = &found->servers[i].answer;

		zone->is_known[i] = has_zone(answer);
		zone->serials[i] = has_zone(answer) ? answer->records[0].serial : 0;
		zone->n_known += zone->is_known[i];
	}
	for (size_t i = 0; i < found->n; i++)
		if (!zone->is_known[i])
			say_server(zone, &found->servers[i]);
	everywhere_free(everywhere);
}

static void
add_records(struct doctor_report *report, const struct dns_answer *answer, struct buf *out)
{
	const struct dns_record *sorted = ask_sorted(report, answer);

	buf_addf(out, "%s", answer->n == 0 ? "nothing" : "");
	for (uint32_t i = 0; i < answer->n; i++) {
		buf_add_text(out, i > 0 ? ", " : "");
		if (answer->type == DNS_MX)
			buf_addf(out, "%u ", sorted[i].preference);
		buf_add(out, sorted[i].data);
	}
}

static void
say_differing(struct zone *zone, enum dns_type type,
    const struct everywhere_server *servers[2], const struct buf texts[2])
{
	struct doctor_finding *finding = doctor_say(zone->ask->report, DOCTOR_BAD,
	    "%s of %.*s: %.*s says %.*s, and %.*s says %.*s", dns_type_name(type),
	    VIEW_ARG(zone->domain), VIEW_ARG(servers[0]->name),
	    VIEW_ARG(view_head(buf_view(&texts[0]), SHOWN)), VIEW_ARG(servers[1]->name),
	    VIEW_ARG(view_head(buf_view(&texts[1]), SHOWN)));

	zone->is_differing = true;
	doctor_remedy(zone->ask->report, finding,
	    "If it was not changed just now, see why the zone is not carried over to "
	    "%.*s: its serial, its log, and who may transfer it",
	    VIEW_ARG(servers[1]->name));
}

/* Do those that have the zone answer alike? */
static void
compare(struct zone *zone, enum dns_type type)
{
	struct everywhere *everywhere =
	    servers_ask(zone->ask, zone->world, &zone->found, type, zone->domain);
	const struct everywhere_found *found = everywhere_answers(everywhere);
	const struct everywhere_server *servers[2] = {NULL, NULL};
	struct buf texts[2] = {BUF_INIT(1 << 20), BUF_INIT(1 << 20)};

	for (size_t i = 0; i < found->n; i++) {
		if (!zone->is_known[i] || !ask_is_known(&found->servers[i].answer))
			continue;
		size_t at = servers[0] != NULL;
		servers[at] = &found->servers[i];
		buf_reset(&texts[at]);
		add_records(zone->ask->report, &found->servers[i].answer, &texts[at]);
		if (at == 1 && !view_is(buf_view(&texts[0]), buf_view(&texts[1]))) {
			say_differing(zone, type, servers, texts);
			break;
		}
	}
	buf_fini(&texts[0]);
	buf_fini(&texts[1]);
	everywhere_free(everywhere);
}

static void
judge_serials(struct zone *zone)
{
	struct doctor_report *report = zone->ask->report;
	size_t first = EVERYWHERE_MAX;

	for (size_t i = 0; i < zone->found.n; i++) {
		if (!zone->is_known[i])
			continue;
		if (first == EVERYWHERE_MAX)
			first = i;
		if (zone->serials[i] == zone->serials[first])
			continue;
		(void)doctor_say(report, DOCTOR_UNKNOWN,
		    "%.*s has serial %u of %.*s, %.*s has %u: either a change is on its "
		    "way, or one of them gets none any more; look again in an hour",
		    VIEW_ARG(zone->found.servers[first].name), zone->serials[first],
		    VIEW_ARG(zone->found.zone), VIEW_ARG(zone->found.servers[i].name),
		    zone->serials[i]);
		return;
	}
	if (zone->n_known == 1)
		(void)doctor_say(report, DOCTOR_OK,
		    "one server has %.*s, so there is none when it is down",
		    VIEW_ARG(zone->found.zone));
	else if (zone->n_known > 1)
		(void)doctor_say(report, DOCTOR_OK,
		    "%zu servers have %.*s, with the same serial", zone->n_known,
		    VIEW_ARG(zone->found.zone));
}

void
dns_check_servers(const struct doctor_world *world, const struct doctor_subject *subject,
    struct doctor_report *report)
{
	struct ask ask;
	struct zone *zone = arena_alloc(report->arena, sizeof(*zone));

	if (!ask_begin(&ask, world, report))
		return;
	zone->ask = &ask;
	zone->world = world;
	zone->domain = subject->domain;
	if (servers_find(&ask, subject->domain, &zone->found)) {
		look_at_serials(zone);
		compare(zone, DNS_MX);
		compare(zone, DNS_TXT);
		if (!zone->is_differing)
			judge_serials(zone);
	}
	ask_end(&ask);
}
