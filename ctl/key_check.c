/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/dns.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/key.h"
#include "ctl/key_check.h"
#include "ctl/world.h"

enum {
	PATIENCE_MS = 20000, /* for one key */
	PROGRESS_KEYS = 10,  /* with more, a terminal is told how far it is */
	PUBLIC_BYTES = 64 << 20,
};

struct check_order {
	const char *dir, *domain, *selector, *resolver;
	unsigned port;
	struct arena *arena;
	struct check_key *keys;
	size_t n;
};

static bool
is_wanted(const struct check_order *order, const struct keyset_entry *entry)
{
	return (order->domain == NULL ||
		   view_is_nocase(view_of(order->domain), view_of(entry->domain))) &&
	       (order->selector == NULL ||
		   view_is_nocase(view_of(order->selector), view_of(entry->selector)));
}

static char *
keep(struct check_order *order, const char *text)
{
	return arena_text(order->arena, view_of(text));
}

static void
take_key(struct check_order *order, struct keyset *set, size_t i)
{
	const struct keyset_entry *entry = keyset_at(set, i);
	struct check_key *key = &order->keys[order->n];
	struct buf public = BUF_INIT(KEY_RECORD_MAX);

	*key = (struct check_key){.domain = keep(order, entry->domain),
	    .selector = keep(order, entry->selector),
	    .name = keep(order, entry->name),
	    .algorithm = entry->algorithm};
	if (keyset_public(set, i, &public, &key->bits, NULL) == 0 &&
	    key_fingerprint(key->algorithm, buf_view(&public), key->fingerprint, NULL) ==
		0) {
		key->public = arena_view(order->arena, buf_view(&public));
		order->n++;
	}
	buf_fini(&public);
}

/* Whose names do not say whether they are among the wanted ones. */
static int
say_none(const struct keyset *set)
{
	bool has_bad = false, is_warning;

	if (keyset_has_denied(set)) {
		ctl_say("keys cannot be read, see above: 'frank key check' is for who may "
			"read them");
		return EX_NOPERM;
	}
	for (size_t i = 0; i < keyset_faults(set); i++) {
		(void)keyset_fault_at(set, i, &is_warning);
		has_bad |= !is_warning;
	}
	if (has_bad) {
		ctl_say("there is no key that can be used: see above");
		return CTL_FINDINGS;
	}
	ctl_say("there is no such key: 'frank key list' shows those that there are");
	return EX_NOINPUT;
}

/* The public halves; the private ones are wiped before anybody is asked anything. -1: there
 * are none to look at, and it was said why. */
static int
take_keys(struct ctl *ctl, struct check_order *order, int *ret_code)
{
	struct keyset *set = keyset_new(geteuid());
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct err err = ERR_INIT;
	int result = 0;

	if (key_sources_add(ctl, order->dir, set, &err) < 0) {
		*ret_code = ctl_fail(&err);
		result = -1;
	} else {
		keyset_parse(set);
		*ret_code = key_faults(ctl, set, &out);
		(void)ctl_print(&out);
		order->keys =
		    arena_array(order->arena, keyset_count(set) + 1, sizeof(*order->keys));
		for (size_t i = 0; i < keyset_count(set); i++)
			if (is_wanted(order, keyset_at(set, i)))
				take_key(order, set, i);
	}
	if (result == 0 && order->n == 0) {
		*ret_code = say_none(set);
		result = -1;
	}
	buf_fini(&out);
	keyset_free(set);
	return result;
}

static void
answer_read(
    const struct check_key *key, const struct dns_answer *answer, struct check_answer *into)
{
	struct key_published published;

	*into = (struct check_answer){.state = answer->state,
	    .failure = world_state_text(answer),
	    .is_known = answer->state != DNS_NO_ANSWER && answer->state != DNS_FAILED,
	    .ttl = answer->ttl,
	    .is_secure = answer->is_secure};
	if (!into->is_known)
		return;
	key_published_read(answer, &published);
	into->faults = key_compare(&published, key->algorithm, key->fingerprint);
}

