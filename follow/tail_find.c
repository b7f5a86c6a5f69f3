/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/map.h"

#include "follow/tail_private.h"

/* Which of a log's files has a place in it. */

uint64_t
tail_anchor(const char *bytes, size_t n)
{
	/* Not against an enemy: who writes to the log can write anything there. */
	static const struct map_seed seed = {0x6672616e6b206c6f, 0x6720706c61636573};

	return siphash(seed, bytes, n);
}

bool
tail_has(int fd, const struct tail_place *place)
{
	size_t n =
	    place->offset < TAIL_ANCHOR_MAX ? (size_t)place->offset : TAIL_ANCHOR_MAX;
	char bytes[TAIL_ANCHOR_MAX];
	struct stat st;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size < place->offset)
		return false;
	if (n == 0)
		return st.st_ino == place->inode;
	return pread(fd, bytes, n, (off_t)(place->offset - n)) == (ssize_t)n &&
	       tail_anchor(bytes, n) == place->anchor;
}

/* "mail.log.1", "mail.log-20261129", and not what is packed, as "mail.log.2.gz", or what
 * somebody made of it, as "mail.log.alice": its lines would be there twice. */
static bool
is_suffix(const char *suffix)
{
	size_t n = strlen(suffix);

	return (suffix[0] == '.' || suffix[0] == '-') && n >= 2 && n < TAIL_SUFFIX_MAX &&
	       strspn(suffix, "0123456789.-_") == n;
}

static int
compare_files(const void *a, const void *b)
{
	const struct tail_file *left = a, *right = b;

	if (left->changed != right->changed)
		return left->changed > right->changed ? -1 : 1;
	return strcmp(left->suffix, right->suffix);
}

/* Where the next one goes, if it is newer than the oldest when there is no room; else NULL.
 */
static struct tail_file *
place_for(struct tail_file *files, size_t *n, int64_t changed)
{
	struct tail_file *oldest = &files[0];

	if (*n < TAIL_FILES_MAX)
		return &files[(*n)++];
	for (size_t i = 1; i < *n; i++)
		if (files[i].changed < oldest->changed)
			oldest = &files[i];
	return changed > oldest->changed ? oldest : NULL;
}

size_t
tail_files(const char *path, struct tail_file into[TAIL_FILES_MAX])
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	char dir[PATH_MAX];
	size_t n = 0, n_base = strlen(base);
	const struct dirent *entry;

	snprintf(dir, sizeof(dir), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	must(into != NULL);
	DIR *listing = opendir(dir);
	while (listing != NULL && (entry = readdir(listing)) != NULL) {
		struct tail_file *file;
		struct stat st;

		if (strncmp(entry->d_name, base, n_base) != 0 ||
		    !is_suffix(entry->d_name + n_base) ||
		    fstatat(dirfd(listing), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		int64_t changed =
		    (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
		file = place_for(into, &n, changed);
		if (file == NULL)
			continue;
		*file = (struct tail_file){
		    .inode = st.st_ino, .size = (uint64_t)st.st_size, .changed = changed};
		snprintf(file->suffix, sizeof(file->suffix), "%s", entry->d_name + n_base);
	}
	if (listing != NULL)
		closedir(listing);
	if (n > 0)
		qsort(into, n, sizeof(into[0]), compare_files);
	return n;
}
