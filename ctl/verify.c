/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>

#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/ctl.h"
#include "ctl/verify.h"

enum { WHY_MAX = 4096 };

static void
add_json(const struct verify_finding *finding, struct buf *out)
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
add_text(const struct verify_finding *finding, struct buf *out)
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
show(const struct ctl *ctl, const struct verify_finding *finding, struct buf *out)
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
	struct verify_finding *findings =
	    mem_zeroed(MAIL_SIGNATURES_MAX, sizeof(*findings));
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int code, printed;

	if (mail->was_lf)
		ctl_say("the lines end in LF: they were read as if they ended in CRLF");
	if (mail->n_values == 0)
		ctl_say("the message has no DKIM-Signature");
	if (mail->n_left_out > 0)
		ctl_say("%zu more signatures were not looked at", mail->n_left_out);
	code = verify_find(mail, keys, findings);
	if (code == CTL_FINE && (mail->n_values == 0 || mail->n_left_out > 0))
		code = CTL_FINDINGS;
	for (size_t i = 0; i < mail->n_values; i++)
		show(ctl, &findings[i], &out);
	verify_findings_fini(mail, findings);
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
