/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/*
 * A content filter takes mail out of the queue and hands it back, with its changes, to an
 * smtpd of its own. There it is signed, and judged no second time: 'set reentry'.
 */

enum { PORT_MAX = 65535 };

/* "10025", "127.0.0.1:10025", "submission". 0: not known. */
static uint16_t
port_of(const struct postfix_service *service)
{
	static const struct {
		const char *name;
		uint16_t port;
	} names[] = {
	    {"smtp", 25}, {"submission", 587}, {"smtps", 465}, {"submissions", 465}};
	struct view text = service->name;
	unsigned long long port;
	size_t start = text.n;

	while (start > 0 && text.p[start - 1] != ':')
		start--;
	text = view_from(text, start);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_is(text, view_of(names[i].name)))
			return names[i].port;
	return view_number(text, PORT_MAX, &port) ? (uint16_t)port : 0;
}

static bool
has_port(const struct policy_settings *settings, uint16_t port)
{
	for (uint32_t i = 0; i < settings->n_reentry; i++)
		if (settings->reentry[i] == port)
			return true;
	return false;
}

/* "127.0.0.1:10025" */
static bool
is_on_loopback(const struct postfix_service *service)
{
	size_t n = service->name.n;

	while (n > 0 && service->name.p[n - 1] != ':')
		n--;
	return n > 0 && look_is_loopback(view_head(service->name, n - 1));
}

bool
look_takes_back(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service)
{
	static const char filter[] = "content_filter",
			  override[] = "receive_override_options";
	const struct postfix_ask ask = {look->conf, service, look->report->arena};
	struct view value;
	bool is_kept = false;

	if (!is_on_loopback(service) && !has_port(settings, port_of(service)))
		return false;
	/* By its own line, not by main.cf's for all. */
	if (postfix_conf_overrides(look->conf, service, VIEW("smtpd_sasl_auth_enable")) &&
	    postfix_conf_value(&ask, VIEW("smtpd_sasl_auth_enable"), &value) == 1 &&
	    postfix_truth(value) == 1)
		return false;
	if (postfix_conf_overrides(look->conf, service, view_of(filter)))
		is_kept =
		    postfix_conf_value(&ask, view_of(filter), &value) == 1 && value.n == 0;
	if (postfix_conf_overrides(look->conf, service, view_of(override)))
		is_kept |= postfix_conf_value(&ask, view_of(override), &value) == 1 &&
			   postfix_list_has(value, VIEW("no_milters"));
	return is_kept;
}

struct smtpd {
	bool asks_frank, has_filter, takes_back;
};

/* False: something of it cannot be told, which was said. */
static bool
look_at_smtpd(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service, struct smtpd *ret_smtpd)
{
	struct view milters, options, filter;

	if (!look_value(look, service, "smtpd_milters", &milters) ||
	    !look_value(look, service, "receive_override_options", &options) ||
	    !look_value(look, service, "content_filter", &filter))
		return false;
	ret_smtpd->asks_frank = look_has_frank(look, settings, milters) &&
				!postfix_list_has(options, VIEW("no_milters"));
	ret_smtpd->has_filter = filter.n > 0;
	ret_smtpd->takes_back = look_takes_back(look, settings, service);
	return true;
}

struct ways {
	bool has_filter;   /* somewhere, mail goes through one */
	bool front_signs;  /* by a service that asks frankd */
	size_t taken_back; /* services that take it back */
};

static void
survey(const struct look *look, const struct policy_settings *settings, struct ways *ways)
{
	const struct postfix_service *service;
	struct smtpd smtpd;
	size_t at = 0;

	*ways = (struct ways){.has_filter = false};
	while ((service = look_next(look, "smtpd", &at)) != NULL) {
		if (!look_at_smtpd(look, settings, service, &smtpd))
			continue;
		ways->has_filter |= smtpd.has_filter;
		ways->front_signs |= smtpd.has_filter && smtpd.asks_frank;
		ways->taken_back += smtpd.takes_back;
	}
}

/* "10025", or "{ 10024, 10025 }" with those that are set. */
static const char *
with_port(const struct look *look, const struct policy_settings *settings, uint16_t port)
{
	struct buf text = BUF_INIT(POSTFIX_VALUE_MAX);
	const char *list;

	buf_add_text(&text, settings->n_reentry > 0 ? "{ " : "");
	for (uint32_t i = 0; i < settings->n_reentry; i++)
		buf_addf(&text, "%u, ", settings->reentry[i]);
	buf_addf(&text, "%u%s", port, settings->n_reentry > 0 ? " }" : "");
	list = arena_text(look->report->arena, buf_view(&text));
	buf_fini(&text);
	return list;
}

static void
judge_back(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service, const struct ways *ways)
{
	const char *name = look_name(look, service);
	uint16_t port = port_of(service);
	struct smtpd smtpd;

	if (!look_at_smtpd(look, settings, service, &smtpd) || !smtpd.takes_back)
		return;
	if (port == 0) {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s takes mail back from a filter, at a port that is not known here",
		    name);
	} else if (smtpd.asks_frank && has_port(settings, port)) {
		doctor_say(look->report, DOCTOR_OK,
		    "%s takes mail back from a filter and asks frankd, and 'set reentry' "
		    "has its port",
		    name);
	} else if (smtpd.asks_frank) {
		doctor_remedy(look->report,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s takes mail back from a filter and asks frankd, but 'set "
			"reentry' lacks %u: that mail is judged and counted a second time",
			name, port),
		    "In %s, and then 'frank reload':\nset reentry %s",
		    look->world->config_path, with_port(look, settings, port));
	} else if (has_port(settings, port)) {
		doctor_remedy(look->report,
		    doctor_say(look->report, DOCTOR_BAD,
			"'set reentry' has %u, but %s does not ask frankd: what comes back "
			"from the filter is not signed",
			port, name),
		    "In master.cf, for %s: -o smtpd_milters=%.*s, and no no_milters\n"
		    "postfix reload",
		    name, VIEW_ARG(look_endpoint(look, settings)));
	} else {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s takes mail back from a filter%s", name,
		    ways->front_signs
			? " that comes behind the signature: whatever it changes breaks it"
			: ", and frankd sees it neither before nor after");
	}
}

/* Ports of 'set reentry' where no smtpd of this Postfix listens. */
static void
judge_ports(const struct look *look, const struct policy_settings *settings)
{
	for (uint32_t i = 0; i < settings->n_reentry; i++) {
		const struct postfix_service *service;
		bool is_there = false;
		size_t at = 0;

		while ((service = look_next(look, "smtpd", &at)) != NULL)
			is_there |= port_of(service) == settings->reentry[i];
		if (!is_there)
			doctor_say(look->report, DOCTOR_UNKNOWN,
			    "'set reentry' has %u, where no smtpd of this master.cf "
			    "listens",
			    settings->reentry[i]);
	}
}

LOOK_CHECK(doctor_check_reentry)
{
	const struct policy_settings *settings;
	const struct postfix_service *service;
	struct look look;
	struct ways ways;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	survey(&look, settings, &ways);
	while ((service = look_next(&look, "smtpd", &at)) != NULL)
		judge_back(&look, settings, service, &ways);
	judge_ports(&look, settings);
	if (ways.has_filter && ways.taken_back == 0)
		doctor_say(report, DOCTOR_UNKNOWN,
		    "a content_filter is set, and no smtpd is seen to take mail back "
		    "(-o content_filter=)");
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK, "no content filter hands mail back");
}
