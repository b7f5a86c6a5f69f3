/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>

#include "lib/escape.h"
#include "lib/file.h"
#include "lib/json.h"

#include "ctl/cases.h"
#include "ctl/ctl.h"
#include "ctl/load.h"

enum { LINE_BYTES_MAX = 64 << 10 };

struct run {
	struct ctl *ctl;
	const struct policy *policy;
	unsigned passed, failed, malformed;
};

static void
add_quoted(struct buf *out, struct view text)
{
	buf_add_char(out, '"');
	escape_add(out, text, ESCAPE_MAX);
	buf_add_char(out, '"');
}

/* The decision as a case would say it. */
static void
add_decision(const struct decision *decision, const struct case_want *want, struct buf *out)
{
	buf_add_text(out, verdict_name(decision->verdict));
	if (decision->label.n > 0) {
		buf_add_char(out, ' ');
		add_quoted(out, decision->label);
	}
	for (uint32_t i = 0; i < decision->n_sign; i++) {
		buf_add_text(out, i == 0 ? ", sign " : ",");
		escape_add(out, decision->sign[i]->name, ESCAPE_MAX);
	}
	if (want->has_sign && decision->n_sign == 0)
		buf_add_text(out, ", sign none");
	for (uint32_t i = 0; want->tag.n > 0 && i < decision->n_tags; i++) {
		buf_add_text(out, ", tag ");
		escape_add(out, decision->tags[i].name, ESCAPE_MAX);
	}
	for (uint32_t i = 0; want->note.n > 0 && i < decision->n_notes; i++) {
		buf_add_text(out, ", note ");
		add_quoted(out, decision->notes[i]);
	}
	for (uint32_t i = 0; i < decision->n_watch; i++) {
		buf_add_text(out, ", watch ");
		add_quoted(out, decision->watch[i].label);
	}
	if (want->reply.n > 0) {
		buf_add_text(out, ", reply ");
		add_quoted(out, decision->reply);
	}
}

static bool
key_is_called(const struct policy_key *key, struct view name)
{
	return view_is(key->name, name) || view_is(key->domain, name) ||
	       view_is(key->selector, name);
}

/* The same keys: each that is wanted signs, and nothing else does. */
static bool
signs_as_wanted(const struct decision *decision, const struct case_want *want)
{
	if (!want->has_sign)
		return true;
	if (want->n_sign != decision->n_sign)
		return false;
	for (uint32_t i = 0; i < want->n_sign; i++) {
		uint32_t k = 0;

		while (k < decision->n_sign &&
		       !key_is_called(decision->sign[k], want->sign[i]))
			k++;
		if (k == decision->n_sign)
			return false;
	}
	return true;
}

static bool
adds_as_wanted(const struct decision *decision, const struct case_want *want)
{
	bool has_tag = want->tag.n == 0, has_note = want->note.n == 0;
	bool has_watch = want->watch.n == 0;

	for (uint32_t i = 0; i < decision->n_tags; i++)
		has_tag = has_tag || view_is_nocase(decision->tags[i].name, want->tag);
	for (uint32_t i = 0; i < decision->n_notes; i++)
		has_note = has_note || view_is(decision->notes[i], want->note);
	for (uint32_t i = 0; i < decision->n_watch; i++)
		has_watch = has_watch || view_is(decision->watch[i].label, want->watch);
	return has_tag && has_note && has_watch;
}

/* "frank.conf:41", or "41" for short. */
static bool
place_is(struct view place, struct view wanted)
{
	return view_is(place, wanted) || (view_ends(place, wanted) && place.n > wanted.n &&
					     place.p[place.n - wanted.n - 1] == ':');
}

static bool
is_as_wanted(const struct decision *decision, const struct case_want *want)
{
	return decision->verdict == want->verdict &&
	       (!want->has_label || view_is(decision->label, want->label)) &&
	       (want->reply.n == 0 || view_is(decision->reply, want->reply)) &&
	       (want->at.n == 0 || place_is(decision->place, want->at)) &&
	       signs_as_wanted(decision, want) && adds_as_wanted(decision, want);
}

/* What stands behind the arrow. */
static struct view
wanted_text(struct view text)
{
	for (size_t i = 0; i + 2 < text.n; i++) {
		if (text.p[i] == '-' && text.p[i + 1] == '>')
			return view_trim(view_from(text, i + 2));
	}
	return text;
}

