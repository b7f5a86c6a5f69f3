/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/map.h"
#include "lib/run.h"
#include "lib/smtp.h"

#include "milter/incident_text.h"
#include "milter/notices_private.h"

enum {
	SECOND = 1000000,
	NAME_BYTES = 320,
	MAIL_MAX = 128 * 1024,
	JSON_MAX = 128 * 1024,
	REPLY_MAX = 512,
	OUTPUT_MAX = 4096,
};

/* What the policy in force says; copied, so that a reload need not wait for a server. */
struct settings {
	char to[NAME_BYTES], server[NAME_BYTES], from_domain[NAME_BYTES], helo[NAME_BYTES];
	char command[PATH_MAX];
};

static void
copy(char *into, size_t size, struct view text)
{
	snprintf(into, size, "%.*s", VIEW_ARG(text));
}

/* Whose postmaster writes: of a domain that the default policy signs for, if it can be. */
static struct view
from_domain(const struct notices *notices, const struct policy *policy)
{
	const struct policy_settings *settings = policy_settings(policy);
	char lower[NAME_BYTES];
	struct view domain = settings->notify_to, local;

	if (view_cut(&domain, '@', &local) && domain.n < sizeof(lower)) {
		for (size_t i = 0; i < domain.n; i++)
			lower[i] = (char)(domain.p[i] >= 'A' && domain.p[i] <= 'Z'
					      ? domain.p[i] - 'A' + 'a'
					      : domain.p[i]);
		if (policy_has_key_for(policy, (struct view){lower, domain.n}))
			return domain;
	}
	return settings->helo.n > 0 ? settings->helo : view_of(notices->host);
}

static bool
settings_take(const struct notices *notices, struct settings *ret_settings)
{
	void *context = notices->calls.context;
	struct generation *generation = notices->calls.hold(context);

	if (generation == NULL)
		return false;
	const struct policy_settings *from = policy_settings(generation->policy);
	struct settings *to = ret_settings;
	copy(to->to, sizeof(to->to), from->notify_to);
	copy(to->server, sizeof(to->server), from->notify_smtp);
	copy(to->command, sizeof(to->command), from->notify_command);
	copy(to->helo, sizeof(to->helo),
	    from->helo.n > 0 ? from->helo : view_of(notices->host));
	copy(to->from_domain, sizeof(to->from_domain),
	    from_domain(notices, generation->policy));
	notices->calls.let_go(context, generation);
	return true;
}

/* ---- mail ---- */

/* Of what a mail is: an alert, or else an incident, which is notices->told. */
struct letter {
	const struct alert_news *alert;
	enum incident_news news;
	char name[64]; /* "incident 3", "hold-alert" */
};

static int
mail_send(struct notices *notices, const struct settings *settings,
    const struct letter *letter, struct buf *reply, struct err *err)
{
	struct clock now = notices->calls.now(notices->calls.context);
	struct buf text = BUF_INIT(MAIL_MAX);
	char id[2 * NAME_BYTES], date[CLOCK_TEXT], mark[OWN_MAIL_MARK],
	    sender[2 * NAME_BYTES];

	snprintf(id, sizeof(id), "frank.%llu.%lld.%llx@%s",
	    letter->alert != NULL ? 0 : (unsigned long long)notices->told->number,
	    (long long)(now.wall / SECOND), (unsigned long long)map_seed_random().k0,
	    settings->from_domain);
	snprintf(sender, sizeof(sender), "postmaster@%s", settings->from_domain);
	const struct own_mail own = {.message_id = view_of(id),
	    .rcpt = view_of(settings->to),
	    .date = view_of(clock_rfc5322(now.wall, date))};
	own_mail_mark(notices->secret, &own, now.wall / SECOND, mark);
	const struct notice_frame frame = {.from_domain = settings->from_domain,
	    .to = settings->to,
	    .host = notices->host,
	    .message_id = id,
	    .mark = mark,
	    .now = now.wall};
	if (letter->alert != NULL)
		notice_alert_mail(letter->alert, &frame, &text);
	else
		notice_mail(notices->told, letter->news, &frame, &text);
	const struct smtp_mail mail = {.server = settings->server,
	    .helo = view_of(settings->helo),
	    .sender = view_of(sender),
	    .rcpt = view_of(settings->to),
	    .text = buf_view(&text)};
	int result = smtp_send(&mail, NOTICE_MILLISECONDS, reply, err);
	buf_fini(&text);
	return result;
}

