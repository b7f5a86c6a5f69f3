/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/escape.h"

#include "ctl/explain.h"
#include "ctl/hold.h"
#include "ctl/mail.h"
#include "postfix/queue.h"

enum { SECOND = 1000000, LINES = 40, ENVELOPE_MAX = 16 << 20 };

struct show {
	struct ctl *ctl;
	const char *postfix; /* its configuration */
	const char *id, *save;
	bool raw;
	size_t lines;
	int64_t now; /* wall, seconds */
	struct held held;
	const struct held_message *message;
	struct buf envelope, mail, items;
	struct buf out;
};

/* Root, or Postfix's own account, whose files they are. */
static bool
may_read(void)
{
	const struct passwd *postfix = getpwnam("postfix");

	return geteuid() == 0 || (postfix != NULL && geteuid() == postfix->pw_uid);
}

/* ---- the message as it is ---- */

static int
write_all(int fd, struct view text, struct err *err)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(err, "cannot write the message");
		text = view_from(text, (size_t)n);
	}
	return 0;
}

/* Into a file that was not there. */
static int
save(const struct show *show, struct err *err)
{
	int fd =
	    open(show->save, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result;

	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_IO, "%s is there already, and is not written over",
		    show->save);
	if (fd < 0)
		return err_sys(err, "%s", show->save);
	result = write_all(fd, buf_view(&show->mail), err);
	if (close(fd) != 0 && result == 0)
		result = err_sys(err, "%s", show->save);
	if (result != 0) {
		(void)unlink(show->save);
		return err_add(err, "%s", show->save);
	}
	printf("%s: %zu bytes\n", show->save, show->mail.n);
	return 0;
}

/* ---- for a person ---- */

static void
add_state(const struct show *show, struct buf *out)
{
	const struct held_message *message = show->message;
	char time[CLOCK_TEXT], age[HOLD_SHORT];

	(void)clock_text(message->arrival * SECOND, time);
	(void)hold_age(show->now - message->arrival, age);
	escape_add(out, message->id, ESCAPE_MAX);
	switch (message->state) {
	case HELD_OURS:
		buf_addf(out, "  on hold since %s (%s)", time, age);
		break;
	case HELD_OTHERS:
		buf_addf(out, "  on hold, put there by somebody else; it came %s (%s)",
		    time, age);
		break;
	case HELD_GONE:
		buf_addf(
		    out, "  was held %s (%s ago), and is not on hold any more", time, age);
		break;
	}
	if (message->incident != 0)
		buf_addf(out, "  incident %u", message->incident);
	buf_add_text(out, "\n\n");
}

static void
add_address(struct buf *out, const char *head, struct view address)
{
	buf_addf(out, "  %-7s ", head);
	escape_add(out, address.n > 0 ? address : VIEW("<>"), ESCAPE_MAX);
	buf_add_char(out, '\n');
}

static void
add_envelope(const struct hold_envelope *envelope, struct buf *out)
{
	size_t shown =
	    envelope->n_rcpts < HOLD_RCPTS_SHOWN ? envelope->n_rcpts : HOLD_RCPTS_SHOWN;

	buf_add_text(out, "\nenvelope, as Postfix has it\n");
	add_address(out, "from", envelope->sender);
	for (size_t i = 0; i < shown; i++)
		add_address(out, i == 0 ? "to" : "", envelope->rcpts[i]);
	if (envelope->n_rcpts > shown)
		buf_addf(out, "          and %zu more\n", envelope->n_rcpts - shown);
	if (envelope->login.n > 0)
		add_address(out, "login", envelope->login);
	if (envelope->client.n > 0)
		add_address(out, "client", envelope->client);
}

static int
show_text(struct show *show, const struct hold_envelope *envelope)
{
	int code;

	add_state(show, &show->out);
	code = ctl_print(&show->out);
	buf_reset(&show->out);
	if (code == CTL_FINE && show->message->decided != 0)
		code = explain_message(show->ctl, show->id, show->message->decided);
	else if (code == CTL_FINE)
		buf_add_text(
		    &show->out, "frankd has no record of it: it did not decide this\n");
	/* What the same policy decides otherwise has been said. */
	if (code != CTL_FINE && code != CTL_FINDINGS)
		return code;
	if (envelope != NULL) {
		add_envelope(envelope, &show->out);
		hold_mail_text(buf_view(&show->items), show->lines, &show->out);
	}
	int printed = ctl_print(&show->out);
	return printed != CTL_FINE ? printed : code;
}

static int
show_json(struct show *show, const struct hold_envelope *envelope)
{
	struct json json;

	json_begin(&json, &show->out);
	json_object(&json, NULL);
	hold_json(show->message, show->now, &json);
	if (envelope != NULL) {
		json_array(&json, "frank.envelope.rcpts");
		for (size_t i = 0; i < envelope->n_rcpts && i < HOLD_RCPTS_SHOWN; i++)
			json_string(&json, NULL, envelope->rcpts[i]);
		json_end(&json);
		hold_mail_json(buf_view(&show->items), &json);
	}
	json_end(&json);
	buf_add_char(&show->out, '\n');
	return ctl_print(&show->out);
}

