/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "lib/lookup.h"

/*
 * Answers as bytes: of each a head, its name, and for each record a head and its data. The
 * numbers are the machine's own: both ends are processes of one program.
 */

struct packed_answer {
	uint16_t type;
	uint8_t state, rcode;
	uint8_t is_secure, is_bogus, is_cut, unused;
	uint32_t n, ttl, micros, name_n;
};

struct packed_record {
	uint32_t data_n;
	uint16_t preference, unused;
};

void
answers_pack(const struct answers *answers, struct buf *out)
{
	for (size_t i = 0; i < answers_count(answers); i++) {
		const struct dns_answer *answer = answers_at(answers, i);
		struct packed_answer head = {.type = (uint16_t)answer->type,
		    .state = (uint8_t)answer->state,
		    .rcode = answer->rcode,
		    .is_secure = answer->is_secure,
		    .is_bogus = answer->is_bogus,
		    .is_cut = answer->is_cut,
		    .n = answer->n,
		    .ttl = answer->ttl,
		    .micros = answer->micros,
		    .name_n = (uint32_t)answer->name.n};

		buf_add_bytes(out, &head, sizeof(head));
		buf_add(out, answer->name);
		for (uint32_t j = 0; j < answer->n; j++) {
			struct packed_record record = {
			    .data_n = (uint32_t)answer->records[j].data.n,
			    .preference = answer->records[j].preference};

			buf_add_bytes(out, &record, sizeof(record));
			buf_add(out, answer->records[j].data);
		}
	}
}

/* The next N bytes of *REST. */
static bool
bytes_take(struct view *rest, size_t n, struct view *ret_bytes)
{
	if (rest->n < n)
		return false;
	*ret_bytes = view_head(*rest, n);
	*rest = view_from(*rest, n);
	return true;
}

static bool
head_take(struct view *rest, void *ret_head, size_t size)
{
	struct view bytes;

	if (!bytes_take(rest, size, &bytes))
		return false;
	memcpy(ret_head, bytes.p, size);
	return true;
}

static bool
head_is_sane(const struct packed_answer *head, struct view name)
{
	char normal[DNS_NAME_MAX * 4 + 1];

	return head->state <= DNS_FAILED && head->n <= DNS_RECORDS_MAX &&
	       (head->n > 0) == (head->state == DNS_FOUND) &&
	       dns_name_normal(name, normal) && view_is(view_of(normal), name);
}

/* 1: one was taken; 0: there is no more; -1: damaged. */
static int
answer_take(struct view *rest, struct dns_record *records, struct dns_answer *ret_answer)
{
	struct packed_answer head;
	struct view name;

	if (rest->n == 0)
		return 0;
	if (!head_take(rest, &head, sizeof(head)) ||
	    !bytes_take(rest, head.name_n, &name) || !head_is_sane(&head, name))
		return -1;
	for (uint32_t i = 0; i < head.n; i++) {
		struct packed_record record;

		if (!head_take(rest, &record, sizeof(record)) ||
		    record.data_n > DNS_TXT_MAX ||
		    !bytes_take(rest, record.data_n, &records[i].data))
			return -1;
		records[i].preference = record.preference;
	}
	*ret_answer = (struct dns_answer){.name = name,
	    .type = (enum dns_type)head.type,
	    .state = (enum dns_state)head.state,
	    .records = records,
	    .n = head.n,
	    .ttl = head.ttl,
	    .rcode = head.rcode,
	    .is_secure = head.is_secure != 0,
	    .is_bogus = head.is_bogus != 0,
	    .is_cut = head.is_cut != 0,
	    .micros = head.micros};
	return 1;
}

int
answers_unpack(struct answers *answers, struct view packed, struct err *err)
{
	struct dns_record records[DNS_RECORDS_MAX];
	struct dns_answer answer;
	int got;

	while ((got = answer_take(&packed, records, &answer)) > 0)
		if (!answers_add(answers, &answer))
			return err_set(err, ERR_LIMIT, "too many answers of DNS");
	return got == 0 ? 0 : err_set(err, ERR_BAD_INPUT, "answers of DNS are damaged");
}
