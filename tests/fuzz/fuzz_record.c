/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <stdlib.h>

#include "lib/bug.h"

#include "journal/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken apart can be put together again, and is then the same. */
static void
check_again(const struct journal_row *row)
{
	const struct journal_record again = {
	    .facts = &row->facts,
	    .verdict = row->verdict,
	    .place = row->place,
	    .key = row->key,
	    .policy = row->policy,
	};
	struct record *record = mem_zeroed(1, sizeof(*record));
	struct buf bytes = BUF_INIT(16 << 20);

	must(record_add_decision(&bytes, &again) == 0);
	must(record_decode(bytes.p, bytes.n, record) == 0);
	must(record->bytes == bytes.n);
	must(view_is(record->row.facts.sender.text, row->facts.sender.text));
	must(view_is(record->row.facts.sender.local, row->facts.sender.local));
	must(view_is(record->row.policy, row->policy));
	must(view_is(record->row.key, row->key));
	must(record->row.facts.n_rcpt_sample == row->facts.n_rcpt_sample);
	buf_fini(&bytes);
	free(record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = {(const char *)data, size};
	struct record *record = mem_zeroed(1, sizeof(*record));

	while (rest.n > 0 && record_decode(rest.p, rest.n, record) == 0) {
		must(record->bytes > 0 && record->bytes <= rest.n);
		if (record->kind == RECORD_DECISION)
			check_again(&record->row);
		rest = view_from(rest, record->bytes);
	}
	free(record);
	return 0;
}
