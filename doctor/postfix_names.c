/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <ifaddrs.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "lib/net.h"

#include "doctor/postfix_private.h"

/* By which names and addresses others see this server. */

enum { NAME_FILE_MAX = 4096 };

static bool
is_below(struct view name, struct view domain)
{
	return view_is_nocase(name, domain) ||
	       (name.n > domain.n && view_ends_nocase(name, domain) &&
		   name.p[name.n - domain.n - 1] == '.');
}

/* Names that are nobody's, as they come with an installation (RFC 2606, RFC 6761). */
static bool
is_nobodys(struct view name)
{
	static const char *const domains[] = {"localhost", "localdomain", "example.com",
	    "example.net", "example.org", "invalid", "example"};

	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (is_below(name, view_of(domains[i])))
			return true;
	return false;
}

/* Names that DNS does not know outside (RFC 6762, RFC 8375 and custom). */
static bool
is_private(struct view name)
{
	static const char *const domains[] = {
	    "local", "lan", "home", "home.arpa", "internal", "intranet", "corp"};

	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (is_below(name, view_of(domains[i])))
			return true;
	return false;
}

/* "/etc/mailname": the first line of that file. */
static bool
follow_file(const struct look *look, const char *parameter, struct view *value)
{
	struct buf text = BUF_INIT(NAME_FILE_MAX);
	struct view rest, line = VIEW_NONE;
	struct err err = ERR_INIT;
	int result;

	if (!view_starts(*value, VIEW("/")))
		return true;
	result = file_read(arena_text(look->report->arena, *value), &text, &err);
	rest = buf_view(&text);
	if (result == 0)
		(void)view_cut(&rest, '\n', &line);
	if (result == -1)
		doctor_say(look->report, DOCTOR_UNKNOWN, "%s: %s", parameter, err.text);
	else
		*value = arena_view(look->report->arena, view_trim(line));
	buf_fini(&text);
	return result == 0;
}

/* The remedy: what the name is made of should be right instead. */
static void
remedy_name(const struct look *look, struct doctor_finding *finding, const char *parameter)
{
	const struct policy *policy = look->world->policy;
	struct view helo = VIEW("mail.YOUR-DOMAIN");

	if (policy != NULL && policy_settings(policy)->helo.n > 0)
		helo = policy_settings(policy)->helo;
	if (view_is(view_of(parameter), VIEW("myhostname")))
		look_set(look, finding, NULL, parameter, helo);
	else if (view_is(view_of(parameter), VIEW("myorigin")))
		look_set(look, finding, NULL, parameter, VIEW("$mydomain"));
	else
		look_unset(look, finding, parameter);
}

static void
judge_name(const struct look *look, const char *parameter, const char *shown_in)
{
	struct view name;

	if (!look_value(look, NULL, parameter, &name) ||
	    !follow_file(look, parameter, &name))
		return;
	if (!view_has_char(name, '.') || is_nobodys(name))
		remedy_name(look,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s is '%.*s', which is nobody's name; it stands in %s", parameter,
			VIEW_ARG(name), shown_in),
		    parameter);
	else if (is_private(name))
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s is '%.*s', a name that perhaps only this network knows; it stands "
		    "in %s",
		    parameter, VIEW_ARG(name), shown_in);
	else
		doctor_say(
		    look->report, DOCTOR_OK, "%s is %.*s", parameter, VIEW_ARG(name));
}

LOOK_CHECK(doctor_check_names)
{
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report))
		return;
	judge_name(&look, "myhostname", "Received fields and Message-IDs");
	/* Else they are made of myhostname. */
	if (postfix_conf_sets(look.conf, VIEW("mydomain")))
		judge_name(&look, "mydomain", "names that are completed");
	if (postfix_conf_sets(look.conf, VIEW("myorigin")))
		judge_name(
		    &look, "myorigin", "the addresses of cron's mail and of bounces");
}

/* Postfix and the policy disagree: of two names the one that may be somebody's is right. */
static void
remedy_helo(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service, struct view helo, struct view wanted)
{
	static const char name[] = "smtp_helo_name";
	bool is_own = postfix_conf_overrides(look->conf, service, view_of(name));
	bool is_set = postfix_conf_sets(look->conf, view_of(name));

	if (is_own)
		look_set(look, finding, service, name, wanted);
	else if (!view_has_char(helo, '.') || is_nobodys(helo))
		look_set(look, finding, NULL, is_set ? name : "myhostname", wanted);
	else
		doctor_remedy(look->report, finding,
		    "In %s, and then 'frank reload':\nset helo %.*s",
		    look->world->config_path, VIEW_ARG(helo));
}