static void
mail_failed(struct notices *notices, const struct letter *letter, const struct err *err)
{
	static const int64_t waits[] = {NOTICE_FIRST, 5 * NOTICE_FIRST, NOTICE_LATEST};
	size_t which =
	    notices->failures < ARRAY_LEN(waits) ? notices->failures : ARRAY_LEN(waits) - 1;

	notices->failures++;
	if (letter->alert == NULL)
		notices->tried = notices->told->number;
	notices->mail_after =
	    notices->calls.now(notices->calls.context).mono + waits[which] * SECOND;
	pthread_mutex_lock(&notices->lock);
	bool is_news = strcmp(notices->status.trouble, err->text) != 0;
	snprintf(notices->status.trouble, sizeof(notices->status.trouble), "%s", err->text);
	pthread_mutex_unlock(&notices->lock);
	if (is_news)
		notices_say(notices, true,
		    "the notice of %s cannot be sent, it is tried again: %s", letter->name,
		    err->text);
}

static void
mail_went(struct notices *notices, const struct settings *settings,
    const struct letter *letter, struct view reply)
{
	notices->failures = 0;
	notices->tried = 0;
	notices->mail_after = 0;
	pthread_mutex_lock(&notices->lock);
	notices->status.trouble[0] = '\0';
	notices->status.sent++;
	pthread_mutex_unlock(&notices->lock);
	notices_say(notices, false, "notice of %s to %s: %.*s", letter->name, settings->to,
	    VIEW_ARG(reply));
}

/* 0: it went, or nobody wants mail. */
static int
mail_tell(
    struct notices *notices, const struct settings *settings, const struct letter *letter)
{
	struct buf reply = BUF_INIT(REPLY_MAX);
	struct err err = ERR_INIT;
	int result = 0;

	if (settings->to[0] != '\0') {
		result = mail_send(notices, settings, letter, &reply, &err);
		if (result == -1)
			mail_failed(notices, letter, &err);
		else
			mail_went(notices, settings, letter, buf_view(&reply));
	}
	buf_fini(&reply);
	return result;
}

static void
tell_by_mail(struct notices *notices, const struct settings *settings)
{
	struct clock now = notices->calls.now(notices->calls.context);
	struct letter letter = {.alert = NULL};

	if (now.mono < notices->mail_after)
		return;
	letter.news = incidents_due(
	    notices->incidents, INCIDENT_BY_MAIL, notices->tried, now.wall, notices->told);
	if (letter.news == INCIDENT_NO_NEWS)
		return;
	snprintf(letter.name, sizeof(letter.name), "incident %llu",
	    (unsigned long long)notices->told->number);
	if (mail_tell(notices, settings, &letter) == 0)
		incidents_told(notices->incidents, INCIDENT_BY_MAIL, letter.news,
		    notices->told, now.wall);
}

/* ---- command ---- */

static void
command_input(const struct notices *notices, const struct letter *letter, int64_t now,
    struct buf *out)
{
	static const char *const actions[] = {[INCIDENT_OPENED] = "incident-opened",
	    [INCIDENT_DOUBLED] = "incident-doubled",
	    [INCIDENT_CLOSED] = "incident-closed"};
	const struct alert_news *alert = letter->alert;
	char text[CLOCK_TEXT];
	struct json json;

	json_begin(&json, out);
	json_object(&json, NULL);
	json_string(&json, "@timestamp", view_of(clock_rfc3339(now, text)));
	json_string(&json, "host.name", view_of(notices->host));
	if (alert == NULL) {
		json_string(&json, "event.action", view_of(actions[letter->news]));
		incident_json(notices->told, true, &json);
	} else {
		json_string(&json, "event.action",
		    view_of(alert->is_over ? "alert-over" : "alert-began"));
		json_string(&json, "frank.alert", view_of(alert_name(alert->kind)));
		json_string(
		    &json, "event.start", view_of(clock_rfc3339(alert->since, text)));
		json_string(&json, "message", view_of(alert->text));
	}
	json_end(&json);
	buf_add_char(out, '\n');
}

