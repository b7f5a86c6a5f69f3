/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

/* One write(2), no stdio buffer: the process is about to end and other threads go on
 * writing. */
static _Noreturn void
say_and_end(const char *line, int n, size_t size)
{
	size_t length = n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;

	if (write(STDERR_FILENO, line, length) < 0)
		errno = 0;
	abort();
}

_Noreturn void
bug_found(const char *file, int line, const char *what)
{
	char text[512];

	say_and_end(text,
	    snprintf(text, sizeof(text), "bug at %s:%d: %s\n", file, line, what),
	    sizeof(text));
}

static _Noreturn void
out_of_memory(size_t count, size_t size)
{
	char text[128];

	say_and_end(text,
	    snprintf(
		text, sizeof(text), "out of memory: %zu times %zu bytes\n", count, size),
	    sizeof(text));
}

void *
mem_zeroed(size_t count, size_t size)
{
	void *memory = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);

	if (memory == NULL)
		out_of_memory(count, size);
	return memory;
}

void *
mem_resize(void *old, size_t count, size_t size)
{
	void *memory =
	    count == 0 || size == 0 ? realloc(old, 1) : reallocarray(old, count, size);

	if (memory == NULL)
		out_of_memory(count, size);
	return memory;
}

char *
mem_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(mem_resize(NULL, 1, size), text, size);
}
