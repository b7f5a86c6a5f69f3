/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "auth/keyset.h"

#include "ctl/key.h"

static const char *
algorithm_name(enum sign_algorithm algorithm)
{
	return algorithm == SIGN_RSA_SHA256 ? "rsa-sha256" : "ed25519-sha256";
}

static void
list_json(struct keyset *set, size_t i, struct buf *out)
{
	const struct keyset_entry *entry = keyset_at(set, i);
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	char time[CLOCK_TEXT];
	struct json json;
	int bits;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "domain", view_of(entry->domain));
	json_string(&json, "selector", view_of(entry->selector));
	json_string(&json, "algorithm", view_of(algorithm_name(entry->algorithm)));
	if (keyset_public(set, i, &public, &bits, NULL) == 0) {
		json_number(&json, "bits", bits);
		json_string(&json, "public", buf_view(&public));
	}
	json_string(
	    &json, "time", view_of(clock_rfc3339(entry->mtime * INT64_C(1000000), time)));
	json_string(&json, "path", view_of(entry->path));
	if (entry->name[0] != '\0')
		json_string(&json, "name", view_of(entry->name));
	json_end(&json);
	buf_add_char(out, '\n');
	buf_fini(&public);
}

static void
list_text(struct keyset *set, size_t i, struct buf *out)
{
	const struct keyset_entry *entry = keyset_at(set, i);
	struct buf public = BUF_INIT(KEY_RECORD_MAX);
	char time[CLOCK_TEXT];
	int bits = 0;

	(void)keyset_public(set, i, &public, &bits, NULL);
	buf_addf(out, "%-30s %-16s %-14s %4d  %s  ", entry->domain, entry->selector,
	    algorithm_name(entry->algorithm), bits,
	    clock_text(entry->mtime * INT64_C(1000000), time));
	escape_add(out, view_of(entry->path), ESCAPE_MAX);
	if (entry->name[0] != '\0')
		buf_addf(out, "  key %s", entry->name);
	buf_add_char(out, '\n');
	buf_fini(&public);
}

static void
fault_json(const char *text, bool is_warning, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, is_warning ? "warning" : "fault", view_of(text));
	json_end(&json);
	buf_add_char(out, '\n');
}

/* Returns the exit code: a key that cannot be used is a finding. */
static int
list_faults(const struct ctl *ctl, const struct keyset *set, struct buf *out)
{
	int code = CTL_FINE;

	for (size_t i = 0; i < keyset_faults(set); i++) {
		bool is_warning;
		const char *text = keyset_fault_at(set, i, &is_warning);

		if (!is_warning)
			code = CTL_FINDINGS;
		if (ctl->json)
			fault_json(text, is_warning, out);
		else
			ctl_say("%s%s", is_warning ? "warning: " : "", text);
	}
	return code;
}

static int
list_set(const struct ctl *ctl, struct keyset *set)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	int code, printed;

	keyset_parse(set);
	if (!ctl->json && keyset_count(set) > 0)
		buf_addf(&out, "%-30s %-16s %-14s %4s  %-20s  %s\n", "DOMAIN", "SELECTOR",
		    "ALGORITHM", "BITS", "FILE TIME", "PATH");
	for (size_t i = 0; i < keyset_count(set); i++) {
		if (ctl->json)
			list_json(set, i, &out);
		else
			list_text(set, i, &out);
	}
	code = list_faults(ctl, set, &out);
	if (!ctl->json && keyset_count(set) == 0)
		ctl_say("there are no keys: 'frank key new DOMAIN' makes one");
	printed = ctl_print(&out);
	buf_fini(&out);
	return printed != CTL_FINE ? printed : code;
}

static int
key_list(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"dir", required_argument, NULL, 'd'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	const char *dir = NULL;
	struct keyset *set;
	struct err err = ERR_INIT;
	int option, code;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'd')
			dir = optarg;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind != argc)
		return ctl_usage("key", "'frank key list' takes no arguments");
	set = keyset_new(geteuid());
	if (key_sources_add(ctl, dir, set, &err) < 0)
		code = ctl_fail(&err);
	else
		code = list_set(ctl, set);
	keyset_free(set);
	return code;
}

int
command_key(struct ctl *ctl, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	optind = 0;
	if (strcmp(verb, "new") == 0)
		return key_new(ctl, argc - 1, argv + 1);
	if (strcmp(verb, "list") == 0)
		return key_list(ctl, argc - 1, argv + 1);
	return ctl_usage("key", "say 'frank key new DOMAIN' or 'frank key list'");
}
