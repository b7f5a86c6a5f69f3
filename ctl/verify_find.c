/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "receiver/child.h"
#include "receiver/tags.h"

#include "ctl/verify.h"

enum { VERIFY_MILLISECONDS = 10000, WHY_MAX = 4096 };

static void
find_key(struct verify_finding *finding, struct mail_keys *keys)
{
	int found;

	finding->domain = tag_find(finding->value, VIEW("d"));
	finding->selector = tag_find(finding->value, VIEW("s"));
	finding->algorithm = tag_find(finding->value, VIEW("a"));
	buf_init(&finding->record, DNS_TXT_MAX);
	buf_init(&finding->why, WHY_MAX);
	found = mail_keys_find(keys, finding->value, &finding->record, &finding->key,
	    &finding->why, &finding->err);
	finding->has_key = found == 1;
	if (found < 0) {
		finding->code = EX_TEMPFAIL;
		finding->reason = finding->err.text;
	}
}

static void
ask(struct verify_finding *finding, const struct verify_message *message)
{
	const struct verify_key *key = finding->has_key ? &finding->key : NULL;

	if (child_verify(message, finding->value, key, VERIFY_MILLISECONDS,
		&finding->answer, &finding->err) < 0) {
		finding->code =
		    finding->err.code == ERR_TEMP ? EX_TEMPFAIL : EX_UNAVAILABLE;
		finding->reason = finding->err.text;
		return;
	}
	finding->opinion = finding->answer.opinion;
	finding->reason = finding->answer.reason;
	finding->hint = verify_hint(finding->answer.why);
	if (finding->answer.lacks_key && finding->why.n > 0)
		finding->reason = buf_text(&finding->why);
	if (finding->opinion != RECEIVER_AGREES)
		finding->code = CTL_FINDINGS;
}

/* The keys first: the resolver has a thread, and what has threads does not fork. */
int
verify_find(
    const struct mail *mail, struct mail_keys *keys, struct verify_finding *findings)
{
	const struct verify_message message = {
	    .fields = mail->fields, .n_fields = mail->n_fields, .body = mail->body};
	int code = CTL_FINE;

	for (size_t i = 0; i < mail->n_values; i++) {
		findings[i].number = i + 1;
		findings[i].value = mail->values[i];
		find_key(&findings[i], keys);
	}
	mail_keys_stop(keys);
	for (size_t i = 0; i < mail->n_values; i++) {
		if (findings[i].code == CTL_FINE)
			ask(&findings[i], &message);
		if (findings[i].code > code)
			code = findings[i].code;
	}
	return code;
}

void
verify_findings_fini(const struct mail *mail, struct verify_finding *findings)
{
	for (size_t i = 0; i < mail->n_values; i++) {
		buf_fini(&findings[i].record);
		buf_fini(&findings[i].why);
	}
}
