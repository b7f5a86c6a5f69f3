/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/keylist.h"
#include "auth/keyset.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/map.h"

#include "ctl/load.h"

enum { NOTES_MAX = 1 << 20, LIST_MAX = 64 << 20 };

static void
parse(struct load *load, const char *name)
{
	int today = clock_local(clock_now().wall).date;

	load->policy =
	    policy_load(load->bundle, name, map_seed_random(), today, &load->diag);
}

/* Key files are for root and for who owns them; everybody else would only see that. */
static bool
may_look(const char *path)
{
	struct stat st;

	if (geteuid() == 0)
		return true;
	if (stat(path, &st) == -1)
		return errno != EACCES;
	return st.st_uid == geteuid();
}

/* 1; 0: they are not ours to look at; -1: said in key_notes. */
static int
add_source(struct load *load, struct keyset *set, const char *dir,
    const struct policy_key_source *source)
{
	char name[256], domain[256], selector[256], written[PATH_MAX], path[PATH_MAX];
	struct err err = ERR_INIT;
	int result;

	snprintf(written, sizeof(written), "%.*s", VIEW_ARG(source->path));
	if (file_join(path, sizeof(path), dir, written) == -1) {
		buf_addf(&load->key_notes, "%.*s: the path is too long\n",
		    VIEW_ARG(source->place));
		return -1;
	}
	if (!may_look(path))
		return 0;
	if (source->name.n == 0) {
		result = keyset_add_dir(set, path, &err);
	} else {
		snprintf(name, sizeof(name), "%.*s", VIEW_ARG(source->name));
		snprintf(domain, sizeof(domain), "%.*s", VIEW_ARG(source->domain));
		snprintf(selector, sizeof(selector), "%.*s", VIEW_ARG(source->selector));
		result = keyset_add_file(set, name, domain, selector, path, &err);
	}
	if (result == 0)
		return 1;
	buf_addf(&load->key_notes, "%.*s: error: %s\n", VIEW_ARG(source->place), err.text);
	return -1;
}

static void
note_faults(struct load *load, const struct keyset *set)
{
	for (size_t i = 0; i < keyset_faults(set); i++) {
		bool is_warning;
		const char *text = keyset_fault_at(set, i, &is_warning);

		buf_addf(
		    &load->key_notes, "%s: %s\n", is_warning ? "warning" : "error", text);
		load->key_errors += !is_warning;
	}
}

/* True when every source could be looked at, whatever was found. */
static bool
collect_keys(struct load *load, struct keyset *set, const char *dir)
{
	size_t n;
	const struct policy_key_source *sources = policy_key_sources(load->policy, &n);

	for (size_t i = 0; i < n; i++) {
		int result = add_source(load, set, dir, &sources[i]);

		if (result == 0) {
			buf_reset(&load->key_notes);
			buf_addf(&load->key_notes,
			    "keys were not looked at: %.*s is for root; sudo frank check "
			    "does\n",
			    VIEW_ARG(sources[i].path));
			return false;
		}
		load->key_errors += result == -1;
	}
	keyset_parse(set);
	note_faults(load, set);
	return true;
}

static void
load_keys(struct load *load, const char *dir)
{
	struct keyset *set = keyset_new(geteuid());
	struct buf list = BUF_INIT(LIST_MAX);
	struct err err = ERR_INIT;

	if (collect_keys(load, set, dir)) {
		keyset_list(set, &list);
		if (bundle_put(
			load->bundle, VIEW(POLICY_KEYS_FILE), buf_view(&list), &err) == 0) {
			if (policy_load_keys(load->policy, load->bundle, &load->diag) != 0)
				policy_free(TAKE(load->policy));
			load->has_keys = true;
		} else {
			buf_addf(&load->key_notes, "error: %s\n", err.text);
			load->key_errors++;
		}
	}
	buf_fini(&list);
	keyset_free(set);
}

/* DIR is where the file really is, since key files must be named in full. */
static int
split_path(const char *path, char dir[PATH_MAX], const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char head[PATH_MAX], *real;

	if (slash == NULL)
		snprintf(head, sizeof(head), ".");
	else if (snprintf(head, sizeof(head), "%.*s/", (int)(slash - path), path) >=
		 (int)sizeof(head))
		return err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	real = realpath(head, NULL);
	if (real == NULL)
		return err_sys(err, "%s", path);
	snprintf(dir, PATH_MAX, "%s", real);
	free(real);
	*ret_name = slash == NULL ? path : slash + 1;
	return 0;
}

int
load_policy(struct load *load, const char *path, enum load_keys keys, struct err *err)
{
	char dir[PATH_MAX];
	const char *name = path;

	*load = (struct load){.policy = NULL};
	if (split_path(path, dir, &name, err) == -1)
		return -1;
	if (access(path, R_OK) == -1)
		return err_sys(err, "%s", path);
	diag_init(&load->diag);
	buf_init(&load->key_notes, NOTES_MAX);
	load->bundle = bundle_new(dir);
	parse(load, name);
	if (load->policy != NULL && keys == LOAD_KEYS)
		load_keys(load, dir);
	return 0;
}

void
load_fini(struct load *load)
{
	policy_free(load->policy);
	bundle_free(load->bundle);
	diag_fini(&load->diag);
	buf_fini(&load->key_notes);
}
