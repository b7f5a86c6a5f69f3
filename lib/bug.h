/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#ifndef LIB_BUG_H
#define LIB_BUG_H

/*
 * Our own mistakes, as opposed to errors: BUG() and must() end the process with the place,
 * in release builds too. Memory that is not to be had ends it as well (mem_*): every input
 * has a limit, Postfix answers 451, the supervisor starts the process again, and there are
 * no branches that nobody ever ran.
 */

#include <stddef.h>

_Noreturn void bug_found(const char *file, int line, const char *what);

#define BUG(what) bug_found(__FILE__, __LINE__, (what))
#define must(x)   ((x) ? (void)0 : bug_found(__FILE__, __LINE__, #x))

/* Move a pointer out of its variable, so that what owns it can be seen. */
#define TAKE(pointer)                                                                      \
	__extension__({                                                                    \
		__typeof__(pointer) *take_ = &(pointer);                                   \
		__typeof__(pointer) taken_ = *take_;                                       \
		*take_ = NULL;                                                             \
		taken_;                                                                    \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

void *mem_zeroed(size_t count, size_t size); /* never NULL */
void *mem_resize(
    void *old, size_t count, size_t size); /* never NULL; new part is not cleared */
char *mem_text(const char *text);          /* a copy; never NULL */

/*
 * What has a bounded or clearer replacement does not compile (git's banned.h). The headers
 * that declare these names come first, because the ban would hit their declarations too.
 */
#ifndef BUG_ALLOW_BANNED
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets
#pragma GCC poison localtime gmtime ctime asctime tmpnam mktemp
#endif

#endif
