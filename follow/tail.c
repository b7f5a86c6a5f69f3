/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "follow/tail_private.h"

enum { CHUNK = 256 << 10 };

/*
 * The file that is read, and those that come after it. In 'bytes' are, from the left: what
 * was read already, at most TAIL_ANCHOR_MAX of it (it proves where we are); lines not yet
 * given; room.
 */
struct tail {
	const char *path;
	struct tail_calls calls;

	int fd; /* -1: none */
	uint64_t inode;
	bool is_log; /* the log itself, not what it was rotated to */
	char *bytes;
	size_t at, n;
	uint64_t offset;  /* in the file, of bytes[at] */
	size_t last;      /* bytes of the line that was given last; it is still there */
	bool is_passing;  /* in a line that is too long */
	bool was_missing; /* when following should have begun: all of it is new */

	/* Where the file before this one ended. While nothing was read of this one, that is
	 * where we are: a beginning looks like any other. */
	struct tail_place before;
	bool has_before;

	char later[TAIL_FILES_MAX][TAIL_SUFFIX_MAX]; /* then the log itself */
	size_t n_later;
};

struct tail *
tail_new(const char *path, const struct tail_calls *calls)
{
	struct tail *tail = mem_zeroed(1, sizeof(*tail));

	tail->path = path;
	tail->calls = *calls;
	tail->fd = -1;
	tail->bytes = mem_zeroed(CHUNK, 1);
	return tail;
}

void
tail_free(struct tail *tail)
{
	if (tail == NULL)
		return;
	if (tail->fd >= 0)
		(void)close(tail->fd);
	free(tail->bytes);
	free(tail);
}

static void
gap(const struct tail *tail, const char *what)
{
	char text[512];

	snprintf(text, sizeof(text), "%s %s: what was written in between may be missing",
	    tail->path, what);
	tail->calls.gap(tail->calls.context, text);
}

/* BACK bytes before where we are. */
static struct tail_place
place_at(const struct tail *tail, size_t back)
{
	size_t at = tail->at - back, n = at < TAIL_ANCHOR_MAX ? at : TAIL_ANCHOR_MAX;

	if (tail->offset == back && tail->has_before)
		return tail->before;
	return (struct tail_place){
	    tail->inode, tail->offset - back, tail_anchor(tail->bytes + at - n, n)};
}

static struct tail_place
place_now(const struct tail *tail)
{
	return place_at(tail, 0);
}

/* Read FD from OFFSET on. */
static int
take_file(struct tail *tail, int fd, uint64_t offset, bool is_log, struct err *err)
{
	size_t n = offset < TAIL_ANCHOR_MAX ? (size_t)offset : TAIL_ANCHOR_MAX;
	const struct tail_place before = place_now(tail);
	struct stat st;

	if (fstat(fd, &st) != 0 ||
	    pread(fd, tail->bytes, n, (off_t)(offset - n)) != (ssize_t)n) {
		(void)close(fd);
		return err_sys(err, "%s", tail->path);
	}
	if (tail->fd >= 0)
		(void)close(tail->fd);
	tail->has_before = tail->fd >= 0;
	tail->before = before;
	tail->fd = fd;
	tail->inode = st.st_ino;
	tail->is_log = is_log;
	tail->at = tail->n = n;
	tail->offset = offset;
	tail->is_passing = false;
	tail->last = 0;
	return 0;
}

/* What comes next, from its beginning: what the log was rotated to, then the log. */
static int
take_next(struct tail *tail, struct err *err)
{
	bool is_log = tail->n_later == 0;
	const char *suffix = is_log ? "" : tail->later[0];
	int fd = tail->calls.open(tail->calls.context, suffix, err);

	if (!is_log) {
		if (fd < 0)
			gap(tail, "was rotated, and one of its files is gone");
		tail->n_later--;
		memmove(tail->later[0], tail->later[1], tail->n_later * TAIL_SUFFIX_MAX);
	}
	if (fd < 0)
		return is_log ? -1 : 0;
	return take_file(tail, fd, 0, is_log, err);
}

