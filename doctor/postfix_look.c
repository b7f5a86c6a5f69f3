/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

enum { TEXT_MAX = 128 << 10 };

int
doctor_postfix_read(const char *config, struct arena *arena,
    struct doctor_postfix **ret_postfix, struct err *err)
{
	struct doctor_postfix *postfix = arena_alloc(arena, sizeof(*postfix));
	struct postfix_conf *conf;

	if (postfix_conf_read(config, arena, &conf, err) == -1)
		return -1;
	postfix->conf = conf;
	postfix->config = config;
	*ret_postfix = postfix;
	return 0;
}

bool
look_begin(
    struct look *look, const struct doctor_world *world, struct doctor_report *report)
{
	if (world->postfix == NULL) {
		doctor_say(report, DOCTOR_UNKNOWN, "Postfix cannot be looked at: %.*s",
		    VIEW_ARG(world->postfix_fault));
		return false;
	}
	*look =
	    (struct look){.world = world, .conf = world->postfix->conf, .report = report};
	return true;
}

bool
look_at_policy(const struct look *look, const struct policy_settings **ret_settings)
{
	if (!world_has_policy(look->world, look->report))
		return false;
	*ret_settings = policy_settings(look->world->policy);
	return true;
}

static bool
get_value(const struct look *look, const struct postfix_service *service, const char *name,
    struct view *ret_value, bool may_lack)
{
	const struct postfix_ask ask = {look->conf, service, look->report->arena};
	int result = postfix_conf_value(&ask, view_of(name), ret_value);

	if (result == 1)
		return true;
	if (result == 0 && may_lack) {
		*ret_value = VIEW("");
		return true;
	}
	if (result == 0)
		(void)look_say(
		    look, DOCTOR_UNKNOWN, "%s: this Postfix has no such parameter", name);
	else
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s: what it comes to cannot be worked out",
		    look_place(look, service, name));
	return false;
}

bool
look_value(const struct look *look, const struct postfix_service *service, const char *name,
    struct view *ret_value)
{
	return get_value(look, service, name, ret_value, false);
}

bool
look_value_or_none(const struct look *look, const struct postfix_service *service,
    const char *name, struct view *ret_value)
{
	return get_value(look, service, name, ret_value, true);
}

bool
look_truth(const struct look *look, const struct postfix_service *service, const char *name,
    bool *ret_is_yes)
{
	struct view value;

	if (!look_value(look, service, name, &value))
		return false;
	int truth = postfix_truth(value);
	if (truth == -1)
		(void)look_say(look, DOCTOR_UNKNOWN, "%s is '%.*s', neither yes nor no",
		    look_place(look, service, name), VIEW_ARG(value));
	*ret_is_yes = truth == 1;
	return truth != -1;
}

const struct postfix_service *
look_next(const struct look *look, const char *command, size_t *at)
{
	size_t n;
	const struct postfix_service *services = postfix_conf_services(look->conf, &n);

	while (*at < n) {
		const struct postfix_service *service = &services[(*at)++];
		if (view_is(service->command, view_of(command)))
			return service;
	}
	return NULL;
}

void
look_each(const struct doctor_world *world, struct doctor_report *report,
    const char *command, look_judge *judge)
{
	const struct postfix_service *service;
	struct look look;
	size_t at = 0;

	if (!look_begin(&look, world, report))
		return;
	while ((service = look_next(&look, command, &at)) != NULL)
		judge(&look, service);
	if (report->first == NULL)
		doctor_say(report, DOCTOR_UNKNOWN, "master.cf has no %s", command);
}

const char *
look_name(const struct look *look, const struct postfix_service *service)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *name;

	buf_addf(&text, "%.*s/%.*s", VIEW_ARG(service->name), VIEW_ARG(service->type));
	name = arena_text(look->report->arena, buf_view(&text));
	buf_fini(&text);
	return name;
}

const char *
look_place(const struct look *look, const struct postfix_service *service, const char *name)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *place;

	if (service != NULL && postfix_conf_overrides(look->conf, service, view_of(name)))
		buf_addf(&text, "%s: ", look_name(look, service));
	buf_add_text(&text, name);
	place = arena_text(look->report->arena, buf_view(&text));
	buf_fini(&text);
	return place;
}

/* Between single quotes, for a shell. */
static void
add_quoted(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_add_text(out, "'\\''");
		else
			buf_add_char(out, text.p[i]);
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* postconf -P takes no blanks: a list has commas instead, as Postfix takes them, too. */
static void
add_compact(struct view text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (!is_blank(text.p[i])) {
			buf_add_char(out, text.p[i]);
			continue;
		}
		while (i + 1 < text.n && is_blank(text.p[i + 1]))
			i++;
		if (i + 1 < text.n && !view_has_char(VIEW(",=}"), text.p[i + 1]) &&
		    out->n > 0 && !view_has_char(VIEW(",={"), out->p[out->n - 1]))
			buf_add_char(out, ',');
	}
}

static void
add_command(const struct look *look, const char *command, struct buf *out)
{
	const char *config = look->world->postfix->config;

	buf_add_text(out, command);
	if (config != NULL)
		buf_addf(out, " -c %s", config);
}

void
look_unset(const struct look *look, struct doctor_finding *finding, const char *name)
{
	struct buf text = BUF_INIT(TEXT_MAX);

	add_command(look, "postconf", &text);
	buf_addf(&text, " -X %s\n", name);
	add_command(look, "postfix", &text);
	doctor_remedy(look->report, finding,
	    "Take it out of main.cf: Postfix makes it of myhostname:\n%s reload",
	    buf_text(&text));
	buf_fini(&text);
}

void
look_set(const struct look *look, struct doctor_finding *finding,
    const struct postfix_service *service, const char *name, struct view value)
{
	struct buf text = BUF_INIT(TEXT_MAX), compact = BUF_INIT(TEXT_MAX);
	bool is_own =
	    service != NULL && postfix_conf_overrides(look->conf, service, view_of(name));

	add_command(look, "postconf", &text);
	buf_add_text(&text, is_own ? " -P '" : " -e '");
	if (is_own) {
		add_quoted(service->name, &text);
		buf_addf(&text, "/%.*s/", VIEW_ARG(service->type));
	}
	buf_addf(&text, is_own ? "%s=" : "%s = ", name);
	add_compact(value, &compact);
	add_quoted(is_own ? buf_view(&compact) : value, &text);
	buf_add_text(&text, "'\n");
	add_command(look, "postfix", &text);
	buf_add_text(&text, " reload");
	doctor_remedy(look->report, finding, "%s", buf_text(&text));
	buf_fini(&text);
	buf_fini(&compact);
}
