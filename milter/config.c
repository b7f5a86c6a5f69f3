/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/file.h"

#include "auth/keys.h"

#include "milter/config.h"

enum { KEYS_TEXT_MAX = 64 << 20, KEY_TEXT_MAX = 4096, GONE_SHOWN = 5 };

/* "/etc/frank/frank.conf" -> "/etc/frank" and "frank.conf" */
static void
path_split(const char *path, char **ret_dir, char **ret_name)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL) {
		*ret_dir = mem_text(".");
		*ret_name = mem_text(path);
		return;
	}
	*ret_name = mem_text(slash + 1);
	*ret_dir = mem_text(path);
	(*ret_dir)[slash == path ? 1 : slash - path] = '\0';
}

static int
file_is_trusted(const char *path, struct err *err)
{
	struct stat st;
	uid_t me = geteuid();

	if (stat(path, &st) != 0)
		return err_sys(err, "cannot look at %s", path);
	if (st.st_uid != 0 && st.st_uid != me)
		return err_set(err, ERR_DENIED,
		    "%s belongs to uid %u, who could change what may leave: chown root %s",
		    path, st.st_uid, path);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_DENIED,
		    "%s can be written by others than root (mode %04o): chmod go-w %s",
		    path, st.st_mode & 07777u, path);
	return file_check_dirs(path, me, err);
}

/* Who can write one of these files decides who may sign as whom. */
static int
files_are_trusted(const struct config *config, struct err *err)
{
	char name[PATH_MAX], path[PATH_MAX];
	struct view file, content;

	for (size_t i = 0; bundle_at(config->bundle, i, &file, &content); i++) {
		if (view_is(file, VIEW(POLICY_KEYS_FILE)))
			continue;
		snprintf(name, sizeof(name), "%.*s", VIEW_ARG(file));
		if (file_join(path, sizeof(path), config->dir, name) != 0)
			return err_set(err, ERR_CONFIG, "the path '%s' is too long", name);
		if (file_is_trusted(path, err) != 0)
			return -1;
	}
	return 0;
}

static struct policy *
parse(const struct config *config, int today, struct buf *messages)
{
	struct diag diag;

	diag_init(&diag);
	struct policy *policy =
	    policy_load(config->bundle, config->main_name, config->seed, today, &diag);
	buf_add(messages, buf_view(&diag.out));
	diag_fini(&diag);
	return policy;
}

static int
take_keys(struct config *config, struct buf *messages)
{
	struct diag diag;

	diag_init(&diag);
	int result = policy_load_keys(config->policy, config->bundle, &diag);
	buf_add(messages, buf_view(&diag.out));
	diag_fini(&diag);
	return result;
}

/* NULL, and said: the policy wants what this frankd cannot tell it. */
static struct policy *
supplied(struct policy *policy, struct buf *messages)
{
	if (policy == NULL || policy_unsupplied(policy, POLICY_SUPPLIED, messages) == 0)
		return policy;
	policy_free(policy);
	return NULL;
}

struct config *
config_read(const char *path, struct map_seed seed, int today, struct buf *messages)
{
	struct config *config = mem_zeroed(1, sizeof(*config));
	struct err err = ERR_INIT;

	path_split(path, &config->dir, &config->main_name);
	config->seed = seed;
	buf_init(&config->diagnostics, DIAG_TEXT_MAX);
	buf_init(&config->keys, KEYS_TEXT_MAX);
	buf_init(&config->packed, BUNDLE_MAX + KEYS_TEXT_MAX);
	config->bundle = bundle_new(config->dir);
	config->policy = parse(config, today, &config->diagnostics);
	if (config->policy == NULL)
		buf_add(messages, buf_view(&config->diagnostics));
	config->policy = supplied(config->policy, messages);
	if (config->policy != NULL && files_are_trusted(config, &err) != 0) {
		buf_addf(messages, "%s\n", err.text);
		policy_free(TAKE(config->policy));
	}
	if (config->policy == NULL) {
		config_free(config);
		return NULL;
	}
	return config;
}

