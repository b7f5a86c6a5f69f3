/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "lib/bug.h"
#include "lib/file.h"

#include "auth/address.h"
#include "auth/digest.h"
#include "auth/keyset_private.h"

enum { PATH_SIZE = 4096, FAULT_MAX = 8192 };

void
keyset_blame(struct keyset *set, bool is_warning, const char *format, ...)
{
	struct buf text = BUF_INIT(FAULT_MAX);
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	if (set->n_faults == set->faults_size) {
		set->faults_size = set->faults_size > 0 ? 2 * set->faults_size : 16;
		set->faults =
		    mem_resize(set->faults, set->faults_size, sizeof(*set->faults));
	}
	set->faults[set->n_faults++] = (struct keyset_fault){
	    .text = arena_text(set->texts, buf_view(&text)), .is_warning = is_warning};
	buf_fini(&text);
}

static void
blame_errno(struct keyset *set, const char *path)
{
	set->has_denied |= errno == EACCES || errno == EPERM;
	keyset_blame(set, false, "%s: %s", path, strerror(errno));
}

/* DIR/NAME, living as long as the set. */
static const char *
join(struct keyset *set, const char *dir, const char *name)
{
	size_t size = strlen(dir) + strlen(name) + 2;
	char *path = arena_alloc(set->texts, size);

	must(file_join(path, size, dir, name) == 0);
	return path;
}

/* The names of a key on its way into the set; all live as long as it. */
struct names {
	const char *name, *domain, *selector, *path;
};

static void
add_item(struct keyset *set, const struct names *names, const struct stat *st)
{
	uint8_t hash[DIGEST_BYTES];
	struct keyset_item *item;

	if (set->n_items == set->items_size) {
		set->items_size = set->items_size > 0 ? 2 * set->items_size : 16;
		set->items = mem_resize(set->items, set->items_size, sizeof(*set->items));
	}
	item = &set->items[set->n_items++];
	memset(item, 0, sizeof(*item));
	digest_of(set->scratch.p != NULL ? set->scratch.p : "", set->scratch.n, hash);
	item->entry = (struct keyset_entry){
	    .name = names->name,
	    .domain = names->domain,
	    .selector = names->selector,
	    .path = names->path,
	    .mtime = st->st_mtim.tv_sec,
	};
	memcpy(&item->entry.content_hash, hash, sizeof(item->entry.content_hash));
	item->pem = locked_add(set->secrets, buf_view(&set->scratch));
}

/* Read BENEATH below DIRFD, check it and take it in. */
static void
add_key(struct keyset *set, int dirfd, const char *shown_dir, const char *beneath,
    const struct names *names)
{
	struct err err = ERR_INIT;
	struct stat st;
	int fd;

	if (set->n_items == KEYSET_MAX) {
		keyset_blame(set, false, "%s: more than %d keys", names->path, KEYSET_MAX);
		return;
	}
	if (file_open_beneath(dirfd, shown_dir, beneath, &set->trust, &fd, &err) < 0) {
		keyset_blame(set, false, "%s", err.text);
		return;
	}
	/* In one piece from the start, so that growing leaves no copies behind. */
	must(buf_reserve(&set->scratch, KEY_FILE_MAX) != NULL);
	if (fstat(fd, &st) < 0)
		blame_errno(set, names->path);
	else if (file_read_fd(fd, &set->scratch, &err) < 0)
		keyset_blame(set, false, "%s: %s", names->path, err.text);
	else
		add_item(set, names, &st);
	if (set->scratch.n > 0)
		OPENSSL_cleanse(set->scratch.p, set->scratch.n);
	buf_reset(&set->scratch);
	(void)close(fd);
}

static const char *
normal_domain(struct keyset *set, struct view text, const char *path)
{
	struct view normal;
	struct err err = ERR_INIT;

	if (address_parse_domain(text, set->texts, &normal, &err) == 0)
		return normal.p;
	keyset_blame(
	    set, false, "%s: '%.*s' is not a domain: %s", path, VIEW_ARG(text), err.text);
	return NULL;
}

/* A selector is a part of a DNS name; unlike a domain it may be a number. */
static const char *
normal_selector(struct keyset *set, struct view text, const char *path)
{
	struct view normal;
	struct err err = ERR_INIT;

	if (address_parse_selector(text, set->texts, &normal, &err) == 0)
		return normal.p;
	keyset_blame(
	    set, false, "%s: '%.*s' is not a selector: %s", path, VIEW_ARG(text), err.text);
	return NULL;
}

static bool
is_key_file(const char *name)
{
	struct view text = view_of(name);

	return name[0] != '.' && text.n > 4 && view_ends(text, VIEW(".pem"));
}

