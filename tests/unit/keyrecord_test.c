/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/keyrecord.h"
#include "auth/keys.h"
#include "lib/bug.h"

/* Keys that were made for this test, as SubjectPublicKeyInfo and as PKCS#1. */
#define RSA                                                                                \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA43Gzmbue4DFCGLCxliho3OEMnl"           \
	"+9z28b7LQsbNrvHwQWJJHOn7UAPGE9IPpy+Ac8Jvd6tw3+uKOa3p8zsgPOhHntnuBNTgYh"           \
	"zxG/JOPfS26OHsFrrohrTWWknv+b+agWStRRflP3WYwdvrI/GYhYK+WA2ilO3SK36/mhWs"           \
	"k3EmqPMifxvaPhCDRe1LSQNpl5lda0MG8pc5g11cD3FCwuJtfAUvnW9dEN6cUQ9CJ4cihF"           \
	"zwghC+h4/ps9d6B3ghiNUHEzZR7+w2WDAlNtPJHE3BfTKmIayL/RiVa98bpzB4Yis2vcPy"           \
	"Z2OvKUpLb2A94hEFcLM2S5VEsvOApYG5vBKwIDAQAB"
#define RSA_PKCS1                                                                          \
	"MIIBCgKCAQEA43Gzmbue4DFCGLCxliho3OEMnl+9z28b7LQsbNrvHwQWJJHOn7UAPGE9IP"           \
	"py+Ac8Jvd6tw3+uKOa3p8zsgPOhHntnuBNTgYhzxG/JOPfS26OHsFrrohrTWWknv+b+agW"           \
	"StRRflP3WYwdvrI/GYhYK+WA2ilO3SK36/mhWsk3EmqPMifxvaPhCDRe1LSQNpl5lda0MG"           \
	"8pc5g11cD3FCwuJtfAUvnW9dEN6cUQ9CJ4cihFzwghC+h4/ps9d6B3ghiNUHEzZR7+w2WD"           \
	"AlNtPJHE3BfTKmIayL/RiVa98bpzB4Yis2vcPyZ2OvKUpLb2A94hEFcLM2S5VEsvOApYG5"           \
	"vBKwIDAQAB"
#define RSA_1024                                                                           \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDHwADHPcey6s9iVTVKiDmijO+WOQUzRS"           \
	"2Z6REJkgE9/t73+8YOfphU14wcQhr7V+iZmp11RRa+0KTY5ZRw0uZxtGY3ckiw3awv8VdN"           \
	"jEBTHRBWx68uPoZ/fqPtUFafXUmREbNVXQ87m/Y1XV2cXa/jFAZpkICntKgbKao70lx9ZQ"           \
	"IDAQAB"
#define RSA_768                                                                            \
	"MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALW+71jwkyTF4/UwmSmKS9Coarb5W8sM/PWv+p"           \
	"4NF5/fU7snRuiCcVLI29gh7d64RgLtpn4HW0wkOdlkzJc/EEak6ScsoxZaW5RT28OmGfmv"           \
	"i0oVXYJZIiafQsW03yzZWwIDAQAB"
#define ED25519      "yv7WhqNuVGHmXw+JdrkPYtBDx8zZpy5L+d8uoX00bcg="
#define ED25519_SPKI "MCowBQYDK2VwAyEAyv7WhqNuVGHmXw+JdrkPYtBDx8zZpy5L+d8uoX00bcg="
#define ELLIPTIC                                                                           \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3MaxpW0+A2MRqIMn4Ycb6MjU3EQWQddYKj"           \
	"uuluQeWtlzsenK5NB45NgHH8Yb660VVDfvzBkFvrX+qJYbfOt1nA=="
/* "v=DKIM1; k=rsa; p=" and what follows, cut where one string of a TXT record ends. */
#define RSA_HEAD                                                                           \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA43Gzmbue4DFCGLCxliho3OEMnl"           \
	"+9z28b7LQsbNrvHwQWJJHOn7UAPGE9IPpy+Ac8Jvd6tw3+uKOa3p8zsgPOhHntnuBNTgYh"           \
	"zxG/JOPfS26OHsFrrohrTWWknv+b+agWStRRflP3WYwdvrI/GYhYK+WA2ilO3SK36/mhWs"           \
	"k3EmqPMifxvaPhCDRe1LSQNpl5l"