static void
add_by(const struct decision *decision, struct buf *out)
{
	if (decision->on_error.n > 0) {
		buf_add_text(out, "set on-error: ");
		escape_add(out, decision->on_error, ESCAPE_MAX);
	} else if (decision->place.n > 0) {
		escape_add(out, decision->place, ESCAPE_MAX);
	} else {
		buf_add_text(out, "no rule");
	}
}

static void
print_failure(
    const struct cases *cases, const struct one_case *one, const struct decision *decision)
{
	struct buf out = BUF_INIT(LINE_BYTES_MAX);

	buf_addf(&out, "%s:%u: ", cases->name, one->line);
	escape_add(&out, one->text, one->text.n);
	buf_add_text(&out, "\n    expected  ");
	escape_add(&out, wanted_text(one->text), one->text.n);
	buf_add_text(&out, "\n    got       ");
	add_decision(decision, &one->want, &out);
	buf_add_text(&out, "\n    by        ");
	add_by(decision, &out);
	if (one->want.has_sign && decision->unsigned_why.n > 0) {
		buf_add_text(&out, "\n    unsigned  ");
		escape_add(&out, decision->unsigned_why, ESCAPE_MAX);
	}
	buf_add_char(&out, '\n');
	ctl_print(&out);
	buf_fini(&out);
}

static void
print_json(const struct cases *cases, const struct one_case *one,
    const struct decision *decision, bool is_fine)
{
	struct buf out = BUF_INIT(LINE_BYTES_MAX), got = BUF_INIT(LINE_BYTES_MAX);
	struct json json;

	add_decision(decision, &one->want, &got);
	json_begin(&json, &out);
	json_object(&json, NULL);
	json_string(&json, "file.path", view_of(cases->name));
	json_number(&json, "line", one->line);
	json_string(&json, "event.outcome", is_fine ? VIEW("success") : VIEW("failure"));
	json_string(&json, "expected", wanted_text(one->text));
	json_string(&json, "got", buf_view(&got));
	json_string(&json, "rule.id", decision->place);
	json_end(&json);
	buf_add_char(&out, '\n');
	ctl_print(&out);
	buf_fini(&got);
	buf_fini(&out);
}

static void
run_case(struct run *run, const struct cases *cases, const struct one_case *one,
    struct arena *arena)
{
	struct decision decision;

	arena_reset(arena);
	engine_decide(run->policy, &one->facts, arena, NULL, &decision);
	bool is_fine = is_as_wanted(&decision, &one->want);
	run->passed += is_fine;
	run->failed += !is_fine;
	if (run->ctl->json)
		print_json(cases, one, &decision, is_fine);
	else if (!is_fine)
		print_failure(cases, one, &decision);
}

static int
run_file(struct run *run, const char *path, struct err *err)
{
	struct buf text = BUF_INIT(CASES_FILE_MAX), errors = BUF_INIT(CASES_FILE_MAX);
	struct arena *arena = arena_new(0);
	struct cases cases;
	struct one_case one;
	int result = file_read(path, &text, err);

	if (result == 0) {
		cases_init(&cases, path, buf_view(&text));
		while ((result = cases_next(&cases, run->policy, &one, &errors)) != 0) {
			if (result == 1)
				run_case(run, &cases, &one, arena);
			else
				run->malformed++;
		}
		cases_fini(&cases);
		fputs(buf_text(&errors), stderr);
	}
	arena_free(arena);
	buf_fini(&text);
	buf_fini(&errors);
	return result;
}

static int
run_files(struct run *run, int n, char **paths)
{
	struct err err = ERR_INIT;

	for (int i = 0; i < n; i++) {
		if (run_file(run, paths[i], &err) == -1)
			return ctl_fail(&err);
	}
	if (!run->ctl->json)
		printf("%u passed, %u failed\n", run->passed, run->failed + run->malformed);
	return run->failed + run->malformed > 0 ? CTL_FINDINGS : CTL_FINE;
}

int
command_test(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct run run = {.ctl = ctl};
	struct err err = ERR_INIT;
	struct load load;
	int option, code = EX_CONFIG;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 'J')
			return ctl_bad_option(argc, argv);
		ctl->json = true;
	}
	if (optind == argc)
		return ctl_usage("test", "name at least one file of cases");
	if (load_policy(&load, ctl->config, LOAD_KEYS, &err) == -1)
		return ctl_fail(&err);
	if (load.policy == NULL) {
		fputs(buf_text(&load.diag.out), stderr);
	} else {
		fputs(buf_text(&load.key_notes), stderr);
		run.policy = load.policy;
		code = run_files(&run, argc - optind, argv + optind);
	}
	load_fini(&load);
	return code;
}