/* They come in any order, and people compare. */
static void
take_servers(const struct everywhere_found *found, struct check_finding *finding)
{
	finding->zone = found->zone;
	finding->is_cut = found->is_cut;
	for (size_t i = 0; i < found->n; i++) {
		const struct everywhere_server *server = &found->servers[i];
		size_t at = finding->n++;

		for (; at > 0; at--) {
			int by_name =
			    view_compare(finding->servers[at - 1]->name, server->name);
			if (by_name < 0 ||
			    (by_name == 0 && memcmp(&finding->servers[at - 1]->addr,
						 &server->addr, sizeof(server->addr)) <= 0))
				break;
			finding->servers[at] = finding->servers[at - 1];
		}
		finding->servers[at] = server;
	}
	for (size_t i = 0; i < finding->n; i++) {
		answer_read(
		    finding->key, &finding->servers[i]->answer, &finding->answers[i]);
		finding->n_unknown += !finding->answers[i].is_known;
		finding->is_silent &= finding->answers[i].state == DNS_NO_ANSWER;
	}
}

static enum check_verdict
verdict_of(const struct check_finding *finding)
{
	const struct check_answer *resolver = &finding->resolver;
	unsigned faults = resolver->is_known ? resolver->faults : 0;
	size_t known = 0, good = 0;

	for (size_t i = 0; i < finding->n; i++) {
		const struct check_answer *answer = &finding->answers[i];

		known += answer->is_known;
		good += answer->is_known && (answer->faults & KEY_FAULTS_UNUSABLE) == 0;
		faults |= answer->faults;
	}
	bool has_resolver =
	    resolver->is_known && (resolver->faults & KEY_FAULTS_UNUSABLE) == 0;
	if (known == 0 && !resolver->is_known)
		return CHECK_UNKNOWN;
	if (known == 0 ? has_resolver : good == known)
		return has_resolver || !resolver->is_known ? CHECK_PUBLISHED : CHECK_CACHED;
	if (good > 0)
		return CHECK_LAGGING;
	return (faults & KEY_FAULTS_MISMATCHED) != 0 ? CHECK_WRONG : CHECK_MISSING;
}

/* -1: DNS could not be asked at all. */
static int
check_one(struct dns *dns, const struct check_order *order, const struct check_key *key,
    struct check_finding *finding, struct everywhere **ret_everywhere, struct err *err)
{
	struct arena *arena = arena_new(0);
	struct answers *answers = answers_new(arena);
	struct buf name = BUF_INIT(DNS_NAME_MAX * 4);
	int64_t deadline = clock_mono() + PATIENCE_MS * INT64_C(1000);
	const struct dns_answer *answer;
	int result = -1;

	memset(finding, 0, sizeof(*finding));
	finding->key = key;
	buf_addf(&name, "%s._domainkey.%s", key->selector, key->domain);
	struct everywhere_question question = {.type = DNS_TXT,
	    .name = buf_view(&name),
	    .resolver = order->resolver,
	    .port = order->port,
	    .deadline = deadline};
	if (answers_lookup(answers, DNS_TXT, question.name) == NULL)
		(void)dns_fetch(dns, answers, deadline, err);
	answer = answers_lookup(answers, DNS_TXT, question.name);
	*ret_everywhere = everywhere_ask(dns, &question, err);
	if (answer != NULL && *ret_everywhere != NULL) {
		answer_read(key, answer, &finding->resolver);
		finding->is_silent = answer->state == DNS_NO_ANSWER;
		take_servers(everywhere_answers(*ret_everywhere), finding);
		finding->verdict = verdict_of(finding);
		result = 0;
	}
	buf_fini(&name);
	arena_free(arena);
	return result;
}

static void
progress(const struct ctl *ctl, size_t at, size_t n)
{
	if (ctl->json || n <= PROGRESS_KEYS || !isatty(STDERR_FILENO))
		return;
	if (at < n)
		fprintf(stderr, "\r%zu of %zu keys", at, n);
	else
		fprintf(stderr, "\r\033[K");
	(void)fflush(stderr);
}

