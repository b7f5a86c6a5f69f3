/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdatomic.h>
#include <stddef.h>

#include <sqlite3.h>

#include "lib/bug.h"

#include "tests/unit/journal_vfs.h"

enum { METHODS_MAX = 8 };

struct failure {
	atomic_uint left; /* calls until it happens; 0: never */
	atomic_bool and_on;
};

static struct failure writes, syncs;
static atomic_bool has_failed;

static sqlite3_vfs vfs;
static sqlite3_vfs *system_vfs;

/* SQLite's own tables of methods, and ours that stand in for them. */
static struct methods {
	const sqlite3_io_methods *theirs;
	sqlite3_io_methods ours;
} tables[METHODS_MAX];

static const sqlite3_io_methods *
theirs_of(const sqlite3_file *file)
{
	for (size_t i = 0; i < METHODS_MAX; i++) {
		if (file->pMethods == &tables[i].ours)
			return tables[i].theirs;
	}
	BUG("a file that was not opened here");
}

static bool
fails_now(struct failure *failure)
{
	unsigned left = atomic_load(&failure->left);

	if (left == 0)
		return false;
	if (left > 1) {
		atomic_store(&failure->left, left - 1);
		return false;
	}
	if (!atomic_load(&failure->and_on))
		atomic_store(&failure->left, 0);
	atomic_store(&has_failed, true);
	return true;
}

static int
write_or_fail(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	if (fails_now(&writes))
		return SQLITE_FULL;
	return theirs_of(file)->xWrite(file, bytes, n, at);
}

static int
sync_or_fail(sqlite3_file *file, int flags)
{
	if (fails_now(&syncs))
		return SQLITE_IOERR_FSYNC;
	return theirs_of(file)->xSync(file, flags);
}

static void
stand_in(sqlite3_file *file)
{
	for (size_t i = 0; i < METHODS_MAX; i++) {
		if (tables[i].theirs == NULL) {
			tables[i].theirs = file->pMethods;
			tables[i].ours = *file->pMethods;
			tables[i].ours.xWrite = write_or_fail;
			tables[i].ours.xSync = sync_or_fail;
		}
		if (tables[i].theirs == file->pMethods) {
			file->pMethods = &tables[i].ours;
			return;
		}
	}
	BUG("more kinds of files than expected");
}

static int
open_file(
    sqlite3_vfs *self, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	int code = system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);

	(void)self;
	if (code == SQLITE_OK && file->pMethods != NULL)
		stand_in(file);
	return code;
}

void
vfs_install(void)
{
	system_vfs = sqlite3_vfs_find(NULL);
	must(system_vfs != NULL);
	vfs = *system_vfs;
	vfs.zName = "failing";
	vfs.pNext = NULL;
	vfs.xOpen = open_file;
	must(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

static void
set_failure(struct failure *failure, unsigned n, bool and_on)
{
	atomic_store(&has_failed, false);
	atomic_store(&failure->and_on, and_on);
	atomic_store(&failure->left, n);
}

void
vfs_fail_write(unsigned n, bool and_on)
{
	set_failure(&writes, n, and_on);
}

void
vfs_fail_sync(unsigned n, bool and_on)
{
	set_failure(&syncs, n, and_on);
}

bool
vfs_has_failed(void)
{
	return atomic_load(&has_failed);
}
