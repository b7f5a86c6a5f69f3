/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "replies/private.h"

static bool
code_fits(const struct code *want, const struct code *code)
{
	if (want->part[0] == 0)
		return true;
	if (code->part[0] == 0)
		return false;
	for (int i = 0; i < CODE_PARTS; i++)
		if (want->part[i] != CODE_ANY && want->part[i] != code->part[i])
			return false;
	return true;
}

static bool
domain_fits(struct view domain, struct view relay)
{
	if (domain.n == 0 || view_is_nocase(relay, domain))
		return true;
	return relay.n > domain.n && relay.p[relay.n - domain.n - 1] == '.' &&
	       view_ends_nocase(relay, domain);
}

static bool
grams_fit(const struct pattern *pattern, const struct grams *grams)
{
	for (size_t i = 0; i < pattern->n_grams; i++) {
		uint16_t gram = pattern->grams[i];
		if ((grams->bits[gram / 64] & UINT64_C(1) << gram % 64) == 0)
			return false;
	}
	return true;
}

static bool
words_fit(const struct pattern *pattern, const struct said *said)
{
	const char *rest = said->text;

	for (const char *const *piece = pattern->pieces; piece != NULL && *piece != NULL;
	     piece++) {
		const char *at = strstr(rest, *piece);
		if (at == NULL)
			return false;
		rest = at + strlen(*piece);
	}
	return true;
}

size_t
pattern_find(const struct replies *replies, const struct said *said)
{
	for (size_t i = 0; i < replies->n_patterns; i++) {
		const struct pattern *pattern = &replies->patterns[i];

		if (grams_fit(pattern, &said->grams) &&
		    code_fits(&pattern->code, &said->code) &&
		    domain_fits(pattern->domain, said->relay) && words_fit(pattern, said))
			return i;
	}
	return replies->n_patterns;
}

const struct replies_entry *
replies_find(
    const struct replies *replies, struct view dsn, struct view relay, struct view text)
{
	struct said said;
	size_t i;

	said_make(&said, dsn, relay, text);
	i = pattern_find(replies, &said);
	return i < replies->n_patterns ? &replies->entries[replies->patterns[i].entry]
				       : NULL;
}

/* ---- the test lines ---- */

static int
check_test(const struct replies *replies, const struct test_line *test, bool *is_used,
    struct err *err)
{
	const struct replies_entry *own = &replies->entries[test->entry];
	struct said said;
	size_t i;

	said_make(&said, VIEW(""), VIEW(""), test->text);
	i = pattern_find(replies, &said);
	if (i == replies->n_patterns)
		return err_set(err, ERR_CONFIG,
		    "%.*s:%u: no entry fits this test line: correct the match lines of "
		    "%.*s",
		    VIEW_ARG(own->file), test->line, VIEW_ARG(own->name));
	is_used[i] = true;
	if (replies->patterns[i].entry == test->entry)
		return 0;
	const struct replies_entry *other = &replies->entries[replies->patterns[i].entry];
	return err_set(err, ERR_CONFIG,
	    "%.*s:%u: this test line of %.*s is found by %.*s (%.*s:%u): the narrower of "
	    "them has to come first",
	    VIEW_ARG(own->file), test->line, VIEW_ARG(own->name), VIEW_ARG(other->name),
	    VIEW_ARG(other->file), other->line);
}

int
replies_check(const struct replies *replies, struct err *err)
{
	bool *is_used = mem_zeroed(replies->n_patterns + 1, sizeof(*is_used));
	int result = 0;

	for (size_t i = 0; result == 0 && i < replies->n_tests; i++)
		result = check_test(replies, &replies->tests[i], is_used, err);
	for (size_t i = 0; result == 0 && i < replies->n_patterns; i++) {
		const struct pattern *pattern = &replies->patterns[i];
		const struct replies_entry *entry = &replies->entries[pattern->entry];

		if (!is_used[i])
			result = err_set(err, ERR_CONFIG,
			    "%.*s:%u: no test line of %.*s fits this match: add one",
			    VIEW_ARG(entry->file), pattern->line, VIEW_ARG(entry->name));
	}
	free(is_used);
	return result;
}
