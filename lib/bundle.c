/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/bug.h"
#include "lib/bundle.h"
#include "lib/file.h"

enum {
	NAME_BYTES_MAX = 1024,
	PATH_BYTES_MAX = 4096,
};

/*
 * Packed:
 *
 *	frank bundle 1 FILES\n
 *	NAME-BYTES CONTENT-BYTES\nNAME\nCONTENT\n	for each file, in the order of the
 *names
 *
 * Decimal numbers without leading zeros, so that there is one way to write a bundle.
 */
#define MAGIC VIEW("frank bundle 1 ")

struct bundle_file {
	struct view name, content;
};

struct bundle {
	struct arena *arena;       /* names and contents, replaced ones too */
	char *dir;                 /* NULL: nothing is read from disk */
	struct bundle_file *files; /* sorted by name */
	size_t count, size, bytes;
};

struct bundle *
bundle_new(const char *dir)
{
	struct bundle *bundle = mem_zeroed(1, sizeof(*bundle));

	bundle->arena = arena_new(0);
	bundle->dir = dir != NULL ? mem_text(dir) : NULL;
	return bundle;
}

void
bundle_free(struct bundle *bundle)
{
	if (bundle == NULL)
		return;
	arena_free(bundle->arena);
	free(bundle->files);
	free(bundle->dir);
	free(bundle);
}

/* Where NAME is (true) or belongs (false). */
static bool
find(const struct bundle *bundle, struct view name, size_t *ret_at)
{
	size_t low = 0, high = bundle->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = view_compare(bundle->files[middle].name, name);

		if (order == 0) {
			*ret_at = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_at = low;
	return false;
}

static int
check_name(struct view name, struct err *err)
{
	if (name.n == 0 || name.n > NAME_BYTES_MAX || view_has_char(name, '\0'))
		return err_set(err, ERR_BAD_INPUT,
		    "a file name is 1 to %d bytes, without NUL", NAME_BYTES_MAX);
	return 0;
}

static void
insert(struct bundle *bundle, size_t at, struct bundle_file file)
{
	if (bundle->count == bundle->size) {
		bundle->size = bundle->size != 0 ? bundle->size * 2 : 16;
		bundle->files =
		    mem_resize(bundle->files, bundle->size, sizeof(bundle->files[0]));
	}
	memmove(bundle->files + at + 1, bundle->files + at,
	    (bundle->count - at) * sizeof(bundle->files[0]));
	bundle->files[at] = file;
	bundle->count++;
}

int
bundle_put(struct bundle *bundle, struct view name, struct view content, struct err *err)
{
	size_t at, before;
	bool is_there;

	if (check_name(name, err) < 0)
		return -1;
	is_there = find(bundle, name, &at);
	before = is_there ? bundle->files[at].content.n : 0;
	if (content.n > BUNDLE_FILE_MAX || bundle->bytes - before + content.n > BUNDLE_MAX)
		return err_set(err, ERR_LIMIT,
		    "%.*s: a policy's files are at most %d MB each and %d MB together",
		    VIEW_ARG(name), BUNDLE_FILE_MAX >> 20, BUNDLE_MAX >> 20);
	if (!is_there && bundle->count == BUNDLE_FILES_MAX)
		return err_set(err, ERR_LIMIT, "%.*s: a policy has at most %d files",
		    VIEW_ARG(name), BUNDLE_FILES_MAX);
	bundle->bytes += content.n - before;
	content = arena_view(bundle->arena, content);
	if (is_there)
		bundle->files[at].content = content;
	else
		insert(bundle, at,
		    (struct bundle_file){arena_view(bundle->arena, name), content});
	return 0;
}

static int
read_from_disk(struct bundle *bundle, struct view name, struct err *err)
{
	struct buf content = BUF_INIT(BUNDLE_FILE_MAX);
	char path[PATH_BYTES_MAX], shown[NAME_BYTES_MAX + 1];
	int result = -1;

	memcpy(shown, name.p, name.n);
	shown[name.n] = '\0';
	if (file_join(path, sizeof(path), bundle->dir, shown) < 0)
		(void)err_set(err, ERR_LIMIT, "%s: the path is too long", shown);
	else if (file_read_as(path, shown, &content, err) == 0)
		result = bundle_put(bundle, name, buf_view(&content), err);
	buf_fini(&content);
	return result;
}

int
bundle_read(
    struct bundle *bundle, struct view name, struct view *ret_content, struct err *err)
{
	size_t at;

	if (check_name(name, err) < 0)
		return -1;
	if (!find(bundle, name, &at)) {
		if (bundle->dir == NULL)
			return err_set(err, ERR_MISSING,
			    "%.*s: not among the recorded files", VIEW_ARG(name));
		if (read_from_disk(bundle, name, err) < 0)
			return -1;
		must(find(bundle, name, &at));
	}
	*ret_content = bundle->files[at].content;
	return 0;
}

void
bundle_pack(const struct bundle *bundle, struct buf *out)
{
	buf_add(out, MAGIC);
	buf_addf(out, "%zu\n", bundle->count);
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_file *file = &bundle->files[i];

		buf_addf(out, "%zu %zu\n", file->name.n, file->content.n);
		buf_add(out, file->name);
		buf_add_char(out, '\n');
		buf_add(out, file->content);
		buf_add_char(out, '\n');
	}
}

