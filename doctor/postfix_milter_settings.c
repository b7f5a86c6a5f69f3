/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <inttypes.h>
#include <stdio.h>

#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* How Postfix speaks with frankd, and what it does when that fails. */

static void
judge_action(const struct look *look, const struct policy_settings *settings,
    const struct look_use *use)
{
	struct doctor_finding *finding = NULL;
	struct view action;
	const char *place;

	if (!look_use_setting(look, use, "default_action", &action, &place))
		return;
	if (view_is(action, VIEW("accept")))
		finding = look_say(look, DOCTOR_BAD,
		    "%s is accept: while frankd does not answer, mail leaves unsigned and "
		    "unjudged",
		    place);
	else if (view_is(action, VIEW("quarantine")))
		finding = look_say(look, DOCTOR_BAD,
		    "%s is quarantine: while frankd does not answer, all mail is held, and "
		    "is unsigned when it is released",
		    place);
	else if (view_is(action, VIEW("reject")) && settings->on_error != ON_ERROR_REJECT)
		finding = look_say(look, DOCTOR_BAD,
		    "%s is reject: a restart of frankd refuses mail for good, although "
		    "'set on-error' is defer",
		    place);
	else if (view_is(action, VIEW("tempfail")) || view_is(action, VIEW("reject")) ||
		 view_is(action, VIEW("shutdown")))
		(void)look_say(look, DOCTOR_OK,
		    "%s is %.*s: nothing leaves while frankd does not answer", place,
		    VIEW_ARG(action));
	else
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s is '%.*s', which is not known here", place, VIEW_ARG(action));
	look_set_use(look, finding, use, "default_action", "tempfail");
}

LOOK_CHECK(doctor_check_milter_action)
{
	(void)subject;
	look_each_use(world, report, judge_action);
}

enum {
	/* A restart of frankd's milter process, on a busy machine. */
	CONNECT_LEAST = 1,
	/* Steps that wait for nothing; what is left is a machine that swaps. */
	COMMAND_LEAST = 2,
	/* At the end of a message, beside the DNS deadline: 2 s for Postfix's tables, 1 s
	 * for the key process, and as much again for the machine. */
	CONTENT_BESIDE_DNS = 5,
	/* Clients wait 5 minutes for a command's answer and 10 for that to the end of a
	 * message (RFC 5321 4.5.3.2), then they send it again. */
	CONNECT_MOST = 299,
	COMMAND_MOST = 299,
	CONTENT_MOST = 599,
};

struct wait {
	const char *name; /* "connect_timeout" */
	int64_t least, most;
	int64_t good; /* what the remedy sets */
};

static void
judge_wait(const struct look *look, const struct look_use *use, const struct wait *wait)
{
	struct doctor_finding *finding = NULL;
	struct view text;
	const char *place;
	char good[32];

	if (!look_use_setting(look, use, wait->name, &text, &place))
		return;
	int64_t seconds = postfix_seconds(text, 's');
	if (seconds < 0)
		(void)look_say(look, DOCTOR_UNKNOWN, "%s is '%.*s', which is no duration",
		    place, VIEW_ARG(text));
	else if (seconds < wait->least)
		finding = look_say(look, DOCTOR_BAD,
		    "%s is %.*s: frankd may need %" PRId64
		    " s, and mail for which the time is too short is deferred",
		    place, VIEW_ARG(text), wait->least);
	else if (seconds > wait->most)
		finding = look_say(look, DOCTOR_BAD,
		    "%s is %.*s: clients give up after %" PRId64
		    " s and send the message again",
		    place, VIEW_ARG(text), wait->most + 1);
	else
		(void)look_say(look, DOCTOR_OK, "%s is %.*s", place, VIEW_ARG(text));
	snprintf(good, sizeof(good), "%" PRId64 "s", wait->good);
	look_set_use(look, finding, use, wait->name, good);
}

