/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "lib/bug.h"

#include "ctl/check_tables.h"

/* Tables that are files, and how the file is called that postmap(1) reads. */
static const struct {
	const char *type, *suffix;
} types[] = {
    {"btree", ".db"},
    {"cdb", ".cdb"},
    {"cidr", ""},
    {"dbm", ".pag"},
    {"hash", ".db"},
    {"ldap", ""},
    {"lmdb", ".lmdb"},
    {"memcache", ""},
    {"mysql", ""},
    {"pcre", ""},
    {"pgsql", ""},
    {"regexp", ""},
    {"sdbm", ".pag"},
    {"sqlite", ""},
    {"texthash", ""},
};

/* The file name's suffix; NULL: this is no file. */
static const char *
suffix_of(struct view type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (view_is(view_of(types[i].type), type))
			return types[i].suffix;
	return NULL;
}

static bool
file_is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* True: something was said. */
static bool
check_one(const struct policy_postmap *map, struct buf *out)
{
	struct view name = map->table, type;
	char path[PATH_MAX];

	do {
		if (!view_cut(&name, ':', &type))
			return false;
	} while (view_is(type, VIEW("proxy")));
	const char *suffix = suffix_of(type);
	if (suffix == NULL || name.n == 0 || name.n + 8 > sizeof(path))
		return false;
	snprintf(path, sizeof(path), "%.*s%s", VIEW_ARG(name), suffix);
	if (path[0] != '/') {
		buf_addf(out,
		    "%.*s: warning: the table '%.*s' has no absolute path: it is looked "
		    "for "
		    "where frankd was started\n",
		    VIEW_ARG(map->place), VIEW_ARG(map->table));
		return true;
	}
	if (!file_is_missing(path))
		return false;
	buf_addf(out, "%.*s: warning: there is no file %s", VIEW_ARG(map->place), path);
	if (suffix[0] != '\0')
		buf_addf(
		    out, ": 'postmap %.*s:%.*s' makes it", VIEW_ARG(type), VIEW_ARG(name));
	buf_add_char(out, '\n');
	return true;
}

unsigned
check_tables(const struct policy *policy, struct buf *out)
{
	struct policy_postmap map;
	unsigned n = 0;

	for (size_t i = 0; policy_postmap_at(policy, i, &map); i++)
		n += check_one(&map, out);
	return n;
}
