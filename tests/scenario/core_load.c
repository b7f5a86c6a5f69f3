/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "auth/keylist.h"

#include "milter/config.h"

#include "tests/scenario/core.h"

enum { LIST_MAX = 1 << 20 };

static int
add_source(struct keyset *set, const struct config *config,
    const struct policy_key_source *source, struct err *err)
{
	char written[PATH_MAX], path[PATH_MAX], name[256], domain[256], selector[256];

	snprintf(written, sizeof(written), "%.*s", VIEW_ARG(source->path));
	if (file_join(path, sizeof(path), config->dir, written) != 0)
		return err_set(err, ERR_CONFIG, "the path '%s' is too long", written);
	if (source->name.n == 0)
		return keyset_add_dir(set, path, err);
	snprintf(name, sizeof(name), "%.*s", VIEW_ARG(source->name));
	snprintf(domain, sizeof(domain), "%.*s", VIEW_ARG(source->domain));
	snprintf(selector, sizeof(selector), "%.*s", VIEW_ARG(source->selector));
	return keyset_add_file(set, name, domain, selector, path, err);
}

/* A load takes all keys or none. */
static struct keyset *
load_keys(const struct config *config, struct buf *said)
{
	struct keyset *set = keyset_new(geteuid());
	struct err err = ERR_INIT;
	size_t n, faults = 0;
	const struct policy_key_source *sources = policy_key_sources(config->policy, &n);

	for (size_t i = 0; i < n; i++)
		if (add_source(set, config, &sources[i], &err) != 0) {
			buf_addf(said, "%.*s: %s\n", VIEW_ARG(sources[i].place), err.text);
			faults++;
		}
	keyset_parse(set);
	for (size_t i = 0; i < keyset_faults(set); i++) {
		bool is_warning;

		buf_addf(said, "%s\n", keyset_fault_at(set, i, &is_warning));
		faults += !is_warning;
	}
	if (faults == 0)
		return set;
	keyset_free(set);
	return NULL;
}

/* Check again, now that it is known which keys there are, and pack it all. */
static int
pack_with_keys(struct config *config, const struct keyset *set, int today, struct buf *said)
{
	struct buf list = BUF_INIT(LIST_MAX);
	struct diag diag;

	keyset_list(set, &list);
	must(
	    bundle_put(config->bundle, VIEW(POLICY_KEYS_FILE), buf_view(&list), NULL) == 0);
	buf_fini(&list);
	diag_init(&diag);
	struct policy *policy =
	    policy_load(config->bundle, config->main_name, config->seed, today, &diag);
	buf_add(said, buf_view(&diag.out));
	diag_fini(&diag);
	if (policy == NULL)
		return -1;
	policy_free(policy);
	buf_reset(&config->packed);
	bundle_pack(config->bundle, &config->packed);
	digest_hex(buf_view(&config->packed), config->hash);
	return 0;
}

/* As the milter process loads it: from the packed text. */
static struct generation *
make_generation(struct core *core, const struct config *config, struct buf *said)
{
	int fd = memfd_create("policy", MFD_CLOEXEC);
	struct generation *generation = NULL;
	struct err err = ERR_INIT;
	struct view mapped;
	char *map;

	must(fd >= 0 &&
	     write(fd, config->packed.p, config->packed.n) == (ssize_t)config->packed.n);
	const struct generation_offer offer = {.number = ++core->loads,
	    .packed_fd = fd,
	    .hash = config->hash,
	    .main_name = config->main_name};
	if (generation_load(
		&offer, config->seed, core->lab->wall, &generation, &mapped, &err) == 0) {
		journal_policy(
		    core->journal, core->lab->wall, view_of(generation->hash), mapped);
		memcpy(&map, &mapped.p, sizeof(map));
		(void)munmap(map, mapped.n);
	} else {
		buf_addf(said, "%s\n", err.text);
	}
	close(fd);
	return generation;
}

/* In the supervisor's words. */
static void
describe(const struct generation *before, const struct generation *after,
    struct map_seed seed, struct buf *said)
{
	buf_addf(said, "policy %.6s in force, ", after->hash);
	if (strcmp(before->hash, after->hash) == 0)
		buf_add_text(said, "as before; ");
	else
		buf_addf(said, "%.6s before; ", before->hash);
	config_add_keys(before->policy, after->policy, seed, said);
}

static int
take_over(struct core *core, struct config *config, struct keyset *set, int today,
    struct buf *said)
{
	struct generation *generation = NULL;
	struct err err = ERR_INIT;

	if (pack_with_keys(config, set, today, said) == 0)
		generation = make_generation(core, config, said);
	if (generation == NULL)
		return -1;
	char zone[128];
	snprintf(zone, sizeof(zone), "%.*s",
	    VIEW_ARG(policy_settings(generation->policy)->timezone));
	if (core->generation == NULL && clock_set_zone(zone, &err) != 0) {
		buf_addf(said, "%s\n", err.text);
		generation_free(generation);
		return -1;
	}
	if (core->generation != NULL)
		describe(core->generation, generation, config->seed, said);
	generation->metering = meters_bind(core->meters, generation->policy);
	core_unload(core);
	core->generation = generation;
	core->keys = set;
	core->signer = keyset_thread_new(set);
	return 0;
}

int
core_load(struct core *core, struct buf *said)
{
	int today = clock_local(core->lab->wall).date;
	struct config *config =
	    config_read(core->lab->conf, (struct map_seed){1, 2}, today, said);
	struct keyset *set = NULL;
	int result = -1;

	if (config != NULL)
		set = load_keys(config, said);
	if (set != NULL)
		result = take_over(core, config, set, today, said);
	if (result != 0)
		keyset_free(set);
	config_free(config);
	return result;
}

void
core_unload(struct core *core)
{
	generation_free(TAKE(core->generation));
	keyset_thread_free(TAKE(core->signer));
	keyset_free(TAKE(core->keys));
}
