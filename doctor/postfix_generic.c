/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"

#include "doctor/postfix_private.h"

/* smtp_generic_maps rewrite addresses in the header behind the signature. */

enum { TABLE_MAX = 4 << 20 };

/* Types that postmap(1) makes of a text file of that name, or reads as it is. */
static bool
has_source(struct view type)
{
	static const char *const types[] = {
	    "texthash", "hash", "btree", "lmdb", "cdb", "dbm", "sdbm"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (view_is(type, view_of(types[i])))
			return true;
	return false;
}

/* The domain of a key: "user@domain", "@domain"; a bare "user" is of ORIGIN. */
static struct view
domain_of(struct view key, struct view origin)
{
	size_t n = key.n;

	while (n > 0 && key.p[n - 1] != '@')
		n--;
	return n > 0 ? view_from(key, n) : origin;
}

/* The first key of a domain that we sign for. Empty: there is none. */
static struct view
find_signed(const struct look *look, struct view text, struct view origin)
{
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		struct view key = VIEW_NONE, rest = line;

		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ' ' ||
		    line.p[0] == '\t' || !postfix_list_next(&rest, &key))
			continue;
		if (policy_has_key_for(look->world->policy, domain_of(key, origin)))
			return key;
	}
	return VIEW_NONE;
}

static void
judge_file(const struct look *look, const char *place, struct view table, struct view path)
{
	struct buf text = BUF_INIT(TABLE_MAX);
	struct view origin, key;
	struct err err = ERR_INIT;

	if (!look_value(look, NULL, "myorigin", &origin))
		return;
	if (file_read(arena_text(look->report->arena, path), &text, &err) == -1) {
		(void)look_say(look, DOCTOR_UNKNOWN, "%s: %s", place, err.text);
		return;
	}
	key = arena_view(look->report->arena, find_signed(look, buf_view(&text), origin));
	buf_fini(&text);
	if (key.n == 0) {
		(void)look_say(look, DOCTOR_OK,
		    "%s: %.*s has no address of a domain that we sign for", place,
		    VIEW_ARG(table));
		return;
	}
	struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
	    "%s: %.*s rewrites %.*s behind the signature, which breaks it", place,
	    VIEW_ARG(table), VIEW_ARG(key));
	if (finding != NULL)
		doctor_remedy(look->report, finding,
		    "Do it in canonical_maps, which come before the signature, and take it "
		    "out of %.*s",
		    VIEW_ARG(table));
}

static void
judge_generic(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtp_generic_maps";
	const char *place = look_place(look, service, name);
	struct view list, table;
	size_t n_keys;

	if (!look_value(look, service, name, &list))
		return;
	while (postfix_list_next(&list, &table)) {
		struct view path = table, type;

		(void)policy_keys(look->world->policy, &n_keys);
		if (!view_cut(&path, ':', &type) || !has_source(type) ||
		    !view_starts(path, VIEW("/")))
			(void)look_say(look, DOCTOR_UNKNOWN,
			    "%s is %.*s: what it rewrites behind the signature is not "
			    "known here",
			    place, VIEW_ARG(table));
		else if (n_keys == 0)
			(void)look_say(look, DOCTOR_UNKNOWN,
			    "%s is %.*s, and for which domains we sign is not known: the "
			    "keys were not looked at",
			    place, VIEW_ARG(table));
		else
			judge_file(look, place, table, path);
	}
}

LOOK_CHECK(doctor_check_generic)
{
	const struct policy_settings *settings;
	const struct postfix_service *service;
	struct look look;
	size_t at = 0;

	(void)subject;
	if (!look_begin(&look, world, report) || !look_at_policy(&look, &settings))
		return;
	while ((service = look_next(&look, "smtp", &at)) != NULL)
		judge_generic(&look, service);
	if (report->first == NULL)
		doctor_say(
		    report, DOCTOR_OK, "no addresses are rewritten on their way out");
}
