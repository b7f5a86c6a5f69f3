/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/dmarc.h"
#include "lib/bug.h"

enum { TEXT_MAX = 2048 };

static const char *
asks_name(enum dmarc_asks asks)
{
	static const char *const names[] = {[DMARC_ASKS_NONE] = "none",
	    [DMARC_ASKS_QUARANTINE] = "quarantine",
	    [DMARC_ASKS_REJECT] = "reject"};

	return names[asks];
}

/* A record in one line: what is said, what follows from it, and how it aligns. */
static void
show(const struct dmarc_record *record, struct buf *out)
{
	static const char *const psds[] = {
	    [DMARC_PSD_UNSAID] = "", [DMARC_PSD_YES] = " psd", [DMARC_PSD_NO] = " no-psd"};

	buf_addf(out, "%s%s/%s%s/%s%s", asks_name(record->p), record->has_p ? "!" : "",
	    asks_name(record->sp), record->has_sp ? "!" : "", asks_name(record->np),
	    record->has_np ? "!" : "");
	buf_addf(out, "%s%s%s%s", record->is_strict_spf ? " aspf" : "",
	    record->is_strict_dkim ? " adkim" : "", record->is_testing ? " testing" : "",
	    psds[record->psd]);
	if (record->is_np_bad)
		buf_add_text(out, " bad-np");
	if (record->pct != 100)
		buf_addf(out, " pct %u", record->pct);
	if (record->interval != 86400)
		buf_addf(out, " ri %u", record->interval);
	if (record->rua.n > 0)
		buf_addf(out, " rua %.*s", VIEW_ARG(record->rua));
	if (record->ruf.n > 0)
		buf_addf(out, " ruf %.*s", VIEW_ARG(record->ruf));
	if (record->fo.n > 0)
		buf_addf(out, " fo %.*s", VIEW_ARG(record->fo));
	if (record->rf.n > 0)
		buf_addf(out, " rf %.*s", VIEW_ARG(record->rf));
}

