/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "receiver/sandbox.h"

/* A sanitizer needs terabytes of address space. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

/* Takes DIR over. */
static int
check_empty(int dir, const char *path, struct err *err)
{
	DIR *entries = fdopendir(dir);
	const struct dirent *entry;
	bool is_empty = true;

	if (entries == NULL) {
		(void)close(dir);
		return err_sys(err, "cannot read %s", path);
	}
	while ((entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			is_empty = false;
	(void)closedir(entries);
	if (!is_empty)
		return err_set(err, ERR_CONFIG, "%s is not empty", path);
	return 0;
}

static int
check_owner(int dir, const char *path, struct err *err)
{
	struct stat status;

	if (fstat(dir, &status) != 0)
		return err_sys(err, "cannot look at %s", path);
	if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(err, ERR_CONFIG,
		    "%s must be root's and not writable for others: chown root %s; chmod "
		    "755 %s",
		    path, path, path);
	return 0;
}

static int
enter(int dir, const char *path, struct err *err)
{
	int copy;

	if (check_owner(dir, path, err) < 0)
		return -1;
	copy = dup(dir);
	if (copy < 0)
		return err_sys(err, "cannot open %s again", path);
	if (check_empty(copy, path, err) < 0)
		return -1;
	if (fchdir(dir) != 0 || chroot(".") != 0 || chdir("/") != 0)
		return err_sys(err, "cannot make %s the root directory", path);
	return 0;
}

int
sandbox_root(const char *empty_dir, struct err *err)
{
	int dir, result;

	if (geteuid() != 0)
		return 0;
	dir = open(empty_dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return err_sys(err, "cannot open the empty directory %s", empty_dir);
	result = enter(dir, empty_dir, err);
	(void)close(dir);
	return result;
}

/* A limit can be lowered by anybody, and is for good. */
static int
limit(__rlimit_resource_t resource, rlim_t value, const char *what, struct err *err)
{
	struct rlimit now;

	if (getrlimit(resource, &now) != 0)
		return err_sys(err, "cannot read the limit of %s", what);
	if (now.rlim_max < value)
		value = now.rlim_max;
	now = (struct rlimit){.rlim_cur = value, .rlim_max = value};
	if (setrlimit(resource, &now) != 0)
		return err_sys(err, "cannot limit %s", what);
	return 0;
}

int
sandbox_bounds(size_t memory, unsigned files, struct err *err)
{
	if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_sys(err, "cannot give up privileges for good");
	if (limit(RLIMIT_CORE, 0, "core files", err) < 0 ||
	    limit(RLIMIT_NOFILE, files, "descriptors", err) < 0)
		return -1;
	return IS_SANITIZED ? 0 : limit(RLIMIT_AS, memory, "memory", err);
}

int
sandbox_limits(size_t memory, struct err *err)
{
	/* Every further arena reserves 64 MB of address space. */
	(void)mallopt(M_ARENA_MAX, 1);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (limit(RLIMIT_FSIZE, 0, "file sizes", err) < 0 ||
	    limit(RLIMIT_NPROC, 0, "processes", err) < 0)
		return -1;
	return sandbox_bounds(memory, SANDBOX_FILES, err);
}
