/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>
#include <unistd.h>

#include "auth/address.h"
#include "auth/keyset.h"
#include "doctor/postfix.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/doctor.h"
#include "ctl/key.h"
#include "ctl/key_running.h"
#include "ctl/world.h"

static struct view
keep(const struct doctor_order *order, const char *text)
{
	return arena_view(order->arena, view_of(text));
}

/* What the configuration names, else what distributions install for the root. */
static const char *
find_anchor(const struct doctor_order *order, const struct policy *policy)
{
	static const char *const usual[] = {
	    "/var/lib/unbound/root.key", "/usr/share/dns/root.key"};

	if (policy != NULL && policy_settings(policy)->trust_anchor.n > 0)
		return arena_text(order->arena, policy_settings(policy)->trust_anchor);
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (access(usual[i], R_OK) == 0)
			return usual[i];
	return NULL;
}

static void
take_policy(struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *scene)
{
	struct doctor_world *world = &scene->world;
	struct err err = ERR_INIT;

	scene->is_loaded = load_policy(&scene->load, ctl->config, LOAD_KEYS, &err) == 0;
	if (!scene->is_loaded) {
		world->policy_fault = keep(order, err.text);
		return;
	}
	world->policy = scene->load.policy;
	world->has_keys = scene->load.has_keys;
	world->key_notes = buf_view(&scene->load.key_notes);
	if (world->policy == NULL) {
		world->policy_fault = buf_view(&scene->load.diag.out);
		return;
	}
	world->policy_warnings = buf_view(&scene->load.diag.out);
	const struct policy_settings *settings = policy_settings(world->policy);
	world->helo = settings->helo;
	world->egress = settings->egress;
	world->n_egress = settings->n_egress;
	world->blocklists = settings->blocklists;
	world->n_blocklists = settings->n_blocklists;
	if (world->resolver == NULL && settings->resolver.n > 0)
		world->resolver = arena_text(order->arena, settings->resolver);
}

/* The public halves; the private ones are wiped before any check runs. */
static void
take_keys(struct ctl *ctl, const struct doctor_order *order, struct doctor_world *world)
{
	struct keyset *set = keyset_new(geteuid());
	struct err err = ERR_INIT;

	if (key_sources_add(ctl, NULL, set, &err) < 0) {
		world->keys_fault = keep(order, err.text);
	} else {
		keyset_parse(set);
		struct spread_key *keys =
		    arena_array(order->arena, keyset_count(set) + 1, sizeof(keys[0]));
		for (size_t i = 0; i < keyset_count(set); i++)
			if (spread_key_take(set, i, order->arena, &keys[world->n_keys]))
				world->n_keys++;
		world->keys = keys;
		if (keyset_has_denied(set))
			world->keys_fault = VIEW("not every key can be read by this user");
	}
	keyset_free(set);
}

static void
take_postfix(const struct doctor_order *order, struct doctor_world *world)
{
	struct doctor_postfix *postfix = NULL;
	struct err err = ERR_INIT;

	if (doctor_postfix_read(order->postfix_config, order->arena, &postfix, &err) == 0)
		world->postfix = postfix;
	else
		world->postfix_fault = keep(order, err.text);
}

/* Once each, in the order in which they come. */
static void
add_domain(struct doctor_scene *scene, struct view domain)
{
	for (size_t i = 0; i < scene->n_domains; i++)
		if (view_is(scene->domains[i], domain))
			return;
	if (scene->n_domains < DOCTOR_DOMAINS_MAX)
		scene->domains[scene->n_domains++] = domain;
	else
		scene->n_left_out++;
}

/* Who may not read the keys may ask frankd which there are. */
static void
take_running_domains(
    struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *scene)
{
	struct running_keys running;
	struct err err = ERR_INIT;

	if (running_keys_ask(ctl_control(ctl), NULL, order->arena, &running, &err) == 0)
		for (size_t i = 0; i < running.n; i++)
			add_domain(scene, arena_view(order->arena, running.keys[i].domain));
	running_keys_fini(&running);
}

static void
take_domains(struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *scene)
{
	const struct doctor_world *world = &scene->world;

	scene->domains =
	    arena_array(order->arena, DOCTOR_DOMAINS_MAX, sizeof(scene->domains[0]));
	for (size_t i = 0; i < order->n_domains; i++)
		add_domain(scene, order->domains[i]);
	if (order->n_domains > 0)
		return;
	for (size_t i = 0; i < world->n_keys; i++)
		add_domain(scene, view_of(world->keys[i].domain));
	if (scene->n_domains == 0 && world->keys_fault.n > 0)
		take_running_domains(ctl, order, scene);
}

void
doctor_scene_begin(
    struct ctl *ctl, const struct doctor_order *order, struct doctor_scene *ret_scene)
{
	struct doctor_world *world = &ret_scene->world;

	memset(ret_scene, 0, sizeof(*ret_scene));
	world->config_path = ctl->config;
	world->state_dir = ctl_state(ctl);
	world->control = ctl_control(ctl);
	world->now = clock_now().wall;
	world->resolver = order->resolver;
	world->dns_port = order->port;
	world->probe = view_of(order->probe);
	world->patience = order->patience;
	world->smtp = view_of(order->smtp);
	world->submission = view_of(order->submission);
	world->submissions = view_of(order->submissions);
	world->https = view_of(order->https);
	world->postfix_config = order->postfix_config;
	take_policy(ctl, order, ret_scene);
	world->trust_anchor = find_anchor(order, world->policy);
	take_keys(ctl, order, world);
	take_domains(ctl, order, ret_scene);
	if (ret_scene->n_domains > 0)
		world->first_domain = ret_scene->domains[0];
	take_postfix(order, world);
}

void
doctor_scene_end(struct doctor_scene *scene)
{
	if (scene->is_loaded)
		load_fini(&scene->load);
}