/* The directory FD itself: those above it are file_check_dirs' work. */
static int
check_dir(const struct keyset *set, int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, "%s", path);
	if (st.st_uid != 0 && st.st_uid != set->trust.owner)
		return err_set(err, ERR_DENIED, "%s: belongs to uid %lu: chown root %s",
		    path, (unsigned long)st.st_uid, path);
	if ((st.st_mode & 022) != 0)
		return err_set(err, ERR_DENIED,
		    "%s: can be written by others (mode %04o): chmod go-w %s", path,
		    (unsigned)(st.st_mode & 07777), path);
	return 0;
}

/* One domain's directory, open as DIRFD. */
static void
walk_domain(struct keyset *set, DIR *dir, const char *domain, const char *path)
{
	struct names names = {.name = "", .domain = domain};
	const struct dirent *found;

	while ((found = readdir(dir)) != NULL) {
		struct view selector = view_of(found->d_name);

		if (!is_key_file(found->d_name))
			continue;
		selector.n -= 4;
		names.path = join(set, path, found->d_name);
		names.selector = normal_selector(set, selector, names.path);
		if (names.selector != NULL)
			add_key(set, dirfd(dir), path, found->d_name, &names);
	}
}

static void
open_domain(struct keyset *set, int parent, const char *name, const char *path)
{
	struct err err = ERR_INIT;
	const char *domain = normal_domain(set, view_of(name), path);
	DIR *dir;
	int fd;

	if (domain == NULL)
		return;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		blame_errno(set, path);
		return;
	}
	dir = fdopendir(fd);
	must(dir != NULL);
	if (check_dir(set, fd, path, &err) < 0)
		keyset_blame(set, false, "%s", err.text);
	else
		walk_domain(set, dir, domain, path);
	(void)closedir(dir);
}

/* One entry of the key tree. What is neither a directory nor looks like a key is passed
 * over. */
static void
visit(struct keyset *set, int parent, const char *dir, const char *name)
{
	const char *path;
	struct stat st;

	if (name[0] == '.')
		return;
	path = join(set, dir, name);
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		blame_errno(set, path);
	else if (S_ISDIR(st.st_mode))
		open_domain(set, parent, name, path);
	else if (S_ISLNK(st.st_mode))
		keyset_blame(set, false,
		    "%s: is a symbolic link, which could be turned elsewhere: put the "
		    "directory "
		    "itself there",
		    path);
	else if (is_key_file(name))
		keyset_blame(set, false,
		    "%s: belongs into a directory named after its domain: mkdir -m 700 "
		    "%s/DOMAIN "
		    "&& mv %s %s/DOMAIN/",
		    path, dir, path, dir);
}

int
keyset_add_dir(struct keyset *set, const char *dir, struct err *err)
{
	const struct dirent *found;
	DIR *open_dir;
	int fd;

	if (dir[0] != '/')
		return err_set(err, ERR_CONFIG, "%s: not an absolute path", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "%s", dir);
	open_dir = fdopendir(fd);
	must(open_dir != NULL);
	if (file_check_dirs(dir, set->trust.owner, err) < 0 ||
	    check_dir(set, fd, dir, err) < 0) {
		(void)closedir(open_dir);
		return -1;
	}
	while ((found = readdir(open_dir)) != NULL)
		visit(set, fd, dir, found->d_name);
	(void)closedir(open_dir);
	return 0;
}

static void
add_from(struct keyset *set, const char *dir, const char *base, const struct names *names)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		blame_errno(set, names->path);
		return;
	}
	add_key(set, fd, dir, base, names);
	(void)close(fd);
}

int
keyset_add_file(struct keyset *set, const char *name, const char *domain,
    const char *selector, const char *file, struct err *err)
{
	struct names names;
	struct err why = ERR_INIT;
	const char *slash = strrchr(file, '/');
	char dir[PATH_SIZE];

	if (file[0] != '/' || slash[1] == '\0')
		return err_set(
		    err, ERR_CONFIG, "%s: not the absolute path of a file", file);
	if ((size_t)(slash - file) >= sizeof(dir) - 1)
		return err_set(err, ERR_CONFIG, "%s: the path is too long", file);
	memcpy(dir, file, (size_t)(slash - file) + 1);
	dir[slash == file ? 1 : slash - file] = '\0';
	names.name = arena_text(set->texts, view_of(name));
	names.path = arena_text(set->texts, view_of(file));
	names.domain = normal_domain(set, view_of(domain), names.path);
	names.selector = normal_selector(set, view_of(selector), names.path);
	if (names.domain == NULL || names.selector == NULL)
		return 0;
	if (file_check_dirs(file, set->trust.owner, &why) < 0)
		keyset_blame(set, false, "%s", why.text);
	else
		add_from(set, dir, slash + 1, &names);
	return 0;
}
