/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"
#include "lib/map.h"

#include "policy/policy.h"

#include "ctl/key.h"

/* A configuration and where it lies. */
struct place {
	const char *dir, *name;
	struct policy *policy;
};

const char *
key_join(struct arena *arena, const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = arena_alloc(arena, size);

	must(file_join(path, size, dir, name) == 0);
	return path;
}

static const char *
absolute(const char *path, struct arena *arena, struct err *err)
{
	char here[PATH_MAX] = "/";

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL) {
		(void)err_sys(err, "cannot tell the current directory");
		return NULL;
	}
	return key_join(arena, here, path);
}

static int
find_config(
    const struct ctl *ctl, struct arena *arena, struct place *place, struct err *err)
{
	const char *path = absolute(ctl->config, arena, err);
	size_t n;

	if (path == NULL)
		return -1;
	n = (size_t)(strrchr(path, '/') - path);
	place->dir = n == 0 ? "/" : arena_text(arena, (struct view){path, n});
	place->name = path + n + 1;
	return 0;
}

static int
load(struct place *place, struct err *err)
{
	char path[PATH_MAX];
	struct diag diag;

	if (file_join(path, sizeof(path), place->dir, place->name) == 0 &&
	    access(path, R_OK) < 0)
		return err_sys(err, "%s", path);
	diag_init(&diag);
	struct bundle *bundle = bundle_new(place->dir);
	place->policy = policy_load(bundle, place->name, map_seed_random(), 0, &diag);
	diag_fini(&diag);
	bundle_free(bundle);
	if (place->policy == NULL)
		return err_set(err, ERR_CONFIG,
		    "%s/%s cannot be used, 'frank check' shows why; or name the directory "
		    "of "
		    "keys with --dir",
		    place->dir, place->name);
	return 0;
}

static int
add_source(struct keyset *set, const struct place *place,
    const struct policy_key_source *source, struct arena *arena, struct err *err)
{
	const char *path = key_join(arena, place->dir, arena_text(arena, source->path));

	if (source->name.n == 0)
		return keyset_add_dir(set, path, err);
	return keyset_add_file(set, arena_text(arena, source->name),
	    arena_text(arena, source->domain), arena_text(arena, source->selector), path,
	    err);
}

static int
add_sources(struct keyset *set, struct place *place, struct arena *arena, struct err *err)
{
	const struct policy_key_source *sources;
	size_t n;

	if (load(place, err) < 0)
		return -1;
	sources = policy_key_sources(place->policy, &n);
	for (size_t i = 0; i < n; i++)
		if (add_source(set, place, &sources[i], arena, err) < 0)
			return err_add(err, "%.*s", VIEW_ARG(sources[i].place));
	return 0;
}

int
key_sources_add(struct ctl *ctl, const char *dir, struct keyset *set, struct err *err)
{
	struct arena *arena = arena_new(0);
	struct place place = {.policy = NULL};
	int result = -1;

	if (dir != NULL) {
		dir = absolute(dir, arena, err);
		if (dir != NULL)
			result = keyset_add_dir(set, dir, err);
	} else if (find_config(ctl, arena, &place, err) == 0)
		result = add_sources(set, &place, arena, err);
	policy_free(place.policy);
	arena_free(arena);
	return result;
}

static const char *
first_dir(const struct place *place, struct arena *arena, struct err *err)
{
	size_t n;
	const struct policy_key_source *sources = policy_key_sources(place->policy, &n);

	for (size_t i = 0; i < n; i++)
		if (sources[i].name.n == 0)
			return key_join(
			    arena, place->dir, arena_text(arena, sources[i].path));
	(void)err_set(err, ERR_CONFIG,
	    "%s/%s has no line 'keys \"keys\"' yet: add it, or say --dir DIR", place->dir,
	    place->name);
	return NULL;
}

const char *
key_sources_dir(struct ctl *ctl, struct arena *arena, struct err *err)
{
	struct place place = {.policy = NULL};
	const char *dir;

	if (find_config(ctl, arena, &place, err) < 0)
		return NULL;
	if (access(ctl->config, F_OK) < 0 && errno == ENOENT)
		return key_join(arena, place.dir, "keys");
	if (load(&place, err) < 0)
		return NULL;
	dir = first_dir(&place, arena, err);
	policy_free(place.policy);
	return dir;
}
