/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "policy/value.h"

#include "ctl/cause.h"
#include "ctl/held.h"
#include "ctl/queue.h"

enum { SECOND = 1000000, BEFORE = 60, LINES = 20, EVERY = 10, COUNT_MAX = 1000000 };

struct order {
	struct ctl *ctl;
	const char *postfix; /* its configuration */
	const char *list;    /* what postqueue -j printed; NULL: ask Postfix */
	struct replies *replies;
	struct queue_view view;
	struct queue_watch watch;
	bool is_watch;
	uint64_t shown;
	struct queue_samples seen; /* by this watch */
};

/* ---- asking ---- */

static int
read_list(const char *path, struct queue_count *count, struct err *err)
{
	struct buf text = BUF_INIT(POSTFIX_LIST_MAX);
	size_t odd = 0;
	int result = strcmp(path, "-") == 0 ? file_read_fd(STDIN_FILENO, &text, err)
					    : file_read(path, &text, err);

	if (result == 0)
		odd = postfix_queue_read(buf_view(&text), queue_count_entry, count);
	buf_fini(&text);
	if (odd > 0 && count->total.messages == 0)
		result = err_set(err, ERR_BAD_INPUT,
		    "%s is no list of a queue: 'postqueue -j' prints one", path);
	else if (odd > 0)
		ctl_say(
		    "%s: %zu of its lines are none of a queue, and left out", path, odd);
	return result;
}

/* Postfix takes some seconds for tens of thousands, and cannot say how far it is. */
static int
ask_postfix(const struct order *order, struct queue_count *count, struct err *err)
{
	bool is_terminal = isatty(STDERR_FILENO) == 1 && !order->is_watch;
	int result;

	if (is_terminal)
		fputs("asking Postfix for its queue ...", stderr);
	result = postfix_queue(order->postfix, queue_count_entry, count, err);
	if (is_terminal)
		fputs("\r\033[K", stderr);
	(void)fflush(stderr);
	return result;
}

static int
read_journal(const struct order *order, struct queue_count *count, struct err *err)
{
	const struct journal_filter filter = {
	    .queue_ids = &count->waiting, .since = (count->total.oldest - BEFORE) * SECOND};
	struct journal_reader *reader;
	int result;

	if (count->n_waiting == 0)
		return 0;
	if (journal_reader_open(ctl_state(order->ctl), &reader, err) == -1)
		return -1;
	result = journal_scan(reader, &filter, queue_count_row, count, err);
	journal_reader_close(reader);
	return result;
}

static int
collect(const struct order *order, struct queue_count *count, struct err *err)
{
	int result = order->list != NULL ? read_list(order->list, count, err)
					 : ask_postfix(order, count, err);

	if (result == 0 && count->with_logins) {
		result = read_journal(order, count, err);
		queue_count_logins(count);
	}
	return result;
}

/* ---- showing ---- */

/* One more number; the oldest goes when there is no room. */
static void
see(struct queue_samples *seen, uint64_t messages, int64_t every)
{
	if (seen->n == QUEUE_SAMPLES_MAX) {
		memmove(seen->messages, seen->messages + 1,
		    (QUEUE_SAMPLES_MAX - 1) * sizeof(*seen->messages));
		seen->n--;
	}
	seen->messages[seen->n++] = messages;
	seen->every = every;
}

static void
add_picture(struct order *order, struct queue_count *count, struct buf *out)
{
	struct queue_samples samples = {.n = 0};
	char text[CLOCK_TEXT];

	if (order->ctl->json) {
		queue_json(count, &order->view, out);
		return;
	}
	/* Of this machine's queue, and a list may be of another's. */
	if (order->list == NULL)
		queue_samples_read(ctl_state(order->ctl), clock_now().wall, &samples);
	if (samples.n == 0)
		samples = order->seen;
	if (order->is_watch)
		buf_addf(out, "%s%s\n", order->shown > 0 ? "\n" : "",
		    clock_text(order->view.now * SECOND, text));
	queue_text(count, &order->view, &samples, out);
	order->shown++;
}

