/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * One SPF evaluation over answers that are all there: ours and libspf2's, on the same
 * zones, with the same look-up function, in rounds that take turns. Medians of CPU time, in
 * microseconds. libspf2 keeps its server; the request is new each time, as it must be.
 */

#include <sys/types.h>

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <spf2/spf.h>

#include "auth/spf.h"
#include "lib/bug.h"

enum { ROUNDS = 31, COUNT = 2000 };

#define IP4_8                                                                              \
	" ip4:192.0.2.1 ip4:192.0.2.2 ip4:192.0.2.3 ip4:192.0.2.4"                         \
	" ip4:192.0.2.5 ip4:192.0.2.6 ip4:192.0.2.7 ip4:192.0.2.8"

/* A line for each record, "NAME TYPE DATA"; the client is 198.51.100.7. */
static const struct {
	const char *name, *zone;
	SPF_result_t want;
} zones[] = {
    {"two networks", "example.org TXT v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all\n",
	SPF_RESULT_PASS},
    {"a, mx",
	"example.org TXT v=spf1 a mx -all\nexample.org A 192.0.2.1\n"
	"example.org MX mail.example.org\nmail.example.org A 198.51.100.7\n",
	SPF_RESULT_PASS},
    {"five includes",
	"example.org TXT v=spf1 include:a.example.org include:b.example.org -all\n"
	"a.example.org TXT v=spf1 include:c.example.org include:d.example.org ~all\n"
	"b.example.org TXT v=spf1 include:e.example.org ~all\n"
	"c.example.org TXT v=spf1" IP4_8 " ~all\n"
	"d.example.org TXT v=spf1" IP4_8 " ~all\n"
	"e.example.org TXT v=spf1 ip4:198.51.100.0/24 ~all\n",
	SPF_RESULT_PASS},
    {"macros",
	"example.org TXT v=spf1 exists:%{ir}.%{v}._spf.%{d} -all\n"
	"7.100.51.198.in-addr._spf.example.org A 127.0.0.2\n",
	SPF_RESULT_PASS},
    {"56 networks, none of them",
	"example.org TXT v=spf1" IP4_8 IP4_8 IP4_8 IP4_8 IP4_8 IP4_8 IP4_8 " -all\n",
	SPF_RESULT_FAIL},
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	const double *one = a, *two = b;

	return *one < *two ? -1 : *one > *two;
}

static double
median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), compare);
	return times[ROUNDS / 2];
}

static void
line_add(struct answers *answers, struct view line)
{
	struct dns_record record = {.preference = 10};
	struct dns_answer answer = {
	    .type = DNS_TXT, .state = DNS_FOUND, .records = &record, .n = 1, .ttl = 300};
	struct view type;
	struct addr addr;

	must(view_cut(&line, ' ', &answer.name) && view_cut(&line, ' ', &type));
	record.data = line;
	if (view_is(type, VIEW("A"))) {
		answer.type = DNS_A;
		must(addr_parse(line, &addr, NULL) == 0);
		record.data = (struct view){(char *)addr.bytes, 4};
	} else if (view_is(type, VIEW("MX")))
		answer.type = DNS_MX;
	must(answers_add(answers, &answer));
}

static struct answers *
zone_read(struct arena *arena, const char *zone)
{
	struct answers *answers = answers_new(arena);
	struct view rest = view_of(zone), line;

	while (view_cut(&rest, '\n', &line))
		if (line.n > 0)
			line_add(answers, line);
	return answers;
}

/* libspf2's DNS: the answers, in its own form. */
static SPF_dns_rr_t *
look_up(SPF_dns_server_t *server, const char *name, ns_type type, int should_cache)
{
	const struct dns_answer *answer =
	    answers_lookup(server->hook, (enum dns_type)type, view_of(name));
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(
	    server, name, type, 300, answer != NULL ? NETDB_SUCCESS : NO_DATA);

	(void)should_cache;
	must(rr != NULL);
	for (uint32_t i = 0; answer != NULL && i < answer->n; i++) {
		struct view data = answer->records[i].data;

		must(SPF_dns_rr_buf_realloc(rr, (int)i, data.n + 1) == SPF_E_SUCCESS);
		memset(rr->rr[i], 0, data.n + 1);
		memcpy(rr->rr[i], data.p, data.n);
		rr->num_rr++;
	}
	return rr;
}

static SPF_result_t
theirs(SPF_server_t *server)
{
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_result_t result;

	must(request != NULL);
	(void)SPF_request_set_ipv4_str(request, "198.51.100.7");
	(void)SPF_request_set_helo_dom(request, "mail.example.org");
	(void)SPF_request_set_env_from(request, "alice@example.org");
	(void)SPF_request_query_mailfrom(request, &response);
	result = SPF_response_result(response);
	SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

static enum spf_outcome
ours(struct answers *answers, struct arena *arena)
{
	const struct spf_question question = {
	    .client = {.family = ADDR_IPV4, .bytes = {198, 51, 100, 7}},
	    .domain = VIEW("example.org"),
	    .sender = VIEW("alice@example.org"),
	    .helo = VIEW("mail.example.org"),
	};
	const struct spf_asking asking = {
	    .lookup = answers_lookup, .context = answers, .arena = arena};
	struct spf_result result;

	arena_reset(arena);
	spf_eval(&question, &asking, &result);
	return result.outcome;
}

static double
bench_zone(size_t zone, SPF_server_t *server, struct answers *answers)
{
	double own[ROUNDS], other[ROUNDS];
	struct arena *arena = arena_new(0);

	must(theirs(server) == zones[zone].want);
	must(ours(answers, arena) ==
	     (zones[zone].want == SPF_RESULT_PASS ? SPF_EVAL_PASS : SPF_EVAL_FAIL));
	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		for (int i = 0; i < COUNT; i++)
			(void)ours(answers, arena);
		own[round] = (now() - start) / COUNT;
		start = now();
		for (int i = 0; i < COUNT; i++)
			(void)theirs(server);
		other[round] = (now() - start) / COUNT;
	}
	arena_free(arena);
	double a = median(own), b = median(other);
	printf("spf %-28s own %5.2f  libspf2 %5.2f us  ratio %.2f\n", zones[zone].name, a,
	    b, a / b);
	return a / b;
}

int
main(void)
{
	double worst = 0;

	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		struct arena *arena = arena_new(0);
		SPF_dns_server_t dns;
		SPF_server_t *server;

		memset(&dns, 0, sizeof(dns));
		dns.lookup = look_up;
		dns.name = "answers";
		dns.hook = zone_read(arena, zones[i].zone);
		server = SPF_server_new_dns(&dns, 0);
		must(server != NULL);
		double ratio = bench_zone(i, server, dns.hook);
		worst = ratio > worst ? ratio : worst;
		SPF_server_free(server);
		arena_free(arena);
	}
	printf("spf own evaluation, at most %.2f of libspf2's\n", worst);
	return 0;
}
