/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The input is the TXT records at a selector, one behind the other with LF between them,
 * and a record's p= once more as a key of ours. What is read is either a key or a fault
 * that keeps it from being one; a key compares with itself and with no other.
 */

#include <stdint.h>
#include <string.h>

#include "auth/base64.h"
#include "auth/keyrecord.h"
#include "lib/bug.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 4 };

static const unsigned known = KEY_FAULTS_UNPUBLISHED | KEY_FAULTS_MISMATCHED |
			      KEY_FAULT_TESTING | KEY_FAULT_STRICT | KEY_FAULT_WEAK;
/* Whatever of these there is, nobody can read a key. */
static const unsigned no_key = KEY_FAULTS_UNPUBLISHED | KEY_FAULT_SPLIT | KEY_FAULT_MANY |
			       KEY_FAULT_SYNTAX | KEY_FAULT_BASE64 | KEY_FAULT_ALGORITHM;

static void
check_published(const struct key_published *published)
{
	uint8_t other[KEY_FINGERPRINT];
	unsigned faults = published->faults;

	must((faults & ~known) == 0);
	must((published->bits == 0) == ((faults & no_key) != 0));
	must((faults == 0) == (key_fault_text(faults)[0] == '\0'));
	memcpy(other, published->fingerprint, sizeof(other));
	must(key_compare(published, published->algorithm, other) == faults);
	other[0] ^= 1;
	if (published->bits > 0)
		must(key_compare(published, published->algorithm, other) ==
		     (faults | KEY_FAULT_OTHER_KEY));
}

static void
check_base64(struct view text)
{
	uint8_t *bytes = mem_zeroed(text.n / 4 * 3 + 3, 1);
	size_t n;

	if (base64_read(text, bytes, &n)) {
		char *again = mem_zeroed(BASE64_SIZE(n), 1);
		uint8_t *same = mem_zeroed(n + 3, 1);
		size_t n_same;

		must(n <= text.n / 4 * 3 + 3);
		must(base64_read(base64(bytes, n, again), same, &n_same));
		must(n_same == n && (n == 0 || memcmp(bytes, same, n) == 0));
		free(again);
		free(same);
	}
	free(bytes);
}

/* A key of ours in the record that we would publish for it. */
static void
try_key(struct view public, enum sign_algorithm algorithm)
{
	uint8_t fingerprint[KEY_FINGERPRINT];
	struct buf text = BUF_INIT(DNS_TXT_MAX * 2);
	struct dns_record record;
	struct dns_answer answer = {.state = DNS_FOUND, .records = &record, .n = 1};
	struct key_published published;
	unsigned faults;

	if (view_has_char(public, ';') ||
	    key_fingerprint(algorithm, public, fingerprint, NULL) != 0)
		return;
	buf_addf(
	    &text, "v=DKIM1; k=%s; p=", algorithm == SIGN_RSA_SHA256 ? "rsa" : "ed25519");
	buf_add(&text, public);
	record.data = buf_view(&text);
	key_published_read(&answer, &published);
	faults = key_compare(&published, algorithm, fingerprint);
	must((faults & ~(unsigned)(KEY_FAULT_SHORT | KEY_FAULT_WEAK)) == 0);
	buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = {(const char *)data, size}, line;
	struct dns_record records[RECORDS_MAX];
	struct dns_answer answer = {.state = DNS_FOUND, .records = records};
	struct key_published published;

	while (rest.n > 0 && answer.n < RECORDS_MAX && view_cut(&rest, '\n', &line))
		records[answer.n++] = (struct dns_record){.data = line};
	for (uint32_t i = 0; i < answer.n; i++) {
		struct view public = records[i].data;

		while (public.n > 0 && !view_starts(public, VIEW("p=")))
		public = view_from(public, 1);
		public = view_from(public, 2);
		check_base64(public);
		try_key(public, SIGN_RSA_SHA256);
		try_key(public, SIGN_ED25519_SHA256);
	}
	key_published_read(&answer, &published);
	check_published(&published);
	answer =
	    (struct dns_answer){.state = DNS_FOUND, .records = records, .n = answer.n > 0};
	key_published_read(&answer, &published);
	check_published(&published);
	return 0;
}