/* FILES[0 .. n) are newer than what is read: they come next. */
static void
note_later(struct tail *tail, const struct tail_file *files, size_t n)
{
	tail->n_later = 0;
	while (n-- > 0)
		memcpy(tail->later[tail->n_later++], files[n].suffix, TAIL_SUFFIX_MAX);
}

/* Go on at PLACE in one of the files that the log was rotated to. 1; 0: it is in none. */
static int
take_rotated(struct tail *tail, const struct tail_place *place, struct err *err)
{
	struct tail_file *files = mem_zeroed(TAIL_FILES_MAX, sizeof(*files));
	size_t n = tail_files(tail->path, files);
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		int fd = files[i].size < place->offset
			     ? -1
			     : tail->calls.open(tail->calls.context, files[i].suffix, NULL);

		if (fd < 0)
			continue;
		if (!tail_has(fd, place)) {
			(void)close(fd);
			continue;
		}
		note_later(tail, files, i);
		result = take_file(tail, fd, place->offset, false, err) == 0 ? 1 : -1;
	}
	free(files);
	return result;
}

/* PLACE is not in the log any more. */
static int
take_elsewhere(
    struct tail *tail, const struct tail_place *place, const char *why, struct err *err)
{
	int found = take_rotated(tail, place, err);

	if (found != 0)
		return found == 1 ? 0 : -1;
	gap(tail, why);
	tail->n_later = 0;
	if (take_next(tail, err) == -1)
		return -1;
	tail->has_before = false;
	return 0;
}

static bool
place_read(struct view text, struct tail_place *ret_place)
{
	unsigned long long inode, offset;
	char copy[TAIL_PLACE_MAX], *end;
	struct view word;

	if (!view_cut(&text, ' ', &word) || !view_is(word, VIEW("file")) ||
	    !view_cut(&text, ' ', &word) || !view_number(word, UINT64_MAX, &inode) ||
	    !view_cut(&text, ' ', &word) || !view_number(word, UINT64_MAX, &offset) ||
	    text.n == 0)
		return false;
	snprintf(copy, sizeof(copy), "%.*s", VIEW_ARG(text));
	*ret_place = (struct tail_place){inode, offset, strtoull(copy, &end, 16)};
	return *end == '\0';
}

int
tail_begin(struct tail *tail, struct view place, struct err *err)
{
	struct tail_place last;
	bool has_place = place_read(place, &last);
	int fd = tail->calls.open(tail->calls.context, "", err);
	struct stat st;

	/* It was renamed, and nothing was written since. */
	if (fd < 0 && has_place && take_rotated(tail, &last, NULL) == 1)
		return 0;
	if (fd < 0) {
		tail->was_missing = err != NULL && err->code == ERR_MISSING;
		return -1;
	}
	if (!has_place && tail->was_missing)
		return take_file(tail, fd, 0, true, err);
	if (!has_place)
		return fstat(fd, &st) == 0
			   ? take_file(tail, fd, (uint64_t)st.st_size, true, err)
			   : (close(fd), err_sys(err, "%s", tail->path));
	if (tail_has(fd, &last))
		return take_file(tail, fd, last.offset, true, err);
	(void)close(fd);
	return take_elsewhere(tail, &last,
	    "was rotated while it was not followed, and is compressed or gone", err);
}

static void
place_add(struct tail_place place, struct buf *out)
{
	buf_addf(out, "file %" PRIu64 " %" PRIu64 " %" PRIx64, place.inode, place.offset,
	    place.anchor);
}

void
tail_place(const struct tail *tail, struct buf *out)
{
	place_add(place_now(tail), out);
}

void
tail_place_before(const struct tail *tail, struct buf *out)
{
	place_add(place_at(tail, tail->last), out);
}

/* More bytes; 0: there are none now. */
static int
read_more(struct tail *tail, struct err *err)
{
	tail->last = 0;
	if (tail->at > TAIL_ANCHOR_MAX) {
		size_t gone = tail->at - TAIL_ANCHOR_MAX;

		memmove(tail->bytes, tail->bytes + gone, tail->n - gone);
		tail->at -= gone;
		tail->n -= gone;
	}
	ssize_t got = pread(tail->fd, tail->bytes + tail->n, CHUNK - tail->n,
	    (off_t)(tail->offset + (tail->n - tail->at)));
	if (got < 0)
		return errno == EINTR ? 0 : err_sys(err, "cannot read %s", tail->path);
	tail->n += (size_t)got;
	return got > 0;
}

