/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/file.h"

enum { LINKS_MAX = 40 }; /* as the kernel's */

static int
refuse_owner(const char *path, const struct stat *st, uid_t owner, struct err *err)
{
	const char *option = S_ISLNK(st->st_mode) ? "-h " : "";

	if (owner == 0)
		return err_set(err, ERR_DENIED, "%s belongs to uid %u: chown %sroot %s",
		    path, (unsigned)st->st_uid, option, path);
	return err_set(err, ERR_DENIED, "%s belongs to uid %u: chown %s%u %s", path,
	    (unsigned)st->st_uid, option, (unsigned)owner, path);
}

/* PATH is the directory's name for messages. */
static int
check_dir(const struct stat *st, const char *path, uid_t owner, struct err *err)
{
	if (st->st_uid != 0 && st->st_uid != owner)
		return refuse_owner(path, st, owner, err);
	if ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return 0;
	/* As in /tmp: others may add names there, but not touch those that are not theirs.
	 */
	if ((st->st_mode & S_ISVTX) != 0 && st->st_uid == 0)
		return 0;
	return err_set(err, ERR_DENIED,
	    "%s can be written by %s (mode %04o): chmod go-w %s", path,
	    (st->st_mode & S_IWOTH) != 0 ? "others" : "its group",
	    (unsigned)(st->st_mode & 07777), path);
}

/* A path being resolved as the kernel would: DONE has no links and no dots, REST is still
 * to do. */
struct walk {
	char done[PATH_MAX];
	char rest[PATH_MAX];
	unsigned links;
	uid_t owner;
};

static int
start_walk(struct walk *walk, const char *path, uid_t owner, struct err *err)
{
	char here[PATH_MAX];

	memset(walk, 0, sizeof(*walk));
	walk->owner = owner;
	if (path[0] == '/')
		here[0] = '\0';
	else if (getcwd(here, sizeof(here)) == NULL)
		return err_sys(err, "cannot tell the current directory");
	if ((size_t)snprintf(walk->rest, sizeof(walk->rest), "%s/%s", here, path) >=
	    sizeof(walk->rest))
		return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
	return 0;
}

static const char *
done_path(const struct walk *walk)
{
	return walk->done[0] != '\0' ? walk->done : "/";
}

/* Take the next name out of rest; false: there is none. */
static bool
next_name(struct walk *walk, char name[NAME_MAX + 1], bool *ret_is_too_long)
{
	size_t start = strspn(walk->rest, "/");
	size_t n = strcspn(walk->rest + start, "/");

	*ret_is_too_long = n > NAME_MAX;
	if (n == 0 || *ret_is_too_long)
		return false;
	memcpy(name, walk->rest + start, n);
	name[n] = '\0';
	memmove(walk->rest, walk->rest + start + n, strlen(walk->rest + start + n) + 1);
	return true;
}

/* Go on where the link PATH, found in the directory done, points to. */
static int
follow_link(struct walk *walk, const char *path, const struct stat *st, struct err *err)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n;

	if (st->st_uid != 0 && st->st_uid != walk->owner)
		return refuse_owner(path, st, walk->owner, err);
	if (++walk->links > LINKS_MAX)
		return err_set(err, ERR_CONFIG, "%s: too many symbolic links", path);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return err_sys(err, "%s", path);
	target[n] = '\0';
	memcpy(rest, walk->rest, sizeof(rest));
	if ((size_t)snprintf(walk->rest, sizeof(walk->rest), "%s%s", target, rest) >=
	    sizeof(walk->rest))
		return err_set(err, ERR_LIMIT, "%s: the path is too long", path);
	if (target[0] == '/')
		walk->done[0] = '\0';
	return 0;
}

/* Resolve NAME in the directory done, which is checked first. 0: go on; 1: there is no such
 * name. */
static int
step(struct walk *walk, const char *name, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	int n;

	if (lstat(done_path(walk), &st) < 0)
		return err_sys(err, "%s", done_path(walk));
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s is no directory", done_path(walk));
	if (check_dir(&st, done_path(walk), walk->owner, err) < 0)
		return -1;
	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		char *slash = strrchr(walk->done, '/');

		if (slash != NULL)
			*slash = '\0';
		return 0;
	}
	n = snprintf(path, sizeof(path), "%s/%s", walk->done, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, ERR_LIMIT, "%s: the path is too long", name);
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 1 : err_sys(err, "%s", path);
	if (S_ISLNK(st.st_mode))
		return follow_link(walk, path, &st, err);
	memcpy(walk->done, path, (size_t)n + 1);
	return 0;
}

