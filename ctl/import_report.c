/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/escape.h"
#include "lib/json.h"

#include "ctl/ctl.h"
#include "ctl/import.h"

/* What became of every setting. */

enum { SHOWN_MAX = 200, TEXT_SHOWN = 1000, OUTPUT = 64 << 20 };

static const struct {
	const char *word, *title;
} results[] = {
    [IMPORT_CARRIED] = {"carried", "carried over"},
    [IMPORT_LEFT] = {"left", "not carried over, and nothing to do about it"},
    [IMPORT_LOOK] = {"look", "to be looked at"},
    [IMPORT_DIFFERS] = {"differs", "different with Frank, whatever was configured"},
};

static size_t
count(const struct import *import, enum import_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < import->findings.n; i++)
		n += import->findings.at[i].result == result;
	return n;
}

static size_t
count_keys(const struct import *import)
{
	size_t n = 0;

	for (size_t i = 0; i < import->keys.n; i++)
		n += import->keys.at[i]->is_used;
	return n;
}

static void
add_finding(const struct import_finding *finding, struct buf *out)
{
	buf_add_text(out, "  ");
	if (finding->place.file != NULL) {
		escape_add(out, view_of(finding->place.file), TEXT_SHOWN);
		if (finding->place.line > 0)
			buf_addf(out, ":%u", finding->place.line);
		buf_add_text(out, ": ");
	}
	escape_add(out, finding->what, SHOWN_MAX);
	buf_add_text(out, "\n      ");
	escape_add(out, view_of(finding->text), TEXT_SHOWN);
	buf_add_char(out, '\n');
}

static void
add_group(const struct import *import, enum import_result result, struct buf *out)
{
	if (count(import, result) == 0)
		return;
	buf_addf(out, "%s:\n", results[result].title);
	for (size_t i = 0; i < import->findings.n; i++)
		if (import->findings.at[i].result == result)
			add_finding(&import->findings.at[i], out);
	buf_add_char(out, '\n');
}

static void
add_text(const struct import *import, const struct import_outcome *outcome, struct buf *out)
{
	struct view rest = outcome->notes, line;
	size_t n_keys = count_keys(import), n_look = count(import, IMPORT_LOOK);

	add_group(import, IMPORT_CARRIED, out);
	add_group(import, IMPORT_LEFT, out);
	add_group(import, IMPORT_DIFFERS, out);
	add_group(import, IMPORT_LOOK, out);
	while (rest.n > 0 && view_cut(&rest, '\n', &line)) {
		escape_add(out, line, line.n);
		buf_add_char(out, '\n');
	}
	if (outcome->to == NULL) {
		buf_add_text(
		    out, "nothing was written (--dry-run); this is frank.conf:\n\n");
		buf_add(out, outcome->policy);
		buf_add_char(out, '\n');
	}
	escape_add(
	    out, view_of(outcome->to != NULL ? outcome->to : import->source), TEXT_SHOWN);
	buf_addf(out, ": %s%zu key%s, %zu to be looked at, frank check: ",
	    outcome->to != NULL ? "written; " : "", n_keys, n_keys == 1 ? "" : "s", n_look);
	if (outcome->errors > 0)
		buf_addf(
		    out, "%zu error%s\n", outcome->errors, outcome->errors == 1 ? "" : "s");
	else
		buf_add_text(out, "fine\n");
}

static void
add_json_finding(const struct import_finding *finding, const char *result, struct buf *out)
{
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "result", view_of(result));
	if (finding->place.file != NULL)
		json_string(&json, "file.path", view_of(finding->place.file));
	if (finding->place.line > 0)
		json_number(&json, "line", finding->place.line);
	if (finding->what.n > 0)
		json_string(&json, "what", finding->what);
	json_string(&json, "message", view_of(finding->text));
	json_end(&json);
	buf_add_char(out, '\n');
}

static void
add_json(const struct import *import, const struct import_outcome *outcome, struct buf *out)
{
	struct json json;

	for (size_t i = 0; i < import->findings.n; i++) {
		const struct import_finding *finding = &import->findings.at[i];

		add_json_finding(finding, results[finding->result].word, out);
	}
	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "result", VIEW("policy"));
	if (outcome->to != NULL)
		json_string(&json, "file.path", view_of(outcome->to));
	json_number(&json, "keys", (int64_t)count_keys(import));
	json_number(&json, "look", (int64_t)count(import, IMPORT_LOOK));
	json_number(&json, "errors", (int64_t)outcome->errors);
	json_string(&json, "message", outcome->notes);
	json_string(&json, "policy", outcome->policy);
	json_end(&json);
	buf_add_char(out, '\n');
}

void
import_report_error(struct import_place place, const char *text)
{
	const struct import_finding finding = {.place = place, .text = text};
	struct buf out = BUF_INIT(OUTPUT);

	add_json_finding(&finding, "error", &out);
	(void)ctl_print(&out);
	buf_fini(&out);
}

/* By place: the configuration first, then its tables, then what is nowhere. */
static int
compare_findings(const void *left, const void *right, void *source)
{
	const struct import_finding *a = left, *b = right;
	bool is_conf_a, is_conf_b;

	if (a->place.file == NULL || b->place.file == NULL)
		return (a->place.file == NULL) - (b->place.file == NULL);
	is_conf_a = strcmp(a->place.file, source) == 0;
	is_conf_b = strcmp(b->place.file, source) == 0;
	if (is_conf_a != is_conf_b)
		return is_conf_a ? -1 : 1;
	if (strcmp(a->place.file, b->place.file) != 0)
		return strcmp(a->place.file, b->place.file);
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	return view_compare(a->what, b->what);
}

int
import_report(struct import *import, const struct import_outcome *outcome)
{
	struct buf out = BUF_INIT(OUTPUT);
	char *source = arena_text(import->arena, view_of(import->source));
	int code;

	if (import->findings.n > 1)
		qsort_r(import->findings.at, import->findings.n,
		    sizeof(*import->findings.at), compare_findings, source);
	if (import->is_json)
		add_json(import, outcome, &out);
	else
		add_text(import, outcome, &out);
	code = ctl_print(&out);
	buf_fini(&out);
	if (code == CTL_FINE && (outcome->errors > 0 || count(import, IMPORT_LOOK) > 0))
		code = CTL_FINDINGS;
	return code;
}
