/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "replies/private.h"

/*
 * A reply of several lines has its code in front of each of them, so also in the middle of
 * sentences ("unusual rate of 421-4.7.28 unsolicited mail"): these are left out, and the
 * code is compared by itself.
 */

enum { REPLY_CODE = 3 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

char
text_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

uint16_t
gram_of(const char *at)
{
	unsigned a = (unsigned char)at[0], b = (unsigned char)at[1],
		 c = (unsigned char)at[2];

	return (uint16_t)((a * 961 + b * 31 + c * 7) % GRAM_BITS);
}

/* One part of a code at the beginning of *REST, which moves behind it. */
static bool
take_part(struct view *rest, bool may_any, int16_t *ret_part)
{
	int16_t part = 0;
	size_t n = 0;

	if (may_any && rest->n > 0 && text_lower(rest->p[0]) == 'x') {
		*rest = view_from(*rest, 1);
		*ret_part = CODE_ANY;
		return true;
	}
	for (; n < rest->n && n < 3 && is_digit(rest->p[n]); n++)
		part = (int16_t)(part * 10 + (rest->p[n] - '0'));
	*rest = view_from(*rest, n);
	*ret_part = part;
	return n > 0;
}

/* At the beginning of *REST, which moves behind it. */
static bool
take_code(struct view *rest, bool may_any, struct code *ret_code)
{
	struct code code;

	for (int i = 0; i < CODE_PARTS; i++) {
		if (i > 0 && (rest->n == 0 || rest->p[0] != '.'))
			return false;
		*rest = view_from(*rest, i > 0);
		if (!take_part(rest, may_any, &code.part[i]))
			return false;
	}
	if (code.part[0] != CODE_ANY && code.part[0] != 2 && code.part[0] != 4 &&
	    code.part[0] != 5)
		return false;
	*ret_code = code;
	return true;
}

bool
code_parse(struct view text, bool may_any, struct code *ret_code)
{
	struct code code;

	if (!take_code(&text, may_any, &code) || text.n > 0)
		return false;
	*ret_code = code;
	return true;
}

/* An address has dots and digits, too, but one more of them. */
static bool
starts_word(struct view text, size_t at)
{
	return at == 0 || is_blank(text.p[at - 1]) ||
	       strchr("-(#:<", text.p[at - 1]) != NULL;
}

static bool
ends_word(struct view rest)
{
	return rest.n == 0 ||
	       !(is_digit(rest.p[0]) || rest.p[0] == '.' || rest.p[0] == '-') ||
	       (rest.p[0] == '.' && (rest.n == 1 || !is_digit(rest.p[1])));
}

static bool
find_code(struct view text, struct code *ret_code)
{
	struct code code;

	for (size_t i = 0; i < text.n; i++) {
		struct view rest = view_from(text, i);

		if ((text.p[i] == '4' || text.p[i] == '5') && starts_word(text, i) &&
		    take_code(&rest, false, &code) && ends_word(rest)) {
			*ret_code = code;
			return true;
		}
	}
	return false;
}

/* "550" at the beginning of TEXT; empty: there is none. */
static struct view
reply_code(struct view text)
{
	if (text.n < REPLY_CODE || (text.p[0] != '4' && text.p[0] != '5') ||
	    !is_digit(text.p[1]) || !is_digit(text.p[2]))
		return VIEW("");
	if (text.n > REPLY_CODE && !is_blank(text.p[REPLY_CODE]) &&
	    text.p[REPLY_CODE] != '-')
		return VIEW("");
	return view_head(text, REPLY_CODE);
}

/* As another server gave it, or as Postfix tells of it: "host X said: 550 ...". */
static struct view
find_reply_code(struct view text)
{
	static const char *const before[] = {" said: ", " to me: "};

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < text.n; i++)
			if (view_starts(view_from(text, i), view_of(before[k])))
				return reply_code(view_from(text, i + strlen(before[k])));
	return reply_code(text);
}

/* ---- the relay ---- */

/* "mx.example.net[192.0.2.1]:25" -> "mx.example.net" */
static struct view
name_of(struct view relay)
{
	size_t n = 0;

	while (
	    n < relay.n && relay.p[n] != '[' && relay.p[n] != ':' && !is_blank(relay.p[n]))
		n++;
	return view_head(relay, n);
}

static struct view
find_relay(struct view text)
{
	static const char *const before[] = {"host ", "connect to ", "conversation with ",
	    "lost connection with ", "by host "};
	const struct view suspended = VIEW("delivery temporarily suspended: ");

	if (view_starts(text, suspended))
		text = view_from(text, suspended.n);
	for (size_t k = 0; k < sizeof(before) / sizeof(*before); k++)
		if (view_starts(text, view_of(before[k])))
			return name_of(view_from(text, strlen(before[k])));
	return VIEW("");
}

/* ---- the words ---- */

static void
add_char(struct said *said, char c)
{
	said->text[said->n++] = c;
	if (said->n >= GRAM) {
		uint16_t gram = gram_of(&said->text[said->n - GRAM]);
		said->grams.bits[gram / 64] |= UINT64_C(1) << gram % 64;
	}
}

/* Nothing but the code of the reply. */
static bool
is_noise(const struct said *said, struct view word, struct view reply)
{
	struct code code;

	if (reply.n > 0 && view_is(word, reply))
		return true;
	return code_parse(word, false, &code) &&
	       memcmp(&code, &said->code, sizeof(code)) == 0;
}

static void
add_word(struct said *said, struct view word, struct view reply)
{
	if (reply.n > 0 && word.n > REPLY_CODE && view_starts(word, reply) &&
	    word.p[REPLY_CODE] == '-')
		word = view_from(word, REPLY_CODE + 1);
	if (word.n == 0 || is_noise(said, word, reply))
		return;
	for (size_t i = 0; i < word.n; i++)
		add_char(said, text_lower(word.p[i]));
	add_char(said, ' ');
}

/* Postfix logs the end of a line as "??". */
static bool
is_break(struct view text, size_t i)
{
	return text.n > i + 1 && text.p[i] == '?' && text.p[i + 1] == '?';
}

void
said_make(struct said *said, struct view dsn, struct view relay, struct view text)
{
	text = view_head(text, REPLIES_TEXT_MAX);
	struct view reply = find_reply_code(text);

	memset(&said->grams, 0, sizeof(said->grams));
	said->n = 0;
	said->code = (struct code){{0, 0, 0}};
	if (!code_parse(dsn, false, &said->code) && !find_code(text, &said->code) &&
	    reply.n > 0)
		said->code.part[0] = (int16_t)(reply.p[0] - '0');
	said->relay = name_of(relay);
	if (said->relay.n == 0 || view_is(said->relay, VIEW("none")))
		said->relay = find_relay(text);
	add_char(said, ' ');
	for (size_t i = 0, from = 0; i <= text.n; i++) {
		if (i < text.n && !is_blank(text.p[i]) && !is_break(text, i))
			continue;
		add_word(said, view_head(view_from(text, from), i - from), reply);
		i += is_break(text, i);
		from = i + 1;
	}
	said->text[said->n] = '\0';
}
