/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <unbound.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/net.h"

#include "auth/dns.h"
#include "auth/dns_private.h"

enum {
	CLASS_IN = 1,
	SERVFAIL = 2,
	NXDOMAIN = 3,
	PORT_MAX = 65535,
	SCRATCH_MAX = 1 << 20,  /* bytes; a message of DNS has 64 KB */
	SLOW_FAILURE = 4000000, /* microseconds: longer than any server thinks */
	ADDRESS_TEXT = ADDR_TEXT + sizeof("@65535"),
};

struct question {
	struct question *next, **prev;
	struct dns *dns;
	enum dns_type type;
	int id;
	int64_t asked; /* monotonic */
	dns_done_fn done;
	void *context;
	char name[DNS_NAME_MAX * 4 + 1];
};

struct dns {
	struct ub_ctx *context;
	struct question *open; /* that were not answered yet */
	struct arena *scratch; /* for one answer */
	/* When an answer that was none of trouble came last, and whether one that was asked
	 * later was given up on. */
	int64_t heard;
	bool is_silent;
};

/*
 * No cleverness: what we ask, and whom, is what the admin would ask with drill(1).
 *
 * libunbound knows zones without names of their own (RFC 6303, 6761) and answers for them;
 * an admin's resolver may well have these names, and is asked.
 */
static void
set_options(struct ub_ctx *context, bool is_busy)
{
	static const char *const options[][2] = {{"module-config:", "iterator"},
	    {"do-not-query-localhost:", "no"}, {"qname-minimisation:", "no"},
	    {"unblock-lan-zones:", "yes"}, {"insecure-lan-zones:", "yes"},
	    {"local-zone:", "test. transparent"}, {"domain-insecure:", "test."},
	    {"local-zone:", "home.arpa. transparent"},
	    /* A resolver that comes back is asked again soon. */
	    {"infra-host-ttl:", "10"}};

	/* The library's own numbers are for a program that asks now and then. */
	static const char *const busy[][2] = {{"outgoing-range:", "256"},
	    {"outgoing-num-tcp:", "32"}, {"num-queries-per-thread:", "4096"}};

	/* It says what it thinks of answers on stderr. */
	must(ub_ctx_debugout(context, NULL) == 0);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		must(ub_ctx_set_option(context, options[i][0], options[i][1]) == 0);
	for (size_t i = 0; is_busy && i < ARRAY_LEN(busy); i++)
		must(ub_ctx_set_option(context, busy[i][0], busy[i][1]) == 0);
}

static int
use_address(struct ub_ctx *context, const char *resolver, struct err *err)
{
	struct view port = view_of(resolver), address;
	unsigned long long number;
	struct addr addr;
	int why;

	if (!view_cut(&port, '@', &address) || addr_parse(address, &addr, NULL) < 0 ||
	    (port.p != NULL && (!view_number(port, PORT_MAX, &number) || number == 0)))
		return err_set(err, ERR_CONFIG,
		    "'%s' is not a resolver: write ADDRESS or ADDRESS@PORT", resolver);
	why = ub_ctx_set_fwd(context, resolver);
	if (why != 0)
		return err_set(err, ERR_CONFIG, "cannot use the resolver '%s': %s",
		    resolver, ub_strerror(why));
	return 0;
}

static int
use_system(struct ub_ctx *context, struct err *err)
{
	int why = ub_ctx_resolvconf(context, NULL);

	if (why == UB_READFILE)
		return err_sys(err, "cannot read /etc/resolv.conf");
	if (why != 0)
		return err_set(
		    err, ERR_CONFIG, "cannot use /etc/resolv.conf: %s", ub_strerror(why));
	return 0;
}

static struct dns *
create(const char *resolver, bool is_busy, struct err *err)
{
	struct dns *dns = mem_zeroed(1, sizeof(*dns));
	int result;

	dns->scratch = arena_new(SCRATCH_MAX);
	dns->context = ub_ctx_create();
	must(dns->context != NULL);
	must(ub_ctx_async(dns->context, 1) == 0);
	set_options(dns->context, is_busy);
	result = resolver != NULL ? use_address(dns->context, resolver, err)
				  : use_system(dns->context, err);
	if (result == 0)
		return dns;
	dns_free(dns);
	return NULL;
}

struct dns *
dns_new(const char *resolver, struct err *err)
{
	return create(resolver, true, err);
}

