/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "auth/address.h"
#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/map.h"

#include "ctl/cause.h"
#include "ctl/confirm.h"
#include "ctl/password.h"
#include "ctl/send.h"

enum {
	SAID_MAX = 8192,
	SECOND = 1000000,
	REFUSED_US = 2 * SECOND, /* for the record of what was refused */
	ADDRESS_MAX = 254,       /* RFC 5321 4.5.3.1.3 */
	NAME_MAX_SHOWN = 320,
};

struct doctor_finding *
send_say(struct send *send, const char *check, enum doctor_answer answer,
    const char *format, ...)
{
	struct buf text = BUF_INIT(SAID_MAX);
	va_list args;

	if (send->n_findings < SEND_FINDINGS_MAX)
		send->n_findings++;
	struct send_finding *at = &send->findings[send->n_findings - 1];
	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	*at = (struct send_finding){.check = check,
	    .finding = {
		.answer = answer, .evidence = arena_view(send->arena, buf_view(&text))}};
	buf_fini(&text);
	return &at->finding;
}

void
send_remedy(struct send *send, struct doctor_finding *finding, const char *format, ...)
{
	struct buf text = BUF_INIT(SAID_MAX);
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	finding->remedy = arena_view(send->arena, buf_view(&text));
	buf_fini(&text);
}

/* What needs no quoting, in SMTP or in a header field (RFC 5322 3.2.3, dot-atom). */
static bool
is_plain(struct view local)
{
	static const char allowed[] = "!#$%&'*+-/=?^_`{|}~.";

	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9')) &&
		    !view_has_char(view_of(allowed), c))
			return false;
	}
	return local.n > 0;
}

static int
take_address(struct send *send, const char *text, struct address *ret_address)
{
	char why[NAME_MAX_SHOWN];
	struct err err = ERR_INIT;

	if (address_parse_path(view_of(text), send->arena, ret_address, &err) == 1 &&
	    ret_address->domain.n > 0 && is_plain(ret_address->local) &&
	    ret_address->text.n <= ADDRESS_MAX)
		return CTL_FINE;
	snprintf(why, sizeof(why), "'%.200s' is no address that a test is sent with", text);
	return ctl_usage("doctor", why);
}

static int
find_sender(
    struct send *send, const struct doctor_scene *scene, struct address *ret_address)
{
	char text[NAME_MAX_SHOWN];

	if (send->order->send.from != NULL)
		return take_address(send, send->order->send.from, ret_address);
	if (scene->n_domains == 0) {
		ctl_say("no domain is known that we sign for, so that the sender is not "
			"known: name one with --from");
		return EX_CONFIG;
	}
	snprintf(text, sizeof(text), "postmaster@%.*s", VIEW_ARG(scene->domains[0]));
	return take_address(send, text, ret_address);
}

static void
find_way(struct send *send)
{
	const struct doctor_order *order = send->order;
	const char *place =
	    order->submissions != NULL ? order->submissions : order->submission;
	char text[NAME_MAX_SHOWN];

	send->way = VIEW("sendmail(1)");
	send->is_submitted = place != NULL;
	if (place == NULL)
		return;
	must(place_parse(
	    view_of(place), order->submissions != NULL ? 465 : 587, &send->server));
	snprintf(text, sizeof(text), "%.*s port %u", VIEW_ARG(send->server.host),
	    send->server.port);
	send->way = arena_view(send->arena, view_of(text));
}

static int
open_journal(struct send *send)
{
	const char *state = ctl_state(send->ctl);
	struct err err = ERR_INIT;

	if (journal_reader_open(state, &send->reader, &err) == -1 ||
	    after_init(&send->after, state, &err) == -1) {
		int code = ctl_fail(&err);

		ctl_say("nothing was sent: without the journal it cannot be followed");
		return code;
	}
	if (cause_load(send->ctl, &send->replies, &err) == -1)
		ctl_say("what servers say is not explained: %s", err.text);
	return CTL_FINE;
}

