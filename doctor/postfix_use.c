/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

enum { TEXT_MAX = 128 << 10, NAME_MAX_BYTES = 64, REFERENCES_MAX = 8 };

struct doctor_finding *
look_say(const struct look *look, enum doctor_answer answer, const char *format, ...)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct doctor_finding *finding;
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	for (finding = look->report->first; finding != NULL; finding = finding->next)
		if (view_is(finding->evidence, buf_view(&text)))
			break;
	bool is_new = finding == NULL;
	if (is_new)
		finding = doctor_say(look->report, answer, "%s", buf_text(&text));
	buf_fini(&text);
	return is_new ? finding : NULL;
}

static bool
find_frank(const struct look *look, const struct policy_settings *settings,
    struct view list, struct look_milter *ret_milter)
{
	while (look_next_milter(&list, ret_milter))
		if (look_is_frank(look, settings, ret_milter->endpoint))
			return true;
	return false;
}

/* The parameter by which a service is told of its milters; NULL: it has none. */
static const char *
list_of(const struct postfix_service *service)
{
	if (view_is(service->command, VIEW("smtpd")))
		return "smtpd_milters";
	return view_is(service->command, VIEW("cleanup")) ? "non_smtpd_milters" : NULL;
}

/* The parameter that the list LIST is written in: "non_smtpd_milters = $smtpd_milters"
 * leads to the other. NULL: it cannot be found. */
static const char *
find_written(const struct look *look, const struct postfix_service *service,
    const char *list, struct view *ret_text)
{
	for (unsigned i = 0; i < REFERENCES_MAX; i++) {
		if (postfix_conf_written(look->conf, service, view_of(list), ret_text) != 1)
			return NULL;
		if (!view_starts(*ret_text, VIEW("$")))
			return list;
		struct view name = postfix_unbrace(view_from(*ret_text, 1));
		if (view_starts(name, VIEW("(")) && view_ends(name, VIEW(")")))
			name = view_head(view_from(name, 1), name.n - 2);
		list = arena_text(look->report->arena, name);
	}
	return NULL;
}

bool
look_next_use(const struct look *look, const struct policy_settings *settings, size_t *at,
    struct look_use *ret_use)
{
	size_t n;
	const struct postfix_service *services = postfix_conf_services(look->conf, &n);

	while (*at < n) {
		const struct postfix_service *service = &services[(*at)++];
		struct look_use use = {.service = service, .list = list_of(service)};
		struct view written;

		if (use.list == NULL || !look_value(look, service, use.list, &use.value) ||
		    !find_frank(look, settings, use.value, &use.milter))
			continue;
		const char *name = find_written(look, service, use.list, &written);
		use.place = look_place(look, service, name != NULL ? name : use.list);
		*ret_use = use;
		return true;
	}
	return false;
}

void
look_no_uses(const struct look *look)
{
	if (look->report->first == NULL)
		doctor_say(look->report, DOCTOR_UNKNOWN,
		    "no service asks frankd, so there is nothing to look at");
}

void
look_each_use(
    const struct doctor_world *world, struct doctor_report *report, look_judge_use *judge)
{
	const struct policy_settings *settings;
	struct look_use use;
	struct look look;
	size_t at = 0;

	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while (look_next_use(&look, settings, &at, &use))
		judge(&look, settings, &use);
	look_no_uses(&look);
}

bool
look_use_setting(const struct look *look, const struct look_use *use, const char *setting,
    struct view *ret_value, const char **ret_place)
{
	char name[NAME_MAX_BYTES];
	struct buf place = BUF_INIT(TEXT_MAX);

	if (!look_setting(&use->milter, view_of(setting), ret_value)) {
		snprintf(name, sizeof(name), "milter_%s", setting);
		*ret_place = look_place(look, use->service, name);
		return look_value(look, use->service, name, ret_value);
	}
	buf_addf(
	    &place, "%s: %s of %.*s", use->place, setting, VIEW_ARG(use->milter.endpoint));
	*ret_place = arena_text(look->report->arena, buf_view(&place));
	buf_fini(&place);
	return true;
}

