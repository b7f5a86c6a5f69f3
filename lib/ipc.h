/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_IPC_H
#define LIB_IPC_H

/*
 * Frames between our own processes over SOCK_SEQPACKET: one send is one frame, whole or not
 * at all, with descriptors beside it where needed. Never raises SIGPIPE.
 */

#include <stddef.h>

#include "lib/err.h"

enum {
	IPC_FRAME_MAX = 65536, /* bytes */
	IPC_FDS_MAX = 64,      /* descriptors in one frame */
	IPC_FOREVER = -1,
};

/* In place of a number of descriptors: some came, and there was no room for them all. */
#define IPC_FDS_LOST ((size_t)-1)

/* A connected pair, close-on-exec. */
int ipc_pair(int ret_pair[2], struct err *err);

/* 0, or -1: the peer is gone, or (on a non-blocking socket) the queue is full. */
int ipc_send(int fd, const void *frame, size_t n, struct err *err);
int ipc_send_fds(
    int fd, const void *frame, size_t n, const int *fds, size_t n_fds, struct err *err);

/*
 * Wait at most MILLISECONDS for a frame. 1 and *ret_n: a frame; 0: the peer closed; -1:
 * failed, ERR_TEMP for a time-out, ERR_LIMIT for a frame larger than SIZE (it is dropped).
 * FDS (room for IPC_FDS_MAX, or NULL: any that come are closed) are owned by the caller
 * afterwards. *ret_n_fds is IPC_FDS_LOST when more came than IPC_FDS_MAX, or than this
 * process has free: the frame is there, and those that came are closed.
 */
int ipc_recv(
    int fd, void *frame, size_t size, size_t *ret_n, int milliseconds, struct err *err);
int ipc_recv_fds(int fd, void *frame, size_t size, size_t *ret_n, int *fds,
    size_t *ret_n_fds, int milliseconds, struct err *err);

#endif