struct dns *
dns_new_server(const char *resolver, const struct dns_server *server, struct err *err)
{
	struct dns *dns = create(resolver, false, err);
	char zone[DNS_NAME_MAX * 4 + 1], text[ADDR_TEXT], address[ADDRESS_TEXT];
	int why = UB_SYNTAX;

	if (dns == NULL)
		return NULL;
	snprintf(address, sizeof(address), "%s@%u", addr_text(server->addr, text),
	    server->port != 0 ? server->port : 53);
	if (dns_name_normal(server->zone, zone))
		why =
		    ub_ctx_set_stub(dns->context, zone[0] != '\0' ? zone : ".", address, 0);
	if (why == 0)
		return dns;
	err_set(
	    err, ERR_BAD_INPUT, "cannot ask the server %s: %s", address, ub_strerror(why));
	dns_free(dns);
	return NULL;
}

int
dns_trust(struct dns *dns, const char *file, struct err *err)
{
	int why = ub_ctx_add_ta_file(dns->context, file);

	if (why == 0)
		why =
		    ub_ctx_set_option(dns->context, "module-config:", "validator iterator");
	/* The file is read when the library must be ready: for any such call. */
	if (why == 0)
		why = ub_ctx_zone_remove(dns->context, "frank.invalid.");
	if (why != 0)
		return err_set(err, ERR_CONFIG, "cannot use the trust anchor '%s': %s",
		    file, ub_strerror(why));
	return 0;
}

static void
question_forget(struct question *question)
{
	*question->prev = question->next;
	if (question->next != NULL)
		question->next->prev = question->prev;
	free(question);
}

void
dns_free(struct dns *dns)
{
	struct question *next;

	if (dns == NULL)
		return;
	ub_ctx_delete(dns->context);
	for (struct question *question = dns->open; question != NULL; question = next) {
		next = question->next;
		free(question);
	}
	arena_free(dns->scratch);
	free(dns);
}

/* Is it the resolver that failed, rather than what it was asked for? */
static bool
is_silence(struct dns *dns, const struct dns_answer *answer)
{
	if (answer->state != DNS_FAILED || answer->rcode != SERVFAIL) {
		dns->heard = clock_mono();
		dns->is_silent = false;
		return false;
	}
	return !answer->is_bogus && (dns->is_silent || answer->micros > SLOW_FAILURE);
}

static void
answer_take(void *argument, int failure, struct ub_result *result)
{
	struct question *question = argument;
	struct dns *dns = question->dns;
	int64_t micros = clock_mono() - question->asked;
	struct dns_answer answer = {.name = view_of(question->name),
	    .type = question->type,
	    .state = DNS_NO_ANSWER,
	    .micros = (uint32_t)(micros < UINT32_MAX ? micros : UINT32_MAX)};

	arena_reset(dns->scratch);
	if (failure == 0 && result != NULL) {
		const struct dns_raw raw = {.rcode = result->rcode,
		    .ttl = result->ttl,
		    .is_found = result->havedata,
		    .is_secure = result->secure,
		    .is_bogus = result->bogus,
		    .data = result->data,
		    .sizes = result->len};

		dns_answer_take(&raw, dns->scratch, &answer);
		if (is_silence(dns, &answer))
			answer.state = DNS_NO_ANSWER;
	}
	dns_done_fn done = question->done;
	void *context = question->context;
	question->done = NULL;
	done(context, &answer);
	question_forget(question);
	ub_resolve_free(result);
}

int
dns_ask(struct dns *dns, const struct dns_wish *wish, int *ret_id, struct err *err)
{
	struct question *question = mem_zeroed(1, sizeof(*question));

	question->dns = dns;
	question->type = wish->type;
	question->done = wish->done;
	question->context = wish->context;
	question->asked = clock_mono();
	if (!dns_name_normal(wish->name, question->name)) {
		const struct dns_answer none = {.name = wish->name,
		    .type = wish->type,
		    .state = DNS_NO_NAME,
		    .rcode = NXDOMAIN};

		free(question);
		*ret_id = 0;
		wish->done(wish->context, &none);
		return 0;
	}
	int why =
	    ub_resolve_async(dns->context, question->name[0] != '\0' ? question->name : ".",
		(int)wish->type, CLASS_IN, question, answer_take, &question->id);
	if (why != 0) {
		free(question);
		return err_set(err, ERR_TEMP, "cannot ask: %s", ub_strerror(why));
	}
	question->prev = &dns->open;
	question->next = dns->open;
	if (question->next != NULL)
		question->next->prev = &question->next;
	dns->open = question;
	*ret_id = question->id;
	return 0;
}

void
dns_cancel(struct dns *dns, int id)
{
	struct question *question = dns->open;

	while (question != NULL && (question->id != id || question->done == NULL))
		question = question->next;
	if (question == NULL)
		return;
	if (dns->heard < question->asked)
		dns->is_silent = true;
	(void)ub_cancel(dns->context, id);
	question_forget(question);
}

int
dns_fd(struct dns *dns)
{
	return ub_fd(dns->context);
}

void
dns_process(struct dns *dns)
{
	(void)ub_process(dns->context);
}
