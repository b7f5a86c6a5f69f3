/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"
#include "policy/judge.h"

#include "ctl/incident.h"
#include "ctl/key_running.h"
#include "ctl/reply.h"

/* "2026-03-02T09:03:00.123Z" */
static int64_t
time_of(struct arena *arena, struct view line, const char *name)
{
	struct view text = json_line_string(arena, line, name);
	unsigned long long thousandths = 0;

	if (text.n == 24)
		(void)view_number(view_head(view_from(text, 20), 3), 999, &thousandths);
	return running_time(text) * INT64_C(1000000) + (int64_t)thousandths * 1000;
}

static size_t
names_of(struct arena *arena, struct view line, const char *names, const char *numbers,
    struct view *into, uint64_t *counts)
{
	size_t n = json_line_strings(arena, line, names, into, INCIDENT_NAMES_MAX);

	(void)json_line_numbers(line, numbers, counts, INCIDENT_NAMES_MAX);
	return n < INCIDENT_NAMES_MAX ? n : INCIDENT_NAMES_MAX;
}

void
incident_read(struct arena *arena, struct view line, struct incident *ret_incident)
{
	struct incident *incident = ret_incident;

	*incident = (struct incident){.line = line,
	    .number = json_line_number(line, "frank.incident"),
	    .messages = json_line_number(line, "frank.messages"),
	    .rcpts = json_line_number(line, "frank.rcpts"),
	    .reading = json_line_number(line, "frank.reading"),
	    .usual = json_line_number(line, "frank.usual"),
	    .has_usual = json_line_has_number(line, "frank.usual"),
	    .client_is_new = json_line_is(line, "frank.client_new"),
	    .notify = json_line_is(line, "frank.notify"),
	    .label = json_line_string(arena, line, "event.reason"),
	    .place = json_line_string(arena, line, "rule.id"),
	    .key = json_line_string(arena, line, "frank.key"),
	    .meter = json_line_string(arena, line, "frank.meter"),
	    .queue_id = json_line_string(arena, line, "email.local_id"),
	    .client = json_line_string(arena, line, "source.ip"),
	    .closed_by = json_line_string(arena, line, "frank.closed_by"),
	    .reason = json_line_string(arena, line, "frank.close_reason"),
	    .began = time_of(arena, line, "event.start"),
	    .last = time_of(arena, line, "frank.last"),
	    .notified = time_of(arena, line, "frank.notified"),
	    .closed = time_of(arena, line, "event.end")};
	incident->n_origins = names_of(arena, line, "frank.origins",
	    "frank.origin_messages", incident->origins, incident->origin_messages);
	incident->n_domains = names_of(arena, line, "frank.domains", "frank.domain_rcpts",
	    incident->domains, incident->domain_rcpts);
}

int
incident_ask(
    struct ctl *ctl, const char *number, struct arena *arena, struct incident *ret_incident)
{
	const char *words[] = {"incident", number};
	struct view text, line = VIEW("");
	int code = reply_ask(ctl, words, ARRAY_LEN(words), arena, &text);

	if (code != CTL_FINE)
		return code;
	(void)json_line_next(&text, &line);
	incident_read(arena, line, ret_incident);
	return CTL_FINE;
}

int
incident_policy(struct ctl *ctl, struct load *ret_load)
{
	struct err err = ERR_INIT;

	if (load_policy(ret_load, ctl->config, LOAD_NO_KEYS, &err) == -1)
		return ctl_fail(&err);
	if (ret_load->policy != NULL)
		return CTL_FINE;
	ctl_say(
	    "%s has errors, so it cannot be said whose mail is whose: see 'frank check'",
	    ctl->config);
	load_fini(ret_load);
	return EX_CONFIG;
}

bool
incident_is_from(
    const struct incident *incident, const struct policy *policy, const struct facts *facts)
{
	char text[ADDR_TEXT];
	struct view name = VIEW("local");
	struct login login;

	/* As frankd counts only what comes from us. */
	if (facts->path == PATH_INBOUND || facts->path == PATH_REENTRY)
		return false;
	login_make(policy, facts->user, &login);
	if (login.n > 0)
		name = login_view(&login);
	else if (facts->client.family != ADDR_NONE)
		name = view_of(addr_text(facts->client, text));
	for (size_t i = 0; i < incident->n_origins; i++)
		if (view_is(name, incident->origins[i]))
			return true;
	return false;
}

const char *
incident_for_whom(void)
{
	static const char *const names[] = {"SUDO_USER", "DOAS_USER"};

	for (size_t i = 0; i < ARRAY_LEN(names) && getuid() == 0; i++) {
		const char *user = getenv(names[i]);
		if (user != NULL && strlen(user) < 64)
			return user;
	}
	return "";
}