#define RSA_TAIL                                                                           \
	"da0MG8pc5g11cD3FCwuJtfAUvnW9dEN6cUQ9CJ4cihFzwghC+h4/ps9d6B3ghiNUHEzZR7"           \
	"+w2WDAlNtPJHE3BfTKmIayL/RiVa98bpzB4Yis2vcPyZ2OvKUpLb2A94hEFcLM2S5VEsvO"           \
	"ApYG5vBKwIDAQAB"

static unsigned
read_texts(const struct view *texts, uint32_t n, struct key_published *ret_published)
{
	struct dns_record records[4];
	struct dns_answer answer = {
	    .type = DNS_TXT, .state = DNS_FOUND, .records = records, .n = n};

	for (uint32_t i = 0; i < n; i++)
		records[i] = (struct dns_record){.data = texts[i]};
	key_published_read(&answer, ret_published);
	return ret_published->faults;
}

static unsigned
read_text(const char *text, struct key_published *ret_published)
{
	struct view record = view_of(text);

	return read_texts(&record, 1, ret_published);
}

static const struct {
	const char *text;
	unsigned faults, bits;
} records[] = {
    {"v=DKIM1; k=rsa; p=" RSA, 0, 2048},
    {"v=DKIM1;k=rsa;p=" RSA ";", 0, 2048},
    {"p=" RSA, 0, 2048},
    {"k=rsa; p=" RSA_PKCS1, 0, 2048},
    {" v = DKIM1 ;\r\n\tp = " RSA " ; ", 0, 2048},
    {"v=DKIM1; p= " RSA_HEAD " \t\r\n " RSA_TAIL, 0, 2048},
    {"v=DKIM1; g=; n=it's ours; x=y; xy_1=; p=" RSA, 0, 2048},
    {"v=DKIM1; k=ed25519; p=" ED25519, 0, 256},
    {"v=DKIM1; p=" RSA_1024, KEY_FAULT_WEAK, 1024},
    {"v=DKIM1; p=" RSA_768, KEY_FAULT_SHORT, 768},
    {"v=DKIM1; h=sha1:sha256; s=*; t=; p=" RSA, 0, 2048},
    {"v=DKIM1; h=sha1; p=" RSA, KEY_FAULT_HASH, 2048},
    {"v=DKIM1; h=; p=" RSA, KEY_FAULT_HASH, 2048},
    {"v=DKIM1; s=email:x; p=" RSA, 0, 2048},
    {"v=DKIM1; s=tlsrpt; p=" RSA, KEY_FAULT_SERVICE, 2048},
    {"v=DKIM1; t=y:s; p=" RSA, KEY_FAULT_TESTING | KEY_FAULT_STRICT, 2048},
    {"v=DKIM1; t=yes; p=" RSA, 0, 2048},
    /* revoked */
    {"v=DKIM1; p=", KEY_FAULT_REVOKED, 0},
    {"v=DKIM1; k=x; p= ; t=y", KEY_FAULT_REVOKED | KEY_FAULT_ALGORITHM | KEY_FAULT_TESTING,
	0},
    /* no key record */
    {"", KEY_FAULT_SYNTAX, 0},
    {"hello", KEY_FAULT_SYNTAX, 0},
    {"v=spf1 -all", KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; k=rsa", KEY_FAULT_SYNTAX, 0},
    {"v=DKIM2; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=dkim1; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"p=" RSA "; v=DKIM1", KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; p=" RSA "; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; v=DKIM1; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1;; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; 1=x; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; n=\x01; p=" RSA, KEY_FAULT_SYNTAX, 0},
    {"v=DKIM1; P=" RSA, KEY_FAULT_SYNTAX, 0},
    /* no key */
    {"v=DKIM1; p=!", KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=AAAA", KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p==", KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=" RSA "AAAA", KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=" RSA "=", KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=" ELLIPTIC, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=" ED25519_SPKI, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; p=-----BEGIN PUBLIC KEY-----" RSA, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; k=ed25519; p=" ED25519_SPKI, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; k=ed25519; p=" RSA, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; k=rsa; p=" ED25519, KEY_FAULT_BASE64, 0},
    {"v=DKIM1; k=RSA; p=" RSA, KEY_FAULT_ALGORITHM, 0},
    {"v=DKIM1; k=; p=" RSA, KEY_FAULT_ALGORITHM, 0},
    /* split wrong */
    {"v=DKIM1; k=rsa; p=" RSA_HEAD, KEY_FAULT_SPLIT, 0},
    {"v=DKIM1; k=rsa; p=" RSA_HEAD "\" \"" RSA_TAIL, KEY_FAULT_SPLIT, 0},
    {"\"v=DKIM1; k=rsa; p=" RSA_HEAD "\" \"" RSA_TAIL "\"", KEY_FAULT_SPLIT, 0},
    {"v=DKIM1\\; k=rsa\\; p=" RSA, KEY_FAULT_SPLIT, 0},
    {"v=DKIM1; p=" RSA "\\;", KEY_FAULT_SPLIT, 0},
};

static void
records_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct key_published published;
		unsigned got = read_text(records[i].text, &published);

		if (got != records[i].faults || published.bits != records[i].bits)
			fail_msg("%s: got faults %#x and %u bits, want %#x and %u",
			    records[i].text, got, published.bits, records[i].faults,
			    records[i].bits);
	}
}

