/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

enum { FILE_PATH = 4096, FILE_PIECE = 64 * 1024 };

static const char *
kind_of(mode_t mode)
{
	return S_ISDIR(mode)                    ? "a directory"
	       : S_ISFIFO(mode)                 ? "a FIFO"
	       : S_ISSOCK(mode)                 ? "a socket"
	       : S_ISLNK(mode)                  ? "a symbolic link"
	       : S_ISCHR(mode) || S_ISBLK(mode) ? "a device"
						: "no regular file";
}

static int
close_and_fail(int fd)
{
	int why = errno;

	(void)close(fd);
	errno = why;
	return -1;
}

/* read(2), not disturbed by signals. */
static ssize_t
read_some(int fd, void *into, size_t n)
{
	ssize_t got;

	do
		got = read(fd, into, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static int
read_rest(int fd, struct buf *out, struct err *err)
{
	ssize_t n;
	char beyond;

	while (out->n < out->limit) {
		size_t room = out->limit - out->n;
		char *into;

		if (out->size - out->n > 1 && out->size - out->n - 1 < room)
			room = out->size - out->n - 1;
		else if (room > FILE_PIECE)
			room = FILE_PIECE;
		into = buf_reserve(out, room);
		if (into == NULL)
			break;
		n = read_some(fd, into, room);
		if (n < 0)
			return err_sys(err, "cannot read");
		if (n == 0)
			return 0;
		out->n += (size_t)n;
	}
	n = read_some(fd, &beyond, 1);
	if (n < 0)
		return err_sys(err, "cannot read");
	if (n > 0)
		return err_set(err, ERR_LIMIT, "larger than %zu bytes", out->limit);
	return 0;
}

int
file_read_fd(int fd, struct buf *out, struct err *err)
{
	size_t before = out->n;

	if (out->full)
		return err_set(err, ERR_LIMIT, "the buffer is full already");
	if (read_rest(fd, out, err) == 0)
		return 0;
	out->n = before;
	return -1;
}

int
file_read_as(const char *path, const char *shown, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int result;

	/* Sockets cannot be opened at all. */
	if (fd < 0 && errno == ENXIO)
		return err_set(err, ERR_BAD_INPUT, "%s: is a socket", shown);
	if (fd < 0)
		return err_sys(err, "%s", shown);
	if (fstat(fd, &st) < 0) {
		(void)err_sys(err, "%s", shown);
		return close_and_fail(fd);
	}
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(err, ERR_BAD_INPUT, "%s: is %s", shown, kind_of(st.st_mode));
		return close_and_fail(fd);
	}
	if (st.st_size > 0 && (uintmax_t)st.st_size <= out->limit - out->n)
		(void)buf_reserve(out, (size_t)st.st_size);
	result = file_read_fd(fd, out, err);
	(void)close(fd);
	return result < 0 ? err_add(err, "%s", shown) : 0;
}

int
file_read(const char *path, struct buf *out, struct err *err)
{
	return file_read_as(path, path, out, err);
}

static int
write_all(int fd, struct view content, struct err *err)
{
	while (content.n != 0) {
		ssize_t n = write(fd, content.p, content.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot write");
		content = view_from(content, (size_t)n);
	}
	return 0;
}

/* A new name is on disk only when its directory is. */
static int
sync_dir_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[FILE_PATH];
	int fd, n;

	if (slash == NULL)
		n = snprintf(dir, sizeof(dir), ".");
	else
		n = snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path + 1), path);
	if (n < 0 || (size_t)n >= sizeof(dir))
		return err_set(err, ERR_LIMIT, "the path is too long");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open its directory");
	/* Some file systems cannot sync a directory, and say so with EINVAL. */
	if (fsync(fd) < 0 && errno != EINVAL) {
		(void)err_sys(err, "cannot sync its directory");
		return close_and_fail(fd);
	}
	(void)close(fd);
	return 0;
}

/* Fill the new file FD and close it in any case. */
static int
fill(int fd, mode_t mode, struct view content, struct err *err)
{
	if (fchmod(fd, mode) < 0) {
		(void)err_sys(err, "cannot set the mode");
		return close_and_fail(fd);
	}
	if (write_all(fd, content, err) < 0)
		return close_and_fail(fd);
	if (fsync(fd) < 0) {
		(void)err_sys(err, "cannot sync");
		return close_and_fail(fd);
	}
	return close(fd) < 0 ? err_sys(err, "cannot close") : 0;
}

int
file_create(const char *path, mode_t mode, struct view content, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, "%s", path);
	if (fill(fd, mode, content, err) == 0 && sync_dir_of(path, err) == 0)
		return 0;
	(void)unlink(path);
	return err_add(err, "%s", path);
}

int
file_replace(const char *path, mode_t mode, struct view content, struct err *err)
{
	char temporary[FILE_PATH];
	int fd, n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);

	if (n < 0 || (size_t)n >= sizeof(temporary))
		return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", temporary);
	if (fill(fd, mode, content, err) < 0) {
		(void)unlink(temporary);
		return err_add(err, "%s", temporary);
	}
	if (rename(temporary, path) < 0) {
		(void)err_sys(err, "%s", path);
		(void)unlink(temporary);
		return -1;
	}
	return sync_dir_of(path, err) < 0 ? err_add(err, "%s", path) : 0;
}

/* Through the descriptor, so that nobody can put something else there in between. */
static int
own_new_dir(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "%s", path);
	if (fchown(fd, uid, gid) < 0) {
		(void)err_sys(err, "%s: cannot change the owner", path);
		return close_and_fail(fd);
	}
	if (fchmod(fd, mode) < 0) {
		(void)err_sys(err, "%s: cannot set the mode", path);
		return close_and_fail(fd);
	}
	(void)close(fd);
	return 0;
}

int
file_make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
	struct stat st;

	if (mkdir(path, mode & 0700) == 0)
		return own_new_dir(path, mode, uid, gid, err);
	if (errno != EEXIST)
		return err_sys(err, "%s", path);
	if (stat(path, &st) < 0)
		return err_sys(err, "%s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: is no directory", path);
	return 0;
}

int
file_join(char *into, size_t size, const char *dir, const char *name)
{
	size_t n = strlen(dir);
	const char *slash = n != 0 && dir[n - 1] == '/' ? "" : "/";
	int length;

	if (name[0] == '/' || n == 0)
		length = snprintf(into, size, "%s", name);
	else
		length = snprintf(into, size, "%s%s%s", dir, slash, name);
	return length < 0 || (size_t)length >= size ? -1 : 0;
}
