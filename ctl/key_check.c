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
	struct spread_key *keys;
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
			if (is_wanted(order, keyset_at(set, i)) &&
			    spread_key_take(set, i, order->arena, &order->keys[order->n]))
				order->n++;
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
is_hopeless(const struct check_order *order, const struct spread_key *key)
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
print_finding(const struct ctl *ctl, const struct spread *finding)
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
	struct spread *finding = mem_zeroed(1, sizeof(*finding));
	struct spread_wish wish = {.resolver = order->resolver, .port = order->port};
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
		wish.deadline = clock_mono() + PATIENCE_MS * INT64_C(1000);
		if (spread_ask(dns, &wish, &order->keys[i], finding, &everywhere, &err) <
		    0) {
			ctl_say("%s", err.text);
			finding->verdict = SPREAD_UNKNOWN;
		}
		progress(ctl, order->n, order->n);
		is_doubtful = finding->is_silent;
		if (finding->verdict != SPREAD_PUBLISHED)
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
