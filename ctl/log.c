/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "journal/read.h"
#include "lib/clock.h"

#include "ctl/ctl.h"
#include "ctl/show.h"
#include "ctl/undecided.h"
#include "ctl/watched.h"

enum { FOLLOW_MS = 500, ROW_MAX = 1 << 20, FOLLOW_ROWS = 10, PLAIN_ROWS = 100 };

struct log {
	struct ctl *ctl;
	struct journal_filter filter;
	bool is_following;
	uint64_t printed;
	struct buf out; /* one row */
	struct watched *watched;
};

static const struct option options[] = {
    {"user", required_argument, NULL, 'u'},
    {"sender", required_argument, NULL, 's'},
    {"to", required_argument, NULL, 't'},
    {"verdict", required_argument, NULL, 'v'},
    {"rule", required_argument, NULL, 'r'},
    {"since", required_argument, NULL, 'S'},
    {"until", required_argument, NULL, 'U'},
    {"watch", no_argument, NULL, 'w'},
    {"json", no_argument, NULL, 'J'},
    {NULL, 0, NULL, 0},
};

/* Not 0 when nobody reads us any more. */
static int
print_row(void *context, const struct journal_row *row)
{
	struct log *log = context;
	struct json json;

	buf_reset(&log->out);
	if (log->ctl->json) {
		json_begin(&json, &log->out);
		json_object(&json, NULL);
		show_json(row, &json);
		json_end(&json);
		buf_add_char(&log->out, '\n');
	} else {
		show_line(row, log->ctl->colour, &log->out);
		if (log->watched != NULL)
			watched_add(log->watched, row, &log->out);
	}
	log->printed++;
	struct view text = buf_view(&log->out);
	return fwrite(text.p, 1, text.n, stdout) == text.n ? 0 : EX_IOERR;
}

static int
parse_time(const char *text, int64_t *ret_wall)
{
	struct err err = ERR_INIT;

	if (clock_parse_since(view_of(text), clock_now().wall, ret_wall, &err) == 0)
		return 0;
	ctl_say("%s", err.text);
	return -1;
}

static int
parse_count(const char *text, uint64_t *ret_count)
{
	unsigned long long count;

	if (!view_number(view_of(text), 1000000000, &count) || count == 0) {
		ctl_say("-n: '%s' is not a number of decisions", text);
		return -1;
	}
	*ret_count = count;
	return 0;
}

static int
parse_verdict(const char *text, struct view *ret_verdict)
{
	static const char *const verdicts[] = {"accept", "hold", "defer", "reject"};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(text, verdicts[i]) == 0) {
			*ret_verdict = view_of(text);
			return 0;
		}
	}
	ctl_say("--verdict: '%s' is none of accept, hold, defer, reject", text);
	return -1;
}

/* CTL_FINE, or what is wrong with it. */
static int
take_option(struct log *log, int option, int argc, char **argv)
{
	struct journal_filter *filter = &log->filter;
	int result = 0;

	switch (option) {
	case 'f':
		log->is_following = true;
		break;
	case 'n':
		result = parse_count(optarg, &filter->newest);
		break;
	case 'u':
		filter->user = view_of(optarg);
		break;
	case 's':
		filter->sender = view_of(optarg);
		break;
	case 't':
		filter->to = view_of(optarg);
		break;
	case 'v':
		result = parse_verdict(optarg, &filter->verdict);
		break;
	case 'r':
		filter->rule = view_of(optarg);
		break;
	case 'S':
		result = parse_time(optarg, &filter->since);
		break;
	case 'U':
		result = parse_time(optarg, &filter->until);
		break;
	case 'w':
		filter->watch = true;
		break;
	case 'J':
		log->ctl->json = true;
		break;
	default:
		return ctl_bad_option(argc, argv);
	}
	return result == 0 ? CTL_FINE : EX_USAGE;
}

/* Half a second, or less when nobody reads us any more: then false. */
static bool
wait_a_moment(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = 0};
	int n = poll(&out, 1, FOLLOW_MS);

	return n == 0 || (n == -1 && errno == EINTR) ||
	       (out.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

static int
follow(struct log *log, struct journal_reader *reader)
{
	struct err err = ERR_INIT;
	bool was_failing = false;

	while (fflush(stdout) == 0 && wait_a_moment()) {
		int code = journal_follow(reader, &log->filter, print_row, log, &err);

		if (code > 0)
			return CTL_FINE;
		if (code == -1 && !was_failing)
			ctl_say("%s", err.text);
		was_failing = code == -1;
		err.code = ERR_NONE;
	}
	return CTL_FINE;
}

/* What else there is to whom somebody looks for; and nothing is said, not shown. */
static int
print_rest(struct log *log, struct journal_reader *reader)
{
	const struct journal_filter *filter = &log->filter;
	struct err err = ERR_INIT;
	int64_t n = 0;

	if (log->ctl->json || log->is_following)
		return CTL_FINE;
	buf_reset(&log->out);
	/* The others are what frankd has decided. */
	if (filter->to.n > 0 && filter->user.n + filter->sender.n == 0 &&
	    filter->verdict.n + filter->rule.n == 0 && !filter->watch)
		n = undecided_report(
		    reader, filter->to, filter->since, filter->until, &log->out, &err);
	if (n == -1)
		return ctl_fail(&err);
	if (n == 0 && log->printed == 0)
		ctl_say("no decision in %s fits", ctl_state(log->ctl));
	return ctl_print(&log->out);
}

static int
print_log(struct log *log)
{
	struct journal_reader *reader;
	struct err err = ERR_INIT;
	int code = CTL_FINE;

	if (journal_reader_open(ctl_state(log->ctl), &reader, &err) == -1)
		return ctl_fail(&err);
	int result = journal_scan(reader, &log->filter, print_row, log, &err);
	if (result == -1)
		code = ctl_fail(&err);
	if (journal_reader_is_stale(reader))
		ctl_say(
		    "the newest decisions may be missing: frankd is not running, and this "
		    "user may not write to %s",
		    ctl_state(log->ctl));
	if (result >= 0 && log->is_following)
		code = result > 0 ? CTL_FINE : follow(log, reader);
	else if (result == 0)
		code = print_rest(log, reader);
	journal_reader_close(reader);
	return code;
}

int
command_log(struct ctl *ctl, int argc, char **argv)
{
	struct log log = {.ctl = ctl};
	int option;

	while ((option = getopt_long(argc, argv, "fn:", options, NULL)) != -1) {
		int code = take_option(&log, option, argc, argv);

		if (code != CTL_FINE)
			return code;
	}
	if (optind < argc)
		return ctl_usage("log", "'frank explain ID' is for one message");
	bool is_open = log.filter.newest == 0 && log.filter.since == 0;
	if (is_open)
		log.filter.newest = log.is_following ? FOLLOW_ROWS : PLAIN_ROWS;
	/* With SIGPIPE ignored, a closed pipe shows as a failed write. */
	signal(SIGPIPE, SIG_IGN);
	buf_init(&log.out, ROW_MAX);
	if (log.filter.watch && !ctl->json)
		log.watched = watched_new();
	int code = print_log(&log);
	if (code == CTL_FINE && log.watched != NULL) {
		buf_reset(&log.out);
		watched_report(log.watched, &log.out);
		code = ctl_print(&log.out);
	}
	watched_free(log.watched);
	if (is_open && log.printed == PLAIN_ROWS && isatty(STDERR_FILENO))
		ctl_say("these are the newest %d; -n and --since show more", PLAIN_ROWS);
	buf_fini(&log.out);
	return code;
}
