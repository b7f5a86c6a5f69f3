/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/ctl.h"
#include "ctl/load.h"
#include "ctl/replay.h"

/* frank replay: what another policy would have decided of what was recorded. */

enum {
	PROGRESS_EVERY = 4096,
	PACKED_MAX = 512 << 20,
	JSON_MAX = 1 << 20,
	DAY = 86400,
};

struct playing {
	struct ctl *ctl;
	struct replay replay;
	struct load load;
	int64_t since, begin; /* wall: what counts, and where the meters begin */
	int64_t now;
	bool shows_progress;
	struct buf json;
};

static void
show_progress(const struct playing *playing, int64_t time)
{
	double all = (double)(playing->now - playing->begin);
	double part = all > 0 ? (double)(time - playing->begin) / all : 1;
	int done = part < 0 ? 0 : part > 1 ? 40 : (int)(part * 40);

	fprintf(stderr, "\r[%-40.*s] %llu", done,
	    "########################################",
	    (unsigned long long)(playing->replay.records + playing->replay.warming));
}

static int
play_row(void *context, const struct journal_row *row)
{
	struct playing *playing = context;
	struct replay *replay = &playing->replay;
	uint64_t n = replay->records + replay->warming;

	replay_row(replay, row);
	if (playing->shows_progress && n % PROGRESS_EVERY == 0)
		show_progress(playing, row->facts.time);
	if (playing->json.n == 0)
		return 0;
	struct view text = buf_view(&playing->json);
	bool is_written = fwrite(text.p, 1, text.n, stdout) == text.n;
	buf_reset(&playing->json);
	return is_written ? 0 : EX_IOERR;
}

/* The keys as the policy that was in force last had them, for a user who may not look at
 * the files. */
static int
keys_as_recorded(struct load *load, struct journal_reader *reader, struct err *err)
{
	struct buf hash = BUF_INIT(128), packed = BUF_INIT(PACKED_MAX);
	struct bundle *bundle = NULL;
	struct view name, content;
	int result = reader == NULL ? 0 : journal_policy_newest(reader, &hash, err);

	if (result == 1)
		result = journal_policy_read(reader, buf_view(&hash), &packed, err);
	if (result == 1 && bundle_unpack(buf_view(&packed), &bundle, err) == -1)
		result = -1;
	if (result == 0)
		result = err_set(err, ERR_DENIED,
		    "which keys there are only root may see, and no policy is recorded");
	for (size_t i = 0; result == 1 && bundle_at(bundle, i, &name, &content); i++)
		if (view_is(name, VIEW(POLICY_KEYS_FILE)) &&
		    bundle_put(load->bundle, name, content, err) == -1)
			result = -1;
	if (result == 1 && policy_load_keys(load->policy, load->bundle, &load->diag) == -1)
		result = err_set(err, ERR_CONFIG,
		    "this policy does not fit the keys of the one in force");
	bundle_free(bundle);
	buf_fini(&packed);
	buf_fini(&hash);
	return result == 1 ? 0 : -1;
}

/* 0, or the exit code. */
static int
load_new(struct playing *playing, const char *path, struct journal_reader *reader)
{
	struct load *load = &playing->load;
	struct err err = ERR_INIT;

	if (load_policy(load, path, LOAD_KEYS, &err) == -1)
		return ctl_fail(&err);
	if (load->policy != NULL && !load->has_keys &&
	    keys_as_recorded(load, reader, &err) == -1) {
		load_fini(load);
		return ctl_fail(&err);
	}
	if (load->policy != NULL && load->key_errors == 0)
		return 0;
	fputs(buf_text(&load->diag.out), stderr);
	fputs(buf_text(&load->key_notes), stderr);
	ctl_say("%s: nothing is replayed by a policy with errors", path);
	load_fini(load);
	return EX_CONFIG;
}

static int
play(struct playing *playing, struct journal_reader *reader, char **files, size_t n_files)
{
	const struct journal_filter filter = {.since = playing->begin};
	struct err err = ERR_INIT;
	int result = n_files > 0 ? journal_scan_files((const char *const *)files, n_files,
				       &filter, play_row, playing, &err)
				 : journal_scan(reader, &filter, play_row, playing, &err);

	if (playing->shows_progress)
		fprintf(stderr, "\r%60s\r", "");
	return result == -1 ? ctl_fail(&err) : result;
}

static int
report(struct playing *playing, const char *path)
{
	struct replay *replay = &playing->replay;
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);

	if (playing->ctl->json)
		replay_json(replay, &out);
	else
		replay_text(replay, path, &out);
	int code = ctl_print(&out);
	buf_fini(&out);
	return code;
}

/* FILES are the journal's days; none: those of the running frankd. */
static int
replay(struct playing *playing, char **files, size_t n_files, const char *path)
{
	struct journal_reader *reader = NULL;
	struct err err = ERR_INIT;
	char zone[128];

	if (journal_reader_open(ctl_state(playing->ctl), &reader, &err) == -1 &&
	    n_files == 0)
		return ctl_fail(&err);
	int code = load_new(playing, path, reader);
	if (code != CTL_FINE) {
		journal_reader_close(reader);
		return code;
	}
	const struct policy_settings *settings = policy_settings(playing->load.policy);
	snprintf(zone, sizeof(zone), "%.*s", VIEW_ARG(settings->timezone));
	if (clock_set_zone(zone, &err) != 0)
		code = ctl_fail(&err);
	playing->begin = playing->since == 0
			     ? 0
			     : playing->since - (int64_t)settings->learn * INT64_C(1000000);
	replay_init(&playing->replay, playing->load.policy, reader, playing->since);
	if (playing->ctl->json)
		playing->replay.json = &playing->json;
	if (code == CTL_FINE)
		code = play(playing, reader, files, n_files);
	if (code == CTL_FINE)
		code = report(playing, path);
	replay_fini(&playing->replay);
	load_fini(&playing->load);
	journal_reader_close(reader);
	return code;
}

int
command_replay(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"since", required_argument, NULL, 's'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct playing playing = {.ctl = ctl, .now = clock_now().wall};
	const char *since = NULL;
	struct err err = ERR_INIT;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			since = optarg;
		else if (option == 'J')
			ctl->json = true;
		else
			return ctl_bad_option(argc, argv);
	}
	if (optind >= argc)
		return ctl_usage("replay", "which policy?");
	size_t n_files = (size_t)(argc - optind - 1);
	if (since == NULL && n_files == 0)
		since = "7d";
	if (since != NULL &&
	    clock_parse_since(view_of(since), playing.now, &playing.since, &err) != 0) {
		ctl_say("--since: %s", err.text);
		return EX_USAGE;
	}
	playing.shows_progress = isatty(STDERR_FILENO);
	buf_init(&playing.json, JSON_MAX);
	int code = replay(&playing, argv + optind, n_files, argv[argc - 1]);
	buf_fini(&playing.json);
	return code;
}