static int
show(void *context, struct buf *out, struct err *err)
{
	struct order *order = context;
	struct queue_count count;
	int result;

	queue_count_init(&count, order->replies,
	    order->view.is_by && order->view.kind == QUEUE_BY_LOGIN);
	result = collect(order, &count, err);
	order->view.now = clock_now().wall / SECOND;
	if (result == 0 && order->is_watch)
		see(&order->seen, count.total.messages, order->watch.every);
	if (result == 0)
		add_picture(order, &count, out);
	queue_count_fini(&count);
	return result;
}

static int
show_once(struct order *order)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);
	struct err err = ERR_INIT;
	int code = show(order, &out, &err) == 0 ? ctl_print(&out) : ctl_fail(&err);

	buf_fini(&out);
	return code;
}

static int
run_order(struct order *order)
{
	struct err err = ERR_INIT;
	int code;

	if (cause_load(order->ctl, &order->replies, &err) == -1)
		return ctl_fail(&err);
	signal(SIGPIPE, SIG_IGN);
	order->watch.show = show;
	order->watch.context = order;
	code = order->is_watch ? queue_watch(&order->watch) : show_once(order);
	replies_free(order->replies);
	return code;
}

/* ---- options ---- */

static int
take_number(const char *name, const char *value, uint64_t *ret_number)
{
	unsigned long long number;

	if (view_number(view_of(value), COUNT_MAX, &number) && number > 0) {
		*ret_number = number;
		return CTL_FINE;
	}
	ctl_say("%s: '%s' is no number from 1 to %d", name, value, COUNT_MAX);
	return EX_USAGE;
}

static int
take_every(struct order *order, const char *value)
{
	uint64_t seconds;

	if (value_duration(view_of(value), &seconds) && seconds > 0 && seconds <= 86400) {
		order->watch.every = (int64_t)seconds;
		return CTL_FINE;
	}
	ctl_say("--every: '%s' is no duration up to a day, like 10s or 5m", value);
	return EX_USAGE;
}

static int
take_by(struct order *order, const char *value)
{
	order->view.is_by = true;
	if (queue_kind_of(value, &order->view.kind))
		return CTL_FINE;
	ctl_say("--by: '%s' is none of queue, destination, cause, login", value);
	return EX_USAGE;
}

static int
take_option(struct order *order, int option, int argc, char **argv)
{
	uint64_t lines;
	int code = CTL_FINE;

	switch (option) {
	case 'b':
		return take_by(order, optarg);
	case 'n':
		code = take_number("-n", optarg, &lines);
		order->view.n = code == CTL_FINE ? (size_t)lines : 0;
		return code;
	case 'l':
		order->list = optarg;
		break;
	case 'w':
		order->is_watch = true;
		break;
	case 'e':
		return take_every(order, optarg);
	case 'c':
		return take_number("--count", optarg, &order->watch.count);
	case 'p':
		order->postfix = optarg;
		break;
	case 'J':
		order->ctl->json = true;
		break;
	default:
		return ctl_bad_option(argc, argv);
	}
	return code;
}

int
command_queue(struct ctl *ctl, int argc, char **argv)
{
	static const struct option options[] = {
	    {"by", required_argument, NULL, 'b'},
	    {"list", required_argument, NULL, 'l'},
	    {"watch", no_argument, NULL, 'w'},
	    {"every", required_argument, NULL, 'e'},
	    {"count", required_argument, NULL, 'c'},
	    {"postfix-config", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	struct order order = {.ctl = ctl, .watch = {.every = EVERY}};
	int option;

	while ((option = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
		int code = take_option(&order, option, argc, argv);

		if (code != CTL_FINE)
			return code;
	}
	if (optind < argc)
		return ctl_usage("queue", NULL);
	if (order.list != NULL && strcmp(order.list, "-") == 0 && order.is_watch)
		return ctl_usage(
		    "queue", "standard input can be read once: --watch asks again");
	if (!order.is_watch && (order.watch.count > 0 || order.watch.every != EVERY))
		return ctl_usage("queue", "--every and --count go with --watch");
	if (order.view.n == 0)
		order.view.n = ctl->json ? SIZE_MAX : LINES;
	return run_order(&order);
}