static void
answers_without_one_record(void **state)
{
	static const struct view pieces[] = {
	    {"v=DKIM1; k=rsa; p=" RSA_HEAD, sizeof("v=DKIM1; k=rsa; p=" RSA_HEAD) - 1},
	    {RSA_TAIL, sizeof(RSA_TAIL) - 1}};
	static const struct view both[] = {
	    {"v=DKIM1; p=" RSA, sizeof("v=DKIM1; p=" RSA) - 1},
	    {"v=DKIM1; p=" RSA_1024, sizeof("v=DKIM1; p=" RSA_1024) - 1}};
	static const struct view beside[] = {
	    {"v=DKIM1; p=" RSA, sizeof("v=DKIM1; p=" RSA) - 1}, {"v=spf1 -all", 11}};
	struct dns_record record = {.data = both[0]};
	struct dns_answer answer = {.state = DNS_NO_NAME};
	struct key_published published;

	(void)state;
	key_published_read(&answer, &published);
	assert_int_equal(published.faults, KEY_FAULT_NO_RECORD);
	answer.state = DNS_NO_DATA;
	key_published_read(&answer, &published);
	assert_int_equal(published.faults, KEY_FAULT_NO_RECORD);
	answer.state = DNS_FOUND;
	key_published_read(&answer, &published);
	assert_int_equal(published.faults, KEY_FAULT_NO_RECORD);
	/* Records over DNS_TXT_MAX are left out. */
	answer.is_cut = true;
	key_published_read(&answer, &published);
	assert_int_equal(published.faults, KEY_FAULT_SYNTAX);
	answer.records = &record;
	answer.n = 1;
	key_published_read(&answer, &published);
	assert_int_equal(published.faults, KEY_FAULT_MANY);
	assert_int_equal(read_texts(both, 2, &published), KEY_FAULT_MANY);
	assert_int_equal(read_texts(beside, 2, &published), KEY_FAULT_MANY);
	assert_int_equal(
	    read_texts(pieces, 2, &published), KEY_FAULT_MANY | KEY_FAULT_SPLIT);
	assert_int_equal(published.bits, 0);
}

