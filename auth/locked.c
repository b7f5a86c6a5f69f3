/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/bug.h"

#include "auth/locked.h"

enum { CHUNK = 256 << 10 };

struct chunk {
	struct chunk *older;
	char *bytes;
	size_t used;
};

struct locked {
	struct chunk *newest;
};

struct locked *
locked_new(void)
{
	return mem_zeroed(1, sizeof(struct locked));
}

void
locked_free(struct locked *locked)
{
	struct chunk *chunk, *older;

	if (locked == NULL)
		return;
	for (chunk = locked->newest; chunk != NULL; chunk = older) {
		older = chunk->older;
		OPENSSL_cleanse(chunk->bytes, CHUNK);
		(void)munmap(chunk->bytes, CHUNK);
		free(chunk);
	}
	free(locked);
}

static void
add_chunk(struct locked *locked)
{
	struct chunk *chunk = mem_zeroed(1, sizeof(*chunk));
	void *bytes =
	    mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(bytes != MAP_FAILED);
	(void)mlock(bytes, CHUNK);
	(void)madvise(bytes, CHUNK, MADV_DONTDUMP);
	chunk->bytes = bytes;
	chunk->older = locked->newest;
	locked->newest = chunk;
}

struct view
locked_add(struct locked *locked, struct view secret)
{
	char *copy;

	must(secret.n <= CHUNK);
	if (secret.n == 0)
		return VIEW("");
	if (locked->newest == NULL || CHUNK - locked->newest->used < secret.n)
		add_chunk(locked);
	copy = locked->newest->bytes + locked->newest->used;
	locked->newest->used += secret.n;
	memcpy(copy, secret.p, secret.n);
	return (struct view){copy, secret.n};
}

void
locked_wipe(struct view copy)
{
	if (copy.n > 0)
		OPENSSL_cleanse((void *)(uintptr_t)copy.p, copy.n);
}