static int
prepare(struct send *send, const struct doctor_scene *scene)
{
	struct address from, to;
	int code = take_address(send, send->order->send.to, &to);

	if (code == CTL_FINE)
		code = find_sender(send, scene, &from);
	if (code != CTL_FINE)
		return code;
	send->to = to.text;
	send->from = from.text;
	send->from_domain = from.domain;
	find_way(send);
	return open_journal(send);
}

/* CTL_FINE: yes. */
static int
ask(const struct send *send)
{
	struct buf question = BUF_INIT(SAID_MAX);

	if (!send->order->send.yes && isatty(STDIN_FILENO) == 0)
		return ctl_usage("doctor", "nothing was sent: there is no terminal to ask "
					   "on, and --yes was not said");
	buf_addf(&question,
	    "Send a test message\n  from %.*s\n  to %.*s\n  by %.*s? [y/N] ",
	    VIEW_ARG(send->from), VIEW_ARG(send->to), VIEW_ARG(send->way));
	bool wanted = confirm(send->order->send.yes, buf_text(&question));
	buf_fini(&question);
	return wanted ? CTL_FINE : CTL_FINDINGS;
}

static int
read_password(const struct send *send, struct buf *password)
{
	char prompt[NAME_MAX_SHOWN];
	struct err err = ERR_INIT;

	if (send->order->send.login == NULL)
		return CTL_FINE;
	snprintf(prompt, sizeof(prompt), "password of %.200s: ", send->order->send.login);
	return password_read(send->order->send.password_file, prompt, password, &err) == 0
		   ? CTL_FINE
		   : ctl_fail(&err);
}

/* What was refused has perhaps a record, and that is there at once. */
static int
follow(struct send *send, struct err *err)
{
	int64_t most = (int64_t)send->order->send.wait * SECOND;

	if (!send->is_taken && !send->was_said)
		return 0;
	if (!send->is_taken && most > REFUSED_US)
		most = REFUSED_US;
	return send_follow(send, clock_mono() + most, err);
}

static int
exit_code(const struct send *send)
{
	for (size_t i = 0; i < send->n_findings; i++)
		if (send->findings[i].finding.answer == DOCTOR_BAD)
			return CTL_FINDINGS;
	return send->state == SEND_WAITING ? EX_TEMPFAIL : CTL_FINE;
}

static int
show(const struct send *send)
{
	struct buf out = BUF_INIT(CTL_OUTPUT_MAX);

	if (send->ctl->json)
		send_json(send, &out);
	else
		send_text(send, &out);
	int printed = ctl_print(&out);
	buf_fini(&out);
	return printed != CTL_FINE ? printed : exit_code(send);
}

static int
send_and_follow(struct send *send, struct view password)
{
	struct map_seed random = map_seed_random();
	struct err err = ERR_INIT;

	send->began = clock_now().wall;
	send_make(send, (const uint64_t[]){random.k0, random.k1}, send->began);
	send_hand_over(send, password);
	if (follow(send, &err) == -1 || send_judge(send, &err) == -1)
		(void)send_say(send, "send-decision", DOCTOR_UNKNOWN, "%s", err.text);
	send_judge_outcomes(send);
	send_queue_look(send);
	send_judge_mail(send);
	return show(send);
}

int
send_test(
    struct ctl *ctl, const struct doctor_order *order, const struct doctor_scene *scene)
{
	struct send *send = mem_zeroed(1, sizeof(*send));
	struct buf password = BUF_INIT(PASSWORD_MAX);

	send->ctl = ctl;
	send->order = order;
	send->world = &scene->world;
	send->arena = order->arena;
	buf_init(&send->mail, SEND_MAIL_MAX);
	int code = prepare(send, scene);
	if (code == CTL_FINE)
		code = ask(send);
	if (code == CTL_FINE)
		code = read_password(send, &password);
	if (code == CTL_FINE)
		code = send_and_follow(send, buf_view(&password));
	if (password.p != NULL)
		OPENSSL_cleanse(password.p, password.size);
	buf_fini(&password);
	buf_fini(&send->mail);
	after_fini(&send->after);
	journal_reader_close(send->reader);
	replies_free(send->replies);
	free(send);
	return code;
}