static void
judge_helo(const struct look *look, const struct policy_settings *settings,
    const struct postfix_service *service)
{
	static const char name[] = "smtp_helo_name";
	const char *place = look_place(look, service, name);
	struct view helo;

	if (!look_value(look, service, name, &helo))
		return;
	if (settings->helo.n == 0)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s is %.*s, and 'set helo' is not set: what SPF says of bounces is "
		    "not predicted",
		    place, VIEW_ARG(helo));
	else if (view_is_nocase(helo, settings->helo))
		(void)look_say(
		    look, DOCTOR_OK, "%s is %.*s, as in 'set helo'", place, VIEW_ARG(helo));
	else {
		struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
		    "%s is %.*s, but 'set helo' is %.*s: SPF of bounces is predicted for a "
		    "name that nobody sees",
		    place, VIEW_ARG(helo), VIEW_ARG(settings->helo));
		if (finding != NULL)
			remedy_helo(look, finding, service, helo, settings->helo);
	}
}

LOOK_CHECK(doctor_check_helo)
{
	const struct policy_settings *settings;
	const struct postfix_service *service;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while ((service = look_next(&look, "smtp", &at)) != NULL)
		judge_helo(&look, settings, service);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_UNKNOWN, "master.cf has no smtp client");
}

/* Does one of this machine's interfaces have ADDR? 1, 0, -1: it cannot be told. */
static int
is_here(struct addr addr)
{
	struct ifaddrs *list;
	bool is_there = addr_is_loopback(addr);

	if (getifaddrs(&list) == -1)
		return -1;
	for (struct ifaddrs *one = list; one != NULL; one = one->ifa_next)
		if (one->ifa_addr != NULL)
			is_there |= addr_is(addr_of_sockaddr(one->ifa_addr), addr);
	freeifaddrs(list);
	return is_there;
}

/* "[127.0.0.1]:10025", "localhost". */
static bool
is_loopback_host(struct view relay)
{
	struct addr addr;
	struct view host = relay;

	if (view_starts(relay, VIEW("["))) {
		host = view_from(relay, 1);
		struct view rest = host;
		(void)view_cut(&rest, ']', &host);
	}
	return view_starts_nocase(host, VIEW("localhost")) ||
	       (addr_parse(host, &addr, NULL) == 0 && addr_is_loopback(addr));
}

/* Mail goes to RELAY: receivers see its address, and SPF has to name it. */
static void
judge_relay(const struct look *look, const struct policy_settings *settings,
    const char *parameter, struct view relay)
{
	char text[ADDR_TEXT];

	if (is_loopback_host(relay) || settings->n_egress == 0) {
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "%s is %.*s%s: from which address receivers see our mail come is not "
		    "known here",
		    parameter, VIEW_ARG(relay),
		    settings->n_egress == 0 ? ", and 'set egress' is not set" : "");
		return;
	}
	for (uint32_t i = 0; i < settings->n_egress; i++) {
		if (is_here(settings->egress[i]) != 1)
			continue;
		doctor_remedy(look->report,
		    doctor_say(look->report, DOCTOR_BAD,
			"%s is %.*s, so receivers see its address; but %s of 'set egress' "
			"is this machine's",
			parameter, VIEW_ARG(relay), addr_text(settings->egress[i], text)),
		    "In %s name the addresses of %.*s in 'set egress', and then 'frank "
		    "reload'",
		    look->world->config_path, VIEW_ARG(relay));
		return;
	}
	doctor_say(look->report, DOCTOR_OK,
	    "%s is %.*s, and no address of 'set egress' is this machine's", parameter,
	    VIEW_ARG(relay));
}

LOOK_CHECK(doctor_check_relayhost)
{
	const struct policy_settings *settings;
	struct view relay, transport, senders, rest, name = VIEW_NONE;
	struct look look;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings) ||
	    !look_value(&look, NULL, "relayhost", &relay) ||
	    !look_value(&look, NULL, "default_transport", &transport) ||
	    !look_value(&look, NULL, "sender_dependent_relayhost_maps", &senders))
		return;
	rest = transport;
	(void)view_cut(&rest, ':', &name);
	if (rest.n > 0)
		judge_relay(&look, settings, "default_transport", rest);
	else if (relay.n > 0)
		judge_relay(&look, settings, "relayhost", relay);
	else if (senders.n == 0)
		doctor_say(report, DOCTOR_OK, "mail goes to its receivers by itself");
	if (senders.n > 0)
		doctor_say(report, DOCTOR_UNKNOWN,
		    "sender_dependent_relayhost_maps is %.*s: which relays it names is not "
		    "known here",
		    VIEW_ARG(senders));
}
