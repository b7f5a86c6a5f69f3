/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/bug.h"

#include "journal/record.h"
#include "tests/unit/journal_lab.h"

static bool
addresses_are(const struct fact_address *a, const struct fact_address *b)
{
	return view_is(a->text, b->text) && view_is(a->local, b->local) &&
	       view_is(a->domain, b->domain);
}

static void
check_facts(const struct facts *got, const struct facts *want)
{
	assert_int_equal(got->time, want->time);
	assert_int_equal(got->local_date, want->local_date);
	assert_int_equal(got->local_minute, want->local_minute);
	assert_int_equal(got->local_weekday, want->local_weekday);
	assert_int_equal(got->path, want->path);
	assert_true(view_is(got->user, want->user));
	assert_true(addr_is(got->client, want->client));
	assert_true(view_is(got->helo, want->helo));
	assert_true(view_is(got->queue_id, want->queue_id));
	assert_true(view_is(got->message_id, want->message_id));
	assert_true(addresses_are(&got->sender, &want->sender));
	assert_true(addresses_are(&got->author, &want->author));
	assert_true(view_is(got->unclear, want->unclear));
	assert_int_equal(got->rcpts, want->rcpts);
	assert_int_equal(got->size, want->size);
	assert_int_equal(got->fragile, want->fragile);
	assert_int_equal(got->n_rcpt_sample, want->n_rcpt_sample);
	for (uint32_t i = 0; i < want->n_rcpt_sample; i++)
		assert_true(addresses_are(&got->rcpt_sample[i], &want->rcpt_sample[i]));
	assert_int_equal(got->n_rcpt_fits, want->n_rcpt_fits);
	for (uint32_t i = 0; i < want->n_rcpt_fits; i++)
		assert_int_equal(got->rcpt_fits[i], want->rcpt_fits[i]);
}

static void
gives_back_what_it_got(void **state)
{
	struct record *record = mem_zeroed(1, sizeof(*record));
	struct buf bytes = BUF_INIT(1 << 20);
	struct lab_record lab;

	(void)state;
	lab_record_init(&lab, "4cXyZ71kq", LAB_TIME);
	assert_int_equal(record_add_decision(&bytes, &lab.record), 0);
	size_t first = bytes.n;
	lab.facts.sender = (struct fact_address){.text = VIEW_NONE};
	lab.facts.n_rcpt_sample = lab.facts.n_rcpt_fits = 0;
	lab.facts.client.family = ADDR_NONE;
	assert_int_equal(record_add_decision(&bytes, &lab.record), 0);

	assert_int_equal(record_decode(bytes.p + first, bytes.n - first, record), 0);
	check_facts(&record->row.facts, &lab.facts);
	assert_int_equal(record->bytes, bytes.n - first);

	lab_record_init(&lab, "4cXyZ71kq", LAB_TIME);
	assert_int_equal(record_decode(bytes.p, bytes.n, record), 0);
	assert_int_equal(record->kind, RECORD_DECISION);
	assert_int_equal(record->bytes, first);
	check_facts(&record->row.facts, &lab.facts);
	assert_true(view_is(record->row.verdict, VIEW("hold")));
	assert_true(view_is(record->row.tags, lab.record.tags));
	assert_true(view_is(record->row.key, VIEW("alice")));
	assert_int_equal(record->row.micros, 1234);

	record_drop(bytes.p);
	assert_int_equal(record_decode(bytes.p, bytes.n, record), 0);
	assert_int_equal(record->kind, RECORD_GONE);
	buf_fini(&bytes);
	free(record);
}

static void
cuts_what_is_too_long(void **state)
{
	struct record *record = mem_zeroed(1, sizeof(*record));
	struct buf bytes = BUF_INIT(1 << 20);
	struct lab_record lab;
	char *text = mem_zeroed(1, 3 * RECORD_TEXT_MAX);

	(void)state;
	memset(text, 'x', 3 * RECORD_TEXT_MAX);
	lab_record_init(&lab, "1", LAB_TIME);
	lab.facts.message_id = (struct view){text, 3 * RECORD_TEXT_MAX};
	assert_int_equal(record_add_decision(&bytes, &lab.record), 0);
	assert_int_equal(record_decode(bytes.p, bytes.n, record), 0);
	assert_int_equal(record->row.facts.message_id.n, RECORD_TEXT_MAX);
	buf_fini(&bytes);
	free(record);
	free(text);
}

static void
leaves_out_what_does_not_fit(void **state)
{
	struct buf bytes = BUF_INIT(700);
	struct lab_record lab;

	(void)state;
	lab_record_init(&lab, "1", LAB_TIME);
	assert_int_equal(record_add_decision(&bytes, &lab.record), 0);
	size_t n = bytes.n;
	assert_int_equal(record_add_decision(&bytes, &lab.record), -1);
	assert_int_equal(bytes.n, n);
	buf_fini(&bytes);
}

/* Every cut and every changed byte is refused or gives a record: never more than the bytes.
 */
static void
survives_damage(void **state)
{
	struct record *record = mem_zeroed(1, sizeof(*record));
	struct buf bytes = BUF_INIT(1 << 20);
	struct lab_record lab;
	unsigned refused = 0;

	(void)state;
	lab_record_init(&lab, "4cXyZ71kq", LAB_TIME);
	assert_int_equal(record_add_decision(&bytes, &lab.record), 0);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_equal(record_decode(bytes.p, n, record), -1);
	for (size_t at = 0; at < bytes.n; at++) {
		char *copy =
		    mem_zeroed(1, bytes.n); /* its end is where a sanitizer looks */

		memcpy(copy, bytes.p, bytes.n);
		copy[at] = (char)(copy[at] ^ 0xff);
		if (record_decode(copy, bytes.n, record) == -1)
			refused++;
		free(copy);
	}
	assert_true(refused > 50); /* lengths and counts */
	buf_fini(&bytes);
	free(record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gives_back_what_it_got),
	    cmocka_unit_test(cuts_what_is_too_long),
	    cmocka_unit_test(leaves_out_what_does_not_fit),
	    cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
