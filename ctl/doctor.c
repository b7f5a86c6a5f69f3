/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <string.h>

#include "auth/address.h"
#include "auth/dns.h"
#include "lib/bug.h"

#include "doctor/place.h"

#include "ctl/doctor.h"
#include "ctl/progress.h"
#include "ctl/world.h"

enum { PATIENCE = 8, PATIENCE_MAX = 10 }; /* seconds */

/* Every name that --only and --skip take. */
static void
say_names(void)
{
	struct buf text = BUF_INIT(4096);

	for (const struct doctor_area *area = doctor_areas; area->name != NULL; area++) {
		buf_addf(&text, "%s%s:", text.n > 0 ? "; " : "", area->name);
		for (const struct doctor_check *check = area->checks; check->name != NULL;
		     check++)
			buf_addf(&text, " %s", check->name);
	}
	ctl_say("there are %s", buf_text(&text));
	buf_fini(&text);
}

/* "dns,connect-out" */
static int
take_names(const char *option, struct view *names, size_t *n)
{
	struct view rest = view_of(optarg), name;

	while (view_cut(&rest, ',', &name)) {
		name = view_trim(name);
		if (!doctor_has_name(doctor_areas, name)) {
			ctl_say("--%s: there is no check '%.*s'", option, VIEW_ARG(name));
			say_names();
			return EX_USAGE;
		}
		if (*n == DOCTOR_NAMES_MAX)
			return ctl_usage("doctor", "that many names are not taken");
		names[(*n)++] = name;
	}
	return CTL_FINE;
}

/* "mail.example.org:25", "[2001:db8::1]:25"; of our own only addresses. */
static int
take_place(const char **place, bool is_own)
{
	struct place parsed;
	struct addr addr;

	if (!place_parse(view_of(optarg), 1, &parsed))
		return ctl_usage("doctor", "this is no host, with or without a port");
	if (is_own && addr_parse(parsed.host, &addr, NULL) < 0)
		return ctl_usage("doctor", "our own services are named by address");
	*place = optarg;
	return CTL_FINE;
}

static int
take_number(const char *option, unsigned max, unsigned *number)
{
	unsigned long long given;
	char why[80];

	snprintf(why, sizeof(why), "%s is a number up to %u", option, max);
	if (!view_number(view_of(optarg), max, &given) || given == 0)
		return ctl_usage("doctor", why);
	*number = (unsigned)given;
	return CTL_FINE;
}

static int
take_option(struct ctl *ctl, struct doctor_order *order, int option, int argc, char **argv)
{
	switch (option) {
	case 'o':
		return take_names("only", order->only, &order->n_only);
	case 's':
		return take_names("skip", order->skip, &order->n_skip);
	case 'r':
		order->resolver = optarg;
		return CTL_FINE;
	case 'p':
		return take_number("--port", 65535, &order->port);
	case 'W':
		return take_number("--patience", PATIENCE_MAX, &order->patience);
	case 'P':
		return take_place(&order->probe, false);
	case 'S':
		return take_place(&order->smtp, true);
	case 'U':
		return take_place(&order->submission, true);
	case 'T':
		return take_place(&order->submissions, true);
	case 'H':
		return take_place(&order->https, true);
	case 'C':
		if (optarg[0] != '/')
			return ctl_usage("doctor", "--postfix-config begins with '/'");
		order->postfix_config = optarg;
		return CTL_FINE;
	case 'v':
		order->is_verbose = true;
		return CTL_FINE;
	case 'J':
		ctl->json = true;
		return CTL_FINE;
	default:
		return ctl_bad_option(argc, argv);
	}
}

static int
take_domains(struct doctor_order *order, int argc, char **argv)
{
	struct view *domains =
	    arena_array(order->arena, (size_t)argc + 1, sizeof(domains[0]));
	struct err err = ERR_INIT;

	for (int i = optind; i < argc; i++) {
		struct view domain = view_of(argv[i]);

		if (view_ends(domain, VIEW("."))) /* as in a zone file */
			domain = view_head(domain, domain.n - 1);
		if (address_parse_domain(
			domain, order->arena, &domains[order->n_domains], &err) != 0) {
			(void)err_add(&err, "'%s' is not a domain", argv[i]);
			return ctl_usage("doctor", err.text);
		}
		order->n_domains++;
	}
	order->domains = domains;
	return CTL_FINE;
}

