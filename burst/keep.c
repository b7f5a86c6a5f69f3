/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"

#include "burst/keep.h"
#include "burst/private.h"
#include "burst/snapshot.h"

enum { PATH_SIZE = 4096 };
#define FILE_LIMIT ((size_t)16 << 30)

uint64_t
keep_boot(void)
{
	const struct map_seed seed = {0, 0};
	struct buf id = BUF_INIT(256);
	uint64_t boot = 0;

	if (file_read("/proc/sys/kernel/random/boot_id", &id, NULL) == 0 && id.n != 0)
		boot = siphash(seed, id.p, id.n) | 1;
	buf_fini(&id);
	return boot;
}

static int
write_all(void *context, struct view bytes, struct err *err)
{
	const int *fd = context;

	while (bytes.n > 0) {
		ssize_t written = write(*fd, bytes.p, bytes.n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_sys(err, "cannot write");
		bytes = view_from(bytes, (size_t)written);
	}
	return 0;
}

/* PATH with ENDING behind it. */
static int
beside(char into[PATH_SIZE], const char *path, const char *ending, struct err *err)
{
	int n = snprintf(into, PATH_SIZE, "%s%s", path, ending);

	if (n < 0 || n >= PATH_SIZE)
		return err_set(err, ERR_CONFIG, "the path is too long");
	return 0;
}

static int
write_new(
    struct burst *burst, const char *path, const struct keep_now *now, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct snapshot_sink sink = {burst, write_all, &fd};
	int result;

	if (fd < 0)
		return err_sys(err, "cannot create '%s'", path);
	result = snapshot_write(&sink, now, err);
	if (result == 0 && fsync(fd) != 0)
		result = err_sys(err, "cannot sync");
	if (close(fd) != 0 && result == 0)
		result = err_sys(err, "cannot close");
	return result;
}

static int
sync_dir_of(const char *path, struct err *err)
{
	char dir[PATH_SIZE] = ".";
	const char *slash = strrchr(path, '/');
	int fd, result = 0;

	if (slash != NULL)
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		result = err_sys(err, "cannot sync '%s'", dir);
	if (fd >= 0)
		close(fd);
	return result;
}

int
keep_save(
    struct burst *burst, const char *path, const struct keep_now *now, struct err *err)
{
	char new[PATH_SIZE];

	if (beside(new, path, ".new", err) != 0)
		return -1;
	if (write_new(burst, new, now, err) != 0) {
		unlink(new);
		return err_add(err, "meters '%s'", path);
	}
	if (rename(new, path) != 0) {
		err_sys(err, "cannot rename '%s'", new);
		unlink(new);
		return err_add(err, "meters '%s'", path);
	}
	return sync_dir_of(path, err);
}

/* ERR says what is wrong with it. */
static int
set_aside(const char *path, struct err *err)
{
	char broken[PATH_SIZE];

	if (beside(broken, path, ".broken", NULL) == 0 && rename(path, broken) == 0)
		return err_add(err, "meters '%s' (set aside as '%s')", path, broken);
	return err_add(err, "meters '%s' (which could not be set aside)", path);
}

int
keep_restore(struct burst *burst, const char *path, const struct keep_now *now,
    int64_t *ret_age, struct err *err)
{
	struct buf bytes = BUF_INIT(FILE_LIMIT);
	struct err why = ERR_INIT;
	int result = 1;

	if (file_read(path, &bytes, &why) != 0) {
		result = why.code == ERR_MISSING ? 0 : -1;
		if (result != 0)
			err_set(err, why.code, "%s", why.text);
	} else if (snapshot_read(burst, buf_view(&bytes), now, ret_age, err) != 0)
		result = set_aside(path, err);
	buf_fini(&bytes);
	return result;
}
