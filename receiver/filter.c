/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"

#include "receiver/filter.h"
#include "receiver/tags.h"

/* No NUL, which ends the text for libopendkim, and no CR but before LF. */
static bool
text_is_plain(struct view text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\0')
			return false;
		if (text.p[i] == '\r' && (i + 1 == text.n || text.p[i + 1] != '\n'))
			return false;
	}
	return true;
}

/* A line end only where a blank follows. */
static bool
folds_are_folds(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n' &&
		    (i + 1 == text.n || (text.p[i + 1] != ' ' && text.p[i + 1] != '\t')))
			return false;
	return true;
}

/* Blanks may stand before the colon, by RFC 5322's obsolete syntax. */
static bool
name_is_plain(struct view name)
{
	bool is_over = false;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c == ' ' || c == '\t')
			is_over = true;
		else if (is_over || c < 33 || c > 126 || c == ';')
			return false;
	}
	return name.n > 0 && name.p[0] != ' ' && name.p[0] != '\t';
}

static const char *
filter_field(struct view field)
{
	struct view rest = field, name;

	if (!view_has_char(field, ':') || !view_cut(&rest, ':', &name))
		return "a header field has no colon";
	if (name.n > VERIFY_NAME_MAX)
		return "the name of a header field is longer than 1000 bytes";
	if (!name_is_plain(name))
		return "the name of a header field has characters that none may have";
	if (view_is_nocase(view_trim(name), VIEW("DKIM-Signature")))
		return "another DKIM-Signature is among the fields";
	if (field.n > VERIFY_FIELD_MAX)
		return "a header field is longer than 60000 bytes";
	if (!text_is_plain(rest))
		return "a header field holds a NUL, or a CR without LF";
	if (!folds_are_folds(rest))
		return "a header field has a line end that no blank follows";
	return NULL;
}

const char *
filter_message(const struct verify_message *message)
{
	size_t bytes = 0;

	if (message->n_fields > VERIFY_FIELDS)
		return "there are more than 2000 header fields";
	for (size_t i = 0; i < message->n_fields; i++) {
		const char *why = filter_field(message->fields[i]);

		if (why != NULL)
			return why;
		bytes += message->fields[i].n;
		if (bytes > VERIFY_HEADER_MAX)
			return "the header is larger than 1 MB";
	}
	return NULL;
}

/* Whether WORD, in lower case, is in it: whatever the case, and however it is folded. */
static bool
text_has_word(struct view text, const char *word)
{
	size_t n = strlen(word), at = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 0x20)
							      : text.p[i];

		if (c > 0 && c <= ' ')
			continue;
		if (c != word[at])
			at = 0;
		if (c == word[at] && ++at == n)
			return true;
	}
	return false;
}

const char *
filter_value(struct view value)
{
	struct view names = tag_find(value, VIEW("h"));

	if (value.n > VERIFY_VALUE_MAX)
		return "the DKIM-Signature is longer than 8192 bytes";
	if (!text_is_plain(value) || !folds_are_folds(value))
		return "the DKIM-Signature holds a NUL, or a line end that is none";
	if (names.n > VERIFY_NAMES_MAX)
		return "the list of signed fields is longer than 4000 bytes";
	if (text_has_word(value, "dkim-signature"))
		return "it covers other DKIM-Signature fields";
	return NULL;
}

const char *
filter_key(const struct verify_key *key)
{
	if (key->record.n > VERIFY_RECORD_MAX)
		return "the key record is longer than 1023 bytes, where libopendkim cuts "
		       "it";
	for (size_t i = 0; i < key->record.n; i++) {
		unsigned char c = (unsigned char)key->record.p[i];

		if ((c < ' ' && c != '\t') || c > '~')
			return "the key record holds control characters or other than "
			       "ASCII";
	}
	return NULL;
}

static bool
body_has_bare(struct view body, char c)
{
	const char *end = body.p + body.n, *at = body.p;

	while (at != end && (at = memchr(at, c, (size_t)(end - at))) != NULL) {
		bool paired = c == '\r' ? at + 1 != end && at[1] == '\n'
					: at != body.p && at[-1] == '\r';

		if (!paired)
			return true;
		at++;
	}
	return false;
}

const char *
filter_body(struct view body, bool relaxed)
{
	bool ends = body.n == 0 || view_ends(body, VIEW("\r\n"));

	if (relaxed && !ends)
		return "libopendkim wants a CRLF at the end of a body";
	if (relaxed && body_has_bare(body, '\r'))
		return "libopendkim drops a CR without LF from a body";
	if (!relaxed && body_has_bare(body, '\n'))
		return "libopendkim does not count an LF without CR in a body";
	if (!relaxed && view_ends(body, VIEW("\r")))
		return "libopendkim drops a CR at the end of a body";
	return NULL;
}