/* ---- what there is ---- */

/* It waits, so its content can be had. */
static int
show_waiting(struct show *show, struct err *err)
{
	struct hold_envelope envelope;

	if (postfix_cat(
		show->postfix, show->message->id, POSTFIX_MESSAGE, &show->mail, err) == -1)
		return -1;
	if (show->save != NULL)
		return save(show, err);
	if (show->raw)
		return write_all(STDOUT_FILENO, buf_view(&show->mail), err);
	if (postfix_cat(show->postfix, show->message->id, POSTFIX_ENVELOPE, &show->envelope,
		err) == -1 ||
	    mail_take_apart(buf_view(&show->mail), &show->items, err) == -1)
		return -1;
	hold_envelope_read(buf_view(&show->envelope), &envelope);
	return show->ctl->json ? show_json(show, &envelope) : show_text(show, &envelope);
}

static int
say_gone(const struct show *show)
{
	ctl_say("%s is not in the hold queue any more: what was in it cannot be shown",
	    show->id);
	return EX_NOINPUT;
}

/* Of those with this id the one that waits, else the last. */
static int
show_it(struct show *show)
{
	struct err err = ERR_INIT;
	int code;

	if (show->held.n == 0) {
		ctl_say("%s is not on hold, and the journal has not held it: 'frank hold "
			"list' has what is, 'frank explain ID' says of any decision why",
		    show->id);
		return EX_NOINPUT;
	}
	show->message = &show->held.list[show->held.n - 1];
	for (size_t i = 0; i < show->held.n; i++)
		if (show->held.list[i].state != HELD_GONE)
			show->message = &show->held.list[i];
	if (show->message->state != HELD_GONE) {
		code = show_waiting(show, &err);
		return code == -1 ? ctl_fail(&err) : code;
	}
	if (show->save == NULL && !show->raw) {
		code = show->ctl->json ? show_json(show, NULL) : show_text(show, NULL);
		if (code != CTL_FINE && code != CTL_FINDINGS)
			return code;
	}
	return say_gone(show);
}

static int
take_options(struct show *show, int argc, char **argv)
{
	static const struct option options[] = {
	    {"raw", no_argument, NULL, 'r'},
	    {"save", required_argument, NULL, 's'},
	    {"lines", required_argument, NULL, 'l'},
	    {"postfix-config", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'J'},
	    {NULL, 0, NULL, 0},
	};
	unsigned long long lines;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r') {
			show->raw = true;
		} else if (option == 's') {
			show->save = optarg;
		} else if (option == 'l') {
			if (!view_number(view_of(optarg), 1000000, &lines)) {
				ctl_say("--lines: '%s' is no number of lines", optarg);
				return EX_USAGE;
			}
			show->lines = (size_t)lines;
		} else if (option == 'p') {
			show->postfix = optarg;
		} else if (option == 'J') {
			show->ctl->json = true;
		} else {
			return ctl_bad_option(argc, argv);
		}
	}
	if (optind + 1 != argc)
		return ctl_usage("hold", "'frank hold show' wants one queue id");
	show->id = argv[optind];
	return CTL_FINE;
}

static int
check(const struct show *show)
{
	if (!postfix_is_id(view_of(show->id))) {
		ctl_say("'%s' is no queue id: 'frank hold list' has them", show->id);
		return EX_USAGE;
	}
	if (show->raw && show->save != NULL)
		return ctl_usage("hold", "--raw and --save are two ways to the same");
	if (show->raw && isatty(STDOUT_FILENO) == 1) {
		ctl_say("--raw does not write to a terminal, which a message could take "
			"over: '| less', '> FILE' or --save FILE");
		return EX_USAGE;
	}
	if (!may_read()) {
		ctl_say("only root and Postfix may read mail in the queue: use sudo(8)");
		return EX_NOPERM;
	}
	return CTL_FINE;
}

int
hold_show(struct ctl *ctl, int argc, char **argv)
{
	struct show show = {.ctl = ctl,
	    .lines = LINES,
	    .now = clock_now().wall / SECOND,
	    .envelope = BUF_INIT(ENVELOPE_MAX),
	    .mail = BUF_INIT(POSTFIX_MESSAGE_MAX),
	    .items = BUF_INIT(MAIL_REPLY_MAX),
	    .out = BUF_INIT(CTL_OUTPUT_MAX)};
	struct err err = ERR_INIT;
	int code = take_options(&show, argc, argv);

	if (code == CTL_FINE)
		code = check(&show);
	if (code != CTL_FINE)
		return code;
	const struct held_filter filter = {
	    .with_gone = true, .ids = (const char *const[]){show.id}, .n_ids = 1};
	if (held_collect(ctl, show.postfix, &filter, &show.held, &err) == -1)
		code = ctl_fail(&err);
	else
		code = show_it(&show);
	held_fini(&show.held);
	buf_fini(&show.envelope);
	buf_fini(&show.mail);
	buf_fini(&show.items);
	buf_fini(&show.out);
	return code;
}