static const struct {
	const char *text, *want;
	unsigned problems; /* lines */
} records[] = {
    {"v=DMARC1; p=none", "none!/none/none", 0},
    {"v=DMARC1; p=reject;", "reject!/reject/reject", 0},
    {"v=DMARC1;p=quarantine;sp=none", "quarantine!/none!/none", 0},
    {"v=DMARC1; p=none; sp=quarantine; np=reject", "none!/quarantine!/reject!", 0},
    {"v=DMARC1; p=none; np=reject", "none!/none/reject!", 0},
    {"V = DMARC1 ; P = Reject ; ASPF = S ; ADKIM=s", "reject!/reject/reject aspf adkim", 0},
    {"v=DMARC1; p=none; aspf=r; adkim=r; t=n; psd=u", "none!/none/none", 0},
    {"v=DMARC1; p=none; t=y; psd=y", "none!/none/none testing psd", 0},
    {"v=DMARC1; p=none; psd=n", "none!/none/none no-psd", 0},
    {"v=DMARC1; p=none; pct=0; ri=3600; fo=1:d:s; rf=afrf",
	"none!/none/none pct 0 ri 3600 fo 1:d:s rf afrf", 0},
    {"v=DMARC1; p=none; rua=mailto:a@example.org!10m , mailto:b@example.net; "
     "ruf=mailto:c@example.org",
	"none!/none/none rua mailto:a@example.org!10m , mailto:b@example.net ruf "
	"mailto:c@example.org",
	0},
    /* odd, and usable */
    {"v=DMARC1", "none/none/none", 1},
    {"v=DMARC1; rua=mailto:a@example.org", "none/none/none rua mailto:a@example.org", 1},
    {"v=DMARC1; p=block; rua=mailto:a@example.org",
	"none/none/none rua mailto:a@example.org", 1},
    {"v=DMARC1; p=reject; sp=block; rua=mailto:a@example.org",
	"none/none/none rua mailto:a@example.org", 1},
    {"v=DMARC1; p=reject; np=; rua=https://example.org/",
	"reject!/reject/reject bad-np rua "
	"https://example.org/",
	1},
    /* RFC 7489 does not know np= */
    {"v=DMARC1; p=reject; np=bogus", "reject!/reject/reject bad-np", 1},
    {"v=DMARC1; p=none; np=block; rua=nowhere", "none!/none/none bad-np rua nowhere", 2},
    /* twice: the stricter */
    {"v=DMARC1; p=reject; p=none", "reject!/reject/reject", 1},
    {"v=DMARC1; p=reject; p=bogus", "reject!/reject/reject", 2},
    {"v=DMARC1; p=bogus; p=quarantine", "quarantine!/quarantine/quarantine", 2},
    {"v=DMARC1; p=none; sp=reject; sp=none; np=none; np=reject", "none!/reject!/reject!",
	2},
    {"v=DMARC1; p=none; aspf=s; aspf=r; adkim=r; adkim=s", "none!/none/none aspf adkim", 2},
    {"v=DMARC1; p=none; t=n; t=y", "none!/none/none", 1},
    {"v=DMARC1; p=none; t=y; t=n", "none!/none/none", 1},
    {"v=DMARC1; p=none; t=y; t=y", "none!/none/none testing", 1},
    {"v=DMARC1; p=reject; pct=100; pct=0", "reject!/reject/reject", 1},
    {"v=DMARC1; p=reject; pct=0; pct=20", "reject!/reject/reject pct 20", 1},
    {"v=DMARC1; p=none; pct=101; ri=-1; aspf=x; adkim=; t=yes; psd=maybe; fo=2",
	"none!/none/none fo 2", 7},
    {"v=DMARC1; p=none; policy=reject; x=", "none!/none/none", 2},
    {"v=DMARC1; hello; p=none;; =; p", "none!/none/none", 4},
    {"v=DMARC1; p=none; p=reject", "reject!/reject/reject", 1},
    {"v=DMARC1; p=none; rua=a@example.org", "none!/none/none rua a@example.org", 1},
    {"v=DMARC1; p=none; ruf=mailto:", "none!/none/none ruf mailto:", 1},
    /* not to be used */
    {"v=DMARC1; p=block", "!", 1},
    {"v=DMARC1; p=", "!", 1},
    {"v=DMARC1; p=none; sp=block", "!", 1},
    {"v=DMARC1; p=block; rua=mailto:@example.org", "!", 2},
    /* none at all */
    {"", "-", 0},
    {"v=DMARC", "-", 0},
    {"v=DMARC10; p=none", "-", 0},
    {"v=dmarc1; p=none", "-", 0},
    {"v=DMARC1 p=none", "-", 0},
    {"p=none; v=DMARC1", "-", 0},
    {" v=DMARC1; p=none", "-", 0},
    {"v=spf1 -all", "-", 0},
    {"\"v=DMARC1; p=none\"", "-", 0},
    {"vv=DMARC1; p=none", "-", 0},
    {"=DMARC1", "-", 0},
};

static unsigned
lines(const struct buf *text)
{
	unsigned n = 0;

	for (size_t i = 0; i < text->n; i++)
		n += text->p[i] == '\n';
	return n;
}

static void
records_are_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(records); i++) {
		struct buf got = BUF_INIT(TEXT_MAX), problems = BUF_INIT(TEXT_MAX);
		struct err err = ERR_INIT;
		struct dmarc_record record;
		int result =
		    dmarc_parse(view_of(records[i].text), &record, &problems, &err);

		if (result == 1)
			show(&record, &got);
		else
			buf_add_text(&got, result == 0 ? "-" : "!");
		if (strcmp(buf_text(&got), records[i].want) != 0 ||
		    lines(&problems) != records[i].problems ||
		    (result == -1) != (err.text[0] != '\0'))
			fail_msg("'%s':\ngot  %s, and %s%s\nwant %s, and %u problems",
			    records[i].text, buf_text(&got), buf_text(&problems), err.text,
			    records[i].want, records[i].problems);
		buf_fini(&got);
		buf_fini(&problems);
	}
}

/* Nothing of a record can speak to a terminal, or make two lines of one. */
static void
problems_are_escaped(void **state)
{
	struct buf problems = BUF_INIT(TEXT_MAX);
	struct dmarc_record record;

	(void)state;
	dmarc_parse(
	    VIEW("v=DMARC1; p=none; rua=a\nb\tc; fo=\x1b[2J"), &record, &problems, NULL);
	assert_int_equal(lines(&problems), 2);
	assert_null(strchr(buf_text(&problems), '\x1b'));
	assert_non_null(strstr(buf_text(&problems), "rua=a\\x0ab\\x09c"));
	buf_fini(&problems);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_are_parsed),
	    cmocka_unit_test(problems_are_escaped),
	};

	return cmocka_run_group_tests_name("DMARC records", tests, NULL, NULL);
}