int
config_set_keys(
    struct config *config, struct view list, struct view hashes, struct buf *messages)
{
	struct err err = ERR_INIT;
	size_t n, n_sources;

	buf_reset(&config->keys);
	buf_add(&config->keys, list);
	if (bundle_put(config->bundle, VIEW(POLICY_KEYS_FILE), list, &err) != 0 ||
	    bundle_put(config->bundle, VIEW(POLICY_MAIN_FILE), view_of(config->main_name),
		&err) != 0) {
		buf_addf(messages, "%s\n", err.text);
		return -1;
	}
	buf_add(messages, buf_view(&config->diagnostics));
	if (take_keys(config, messages) != 0)
		return -1;

	(void)policy_keys(config->policy, &n);
	if (hashes.n != n * sizeof(config->key_hashes[0])) {
		buf_add_text(
		    messages, "the key process sent a list that does not fit itself\n");
		return -1;
	}
	(void)policy_key_sources(config->policy, &n_sources);
	if (n == 0 && n_sources > 0)
		buf_add_text(messages,
		    "warning: there is no key yet: nothing will be signed; "
		    "frank key new DOMAIN makes one\n");
	free(config->key_hashes);
	config->key_hashes = mem_zeroed(n + 1, sizeof(config->key_hashes[0]));
	if (n > 0)
		memcpy(config->key_hashes, hashes.p, hashes.n);
	config->has_keys = true;
	buf_reset(&config->packed);
	bundle_pack(config->bundle, &config->packed);
	digest_hex(buf_view(&config->packed), config->hash);
	return 0;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;
	policy_free(config->policy);
	bundle_free(config->bundle);
	buf_fini(&config->diagnostics);
	buf_fini(&config->keys);
	buf_fini(&config->packed);
	free(config->key_hashes);
	free(config->dir);
	free(config->main_name);
	free(config);
}

/* "example.org/s2026", in ARENA. */
static struct view
key_text(const struct policy_key *key, struct arena *arena)
{
	struct buf text = BUF_INIT(KEY_TEXT_MAX);

	escape_add(&text, key->domain, ESCAPE_MAX);
	buf_add_char(&text, '/');
	escape_add(&text, key->selector, ESCAPE_MAX);
	struct view kept = arena_view(arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

/* Name what was there BEFORE and is not AFTER: mail that it signed may now go unsigned. */
static void
add_gone(const struct policy *before, const struct policy *after, struct map_seed seed,
    struct buf *out)
{
	size_t n_before, n_after, n_gone = 0;
	const struct policy_key *old = policy_keys(before, &n_before);
	const struct policy_key *new = policy_keys(after, &n_after);
	struct arena *arena = arena_new(0);
	struct map there;

	map_init(&there, seed);
	for (size_t i = 0; i < n_after; i++)
		(void)map_add(&there, key_text(&new[i], arena), arena);
	for (size_t i = 0; i < n_before; i++) {
		struct view text = key_text(&old[i], arena);

		if (map_get(&there, text) == NULL && n_gone++ < GONE_SHOWN)
			buf_addf(out, "%s%.*s", n_gone == 1 ? ": " : ", ", VIEW_ARG(text));
	}
	if (n_gone > GONE_SHOWN)
		buf_addf(out, " and %zu more", n_gone - GONE_SHOWN);
	if (n_gone > 0)
		buf_add_text(out, n_gone == 1 ? " is gone" : " are gone");
	map_fini(&there);
	arena_free(arena);
}

void
config_add_keys(const struct policy *before, const struct policy *after,
    struct map_seed seed, struct buf *out)
{
	size_t n_before, n_after;

	(void)policy_keys(before, &n_before);
	(void)policy_keys(after, &n_after);
	buf_addf(out, "%zu key%s", n_after, n_after == 1 ? "" : "s");
	if (n_after != n_before)
		buf_addf(out, ", %zu before", n_before);
	add_gone(before, after, seed, out);
	buf_add_char(out, '\n');
}