int
file_check_dirs(const char *path, uid_t owner, struct err *err)
{
	struct walk walk;
	char name[NAME_MAX + 1];
	bool is_too_long;

	if (start_walk(&walk, path, owner, err) < 0)
		return -1;
	while (next_name(&walk, name, &is_too_long)) {
		int found = step(&walk, name, err);

		if (found < 0)
			return -1;
		/* The last name need not be there yet. */
		if (found == 1 && strspn(walk.rest, "/") == strlen(walk.rest))
			return 0;
		if (found == 1)
			return err_set(err, ERR_MISSING, "%s: there is no '%s' in %s", path,
			    name, done_path(&walk));
	}
	return is_too_long ? err_set(err, ERR_LIMIT, "%s: a name is too long", path) : 0;
}

/* Why NAME in DIRFD could not be opened, with errno of the attempt. */
static int
refuse_open(int dirfd, const char *name, const char *path, struct err *err)
{
	int why = errno;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return err_set(err, ERR_DENIED,
		    "%s is a symbolic link: put the %s itself there", path,
		    why == ENOTDIR ? "directory" : "file");
	errno = why;
	return err_sys(err, "%s", path);
}

static int
check_file(const struct stat *st, const char *path, const struct file_trust *trust,
    struct err *err)
{
	unsigned mode = st->st_mode & 07777, extra = mode & ~(unsigned)trust->max_mode;
	const char *what = "has a mode that is too wide";

	if (!S_ISREG(st->st_mode))
		return err_set(err, ERR_DENIED, "%s is no regular file", path);
	if (st->st_uid != 0 && st->st_uid != trust->owner)
		return refuse_owner(path, st, trust->owner, err);
	if (extra == 0)
		return 0;
	if ((extra & S_IWOTH) != 0)
		what = "can be written by others";
	else if ((extra & S_IWGRP) != 0)
		what = "can be written by its group";
	else if ((extra & S_IROTH) != 0)
		what = "is readable by others";
	else if ((extra & S_IRGRP) != 0)
		what = "is readable by its group";
	return err_set(err, ERR_DENIED, "%s %s (mode %04o): chmod %04o %s", path, what,
	    mode, (unsigned)trust->max_mode, path);
}

/*
 * Name after name with O_NOFOLLOW rather than openat2(RESOLVE_BENEATH): every directory on
 * the way is looked at through a descriptor, which openat2 does not give.
 */
static int
open_last_dir(
    int dirfd, char *path, size_t shown, uid_t owner, int *ret_fd, struct err *err)
{
	int fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 3), next;
	char *name = path + shown, *slash;
	struct stat st;

	if (fd < 0)
		return err_sys(err, "cannot use the directory");
	while ((slash = strchr(name, '/')) != NULL) {
		*slash = '\0';
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			(void)refuse_open(fd, name, path, err);
		(void)close(fd);
		if (next < 0)
			return -1;
		fd = next;
		if (fstat(fd, &st) < 0 ? err_sys(err, "%s", path) < 0
				       : check_dir(&st, path, owner, err) < 0) {
			(void)close(fd);
			return -1;
		}
		*slash = '/';
		name = slash + 1;
	}
	*ret_fd = fd;
	return 0;
}

/* Relative, no empty name, no dots. */
static bool
is_plain_path(const char *path)
{
	struct view rest = view_of(path), name;

	while (view_cut(&rest, '/', &name))
		if (name.n == 0 || view_is(name, VIEW(".")) || view_is(name, VIEW("..")))
			return false;
	return true;
}

int
file_open_beneath(int dirfd, const char *shown_dir, const char *beneath,
    const struct file_trust *trust, int *ret_fd, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	const char *name;
	int dir = -1, fd, result;

	if (!is_plain_path(beneath))
		return err_set(
		    err, ERR_DENIED, "%s: not a plain path below %s", beneath, shown_dir);
	if (file_join(path, sizeof(path), shown_dir, beneath) < 0)
		return err_set(err, ERR_LIMIT, "%s: the path is too long", beneath);
	if (open_last_dir(
		dirfd, path, strlen(path) - strlen(beneath), trust->owner, &dir, err) < 0)
		return -1;
	name = strrchr(beneath, '/') != NULL ? strrchr(beneath, '/') + 1 : beneath;
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	result = fd < 0 ? refuse_open(dir, name, path, err) : 0;
	(void)close(dir);
	if (fd < 0)
		return result;
	if (fstat(fd, &st) < 0)
		result = err_sys(err, "%s", path);
	else
		result = check_file(&st, path, trust, err);
	if (result < 0) {
		(void)close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}