/* A number as it is packed, and the END behind it. */
static bool
take_number(struct view *rest, char end, size_t max, size_t *ret_number)
{
	unsigned long long number;
	struct view text, after = *rest;

	if (!view_cut(&after, end, &text) || after.p == NULL)
		return false;
	if (!view_number(text, max, &number) || (text.n > 1 && text.p[0] == '0'))
		return false;
	*rest = after;
	*ret_number = (size_t)number;
	return true;
}

/* N bytes and the newline behind them. */
static bool
take_bytes(struct view *rest, size_t n, struct view *ret_bytes)
{
	if (rest->n <= n || rest->p[n] != '\n')
		return false;
	*ret_bytes = view_head(*rest, n);
	*rest = view_from(*rest, n + 1);
	return true;
}

static int
unpack_file(struct bundle *bundle, struct view *rest, struct err *err)
{
	struct view name, content;
	size_t name_bytes, content_bytes, at;

	if (!take_number(rest, ' ', NAME_BYTES_MAX, &name_bytes) ||
	    !take_number(rest, '\n', BUNDLE_FILE_MAX, &content_bytes) ||
	    !take_bytes(rest, name_bytes, &name) ||
	    !take_bytes(rest, content_bytes, &content))
		return err_set(
		    err, ERR_BAD_INPUT, "damaged bundle at file %zu", bundle->count + 1);
	if (find(bundle, name, &at) || at != bundle->count)
		return err_set(err, ERR_BAD_INPUT,
		    "damaged bundle: file %zu is out of order", bundle->count + 1);
	return bundle_put(bundle, name, content, err);
}

int
bundle_unpack(struct view packed, struct bundle **ret_bundle, struct err *err)
{
	struct view rest = view_from(packed, MAGIC.n);
	struct bundle *bundle;
	size_t files;

	if (!view_starts(packed, MAGIC) ||
	    !take_number(&rest, '\n', BUNDLE_FILES_MAX, &files))
		return err_set(err, ERR_BAD_INPUT, "not a bundle");
	bundle = bundle_new(NULL);
	while (bundle->count < files)
		if (unpack_file(bundle, &rest, err) < 0) {
			bundle_free(bundle);
			return -1;
		}
	if (rest.n != 0) {
		bundle_free(bundle);
		return err_set(err, ERR_BAD_INPUT, "damaged bundle: more than it says");
	}
	*ret_bundle = bundle;
	return 0;
}

bool
bundle_at(
    const struct bundle *bundle, size_t i, struct view *ret_name, struct view *ret_content)
{
	if (i >= bundle->count)
		return false;
	*ret_name = bundle->files[i].name;
	*ret_content = bundle->files[i].content;
	return true;
}
