/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <unistd.h>

#include "auth/dns.h"
#include "lib/bug.h"

#include "ctl/doctor.h"
#include "ctl/progress.h"
#include "ctl/send.h"
#include "ctl/world.h"

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
	if (scene->n_left_out > 0)
		ctl_say("only the first %zu domains are looked at, and %zu are left out: "
			"name those",
		    scene->n_domains, scene->n_left_out);
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
	int code = doctor_order_read(ctl, argc, argv, order);
	if (code == CTL_FINE && order->send.to != NULL) {
		doctor_scene_begin(ctl, order, scene);
		code = send_test(ctl, order, scene);
		doctor_scene_end(scene);
	} else if (code == CTL_FINE) {
		doctor_scene_begin(ctl, order, scene);
		say_missing(scene);
		code = examine(ctl, order, scene, &is_over);
		if (is_over)
			doctor_scene_end(scene);
	}
	if (!is_over) {
		/* A check that was left alone still looks at all this, and at what exit(3)
		 * takes away. */
		if (fflush(stdout) != 0 && code == CTL_FINE)
			code = EX_IOERR;
		_exit(code);
	}
	arena_free(arena);
	free(scene);
	free(order);
	return code;
}
