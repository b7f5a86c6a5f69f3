/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/types.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "lib/bug.h"

#include "tests/scenario/verify.h"

enum { FIELD_MAX = 1 << 20 };

struct view
signature_tag(const char *value, char tag)
{
	struct view rest = view_of(value), part;

	while (view_cut(&rest, ';', &part)) {
		part = view_trim(part);
		if (part.n > 2 && part.p[0] == tag && part.p[1] == '=')
			return view_from(part, 2);
	}
	return VIEW("");
}

/* The lab is what dkim_set_user_context was given. */
static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *sig, u_char *into, size_t size)
{
	const struct lab *lab = dkim_get_user_context(dkim);
	char want[600];

	snprintf(want, sizeof(want), "%s._domainkey.%s", (char *)dkim_sig_getselector(sig),
	    (char *)dkim_sig_getdomain(sig));
	/* One that is not published is verified all the same: that it is sound is another
	 * thing. */
	struct view text = zone_key(lab->zone, view_of(want));
	if (text.n == 0)
		return DKIM_CBSTAT_NOTFOUND;
	snprintf((char *)into, size, "%.*s", VIEW_ARG(text));
	return DKIM_CBSTAT_CONTINUE;
}

/* One field as it is on the wire: folds are CRLF. */
static DKIM_STAT
feed_field(DKIM *dkim, const struct mail_field *field)
{
	struct buf text = BUF_INIT(FIELD_MAX);

	buf_addf(&text, "%s:", field->name);
	for (const char *p = field->value; *p != '\0'; p++) {
		if (*p == '\n')
			buf_add_char(&text, '\r');
		buf_add_char(&text, *p);
	}
	DKIM_STAT status = dkim_header(dkim, (u_char *)text.p, text.n);
	buf_fini(&text);
	return status;
}

/* Of the inserted signatures only I; the last one that was inserted stands on top. */
static DKIM_STAT
feed(DKIM *dkim, const struct mail *mail, const struct outcome *outcome, unsigned i)
{
	DKIM_STAT status = DKIM_STAT_OK;
	bool end;

	for (unsigned j = outcome->n_inserted; j > 0 && status == DKIM_STAT_OK; j--) {
		const struct mail_field *field = &outcome->inserted[j - 1];
		if (j - 1 == i || strcmp(field->name, "DKIM-Signature") != 0)
			status = feed_field(dkim, field);
	}
	for (unsigned j = 0; j < mail->n_fields && status == DKIM_STAT_OK; j++)
		status = feed_field(dkim, &mail->fields[j]);
	if (status == DKIM_STAT_OK)
		status = dkim_eoh(dkim);
	if (status == DKIM_STAT_OK && mail->body.n > 0)
		status = dkim_body(dkim, (u_char *)mail->body.p, mail->body.n);
	return status == DKIM_STAT_OK ? dkim_eom(dkim, &end) : status;
}

static const char *
judge(DKIM *dkim, DKIM_STAT status)
{
	DKIM_SIGINFO **signatures;
	int n = 0;

	/* Ours stands above those that the message brought along. */
	if (dkim_getsiglist(dkim, &signatures, &n) != DKIM_STAT_OK || n == 0)
		return "no signature was found";
	DKIM_SIGERROR error = dkim_sig_geterror(signatures[0]);
	if (error > DKIM_SIGERROR_OK)
		return dkim_sig_geterrorstr(error);
	if (status != DKIM_STAT_OK)
		return dkim_getresultstr(status);
	if ((dkim_sig_getflags(signatures[0]) & DKIM_SIGFLAG_PASSED) == 0)
		return "it did not pass";
	if (dkim_sig_getbh(signatures[0]) != DKIM_SIGBH_MATCH)
		return "the body hash differs";
	return NULL;
}

bool
verify(struct lab *lab, const struct mail *mail, const struct outcome *outcome, unsigned i,
    struct buf *why)
{
	const char *value = outcome->inserted[i].value;
	/* The scenario's time is not the verifier's: t= and x= are not its business. */
	uint64_t drift = 20ull * 365 * 86400;
	DKIM_LIB *library = dkim_init(NULL, NULL);
	u_char id[] = "scenario";
	DKIM_STAT status;

	must(library != NULL);
	must(dkim_set_key_lookup(library, look_up) == DKIM_STAT_OK);
	must(dkim_options(library, DKIM_OP_SETOPT, DKIM_OPTS_CLOCKDRIFT, &drift,
		 sizeof(drift)) == DKIM_STAT_OK);
	DKIM *dkim = dkim_verify(library, id, NULL, &status);
	must(dkim != NULL);
	(void)dkim_set_user_context(dkim, lab);
	const char *wrong = judge(dkim, feed(dkim, mail, outcome, i));
	if (wrong != NULL)
		buf_addf(why, "the signature of %.*s/%.*s does not verify: %s",
		    VIEW_ARG(signature_tag(value, 'd')),
		    VIEW_ARG(signature_tag(value, 's')), wrong);
	(void)dkim_free(dkim);
	dkim_close(library);
	return wrong == NULL;
}
