/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "ctl/hold_change.h"
#include "ctl/load.h"

static int64_t
signature_lifetime(struct hold_change *change)
{
	struct load load;
	struct err err = ERR_INIT;
	int64_t seconds = 0;

	if (load_policy(&load, change->ctl->config, LOAD_NO_KEYS, &err) == -1) {
		ctl_say("%s: whether signatures have expired is not known", err.text);
		return 0;
	}
	if (load.policy != NULL)
		seconds = policy_settings(load.policy)->signature_lifetime;
	else
		ctl_say("%s has errors: whether signatures have expired is not known",
		    change->ctl->config);
	load_fini(&load);
	return seconds;
}

void
hold_judge(struct hold_change *change, struct hold_item *items, size_t n)
{
	struct hold_keys keys = {.lifetime = 0};
	struct running_keys running;
	struct err err = ERR_INIT;
	bool is_any_signed = false;

	for (size_t i = 0; i < n; i++)
		is_any_signed = is_any_signed || items[i].message->signed_with.n > 0;
	if (!is_any_signed)
		return;
	map_init(&keys.by_name, map_seed_random());
	keys.lifetime = signature_lifetime(change);
	keys.are_known = running_keys_ask(ctl_control(change->ctl), NULL, change->arena,
			     &running, &err) == 0;
	if (!keys.are_known)
		ctl_say("%s: whether their keys are still good is not known", err.text);
	for (size_t i = 0; keys.are_known && i < running.n; i++)
		hold_keys_add(&keys, &running.keys[i], change->arena);
	for (size_t i = 0; i < n; i++)
		items[i].fault = hold_fault_of(&keys, items[i].message, change->now);
	running_keys_fini(&running);
	map_fini(&keys.by_name);
}
