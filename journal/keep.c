/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "journal/writer.h"

static void
move_aside(const char *path, const char *suffix, const char *stamp)
{
	char from[PATH_MAX + 8], to[PATH_MAX + 64];

	snprintf(from, sizeof(from), "%s%s", path, suffix);
	snprintf(to, sizeof(to), "%s.corrupt-%s%s", path, stamp, suffix);
	rename(from, to); /* the WAL need not exist */
}

/* "20261121T090300" */
static void
make_stamp(char *into, size_t size)
{
	char text[CLOCK_TEXT];
	size_t n = 0;

	clock_text(clock_now().wall, text);
	for (const char *p = text; *p != '\0' && n + 1 < size; p++) {
		if (*p == ' ' || *p == 'T')
			into[n++] = 'T';
		else if (*p >= '0' && *p <= '9')
			into[n++] = *p;
	}
	into[n] = '\0';
}

void
day_set_aside(const char *path)
{
	char stamp[CLOCK_TEXT + 16], taken[PATH_MAX + 64], shm[PATH_MAX + 8];

	make_stamp(stamp, sizeof(stamp));
	size_t end = strlen(stamp);
	for (int i = 2; i < 100; i++) {
		snprintf(taken, sizeof(taken), "%s.corrupt-%s", path, stamp);
		if (access(taken, F_OK) == -1)
			break;
		snprintf(stamp + end, sizeof(stamp) - end, "-%d", i);
	}
	move_aside(path, "", stamp);
	move_aside(path, "-wal", stamp);
	snprintf(shm, sizeof(shm), "%s-shm", path);
	unlink(shm);
}

/* Does its header say WAL? (Bytes 18 and 19 of the file format: 2.) */
static bool
is_left_open(const char *path)
{
	unsigned char head[20] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return false;
	ssize_t n = read(fd, head, sizeof(head));
	close(fd);
	return n == (ssize_t)sizeof(head) && head[18] == 2;
}

/* Nothing depends on it: what fails is tried again with the next day. */
static void
finish_leftover(const char *path, int64_t number)
{
	enum db_fault fault;
	struct day *day;

	if (!is_left_open(path))
		return;
	day = mem_zeroed(1, sizeof(*day));
	if (day_open(day, path, number, false, &fault, NULL) == 0)
		day_finish(day, NULL);
	free(day);
}

static void
forget_day(const char *path)
{
	char other[PATH_MAX + 8];

	unlink(path);
	snprintf(other, sizeof(other), "%s-wal", path);
	unlink(other);
	snprintf(other, sizeof(other), "%s-shm", path);
	unlink(other);
}

static bool
is_open_here(const struct writer *writer, int64_t number)
{
	for (size_t i = 0; i < WRITER_DAYS; i++) {
		if (writer->days[i].db != NULL && writer->days[i].number == number)
			return true;
	}
	return false;
}

void
writer_keep(const struct writer *writer, int64_t today)
{
	int64_t number, keep_days = writer->settings.keep_days;
	DIR *listing = opendir(writer->dir);
	char path[PATH_MAX];
	const struct dirent *entry;

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL) {
		if (!day_of_name(entry->d_name, &number) || number >= today ||
		    is_open_here(writer, number))
			continue;
		day_path(writer->dir, number, path);
		if (keep_days != 0 && number < today - keep_days)
			forget_day(path);
		else
			finish_leftover(path, number);
	}
	closedir(listing);
}
