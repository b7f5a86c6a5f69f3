/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* What Postfix does to a message on its way out, behind the signature. */

/* RFC 5322 2.1.1: what frankd and others take for the longest line. */
enum { LINE_LEAST = 998, LINE_MAX_KNOWN = 1000000000 };

static void
judge_line_length(const struct look *look, const struct postfix_service *service)
{
	static const char name[] = "smtp_line_length_limit";
	const char *place = look_place(look, service, name);
	unsigned long long limit;
	struct view value;

	if (!look_value(look, service, name, &value))
		return;
	if (!view_number(value, LINE_MAX_KNOWN, &limit)) {
		(void)look_say(look, DOCTOR_UNKNOWN, "%s is '%.*s', which is no number",
		    place, VIEW_ARG(value));
	} else if (limit == 0 || limit >= LINE_LEAST) {
		(void)look_say(look, DOCTOR_OK, "%s is %.*s", place, VIEW_ARG(value));
	} else {
		struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
		    "%s is %.*s: longer lines are folded on their way out, which breaks "
		    "the signature",
		    place, VIEW_ARG(value));
		if (finding != NULL)
			look_set(look, finding, service, name, VIEW("998"));
	}
}

LOOK_CHECK(doctor_check_line_length)
{
	(void)subject;
	look_each(world, report, "smtp", judge_line_length);
}

/*
 * Mail with 8-bit text is written anew for a next hop without 8BITMIME. Few are without it;
 * but where Postfix is told not to hear that word, it happens to all.
 */
static void
judge_eight_bit(const struct look *look, const struct postfix_service *service)
{
	static const char conversion[] = "disable_mime_output_conversion";
	static const char discard[] = "smtp_discard_ehlo_keywords";
	const char *place = look_place(look, service, discard);
	struct view words, maps;
	bool is_off;

	if (!look_truth(look, service, conversion, &is_off) ||
	    !look_value(look, service, discard, &words) ||
	    !look_value(look, service, "smtp_discard_ehlo_keyword_address_maps", &maps))
		return;
	if (is_off) {
		(void)look_say(look, DOCTOR_OK, "%s is yes: nothing is re-encoded",
		    look_place(look, service, conversion));
	} else if (postfix_list_has(words, VIEW("8bitmime"))) {
		struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
		    "%s has 8bitmime: all mail with 8-bit text is re-encoded on its way "
		    "out, which breaks the signature",
		    place);
		if (finding != NULL)
			look_set(look, finding, service, conversion, VIEW("yes"));
	} else if (maps.n > 0) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "smtp_discard_ehlo_keyword_address_maps is %.*s: for which next hops "
		    "it hides 8BITMIME is not known",
		    VIEW_ARG(maps));
	} else {
		(void)look_say(look, DOCTOR_OK,
		    "mail with 8-bit text is re-encoded only for a next hop without "
		    "8BITMIME; frankd marks it 'fragile eight-bit'");
	}
}

LOOK_CHECK(doctor_check_eight_bit)
{
	(void)subject;
	look_each(world, report, "smtp", judge_eight_bit);
}
