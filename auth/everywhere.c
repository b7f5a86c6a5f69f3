/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "auth/everywhere.h"

enum { ANSWERS_BYTES_MAX = 4 << 20, WAIT_MAX_MS = 60000 };

/* One server that is being asked. */
struct asking {
	struct everywhere *everywhere;
	struct everywhere_server *server;
	struct dns *dns; /* NULL: this place is free */
	int64_t deadline;
	bool is_answered;
};

struct everywhere {
	struct everywhere_question question;
	struct everywhere_found found;
	struct arena *arena;
	size_t next; /* server to begin with */
	struct asking asking[EVERYWHERE_AT_ONCE];
};

/* NAME without its first label; the root is "". */
static struct view
parent(struct view name)
{
	struct view label;

	(void)view_cut(&name, '.', &label);
	return name;
}

static void
add_addresses(struct everywhere_found *found, struct view name, uint8_t family,
    const struct dns_answer *answer)
{
	for (uint32_t i = 0; i < answer->n; i++) {
		struct view data = answer->records[i].data;

		if (found->n == EVERYWHERE_MAX) {
			found->is_cut = true;
			return;
		}
		struct everywhere_server *server = &found->servers[found->n++];
		*server =
		    (struct everywhere_server){.name = name, .addr = {.family = family}};
		must(data.n <= sizeof(server->addr.bytes));
		memcpy(server->addr.bytes, data.p, data.n);
	}
}

/* The nearest zone's NS records. 1; 0: there are none to be had; -1: not known yet. */
static int
find_zone(struct view name, lookup_fn lookup, void *context, struct view *ret_zone,
    const struct dns_answer **ret_servers)
{
	for (struct view zone = parent(name); zone.n > 0; zone = parent(zone)) {
		const struct dns_answer *answer = lookup(context, DNS_NS, zone);

		if (answer == NULL)
			return -1;
		if (answer->state == DNS_NO_ANSWER || answer->state == DNS_FAILED)
			return 0;
		if (answer->state == DNS_FOUND) {
			*ret_zone = zone;
			*ret_servers = answer;
			return 1;
		}
	}
	return 0;
}

bool
everywhere_find(
    struct view name, lookup_fn lookup, void *context, struct everywhere_found *ret_found)
{
	struct everywhere_found found = {.n = 0};
	const struct dns_answer *servers;
	bool is_complete = true;

	int got = find_zone(name, lookup, context, &found.zone, &servers);
	if (got < 0)
		return false;
	for (uint32_t i = 0; got > 0 && i < servers->n; i++) {
		struct view server = servers->records[i].data;
		const struct dns_answer *v4 = lookup(context, DNS_A, server);
		const struct dns_answer *v6 = lookup(context, DNS_AAAA, server);

		if (v4 == NULL || v6 == NULL) {
			is_complete = false;
			continue;
		}
		add_addresses(&found, server, ADDR_IPV4, v4);
		add_addresses(&found, server, ADDR_IPV6, v6);
	}
	if (is_complete)
		*ret_found = found;
	return is_complete;
}

struct everywhere *
everywhere_new(
    const struct everywhere_question *question, const struct everywhere_found *found)
{
	struct everywhere *everywhere = mem_zeroed(1, sizeof(*everywhere));
	struct arena *arena = arena_new(ANSWERS_BYTES_MAX);

	everywhere->arena = arena;
	everywhere->question = *question;
	everywhere->question.name = arena_view(arena, question->name);
	everywhere->found = *found;
	everywhere->found.zone = arena_view(arena, found->zone);
	for (size_t i = 0; i < found->n; i++) {
		struct everywhere_server *server = &everywhere->found.servers[i];

		server->name = arena_view(arena, server->name);
		server->answer = (struct dns_answer){
		    .name = everywhere->question.name, .type = question->type};
	}
	return everywhere;
}

void
everywhere_free(struct everywhere *everywhere)
{
	if (everywhere == NULL)
		return;
	for (size_t i = 0; i < EVERYWHERE_AT_ONCE; i++)
		dns_free(everywhere->asking[i].dns);
	arena_free(everywhere->arena);
	free(everywhere);
}

