/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_FILE_H
#define LIB_FILE_H

/*
 * Whole files, read with a limit and written atomically, and the check that a file which
 * must be trusted (a key, the configuration) cannot have been changed by somebody else.
 */

#include <sys/types.h>

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/view.h"

/* Append the whole of PATH to OUT. Directories, FIFOs and devices are refused by name, and
 * more than OUT's limit too. */
int file_read(const char *path, struct buf *out, struct err *err);
int file_read_as(const char *path, const char *shown, struct buf *out,
    struct err *err); /* SHOWN: its name in messages */
int file_read_fd(int fd, struct buf *out, struct err *err);

/* Create PATH, which must not exist yet, with MODE whatever the umask; synced. */
int file_create(const char *path, mode_t mode, struct view content, struct err *err);
/* Replace PATH atomically: a temporary file beside it, fsync, rename, fsync of the
 * directory. */
int file_replace(const char *path, mode_t mode, struct view content, struct err *err);

int file_make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid,
    struct err *err); /* fine if there */

/*
 * Trust. A path is trusted when every directory above it, with all symbolic links resolved,
 * belongs to root or OWNER and cannot be written by group or others (a sticky directory of
 * root's, such as /tmp, is fine). The err names the offending path and ends in the command
 * that mends it.
 */
int file_check_dirs(const char *path, uid_t owner, struct err *err);

/*
 * Open BENEATH (relative, no "..", no symbolic link anywhere in it) below the directory
 * DIRFD for reading, and check the opened descriptor: a regular file, owned by root or
 * OWNER, no permission bits outside MAX_MODE (0600 for a key). SHOWN_DIR is DIRFD's name
 * for messages. Returns the fd.
 */
struct file_trust {
	uid_t owner;
	mode_t max_mode;
};
int file_open_beneath(int dirfd, const char *shown_dir, const char *beneath,
    const struct file_trust *trust, int *ret_fd, struct err *err);

/* DIR and NAME as one path, NAME alone when it is absolute. Into the caller's buffer; -1:
 * too long. */
int file_join(char *into, size_t size, const char *dir, const char *name);

#endif