static void
keys_are_compared(void **state)
{
	uint8_t ours[KEY_FINGERPRINT], other[KEY_FINGERPRINT], ed[KEY_FINGERPRINT];
	struct key_published published;

	(void)state;
	assert_int_equal(key_fingerprint(SIGN_RSA_SHA256, VIEW(RSA), ours, NULL), 0);
	assert_int_equal(key_fingerprint(SIGN_RSA_SHA256, VIEW(RSA_1024), other, NULL), 0);
	assert_int_equal(key_fingerprint(SIGN_ED25519_SHA256, VIEW(ED25519), ed, NULL), 0);

	read_text("v=DKIM1; p=" RSA, &published);
	assert_int_equal(key_compare(&published, SIGN_RSA_SHA256, ours), 0);
	assert_int_equal(
	    key_compare(&published, SIGN_RSA_SHA256, other), KEY_FAULT_OTHER_KEY);
	assert_int_equal(
	    key_compare(&published, SIGN_ED25519_SHA256, ed), KEY_FAULT_ALGORITHM);
	/* The same key, written in the other form. */
	read_text("v=DKIM1; t=y; p=" RSA_PKCS1, &published);
	assert_int_equal(key_compare(&published, SIGN_RSA_SHA256, ours), KEY_FAULT_TESTING);
	read_text("v=DKIM1; k=ed25519; p=" ED25519, &published);
	assert_int_equal(key_compare(&published, SIGN_ED25519_SHA256, ed), 0);
	read_text("v=DKIM1; p=", &published);
	assert_int_equal(key_compare(&published, SIGN_RSA_SHA256, ours), KEY_FAULT_REVOKED);
}

static void
fingerprints_of_what_is_no_key(void **state)
{
	static const char *const texts[] = {"", "!", "AAAA", ELLIPTIC};
	uint8_t fingerprint[KEY_FINGERPRINT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err err = ERR_INIT;

		if (key_fingerprint(
			SIGN_RSA_SHA256, view_of(texts[i]), fingerprint, &err) == 0 ||
		    err.text[0] == '\0')
			fail_msg("'%s' has a fingerprint", texts[i]);
	}
	assert_int_equal(
	    key_fingerprint(SIGN_ED25519_SHA256, VIEW(ED25519_SPKI), fingerprint, NULL),
	    -1);
}

/* What key_public gives is what comes back. */
static void
our_own_keys(void **state)
{
	static const enum key_type types[] = {KEY_RSA2048, KEY_ED25519};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct buf pem = BUF_INIT(KEY_FILE_MAX), public = BUF_INIT(KEY_RECORD_MAX),
			   record = BUF_INIT(KEY_RECORD_MAX);
		uint8_t fingerprint[KEY_FINGERPRINT];
		struct key_published published;
		struct key *key;
		bool is_weak;

		assert_int_equal(key_generate(types[i], &pem, NULL), 0);
		assert_int_equal(key_parse(buf_view(&pem), &key, &is_weak, NULL), 0);
		key_public(key, &public);
		key_record(key, &record);
		assert_int_equal(read_text(buf_text(&record), &published), 0);
		assert_int_equal(key_fingerprint(key_algorithm(key), buf_view(&public),
				     fingerprint, NULL),
		    0);
		assert_int_equal(
		    key_compare(&published, key_algorithm(key), fingerprint), 0);
		key_free(key);
		buf_fini(&pem);
		buf_fini(&public);
		buf_fini(&record);
	}
}

static void
every_fault_has_words(void **state)
{
	(void)state;
	assert_string_equal(key_fault_text(0), "");
	for (unsigned bit = 0; bit <= 13; bit++)
		if (key_fault_text(1U << bit)[0] == '\0')
			fail_msg("fault %#x has no words", 1U << bit);
	assert_string_equal(key_fault_text(1U << 14), "");
	/* The worst counts. */
	assert_ptr_equal(key_fault_text(KEY_FAULT_WEAK | KEY_FAULT_REVOKED),
	    key_fault_text(KEY_FAULT_REVOKED));
	assert_non_null(strstr(key_fault_text(KEY_FAULT_OTHER_KEY), "another key"));
	assert_non_null(strstr(key_fault_text(KEY_FAULT_WEAK), "2048"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_are_read),
	    cmocka_unit_test(answers_without_one_record),
	    cmocka_unit_test(keys_are_compared),
	    cmocka_unit_test(fingerprints_of_what_is_no_key),
	    cmocka_unit_test(our_own_keys),
	    cmocka_unit_test(every_fault_has_words),
	};

	return cmocka_run_group_tests_name("published keys", tests, NULL, NULL);
}