/* How frankd is to stand in a list: with another name, or another setting, or last. */
struct change {
	struct view endpoint; /* empty: as it is */
	const char *setting;  /* NULL: none */
	const char *value;
	bool is_last;
};

/* MILTER as an item of a list. */
static void
add_milter(const struct look_milter *milter, const struct change *change, struct buf *out)
{
	struct view rest = milter->settings, item, key, old;
	struct view endpoint = change->endpoint.n > 0 ? change->endpoint : milter->endpoint;
	const char *setting = change->setting;

	if (milter->settings.n == 0 && setting == NULL) {
		buf_add(out, endpoint);
		return;
	}
	buf_addf(out, "{ %.*s", VIEW_ARG(endpoint));
	while (postfix_list_next(&rest, &item)) {
		old = postfix_unbrace(item);
		if (setting != NULL && view_has_char(old, '=') &&
		    view_cut(&old, '=', &key) && view_is(view_trim(key), view_of(setting)))
			continue;
		buf_addf(out, ", %.*s", VIEW_ARG(item));
	}
	if (setting != NULL)
		buf_addf(out, ", %s=%s", setting, change->value);
	buf_add_text(out, " }");
}

/* LIST with frankd's item changed. False: it is not there. */
static bool
rewrite_list(
    const struct look *look, struct view list, const struct change *change, struct buf *out)
{
	static const struct change none = {.setting = NULL};
	const struct policy_settings *settings = policy_settings(look->world->policy);
	struct buf own = BUF_INIT(POSTFIX_VALUE_MAX);
	struct look_milter milter;
	bool is_there = false;

	while (look_next_milter(&list, &milter)) {
		bool is_frank = look_is_frank(look, settings, milter.endpoint);

		is_there |= is_frank;
		if (is_frank && change->is_last) {
			add_milter(&milter, change, &own);
			continue;
		}
		if (out->n > 0)
			buf_add_text(out, ", ");
		add_milter(&milter, is_frank ? change : &none, out);
	}
	if (own.n > 0) {
		buf_add_text(out, out->n > 0 ? ", " : "");
		buf_add(out, buf_view(&own));
	}
	buf_fini(&own);
	return is_there;
}

static void
set_list(const struct look *look, struct doctor_finding *finding,
    const struct look_use *use, const struct change *change)
{
	struct buf list = BUF_INIT(POSTFIX_VALUE_MAX), item = BUF_INIT(POSTFIX_VALUE_MAX);
	struct view text;
	const char *name = find_written(look, use->service, use->list, &text);

	add_milter(&use->milter, change, &item);
	if (name != NULL && rewrite_list(look, text, change, &list))
		look_set(look, finding, use->service, name, buf_view(&list));
	else
		doctor_remedy(look->report, finding, "In %s, write %.*s%s\npostfix reload",
		    use->list, VIEW_ARG(buf_view(&item)),
		    change->is_last ? " behind all others" : "");
	buf_fini(&list);
	buf_fini(&item);
}

static bool
has_others(struct view list)
{
	struct look_milter milter;
	size_t n = 0;

	while (look_next_milter(&list, &milter))
		n++;
	return n > 1;
}

void
look_set_use(const struct look *look, struct doctor_finding *finding,
    const struct look_use *use, const char *setting, const char *value)
{
	const struct change change = {.setting = setting, .value = value};
	char name[NAME_MAX_BYTES];
	struct view own;

	if (finding == NULL)
		return;
	snprintf(name, sizeof(name), "milter_%s", setting);
	/* The others in the list may have their reasons. */
	if (look_setting(&use->milter, view_of(setting), &own) || has_others(use->value))
		set_list(look, finding, use, &change);
	else
		look_set(look, finding, use->service, name, view_of(value));
}

void
look_set_last(
    const struct look *look, struct doctor_finding *finding, const struct look_use *use)
{
	const struct change change = {.is_last = true};

	if (finding != NULL)
		set_list(look, finding, use, &change);
}

void
look_set_endpoint(const struct look *look, struct doctor_finding *finding,
    const struct look_use *use, struct view endpoint)
{
	const struct change change = {.endpoint = endpoint};

	if (finding != NULL)
		set_list(look, finding, use, &change);
}
