/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/types.h>

#include <stdio.h>
#include <string.h>

#include <opendkim/dkim.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "receiver/filter.h"
#include "receiver/tags.h"
#include "receiver/verify.h"

enum {
	/* Beside libopendkim's own numbers of reasons. */
	WHY_NONE = 0,
	WHY_BODY = 1000,
	WHY_NO_KEY,
	WHY_NOT_ASKED,
	WHY_KNOWN_WRONG,
	WHY_SYNTAX,
	FIELD_TEXT_MAX = 2 * VERIFY_FIELD_MAX + 64,
};

struct verify {
	DKIM_LIB *library;
	struct buf field; /* one field, as libopendkim wants it */
};

/* One signature under way. */
struct attempt {
	struct verify *verify;
	const struct verify_message *message;
	const struct verify_key *key;
	DKIM *dkim;
	DKIM_SIGINFO *signature; /* NULL: libopendkim has not come so far */
};

static DKIM_CBSTAT
look_up(DKIM *dkim, DKIM_SIGINFO *signature, u_char *into, size_t size)
{
	const struct attempt *attempt = dkim_get_user_context(dkim);
	const struct verify_key *key = attempt->key;

	if (key == NULL || key->record.n >= size ||
	    !view_is_nocase(key->domain, view_of((char *)dkim_sig_getdomain(signature))) ||
	    !view_is_nocase(
		key->selector, view_of((char *)dkim_sig_getselector(signature))))
		return DKIM_CBSTAT_NOTFOUND;
	memcpy(into, key->record.p, key->record.n);
	into[key->record.n] = '\0';
	return DKIM_CBSTAT_CONTINUE;
}

struct verify *
verify_new(void)
{
	struct verify *verify = mem_zeroed(1, sizeof(*verify));

	verify->library = dkim_init(NULL, NULL);
	must(verify->library != NULL);
	must(dkim_set_key_lookup(verify->library, look_up) == DKIM_STAT_OK);
	buf_init(&verify->field, FIELD_TEXT_MAX);
	return verify;
}

void
verify_free(struct verify *verify)
{
	if (verify == NULL)
		return;
	dkim_close(verify->library);
	buf_fini(&verify->field);
	free(verify);
}

static void
answer_set(struct verify_answer *answer, enum receiver_opinion opinion, int why,
    const char *reason)
{
	answer->opinion = opinion;
	answer->why = why;
	answer->lacks_key = why == WHY_NO_KEY;
	snprintf(
	    answer->reason, sizeof(answer->reason), "%s", reason != NULL ? reason : "");
}

static DKIM_STAT
feed_field(struct attempt *attempt, const char *name, struct view text)
{
	struct buf *field = &attempt->verify->field;
	union {
		char *plain;
		u_char *theirs;
	} bytes;

	buf_reset(field);
	buf_add_text(field, name);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			buf_add_char(field, '\r');
		buf_add_char(field, text.p[i]);
	}
	must(!field->full);
	bytes.plain = field->p;
	return dkim_header(attempt->dkim, bytes.theirs, field->n);
}

/* The signature has been fed. */
static DKIM_STAT
feed_fields(struct attempt *attempt)
{
	DKIM_STAT status = DKIM_STAT_OK;

	for (size_t i = 0; i < attempt->message->n_fields && status == DKIM_STAT_OK; i++)
		status = feed_field(attempt, "", attempt->message->fields[i]);
	return status;
}

static DKIM_STAT
feed_body(struct attempt *attempt)
{
	struct view body = attempt->message->body;
	union {
		const char *ours;
		u_char *theirs; /* not written to */
	} bytes = {.ours = body.p};
	DKIM_STAT status = DKIM_STAT_OK;
	bool is_test_key;

	if (body.n > 0)
		status = dkim_body(attempt->dkim, bytes.theirs, body.n);
	return status == DKIM_STAT_OK ? dkim_eom(attempt->dkim, &is_test_key) : status;
}

static void
find_signature(struct attempt *attempt)
{
	DKIM_SIGINFO **signatures = NULL;
	int n = 0;

	if (dkim_getsiglist(attempt->dkim, &signatures, &n) == DKIM_STAT_OK && n == 1)
		attempt->signature = signatures[0];
}

/* The key, or this libopendkim, is the reason: it says nothing about the signature. */
static bool
is_no_opinion(DKIM_SIGERROR error)
{
	switch (error) {
	case DKIM_SIGERROR_INVALID_A:
	case DKIM_SIGERROR_NOKEY:
	case DKIM_SIGERROR_DNSSYNTAX:
	case DKIM_SIGERROR_KEYFAIL:
	case DKIM_SIGERROR_MULTIREPLY:
	case DKIM_SIGERROR_KEYVERSION:
	case DKIM_SIGERROR_KEYTYPEMISSING:
	case DKIM_SIGERROR_KEYTYPEUNKNOWN:
	case DKIM_SIGERROR_KEYDECODE:
		return true;
	default:
		return false;
	}
}

/* The body hash differs, or libopendkim stopped at the body. */
static void
judge_body(const struct attempt *attempt, DKIM_STAT status, struct verify_answer *answer)
{
	dkim_canon_t header, body = DKIM_CANON_UNKNOWN;
	const char *why;

	(void)dkim_sig_getcanons(attempt->signature, &header, &body);
	why = filter_body(attempt->message->body, body == DKIM_CANON_RELAXED);
	if (why != NULL)
		answer_set(answer, RECEIVER_NO_OPINION, WHY_KNOWN_WRONG, why);
	else if (dkim_sig_getbh(attempt->signature) == DKIM_SIGBH_MISMATCH)
		answer_set(answer, RECEIVER_DISAGREES, WHY_BODY,
		    "signature verification failed: the body hash does not match");
	else
		answer_set(
		    answer, RECEIVER_NO_OPINION, WHY_NONE, dkim_getresultstr(status));
}

