/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef FOLLOW_TAIL_PRIVATE_H
#define FOLLOW_TAIL_PRIVATE_H

/* Shared by tail.c (reading) and tail_find.c (which file). */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "follow/tail.h"

enum {
	TAIL_SUFFIX_MAX = 32,
	TAIL_FILES_MAX = 64,  /* of the log's name, the newest */
	TAIL_ANCHOR_MAX = 256 /* bytes before a place that are hashed */
};

struct tail_place {
	uint64_t inode, offset, anchor;
};

/* One of the log's files, older ones last. */
struct tail_file {
	char suffix[TAIL_SUFFIX_MAX];
	int64_t changed; /* nanoseconds */
	uint64_t inode, size;
};

/* Those that the log was rotated to and that can be read. */
size_t tail_files(const char *path, struct tail_file into[TAIL_FILES_MAX]);

/* The hash of the N bytes before a place. */
uint64_t tail_anchor(const char *bytes, size_t n);

/* Does FD have PLACE in it? */
bool tail_has(int fd, const struct tail_place *place);

#endif
