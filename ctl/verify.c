/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/json.h"
#include "receiver/child.h"
#include "receiver/tags.h"

#include "ctl/ctl.h"
#include "ctl/verify.h"

enum { VERIFY_MILLISECONDS = 10000, WHY_MAX = 4096 };

/* One signature: its key, and what came of it. */
struct finding {
	size_t number;
	struct view value, domain, selector, algorithm;

	bool has_key;
	struct verify_key key;
	struct buf record, why; /* from DNS; why there is none */

	int code; /* of the program, because of this one */
	enum receiver_opinion opinion;
	struct verify_answer answer;
	struct err err;
	const char *reason, *hint;
};

static void
add_json(const struct finding *finding, struct buf *out)
{
	static const char *const results[] = {
	    [RECEIVER_NO_OPINION] = "none",
	    [RECEIVER_AGREES] = "valid",
	    [RECEIVER_DISAGREES] = "invalid",
	};
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_number(&json, "signature", (int64_t)finding->number);
	json_string(&json, "domain", finding->domain);
	json_string(&json, "selector", finding->selector);
	json_string(&json, "algorithm", finding->algorithm);
	json_string(&json, "result", view_of(results[finding->opinion]));
	if (finding->opinion != RECEIVER_AGREES)
		json_string(&json, "reason", view_of(finding->reason));
	if (finding->hint != NULL)
		json_string(&json, "hint", view_of(finding->hint));
	json_end(&json);
	buf_add_char(out, '\n');
}

static void
add_tag(struct buf *out, const char *name, struct view value)
{
	buf_addf(out, " %s=", name);
	escape_add(out, value, ESCAPE_MAX);
}

static void
add_text(const struct finding *finding, struct buf *out)
{
	buf_addf(out, "%zu:", finding->number);
	add_tag(out, "d", finding->domain);
	add_tag(out, "s", finding->selector);
	add_tag(out, "a", finding->algorithm);
	buf_add_text(out, "\n   ");
	if (finding->opinion == RECEIVER_AGREES)
		buf_add_text(out, "the signature is valid");
	if (finding->opinion == RECEIVER_NO_OPINION)
		buf_add_text(out, "no opinion: ");
	escape_add(out, view_of(finding->reason), WHY_MAX);
	if (finding->hint != NULL)
		buf_addf(out, "\n   %s", finding->hint);
	buf_add_char(out, '\n');
}

static void
find_key(struct finding *finding, struct mail_keys *keys)
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
ask(struct finding *finding, const struct verify_message *message)
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
static int
find_all(const struct mail *mail, struct mail_keys *keys, struct finding *findings)
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

static void
show(const struct ctl *ctl, const struct finding *finding, struct buf *out)
{
	if (ctl->json)
		add_json(finding, out);
	else
		add_text(finding, out);
}

/* What is worse for the caller: that something failed, then that something was found. */
static int
verify_all(const struct ctl *ctl, const struct mail *mail, struct mail_keys *keys)
{
	struct finding *findings = mem_zeroed(MAIL_SIGNATURES_MAX, sizeof(*findings));
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int code, printed;

	if (mail->was_lf)
		ctl_say("the lines end in LF: they were read as if they ended in CRLF");
	if (mail->n_values == 0)
		ctl_say("the message has no DKIM-Signature");
	if (mail->n_left_out > 0)
		ctl_say("%zu more signatures were not looked at", mail->n_left_out);
	code = find_all(mail, keys, findings);
	if (code == CTL_FINE && (mail->n_values == 0 || mail->n_left_out > 0))
		code = CTL_FINDINGS;
	for (size_t i = 0; i < mail->n_values; i++) {
		show(ctl, &findings[i], &out);
		buf_fini(&findings[i].record);
		buf_fini(&findings[i].why);
	}
	printed = ctl_print(&out);
	buf_fini(&out);
	free(findings);
	return printed != CTL_FINE ? printed : code;
}

/* CTL_FINE, or the exit code after having said why. */
static int
read_options(struct ctl *ctl, int argc, char **argv, struct mail_keys *keys)
{
	static const struct option options[] = {
	    {"key", required_argument, NULL, 'k'},
	    {"resolver", required_argument, NULL, 'r'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct err err = ERR_INIT;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'J')
			ctl->json = true;
		else if (option == 'r')
			keys->resolver = optarg;
		else if (option != 'k')
			return ctl_bad_option(argc, argv);
		else if (mail_keys_add(keys, optarg, &err) < 0)
			return err.code == ERR_BAD_INPUT ? ctl_usage("verify", err.text)
							 : ctl_fail(&err);
	}
	if (keys->resolver != NULL && (keys->dns = dns_new(keys->resolver, &err)) == NULL)
		return ctl_usage("verify", err.text);
	if (optind + 1 != argc)
		return ctl_usage("verify", "name one file, or - for standard input");
	return CTL_FINE;
}

int
command_verify(struct ctl *ctl, int argc, char **argv)
{
	struct mail_keys *keys = mem_zeroed(1, sizeof(*keys));
	struct mail *mail = mem_zeroed(1, sizeof(*mail));
	struct err err = ERR_INIT;
	int code;

	keys->ctl = ctl;
	code = read_options(ctl, argc, argv, keys);
	if (code == CTL_FINE) {
		if (mail_read(argv[optind], mail, &err) < 0)
			code = ctl_fail(&err);
		else
			code = verify_all(ctl, mail, keys);
	}
	mail_keys_fini(keys);
	mail_fini(mail);
	free(keys);
	free(mail);
	return code;
}