/* Does the file that the log was rotated to last end at PLACE? */
static bool
is_newest(const struct tail *tail, const struct tail_place *place)
{
	struct tail_file *files = mem_zeroed(TAIL_FILES_MAX, sizeof(*files));
	bool is_it = tail_files(tail->path, files) > 0 && files[0].size == place->offset;
	int fd = is_it ? tail->calls.open(tail->calls.context, files[0].suffix, NULL) : -1;

	is_it = fd >= 0 && tail_has(fd, place);
	if (fd >= 0)
		(void)close(fd);
	free(files);
	return is_it;
}

/* A file that the log was rotated to is at its end. By now there may be more of them. */
static int
take_after(struct tail *tail, struct err *err)
{
	for (;;) {
		const struct tail_place place = place_now(tail);
		struct err why = ERR_INIT;
		int found = take_rotated(tail, &place, err);

		if (found == -1)
			return -1;
		if (take_next(tail, &why) == -1) /* nothing was written since */
			return why.code == ERR_MISSING
				   ? 0
				   : err_set(err, why.code, "%.200s", why.text);
		if (found == 0)
			tail->has_before = false;
		if (found == 0 || !tail->is_log || is_newest(tail, &tail->before))
			return 1;
	}
}

/* What was read is not in the file any more: it was cut, and perhaps written to again. */
static int
look_whether_cut(struct tail *tail, struct err *err)
{
	const struct tail_place place = place_now(tail);

	if (tail->offset == 0 && tail->has_before ? is_newest(tail, &place)
						  : tail_has(tail->fd, &place))
		return 0;
	return take_elsewhere(
	    tail, &place, "was cut before it was certainly read to its end", err);
}

/* The log is at its end. Is there another of its name? 1: there is more to read. */
static int
look_whether_renamed(struct tail *tail, struct err *err)
{
	const struct tail_place place = place_now(tail);
	struct stat st;
	int fd, result;

	/* Until something is in the new one, the old one may still be written to. */
	if (stat(tail->path, &st) != 0 || st.st_ino == tail->inode || st.st_size == 0)
		return 0;
	fd = tail->calls.open(tail->calls.context, "", err);
	if (fd < 0)
		return 0;
	result = read_more(tail, err);
	if (result == 0)
		result = take_rotated(tail, &place, err);
	if (result != 0) {
		(void)close(fd);
		return result;
	}
	if (take_file(tail, fd, 0, true, err) == -1)
		return -1;
	tail->has_before = false;
	return 1;
}

/* 1; 0: no whole line is there. */
static int
cut_line(struct tail *tail, struct view *ret_line)
{
	for (;;) {
		const char *from = tail->bytes + tail->at;
		const char *end = memchr(from, '\n', tail->n - tail->at);
		size_t n = end != NULL ? (size_t)(end - from) : tail->n - tail->at;
		bool is_whole = end != NULL && n <= TAIL_LINE_MAX && !tail->is_passing;

		if (end == NULL && n <= TAIL_LINE_MAX)
			return 0;
		if (!is_whole && !tail->is_passing)
			gap(tail, "has a line that is too long");
		tail->is_passing = end == NULL;
		n += end != NULL;
		tail->at += n;
		tail->offset += n;
		tail->last = n;
		if (is_whole) {
			*ret_line = (struct view){from, n - 1};
			return 1;
		}
	}
}

int
tail_line(struct tail *tail, struct view *ret_line, struct err *err)
{
	for (;;) {
		if (cut_line(tail, ret_line) == 1)
			return 1;
		int more = tail->is_log ? look_whether_cut(tail, err) : 0;
		if (more == 0)
			more = read_more(tail, err);
		if (more == 0)
			more = tail->is_log ? look_whether_renamed(tail, err)
					    : take_after(tail, err);
		if (more <= 0)
			return more;
	}
}