/* Whether the resolver has gone, before another key is asked about. */
static bool
is_hopeless(const struct check_order *order, const struct check_key *key)
{
	struct buf name = BUF_INIT(DNS_NAME_MAX * 4);
	bool is_silent;

	buf_addf(&name, "%s._domainkey.%s", key->selector, key->domain);
	is_silent = world_is_silent(order->resolver, buf_view(&name));
	buf_fini(&name);
	return is_silent;
}

static int
give_up(const struct check_order *order, size_t n_asked)
{
	ctl_say("DNS gave no answer at all: is the resolver there?");
	if (n_asked < order->n)
		ctl_say(
		    "%zu of %zu keys were not asked about", order->n - n_asked, order->n);
	return EX_UNAVAILABLE;
}

static int
print_finding(const struct ctl *ctl, const struct check_finding *finding)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int printed;

	if (ctl->json)
		key_check_json(finding, &out);
	else
		key_check_text(finding, &out);
	printed = ctl_print(&out);
	buf_fini(&out);
	return printed;
}

/* The worst of what was found; EX_UNAVAILABLE when nobody answers any more. */
static int
check_all(const struct ctl *ctl, const struct check_order *order, struct dns *dns, int code)
{
	struct check_finding *finding = mem_zeroed(1, sizeof(*finding));
	bool is_doubtful = true;

	for (size_t i = 0; i < order->n; i++) {
		struct everywhere *everywhere = NULL;
		struct err err = ERR_INIT;

		progress(ctl, i, order->n);
		if (is_doubtful && is_hopeless(order, &order->keys[i])) {
			progress(ctl, order->n, order->n);
			code = give_up(order, i);
			break;
		}
		if (check_one(dns, order, &order->keys[i], finding, &everywhere, &err) <
		    0) {
			ctl_say("%s", err.text);
			finding->verdict = CHECK_UNKNOWN;
		}
		progress(ctl, order->n, order->n);
		is_doubtful = finding->is_silent;
		if (finding->verdict != CHECK_PUBLISHED)
			code = CTL_FINDINGS;
		int printed = print_finding(ctl, finding);
		code = printed != CTL_FINE ? printed : code;
		everywhere_free(everywhere);
	}
	free(finding);
	return code;
}

static int
read_order(struct ctl *ctl, int argc, char **argv, struct check_order *order)
{
	static const struct option options[] = {
	    {"dir", required_argument, NULL, 'd'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"port", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	unsigned long long port = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'd')
			order->dir = optarg;
		else if (option == 'r')
			order->resolver = optarg;
		else if (option == 'J')
			ctl->json = true;
		else if (option != 'p')
			return ctl_bad_option(argc, argv);
		else if (!view_number(view_of(optarg), 65535, &port) || port == 0)
			return ctl_usage("key", "--port is a number up to 65535");
	}
	if (argc - optind > 2)
		return ctl_usage("key", "'frank key check' takes a domain and a selector");
	order->domain = optind < argc ? argv[optind] : NULL;
	order->selector = optind + 1 < argc ? argv[optind + 1] : NULL;
	order->port = (unsigned)port;
	return CTL_FINE;
}

int
key_check(struct ctl *ctl, int argc, char **argv)
{
	struct check_order order = {.arena = arena_new(0)};
	struct world *world = mem_zeroed(1, sizeof(*world));
	struct err err = ERR_INIT;
	struct dns *dns;
	int code = read_order(ctl, argc, argv, &order);

	if (code == CTL_FINE && take_keys(ctl, &order, &code) == 0) {
		(void)world_read(ctl, world, NULL);
		order.resolver = world_resolver(world, order.resolver);
		dns = dns_new(order.resolver, &err);
		if (dns != NULL) {
			code = check_all(ctl, &order, dns, code);
		} else if (err.code == ERR_CONFIG) {
			code = ctl_usage("key", err.text);
		} else {
			ctl_say("%s", err.text);
			code = EX_UNAVAILABLE;
		}
		dns_free(dns);
	}
	arena_free(order.arena);
	free(world);
	return code;
}
