/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "lib/bug.h"
#include "lib/escape.h"

#include "ctl/ctl.h"
#include "ctl/import.h"

enum {
	TEXT_SHOWN = 1000,
	TEXT_MAX = 2 << 20,
	MORE_MAX = 64 << 10,
	POLICY_MAX = 1 << 20,
	NOTES_MAX = 2 << 20
};

struct order {
	const char *source, *to;
	bool is_dry;
};

void
import_init(struct import *import)
{
	*import = (struct import){.arena = arena_new(0)};
	map_init(&import->by_pattern, map_seed_random());
	map_init(&import->by_record, map_seed_random());
	buf_init(&import->more, MORE_MAX);
}

void
import_fini(struct import *import)
{
	for (size_t i = 0; i < import->keys.n; i++) {
		struct buf *pem = &import->keys.at[i]->pem;

		if (pem->p != NULL)
			OPENSSL_cleanse(pem->p, pem->size);
		buf_fini(pem);
	}
	map_fini(&import->by_pattern);
	map_fini(&import->by_record);
	buf_fini(&import->more);
	arena_free(import->arena);
}

static const char *
text_of(struct import *import, const char *format, va_list args)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *kept;

	buf_addv(&text, format, args);
	kept = arena_text(import->arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

const char *
import_text(struct import *import, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = text_of(import, format, args);
	va_end(args);
	return text;
}

static void
print_error(const struct import *import, struct import_place place, const char *text)
{
	struct buf out = BUF_INIT(16 * TEXT_SHOWN);

	if (import->n_errors > IMPORT_ERRORS_MAX)
		return;
	if (import->n_errors == IMPORT_ERRORS_MAX) {
		fprintf(stderr, "there are more errors\n");
		return;
	}
	if (import->is_json) {
		import_report_error(place, text);
		return;
	}
	escape_add(&out, view_of(place.file), TEXT_SHOWN);
	if (place.line > 0)
		buf_addf(&out, ":%u", place.line);
	buf_add_text(&out, ": error: ");
	escape_add(&out, view_of(text), TEXT_SHOWN);
	fprintf(stderr, "%s\n", buf_text(&out));
	buf_fini(&out);
}

void
import_error(struct import *import, struct import_place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(import, place, text_of(import, format, args));
	va_end(args);
	import->n_errors++;
}

void
import_error_file(struct import *import, struct import_place place, const struct err *err)
{
	import->has_denied |= err->code == ERR_DENIED;
	if (place.line > 0) {
		import_error(import, place, "%s", err->text);
		return;
	}
	/* The configuration itself, whose name stands in front already. */
	import->has_missing = err->code == ERR_MISSING;
	if (view_starts(view_of(err->text), view_of(place.file)))
		import_error(import, place, "%s", err->text + strlen(place.file) + 2);
	else
		import_error(import, place, "%s", err->text);
}

void
import_find(struct import *import, struct import_place place, struct view what,
    enum import_result result, const char *text)
{
	*LIST_ADD(import->arena, &import->findings) = (struct import_finding){
	    .place = place, .what = what, .result = result, .text = text};
}

void
import_say(struct import *import, struct import_setting *setting, enum import_result result,
    const char *text)
{
	must(!setting->is_said);
	setting->is_said = true;
	import_find(import, setting->place,
	    view_of(import_text(
		import, "%.*s %.*s", VIEW_ARG(setting->name), VIEW_ARG(setting->value))),
	    result, text);
}

/* Everything but writing. */
static void
read_all(struct import *import, const char *source)
{
	import->source = source;
	import_conf_read(import, source);
	/* What is half a configuration would only give more errors. */
	if (import->n_errors > 0)
		return;
	import_settings_read(import);
	import_headers_read(import);
	import_hosts_read(import);
	import_rules_read(import);
	import_find(import, (struct import_place){NULL, 0}, VIEW("who may sign"),
	    IMPORT_DIFFERS,
	    "OpenDKIM signed for whatever stood in From. Frank asks whether the login owns "
	    "that address ('owns author'): see 'set login-domain' and 'set owners'");
}

static int
finish(struct import *import, const struct order *order)
{
	struct buf policy = BUF_INIT(POLICY_MAX), notes = BUF_INIT(NOTES_MAX);
	struct import_outcome outcome = {.to = order->is_dry ? NULL : order->to};
	struct err err = ERR_INIT;
	struct import_plan plan;
	int code;

	import_plan_init(&plan, import);
	import_plan_make(&plan);
	if (import_policy_make(&plan, &policy, &err) < 0) {
		code = ctl_fail(&err);
	} else if (order->is_dry) {
		import_check(&plan, &outcome.errors, &notes);
		code = CTL_FINE;
	} else {
		code = import_write(&plan, order->to, &outcome.errors, &notes, &err) < 0
			   ? ctl_fail(&err)
			   : CTL_FINE;
	}
	if (code == CTL_FINE) {
		outcome.notes = buf_view(&notes);
		outcome.policy = buf_view(&policy);
		code = import_report(import, &outcome);
	}
	import_plan_fini(&plan);
	buf_fini(&policy);
	buf_fini(&notes);
	return code;
}

static int
run(struct ctl *ctl, const struct order *order)
{
	struct import import;
	int code;

	import_init(&import);
	import.is_json = ctl->json;
	read_all(&import, order->source);
	if (import.n_errors == 0) {
		code = finish(&import, order);
	} else {
		code = import.has_denied    ? EX_NOPERM
		       : import.has_missing ? EX_NOINPUT
					    : EX_CONFIG;
		ctl_say("%s: %zu error%s, and nothing was written%s", order->source,
		    import.n_errors, import.n_errors == 1 ? "" : "s",
		    import.has_denied ? "; root may read it all" : "");
	}
	import_fini(&import);
	return code;
}

int
command_import(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"to", required_argument, NULL, 't'},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct order order = {.to = "frank"};
	int option;

	while ((option = getopt_long(argc, argv, "n", options, NULL)) != -1) {
		if (option == 't')
			order.to = optarg;
		else if (option == 'n')
			order.is_dry = true;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (argc - optind != 2 || strcmp(argv[optind], "opendkim") != 0)
		return ctl_usage("import",
		    "what to import, and from which file: frank import opendkim "
		    "/etc/opendkim.conf");
	order.source = argv[optind + 1];
	return run(ctl, &order);
}
