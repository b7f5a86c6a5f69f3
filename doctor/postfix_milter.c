/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* Does every way that mail takes out of here pass by frankd? */

/* What is wrong with a list without frankd. */
static const char *
has_none(const struct look *look, struct view milters)
{
	struct buf text = BUF_INIT(POSTFIX_VALUE_MAX);
	const char *shown = "is empty";

	buf_addf(&text, "(%.*s) has no frankd", VIEW_ARG(milters));
	if (milters.n > 0)
		shown = arena_text(look->report->arena, buf_view(&text));
	buf_fini(&text);
	return shown;
}

/* Does LIST take over that of smtpd? */
static bool
has_smtpd_milters(struct view list)
{
	static const char *const references[] = {
	    "$smtpd_milters", "${smtpd_milters}", "$(smtpd_milters)"};

	for (size_t i = 0; i < ARRAY_LEN(references); i++)
		if (postfix_list_has(list, view_of(references[i])))
			return true;
	return false;
}

/* The remedy: frankd behind those that are in NAME now. */
static void
remedy_add(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service, const char *name)
{
	const struct policy_settings *settings = policy_settings(look->world->policy);
	struct buf list = BUF_INIT(POSTFIX_VALUE_MAX);
	struct view now = VIEW_NONE;

	(void)postfix_conf_written(look->conf, service, view_of(name), &now);
	/* In both of them it would see each message twice. */
	if (has_smtpd_milters(now)) {
		name = "smtpd_milters";
		service = NULL;
		(void)postfix_conf_written(look->conf, NULL, view_of(name), &now);
	}
	buf_add(&list, now);
	if (now.n > 0)
		buf_add_text(&list, ", ");
	buf_add(&list, look_endpoint(look, settings));
	look_set(look, finding, service, name, buf_view(&list));
	buf_fini(&list);
}

/* The remedy: receive_override_options without no_milters. */
static void
remedy_ask_milters(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service, struct view options)
{
	struct buf list = BUF_INIT(POSTFIX_VALUE_MAX);
	struct view option;

	while (postfix_list_next(&options, &option)) {
		if (view_is_nocase(option, VIEW("no_milters")))
			continue;
		if (list.n > 0)
			buf_add_text(&list, ", ");
		buf_add(&list, option);
	}
	look_set(look, finding, service, "receive_override_options", buf_view(&list));
	buf_fini(&list);
}

/* frankd is in the list; does Postfix go by it? */
static void
judge_listed(const struct look *look, const struct postfix_service *service)
{
	struct view options, proxy, maps;
	const char *name = look_name(look, service);

	if (!look_value(look, service, "receive_override_options", &options) ||
	    !look_value_or_none(look, service, "smtpd_proxy_filter", &proxy) ||
	    !look_value_or_none(look, service, "smtpd_milter_maps", &maps))
		return;
	if (postfix_list_has(options, VIEW("no_milters"))) {
		remedy_ask_milters(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s: receive_override_options has no_milters, so frankd is never "
			"asked",
			name),
		    service, options);
	} else if (proxy.n > 0) {
		doctor_remedy(look->report,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s: smtpd_proxy_filter is %.*s, and before such a filter no "
			"milter sees a message",
			name, VIEW_ARG(proxy)),
		    "In master.cf, give smtpd_milters to the smtpd behind the filter "
		    "instead");
	} else if (maps.n > 0) {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s asks frankd, but smtpd_milter_maps (%.*s) may say otherwise for "
		    "some clients",
		    name, VIEW_ARG(maps));
	} else {
		doctor_say(look->report, DOCTOR_OK, "%s asks frankd", name);
	}
}

static void
judge_smtpd(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service)
{
	struct view milters;
	bool has_login;

	/* Where a filter hands back nobody logs in, whatever main.cf says for all; the rest
	 * is the matter of postfix-reentry. */
	if (look_takes_back(look, settings, service) ||
	    !look_value(look, service, "smtpd_milters", &milters))
		return;
	if (look_has_frank(look, settings, milters)) {
		judge_listed(look, service);
		return;
	}
	if (!look_truth(look, service, "smtpd_sasl_auth_enable", &has_login))
		return;
	if (!has_login) {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s: smtpd_milters has no frankd. Nobody logs in there; what clients "
		    "in mynetworks send out by it leaves unsigned",
		    look_name(look, service));
		return;
	}
	remedy_add(look,
	    doctor_say(look->report, DOCTOR_BAD,
		"%s: users log in there, and smtpd_milters %s: their mail leaves unsigned "
		"and unjudged",
		look_name(look, service), has_none(look, milters)),
	    service, "smtpd_milters");
}

LOOK_CHECK(doctor_check_milter_smtpd)
{
	const struct policy_settings *settings;
	const struct postfix_service *service;
	struct look look;
	size_t at = 0, n = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while ((service = look_next(&look, "smtpd", &at)) != NULL) {
		judge_smtpd(&look, settings, service);
		n++;
	}
	if (n == 0)
		doctor_say(report, DOCTOR_UNKNOWN, "master.cf has no smtpd");
	else if (report->first == NULL)
		doctor_say(report, DOCTOR_OK,
		    "every smtpd only takes mail back from a content filter");
}

/*
 * cleanup(8) asks the non_smtpd_milters: the one that pickup(8) gives its mail to.
 */
static const struct postfix_service *
find_cleanup(const struct look *look, const struct postfix_service *pickup)
{
	const struct postfix_service *cleanup;
	struct view name;

	if (!look_value(look, pickup, "cleanup_service_name", &name))
		return NULL;
	cleanup = postfix_conf_service(look->conf, name, VIEW("unix"));
	if (cleanup == NULL)
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "pickup's cleanup_service_name is %.*s, and master.cf has none of that "
		    "name",
		    VIEW_ARG(name));
	return cleanup;
}

static void
judge_pickup(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *pickup)
{
	const struct postfix_service *cleanup = find_cleanup(look, pickup);
	struct view milters, options;

	if (cleanup == NULL || !look_value(look, cleanup, "non_smtpd_milters", &milters) ||
	    !look_value(look, pickup, "receive_override_options", &options))
		return;
	if (!look_has_frank(look, settings, milters)) {
		remedy_add(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s %s: what sendmail(1) sends, cron and web scripts, leaves "
			"unsigned and unjudged",
			look_place(look, cleanup, "non_smtpd_milters"),
			has_none(look, milters)),
		    cleanup, "non_smtpd_milters");
	} else if (postfix_list_has(options, VIEW("no_milters"))) {
		remedy_ask_milters(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s: receive_override_options has no_milters, so frankd is never "
			"asked",
			look_name(look, pickup)),
		    pickup, options);
	} else {
		doctor_say(look->report, DOCTOR_OK, "mail of sendmail(1) passes frankd");
	}
}

LOOK_CHECK(doctor_check_milter_local)
{
	const struct policy_settings *settings;
	const struct postfix_service *pickup;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	pickup = look_next(&look, "pickup", &at);
	if (pickup == NULL)
		doctor_say(report, DOCTOR_OK,
		    "master.cf has no pickup: nothing is sent by sendmail(1)");
	else
		judge_pickup(&look, settings, pickup);
}
