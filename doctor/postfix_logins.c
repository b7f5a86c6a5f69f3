/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* Who may send as whom: by Postfix's table of logins, or by frankd's 'owns'. */

enum { POLICY_TEXT_MAX = 16 << 20 };

/* Does a rule ask 'owns'? The canonical form has it as a word, outside of quotes. */
static bool
policy_asks_owns(const struct policy *policy)
{
	struct buf text = BUF_INIT(POLICY_TEXT_MAX);
	struct view rest, word;
	bool asks = false, is_quoted = false;

	policy_print(policy, &text);
	rest = buf_view(&text);
	for (size_t i = 0; i < text.n && !asks; i++) {
		if (text.p[i] == '\\' && is_quoted)
			i++;
		else if (text.p[i] == '"')
			is_quoted = !is_quoted;
		word = view_head(view_from(rest, i), 6);
		asks = !is_quoted && view_is(word, VIEW(" owns "));
	}
	buf_fini(&text);
	return asks;
}

/* Does frankd ask one of the tables in MAPS, too? */
static bool
policy_asks_table(const struct policy *policy, struct view maps)
{
	struct policy_postmap map;
	struct view table;

	while (postfix_list_next(&maps, &table))
		for (size_t i = 0; policy_postmap_at(policy, i, &map); i++)
			if (view_is(map.table, table))
				return true;
	return false;
}

/* Does a restriction of SERVICE ask smtpd_sender_login_maps? 1, 0; -1: said. */
static int
postfix_asks(const struct look *look, const struct postfix_service *service)
{
	static const char *const lists[] = {"smtpd_client_restrictions",
	    "smtpd_helo_restrictions", "smtpd_sender_restrictions",
	    "smtpd_relay_restrictions", "smtpd_recipient_restrictions",
	    "smtpd_data_restrictions", "smtpd_end_of_data_restrictions"};
	struct view list;
	int asks = 0;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (!look_value(look, service, lists[i], &list))
			return -1;
		if (postfix_list_has(list, VIEW("reject_sender_login_mismatch")) ||
		    postfix_list_has(
			list, VIEW("reject_authenticated_sender_login_mismatch")) ||
		    postfix_list_has(list, VIEW("reject_known_sender_login_mismatch")))
			asks = 1;
	}
	return asks;
}

static void
remedy_ask(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service)
{
	static const char name[] = "smtpd_sender_restrictions";
	struct buf list = BUF_INIT(POSTFIX_VALUE_MAX);
	struct view now = VIEW_NONE;

	if (finding == NULL)
		return;
	(void)postfix_conf_written(look->conf, service, view_of(name), &now);
	buf_add_text(&list, "reject_authenticated_sender_login_mismatch");
	if (now.n > 0)
		buf_addf(&list, ", %.*s", VIEW_ARG(now));
	look_set(look, finding, service, name, buf_view(&list));
	buf_fini(&list);
}

/* SERVICE has no table. */
static void
judge_without(const struct look *look, const struct postfix_service *service, bool is_asked)
{
	struct doctor_finding *finding;

	if (is_asked) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s: smtpd_sender_login_maps is empty, and a restriction asks it",
		    look_name(look, service));
		return;
	}
	if (policy_asks_owns(look->world->policy)) {
		(void)look_say(look, DOCTOR_OK,
		    "who may send as whom is decided by 'owns' in the policy");
		return;
	}
	finding = look_say(look, DOCTOR_BAD,
	    "any login may send as anybody: no rule of the policy asks 'owns', and "
	    "smtpd_sender_login_maps is empty");
	if (finding != NULL)
		doctor_remedy(look->report, finding,
		    "In %s, above the other verdicts, and then 'frank reload':\n"
		    "reject path submission  not owns author  reply \"5.7.1 {user} may not "
		    "write as {author}\"",
		    look->world->config_path);
}

static void
judge_service(const struct look *look, const struct postfix_service *service)
{
	const struct policy *policy = look->world->policy;
	struct view maps;
	bool has_login;
	int is_asked;

	if (!look_truth(look, service, "smtpd_sasl_auth_enable", &has_login) ||
	    !has_login || !look_value(look, service, "smtpd_sender_login_maps", &maps))
		return;
	is_asked = postfix_asks(look, service);
	if (is_asked == -1)
		return;
	if (maps.n == 0)
		judge_without(look, service, is_asked == 1);
	else if (policy_asks_table(policy, maps))
		(void)look_say(look, DOCTOR_OK,
		    "smtpd_sender_login_maps (%.*s): the policy goes by the same table",
		    VIEW_ARG(maps));
	else if (is_asked == 0)
		remedy_ask(look,
		    look_say(look, DOCTOR_BAD,
			"%s: smtpd_sender_login_maps is %.*s, and neither a restriction "
			"nor the policy asks it",
			look_name(look, service), VIEW_ARG(maps)),
		    service);
	else if (policy_asks_owns(policy))
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "smtpd_sender_login_maps is %.*s, and 'owns' of the policy goes by "
		    "something else: where the two differ, one refuses what the other lets "
		    "through",
		    VIEW_ARG(maps));
	else
		(void)look_say(look, DOCTOR_OK,
		    "who may send as whom is decided by smtpd_sender_login_maps (%.*s)",
		    VIEW_ARG(maps));
}

LOOK_CHECK(doctor_check_logins)
{
	const struct policy_settings *settings;
	const struct postfix_service *service;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while ((service = look_next(&look, "smtpd", &at)) != NULL)
		judge_service(&look, service);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_OK, "no service lets users log in");
}