/* It did not come as far as to look at the signature: because of its form, or of the
 * message's. */
static void
judge_early(const struct attempt *attempt, DKIM_STAT status, bool is_its_fault,
    struct verify_answer *answer)
{
	const char *detail = dkim_geterror(attempt->dkim);
	char reason[RECEIVER_REASON_MAX];

	snprintf(reason, sizeof(reason), "%s%s%s", dkim_getresultstr(status),
	    detail != NULL ? ": " : "", detail != NULL ? detail : "");
	answer_set(answer, is_its_fault ? RECEIVER_DISAGREES : RECEIVER_NO_OPINION,
	    WHY_SYNTAX, reason);
}

static void
judge(const struct attempt *attempt, DKIM_STAT status, struct verify_answer *answer)
{
	DKIM_SIGERROR error;

	if (attempt->signature == NULL) {
		judge_early(attempt, status,
		    status == DKIM_STAT_SYNTAX || status == DKIM_STAT_NOSIG, answer);
		return;
	}
	if (DKIM_SIG_CHECK(attempt->signature)) {
		answer_set(answer, RECEIVER_AGREES, WHY_NONE, "");
		return;
	}
	error = dkim_sig_geterror(attempt->signature);
	if (dkim_sig_getbh(attempt->signature) == DKIM_SIGBH_MISMATCH ||
	    error <= DKIM_SIGERROR_OK)
		judge_body(attempt, status, answer);
	else if (error == DKIM_SIGERROR_NOKEY)
		answer_set(answer, RECEIVER_NO_OPINION, WHY_NO_KEY, "no key is known");
	else
		answer_set(answer,
		    is_no_opinion(error) ? RECEIVER_NO_OPINION : RECEIVER_DISAGREES, error,
		    dkim_sig_geterrorstr(error));
}

static void
try(struct attempt *attempt, struct view value, struct verify_answer *answer)
{
	u_char id[] = "frank";
	DKIM_STAT status;

	attempt->dkim = dkim_verify(attempt->verify->library, id, NULL, &status);
	must(attempt->dkim != NULL);
	must(dkim_set_user_context(attempt->dkim, attempt) == DKIM_STAT_OK);
	status = feed_field(attempt, "DKIM-Signature:", value);
	if (status != DKIM_STAT_OK)
		judge_early(attempt, status, status == DKIM_STAT_SYNTAX, answer);
	else if ((status = feed_fields(attempt)) != DKIM_STAT_OK)
		judge_early(attempt, status, false, answer);
	else {
		status = dkim_eoh(attempt->dkim);
		if (status == DKIM_STAT_OK)
			status = feed_body(attempt);
		find_signature(attempt);
		judge(attempt, status, answer);
	}
	(void)dkim_free(attempt->dkim);
}

void
verify_signature(struct verify *verify, const struct verify_message *message,
    struct view value, const struct verify_key *key, struct verify_answer *ret_answer)
{
	struct attempt attempt = {.verify = verify, .message = message, .key = key};
	const char *why = filter_message(message);

	if (why == NULL)
		why = filter_value(value);
	if (why == NULL && key != NULL)
		why = filter_key(key);
	if (why != NULL)
		answer_set(ret_answer, RECEIVER_NO_OPINION, WHY_NOT_ASKED, why);
	else
		try(&attempt, value, ret_answer);
}

void
verify_warm_up(struct verify *verify)
{
	const struct view field = VIEW("From: frank@example.org");
	const struct verify_message message = {.fields = &field, .n_fields = 1};
	const struct verify_key key = {VIEW("example.org"), VIEW("warm"),
	    VIEW("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")};
	struct verify_answer answer;

	verify_signature(verify, &message,
	    VIEW(" v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=warm; h=From;"
		 " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA"),
	    &key, &answer);
}

const char *
verify_hint(int why)
{
	switch (why) {
	case WHY_BODY:
		return "The body was changed after it was signed: often by a footer, a "
		       "conversion to another encoding, or a wrapped line.";
	case DKIM_SIGERROR_BADSIG:
		return "A header field that is signed was changed, or the published key is "
		       "not the one that signed. The body was not compared.";
	case DKIM_SIGERROR_EXPIRED:
		return "The time in x= has passed.";
	case DKIM_SIGERROR_FUTURE:
		return "The time in t= has not come: a clock is wrong.";
	case DKIM_SIGERROR_KEYREVOKED:
		return "The key record has an empty p=: the key was withdrawn.";
	case DKIM_SIGERROR_KEYTOOSMALL:
		return "RSA keys need 1024 bits at least, and should have 2048.";
	case DKIM_SIGERROR_KEYDECODE:
	case DKIM_SIGERROR_DNSSYNTAX:
		return "The key record is damaged: often a string was cut or lost when it "
		       "was pasted into a form.";
	case DKIM_SIGERROR_INVALID_A:
		return "This libopendkim does not know the algorithm.";
	case DKIM_SIGERROR_DOMAIN:
	case DKIM_SIGERROR_SUBDOMAIN:
		return "i= is not within d=, or the key allows no subdomains.";
	case WHY_NO_KEY:
		return "Publish the record that 'frank key new' printed, or name a key "
		       "with "
		       "--key.";
	default:
		return NULL;
	}
}
