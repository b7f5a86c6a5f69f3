/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_CONTROL_H
#define LIB_CONTROL_H

/*
 * What frank(1) says to frankd(8) over the control socket (SOCK_SEQPACKET). A request is
 * one frame: its words, each ended by NUL ("reload\0", "status\0--json\0"). The answer is
 * any number of frames that begin with 'd' (output) or 'e' (a message for stderr) and then
 * one of 'x' and a byte, the exit code. Limits: 16 words, 4 KB a request, 60 s until the
 * end.
 */

#include <stddef.h>

#include "lib/err.h"
#include "lib/view.h"

enum { CONTROL_WORDS_MAX = 16, CONTROL_REQUEST_MAX = 4096 };

/* frank's side: returns the exit code, having given every piece of output to SHOW; -1: no
 * daemon there or it broke off. */
typedef void control_show(void *context, int is_error, struct view text);
int control_ask(const char *socket_path, const char *const *words, size_t n_words,
    control_show *show, void *context, struct err *err);

/* frankd's side. Words point into FRAME, which must end in NUL. -1: malformed. */
int control_parse(char *frame, size_t n, const char *ret_words[CONTROL_WORDS_MAX],
    size_t *ret_n, struct err *err);
int control_answer(int fd, int is_error, struct view text); /* cut into frames */
int control_finish(int fd, int exit_code);

#endif
