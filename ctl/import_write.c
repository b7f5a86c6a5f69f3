/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/clock.h"
#include "lib/file.h"

#include "policy/policy.h"

#include "ctl/import.h"
#include "ctl/load.h"

/* The new directory, all of it or nothing. */

/* What was made so far, to be taken away again. */
struct tree {
	char path[PATH_MAX];
	struct arena *arena;
	LIST(const char *) files, dirs;
};

static void
remove_tree(struct tree *tree)
{
	for (size_t i = tree->files.n; i > 0; i--)
		(void)unlink(tree->files.at[i - 1]);
	for (size_t i = tree->dirs.n; i > 0; i--)
		(void)rmdir(tree->dirs.at[i - 1]);
	tree->files.n = tree->dirs.n = 0;
}

/* It is not there, or empty. */
static int
check_free(const char *to, struct err *err)
{
	const struct dirent *found;
	bool is_empty = true;
	DIR *dir = opendir(to);

	if (dir == NULL && errno == ENOENT)
		return 0;
	if (dir == NULL)
		return err_sys(err, "%s", to);
	while ((found = readdir(dir)) != NULL)
		if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
			is_empty = false;
	(void)closedir(dir);
	if (!is_empty)
		return err_set(err, ERR_CONFIG,
		    "%s is there and not empty, and nothing is ever written over: name a "
		    "new directory with --to",
		    to);
	return 0;
}

static int
begin_tree(struct tree *tree, const char *to, struct err *err)
{
	size_t n = strlen(to);

	while (n > 1 && to[n - 1] == '/')
		n--;
	if (snprintf(tree->path, sizeof(tree->path), "%.*s.XXXXXX", (int)n, to) >=
	    (int)sizeof(tree->path))
		return err_set(err, ERR_CONFIG, "%s: the path is too long", to);
	if (mkdtemp(tree->path) == NULL)
		return err_sys(err, "%s: cannot make a directory beside it", to);
	*LIST_ADD(tree->arena, &tree->dirs) = arena_text(tree->arena, view_of(tree->path));
	return 0;
}

static int
make_dir(struct tree *tree, const char *path, mode_t mode, struct err *err)
{
	if (access(path, F_OK) == 0)
		return 0;
	if (file_make_dir(path, mode, geteuid(), getegid(), err) < 0)
		return -1;
	*LIST_ADD(tree->arena, &tree->dirs) = arena_text(tree->arena, view_of(path));
	return 0;
}

static int
write_file(struct tree *tree, const struct import_file *file, struct err *err)
{
	char path[PATH_MAX];

	if (file_join(path, sizeof(path), tree->path, file->path) < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", tree->path);
	for (char *slash = path + strlen(tree->path) + 1;
	     (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		if (make_dir(tree, path, file->is_secret ? 0700 : 0755, err) < 0)
			return -1;
		*slash = '/';
	}
	if (file_create(path, file->is_secret ? 0600 : 0644, file->content, err) < 0)
		return -1;
	*LIST_ADD(tree->arena, &tree->files) = arena_text(tree->arena, view_of(path));
	return 0;
}

static void
take_notes(struct load *load, size_t *ret_errors, struct buf *notes)
{
	if (load->policy != NULL)
		load->diag.errors +=
		    policy_unsupplied(load->policy, POLICY_SUPPLIED, &load->diag.out);
	*ret_errors = load->diag.errors + load->key_errors;
	buf_add(notes, buf_view(&load->diag.out));
	buf_add(notes, buf_view(&load->key_notes));
}

/* As 'frank check' would, with the keys. */
static int
check_tree(const struct tree *tree, size_t *ret_errors, struct buf *notes, struct err *err)
{
	char path[PATH_MAX];
	struct load load;

	if (file_join(path, sizeof(path), tree->path, "frank.conf") < 0)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", tree->path);
	if (load_policy(&load, path, LOAD_KEYS, err) < 0)
		return -1;
	take_notes(&load, ret_errors, notes);
	load_fini(&load);
	return 0;
}

static int
fill_tree(
    struct tree *tree, const struct import_plan *plan, const char *to, struct err *err)
{
	if (begin_tree(tree, to, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->files.n; i++)
		if (write_file(tree, &plan->files.at[i], err) < 0)
			return -1;
	return chmod(tree->path, 0755) < 0 ? err_sys(err, "%s", tree->path) : 0;
}

int
import_write(const struct import_plan *plan, const char *to, size_t *ret_errors,
    struct buf *notes, struct err *err)
{
	struct tree tree = {.arena = arena_new(0)};
	int result = -1;

	if (check_free(to, err) == 0 && fill_tree(&tree, plan, to, err) == 0 &&
	    check_tree(&tree, ret_errors, notes, err) == 0)
		result = rename(tree.path, to) < 0 ? err_sys(err, "%s", to) : 0;
	if (result < 0)
		remove_tree(&tree);
	arena_free(tree.arena);
	return result;
}

/* What frankd's key process would say of the keys. */
static void
list_keys(const struct import *import, struct buf *out)
{
	for (size_t i = 0; i < import->keys.n; i++) {
		const struct import_key *key = import->keys.at[i];

		if (!key->is_used)
			continue;
		buf_addf(out, "%.*s %.*s %.*s %s 0\n", key->is_named ? (int)key->name.n : 1,
		    key->is_named ? key->name.p : "-", VIEW_ARG(key->domain),
		    VIEW_ARG(key->selector),
		    key->algorithm == SIGN_ED25519_SHA256 ? "ed25519-sha256"
							  : "rsa-sha256");
	}
}

void
import_check(const struct import_plan *plan, size_t *ret_errors, struct buf *notes)
{
	struct bundle *bundle = bundle_new(NULL);
	struct buf keys = BUF_INIT(64 << 20);
	struct policy *policy;
	struct diag diag;

	diag_init(&diag);
	for (size_t i = 0; i < plan->files.n; i++)
		if (!plan->files.at[i].is_secret)
			must(bundle_put(bundle, view_of(plan->files.at[i].path),
				 plan->files.at[i].content, NULL) == 0);
	list_keys(plan->import, &keys);
	must(bundle_put(bundle, VIEW(POLICY_KEYS_FILE), buf_view(&keys), NULL) == 0);
	policy = policy_load(bundle, "frank.conf", map_seed_random(),
	    clock_local(clock_now().wall).date, &diag);
	if (policy != NULL)
		diag.errors += policy_unsupplied(policy, POLICY_SUPPLIED, &diag.out);
	*ret_errors = diag.errors;
	buf_add(notes, buf_view(&diag.out));
	policy_free(policy);
	diag_fini(&diag);
	buf_fini(&keys);
	bundle_free(bundle);
}