static void
command_run(
    struct notices *notices, const char *path, const struct letter *letter, int64_t now)
{
	const char *const argv[] = {path, NULL};
	struct buf input = BUF_INIT(JSON_MAX), output = BUF_INIT(OUTPUT_MAX);
	struct err err = ERR_INIT;
	struct view rest, line = VIEW("");
	int status = 0;

	command_input(notices, letter, now, &input);
	int result =
	    run(argv, buf_view(&input), &output, &output, NOTICE_COMMAND_MS, &status, &err);
	rest = buf_view(&output);
	(void)view_cut(&rest, '\n', &line);
	if (result == -1 || status != 0) {
		pthread_mutex_lock(&notices->lock);
		notices->status.failed_commands++;
		pthread_mutex_unlock(&notices->lock);
	}
	if (result == -1)
		notices_say(notices, true, "notify-command: %s", err.text);
	else if (status != 0)
		notices_say(notices, true, "notify-command: %s ended with %d: %.*s", path,
		    status, VIEW_ARG(line));
	buf_fini(&input);
	buf_fini(&output);
}

/* Once: what it makes of it is its affair. */
static void
tell_by_command(struct notices *notices, const struct settings *settings)
{
	struct clock now = notices->calls.now(notices->calls.context);
	struct letter letter = {.alert = NULL};

	letter.news = incidents_due(
	    notices->incidents, INCIDENT_BY_COMMAND, 0, now.wall, notices->told);
	if (letter.news == INCIDENT_NO_NEWS)
		return;
	if (settings->command[0] != '\0')
		command_run(notices, settings->command, &letter, now.wall);
	incidents_told(
	    notices->incidents, INCIDENT_BY_COMMAND, letter.news, notices->told, now.wall);
}

/* ---- alerts: each by command first, then by mail until that went ---- */

static bool
is_same(const struct alert_news *a, const struct alert_news *b)
{
	return a->time == b->time && a->kind == b->kind;
}

/* The oldest; false: there is none. */
static bool
alert_first(struct notices *notices, struct alert_news *ret_alert)
{
	pthread_mutex_lock(&notices->lock);
	bool is_there = notices->n_alerts > 0;
	if (is_there)
		*ret_alert = notices->alerts[0];
	pthread_mutex_unlock(&notices->lock);
	return is_there;
}

/* It may have made room for others meanwhile. */
static void
alert_told(struct notices *notices, const struct alert_news *alert)
{
	pthread_mutex_lock(&notices->lock);
	if (notices->n_alerts > 0 && is_same(&notices->alerts[0], alert)) {
		notices->n_alerts--;
		memmove(notices->alerts, notices->alerts + 1,
		    notices->n_alerts * sizeof(notices->alerts[0]));
	}
	pthread_mutex_unlock(&notices->lock);
	/* Not any more when frankd is stopped meanwhile. */
	pthread_mutex_lock(&notices->writing);
	notices->calls.alert_told(notices->calls.context, alert);
	pthread_mutex_unlock(&notices->writing);
}

static void
tell_alert(struct notices *notices, const struct settings *settings)
{
	struct clock now = notices->calls.now(notices->calls.context);
	struct alert_news alert;
	struct letter letter = {.alert = &alert};

	if (!alert_first(notices, &alert))
		return;
	snprintf(letter.name, sizeof(letter.name), "%s", alert_name(alert.kind));
	if (!is_same(&notices->ran, &alert) && settings->command[0] != '\0')
		command_run(notices, settings->command, &letter, now.wall);
	notices->ran = alert;
	if (now.mono >= notices->mail_after && mail_tell(notices, settings, &letter) == 0)
		alert_told(notices, &alert);
}

void
notices_tell(struct notices *notices)
{
	struct settings settings;

	if (!settings_take(notices, &settings))
		return;
	tell_by_command(notices, &settings);
	tell_by_mail(notices, &settings);
	tell_alert(notices, &settings);
}
