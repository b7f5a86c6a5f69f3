/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * What DNS says. First byte: what the input is. 0: answers as another process packs them,
 * the rest. Anything else is a type of records; then the result code, a byte of bits, and
 * records: length (two bytes, high one first) and as much of it as there is.
 */

#include <stdint.h>
#include <string.h>

#include "auth/dns_private.h"
#include "lib/bug.h"

enum { HEAD = 3, RECORDS = 100, PACKED_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_normal(struct view name)
{
	char normal[DNS_NAME_MAX * 4 + 1];

	return dns_name_normal(name, normal) && view_is(view_of(normal), name);
}

static void
check_record(enum dns_type type, struct view record)
{
	must(record.p != NULL);
	if (type == DNS_A || type == DNS_AAAA)
		must(record.n == (type == DNS_A ? 4 : 16));
	else if (type == DNS_TXT)
		must(record.n <= DNS_TXT_MAX);
	else
		must(is_normal(record));
}

static void
check_answer(const struct dns_answer *answer)
{
	must((answer->state == DNS_FOUND) == (answer->n > 0));
	must(answer->n <= DNS_RECORDS_MAX);
	must(!answer->is_bogus || (answer->state == DNS_FAILED && !answer->is_secure));
	for (uint32_t i = 0; i < answer->n; i++)
		check_record(answer->type, answer->records[i].data);
}

static void
check_same(const struct dns_answer *a, const struct dns_answer *b)
{
	must(view_is(a->name, b->name) && a->type == b->type && a->state == b->state);
	must(a->n == b->n && a->ttl == b->ttl && a->rcode == b->rcode);
	must(a->is_secure == b->is_secure && a->is_bogus == b->is_bogus);
	for (uint32_t i = 0; i < a->n; i++) {
		must(view_is(a->records[i].data, b->records[i].data));
		must(a->records[i].preference == b->records[i].preference);
	}
}

/* Packed and read again they are what they were. */
static void
check_packing(const struct answers *answers)
{
	struct buf packed = BUF_INIT(PACKED_MAX);
	struct arena *arena = arena_new(0);
	struct answers *again = answers_new(arena);

	answers_pack(answers, &packed);
	if (!packed.full) {
		must(answers_unpack(again, buf_view(&packed), NULL) == 0);
		must(answers_count(again) == answers_count(answers));
		for (size_t i = 0; i < answers_count(again); i++)
			check_same(answers_at(again, i), answers_at(answers, i));
	}
	buf_fini(&packed);
	arena_free(arena);
}

static void
unpack(struct view packed, struct arena *arena)
{
	struct answers *answers = answers_new(arena);

	if (answers_unpack(answers, packed, NULL) == 0)
		check_packing(answers);
}

/* Each record in memory of its very size, so that reading past it is found. */
static void
convert(const uint8_t *data, size_t size, struct arena *arena)
{
	char *records[RECORDS + 1] = {NULL};
	int sizes[RECORDS];
	size_t n = 0;
	const uint8_t *at = data + HEAD, *end = data + size;

	while (n < RECORDS && end - at >= 2) {
		size_t bytes = (size_t)at[0] << 8 | at[1];

		at += 2;
		if (bytes > (size_t)(end - at))
			bytes = (size_t)(end - at);
		records[n] = malloc(bytes > 0 ? bytes : 1);
		must(records[n] != NULL);
		memcpy(records[n], at, bytes);
		sizes[n++] = (int)bytes;
		at += bytes;
	}
	const struct dns_raw raw = {.rcode = data[1],
	    .ttl = data[2] * 1000,
	    .is_found = (data[2] & 1) != 0,
	    .is_secure = (data[2] & 2) != 0,
	    .is_bogus = (data[2] & 4) != 0,
	    .data = records,
	    .sizes = sizes};
	struct dns_answer answer = {
	    .name = VIEW("example.org"), .type = (enum dns_type)data[0]};
	dns_answer_take(&raw, arena, &answer);
	check_answer(&answer);
	struct answers *answers = answers_new(arena);
	if (answers != NULL && answers_add(answers, &answer))
		check_packing(answers);
	for (size_t i = 0; i < n; i++)
		free(records[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);

	if (size >= 1 && data[0] == 0)
		unpack(view_from((struct view){(const char *)data, size}, 1), arena);
	else if (size >= HEAD)
		convert(data, size, arena);
	arena_free(arena);
	return 0;
}