static void
answer_keep(void *context, const struct dns_answer *answer)
{
	struct asking *asking = context;
	struct arena *arena = asking->everywhere->arena;
	struct dns_answer copy = *answer;
	struct dns_record *records = NULL;

	asking->is_answered = true;
	copy.name = asking->everywhere->question.name;
	if (answer->n > 0)
		records = arena_array(arena, answer->n, sizeof(records[0]));
	if (answer->n > 0 && records == NULL)
		return;
	for (uint32_t i = 0; i < answer->n; i++) {
		records[i] = answer->records[i];
		records[i].data = arena_view(arena, records[i].data);
		if (records[i].data.p == NULL)
			return;
	}
	copy.records = records;
	asking->server->answer = copy;
}

/* False: this server cannot even be asked. */
static bool
ask(struct everywhere *everywhere, struct asking *asking, struct everywhere_server *server,
    int64_t now)
{
	const struct everywhere_question *question = &everywhere->question;
	const struct dns_server whom = {
	    .zone = everywhere->found.zone, .addr = server->addr, .port = question->port};
	const struct dns_wish wish = {question->type, question->name, answer_keep, asking};
	int id;

	*asking = (struct asking){.everywhere = everywhere,
	    .server = server,
	    .dns = dns_new_server(question->resolver, &whom, NULL),
	    .deadline = now + (int64_t)EVERYWHERE_SERVER_MS * 1000};
	if (asking->dns != NULL && dns_ask(asking->dns, &wish, &id, NULL) == 0)
		return true;
	dns_free(TAKE(asking->dns));
	return false;
}

bool
everywhere_step(struct everywhere *everywhere, int64_t now)
{
	bool is_over = true;

	for (size_t i = 0; i < EVERYWHERE_AT_ONCE; i++) {
		struct asking *asking = &everywhere->asking[i];

		if (asking->dns != NULL)
			dns_process(asking->dns);
		if (asking->dns != NULL &&
		    (asking->is_answered || now >= asking->deadline ||
			now >= everywhere->question.deadline))
			dns_free(TAKE(asking->dns));
		while (asking->dns == NULL && everywhere->next < everywhere->found.n &&
		       now < everywhere->question.deadline)
			if (ask(everywhere, asking,
				&everywhere->found.servers[everywhere->next++], now))
				break;
		is_over = is_over && asking->dns == NULL;
	}
	return is_over;
}

size_t
everywhere_poll(struct everywhere *everywhere, struct pollfd *into, int64_t *ret_until)
{
	int64_t until = everywhere->question.deadline;
	size_t n = 0;

	for (size_t i = 0; i < EVERYWHERE_AT_ONCE; i++) {
		struct asking *asking = &everywhere->asking[i];

		if (asking->dns == NULL)
			continue;
		into[n++] = (struct pollfd){.fd = dns_fd(asking->dns), .events = POLLIN};
		if (asking->deadline < until)
			until = asking->deadline;
	}
	*ret_until = until;
	return n;
}

bool
everywhere_has_asked_all(const struct everywhere *everywhere)
{
	return everywhere->next == everywhere->found.n;
}

const struct everywhere_found *
everywhere_answers(const struct everywhere *everywhere)
{
	return &everywhere->found;
}

void
everywhere_wait(struct everywhere *everywhere)
{
	struct pollfd fds[EVERYWHERE_AT_ONCE];
	int64_t now;

	while (!everywhere_step(everywhere, now = clock_mono())) {
		int64_t until;
		size_t n = everywhere_poll(everywhere, fds, &until);
		int64_t left = (until - now + 999) / 1000;

		if (left > WAIT_MAX_MS)
			left = WAIT_MAX_MS;
		if (poll(fds, n, left > 0 ? (int)left : 0) < 0)
			must(errno == EINTR);
	}
}

struct everywhere *
everywhere_ask(struct dns *dns, const struct everywhere_question *question, struct err *err)
{
	struct everywhere_found found;
	struct everywhere *everywhere = NULL;
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	int result = 0;

	while (result == 0 &&
	       !everywhere_find(question->name, answers_lookup, answers, &found))
		result = dns_fetch(dns, answers, question->deadline, err);
	if (result == 0) {
		everywhere = everywhere_new(question, &found);
		everywhere_wait(everywhere);
	}
	arena_free(arena);
	return everywhere;
}