static int
read_order(struct ctl *ctl, int argc, char **argv, struct doctor_order *order)
{
	static const struct option options[] = {
	    {"only", required_argument, NULL, 'o'},
	    {"skip", required_argument, NULL, 's'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"port", required_argument, NULL, 'p'},
	    {"probe", required_argument, NULL, 'P'},
	    {"patience", required_argument, NULL, 'W'},
	    {"smtp", required_argument, NULL, 'S'},
	    {"submission", required_argument, NULL, 'U'},
	    {"submissions", required_argument, NULL, 'T'},
	    {"https", required_argument, NULL, 'H'},
	    {"postfix-config", required_argument, NULL, 'C'},
	    {"verbose", no_argument, NULL, 'v'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	int option, code;

	while ((option = getopt_long(argc, argv, "v", options, NULL)) != -1)
		if ((code = take_option(ctl, order, option, argc, argv)) != CTL_FINE)
			return code;
	return take_domains(order, argc, argv);
}

/* A resolver that is silent is asked once, and not by every check for as long as it has. */
static int
find_resolver(const struct doctor_wish *wish, struct doctor_world *world)
{
	struct err err = ERR_INIT;

	if (!doctor_wants(wish, "dns-") && !doctor_wants(wish, "blocklist-"))
		return CTL_FINE;
	struct dns *dns = dns_new(world->resolver, &err);
	if (dns == NULL && err.code == ERR_CONFIG && world->resolver != NULL)
		return ctl_usage("doctor", err.text);
	dns_free(dns);
	if (world_is_silent(world->resolver,
		wish->n_domains > 0 ? wish->domains[0] : VIEW("example.org")))
		world->dns_fault =
		    VIEW("DNS gave no answer at all: is the resolver there?");
	return CTL_FINE;
}

static void
show_progress(void *context, size_t done)
{
	progress_show(context, done);
}

static int
show(const struct ctl *ctl, const struct doctor_order *order, const struct doctor_run *run)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct doctor_count count;

	if (ctl->json)
		doctor_json(run, &count, &out);
	else
		doctor_text(run, order->is_verbose, ctl->colour, &count, &out);
	int printed = ctl_print(&out);
	buf_fini(&out);
	if (printed != CTL_FINE)
		return printed;
	return count.by[DOCTOR_BAD] > 0 ? CTL_FINDINGS : CTL_FINE;
}

/* *RET_IS_OVER: nobody looks at the scene any more. */
static int
examine(const struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *scene,
    bool *ret_is_over)
{
	const struct doctor_wish wish = {.areas = doctor_areas,
	    .domains = scene->domains,
	    .n_domains = scene->n_domains,
	    .only = order->only,
	    .n_only = order->n_only,
	    .skip = order->skip,
	    .n_skip = order->n_skip};
	struct progress progress;
	struct err err = ERR_INIT;
	int code = find_resolver(&wish, &scene->world);

	*ret_is_over = true;
	if (code != CTL_FINE)
		return code;
	struct doctor_run *run = doctor_run_new(&scene->world, &wish);
	if (doctor_run_count(run) == 0) {
		ctl_say("there is nothing to look at");
		(void)doctor_run_free(run);
		return scene->world.policy == NULL ? EX_CONFIG : EX_NOINPUT;
	}
	progress_begin(&progress, doctor_run_count(run));
	int result = doctor_run_all(run, ctl->json ? NULL : show_progress, &progress, &err);
	progress_end(&progress);
	code = result == 0 ? show(ctl, order, run) : ctl_fail(&err);
	*ret_is_over = doctor_run_free(run);
	return code;
}

/* What will not be looked at for want of knowing it. */
static void
say_missing(const struct doctor_scene *scene)
{
	const struct doctor_world *world = &scene->world;

	if (world->policy == NULL && scene->is_loaded)
		ctl_say("%s cannot be used, 'frank check' shows why", world->config_path);
	else if (world->policy == NULL)
		ctl_say("%.*s", VIEW_ARG(world->policy_fault));
	if (scene->n_domains == 0 && world->policy == NULL)
		ctl_say("so it is not known which domains we sign for: name them");
	else if (scene->n_domains == 0 && world->keys_fault.n > 0)
		ctl_say("which domains we sign for is not known: %.*s; name them, or run "
			"this as root",
		    VIEW_ARG(world->keys_fault));
	else if (scene->n_domains == 0)
		ctl_say("there is no key, so no domain that we sign for: name the domains");
	if (world->policy == NULL)
		return;
	if (world->n_egress == 0)
		ctl_say("'set egress' does not say from which addresses mail leaves: what "
			"hangs on it is not looked at");
}

int
command_doctor(struct ctl *ctl, int argc, char **argv)
{
	struct doctor_order *order = mem_zeroed(1, sizeof(*order));
	struct doctor_scene *scene = mem_zeroed(1, sizeof(*scene));
	struct arena *arena = arena_new(0);
	bool is_over = true;

	order->arena = arena;
	order->patience = PATIENCE;
	order->smtp = order->submission = order->submissions = "127.0.0.1";
	int code = read_order(ctl, argc, argv, order);
	if (code == CTL_FINE) {
		doctor_scene_begin(ctl, order, scene);
		say_missing(scene);
		code = examine(ctl, order, scene, &is_over);
		if (is_over)
			doctor_scene_end(scene);
	}
	if (!is_over)
		return code;
	arena_free(arena);
	free(scene);
	free(order);
	return code;
}