LOOK_CHECK(doctor_check_milter_timeouts)
{
	const struct policy_settings *settings;
	struct look_use use;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	int64_t content = (int64_t)settings->dns_deadline + CONTENT_BESIDE_DNS;
	const struct wait waits[] = {
	    {"connect_timeout", CONNECT_LEAST, CONNECT_MOST, 2},
	    {"command_timeout", COMMAND_LEAST, COMMAND_MOST, 5},
	    {"content_timeout", content, CONTENT_MOST, content > 30 ? content : 30},
	};
	while (look_next_use(&look, settings, &at, &use))
		for (size_t i = 0; i < ARRAY_LEN(waits); i++)
			judge_wait(&look, &use, &waits[i]);
	look_no_uses(&look);
}

/* What frankd uses: the blank behind a field's colon shown, and macros asked for. */
enum { PROTOCOL_NEEDED = 6, PROTOCOL_MAX = 1000 };

/* "6", or "6" with words behind it that switch single steps off. 1; 0: said. */
static bool
get_protocol(const struct look *look, const struct look_use *use,
    unsigned long long *ret_version, struct view *ret_text, const char **ret_place)
{
	struct view rest, head;

	if (!look_use_setting(look, use, "protocol", ret_text, ret_place))
		return false;
	rest = *ret_text;
	if (postfix_list_next(&rest, &head) && view_number(head, PROTOCOL_MAX, ret_version))
		return true;
	(void)look_say(look, DOCTOR_UNKNOWN, "%s is '%.*s', which is not known here",
	    *ret_place, VIEW_ARG(*ret_text));
	return false;
}

LOOK_CHECK(doctor_check_milter_protocol)
{
	const struct policy_settings *settings;
	unsigned long long version;
	struct look_use use;
	struct look look;
	struct view text;
	const char *place;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while (look_next_use(&look, settings, &at, &use)) {
		if (!get_protocol(&look, &use, &version, &text, &place))
			continue;
		if (version >= PROTOCOL_NEEDED)
			(void)look_say(
			    &look, DOCTOR_OK, "%s is %.*s", place, VIEW_ARG(text));
		else
			look_set_use(&look,
			    look_say(&look, DOCTOR_BAD,
				"%s is %.*s: frankd needs 6 to ask for its macros, and to "
				"see header fields as they are",
				place, VIEW_ARG(text)),
			    &use, "protocol", "6");
	}
	look_no_uses(&look);
}

/* What frankd goes by, and the list that has to bring it when it cannot ask. */
static const struct {
	const char *list, *macro, *loss;
} macros[] = {
    {"milter_mail_macros", "{auth_authen}", "frankd does not learn who logged in"},
    {"milter_end_of_data_macros", "i", "frankd does not learn the queue id"},
};

static void
judge_macros(const struct look *look, const struct policy_settings *settings,
    const struct look_use *use)
{
	unsigned long long version;
	struct view text, list;
	const char *place;

	(void)settings;
	if (!get_protocol(look, use, &version, &text, &place))
		return;
	if (version >= PROTOCOL_NEEDED) {
		(void)look_say(look, DOCTOR_OK,
		    "frankd asks for the macros that it needs, whatever milter_*_macros "
		    "say");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(macros); i++) {
		if (!look_value(look, use->service, macros[i].list, &list))
			continue;
		if (postfix_list_has(list, view_of(macros[i].macro))) {
			(void)look_say(look, DOCTOR_OK, "%s has %s",
			    look_place(look, use->service, macros[i].list),
			    macros[i].macro);
			continue;
		}
		look_set_use(look,
		    look_say(look, DOCTOR_BAD, "%s lacks %s, and %s is %.*s: %s",
			look_place(look, use->service, macros[i].list), macros[i].macro,
			place, VIEW_ARG(text), macros[i].loss),
		    use, "protocol", "6");
	}
}

LOOK_CHECK(doctor_check_milter_macros)
{
	(void)subject;
	look_each_use(world, report, judge_macros);
}
