/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/bug.h"

#include "auth/spf_private.h"

/* What macros come to: RFC 7208 7.2 and 7.3. */

static struct view
address_value(const struct spf_run *run, char into[SPF_VALUE_MAX])
{
	static const char hex[] = "0123456789ABCDEF";
	char *at = into;

	if (run->client.family == ADDR_IPV4) {
		int n = snprintf(into, SPF_VALUE_MAX, "%u.%u.%u.%u", run->client.bytes[0],
		    run->client.bytes[1], run->client.bytes[2], run->client.bytes[3]);

		return (struct view){into, (size_t)n};
	}
	for (unsigned i = 0; i < 16; i++) {
		*at++ = hex[run->client.bytes[i] >> 4];
		*at++ = '.';
		*at++ = hex[run->client.bytes[i] & 15];
		*at++ = '.';
	}
	return (struct view){into, (size_t)(at - into) - 1};
}

static struct view
number_value(int64_t number, char into[SPF_VALUE_MAX])
{
	int n = snprintf(into, SPF_VALUE_MAX, "%lld", (long long)number);

	return (struct view){into, (size_t)n};
}

static struct view
readable_value(const struct spf_run *run, char into[SPF_VALUE_MAX])
{
	int family = run->client.family == ADDR_IPV4 ? AF_INET : AF_INET6;

	if (inet_ntop(family, run->client.bytes, into, SPF_VALUE_MAX) == NULL)
		return VIEW_NONE;
	return view_of(into);
}

static enum spf_got
name_value(struct spf_run *run, struct view domain, struct view *ret_value)
{
	enum spf_got got = spf_ptr_validated(run, domain, ret_value);

	if (got != SPF_GOT_VOID)
		return got;
	*ret_value = VIEW("unknown");
	return SPF_GOT_FOUND;
}

/* The value before it is transformed; INTO is room for it. */
static enum spf_got
letter_value(struct spf_run *run, char letter, struct view domain, char into[SPF_VALUE_MAX],
    struct view *ret_value)
{
	bool is_ip4 = run->client.family == ADDR_IPV4;

	if (strchr("slht", letter) != NULL)
		run->is_per_message = true;
	switch (letter) {
	case 's':
		*ret_value = run->sender;
		break;
	case 'l':
		*ret_value = run->local;
		break;
	case 'o':
		*ret_value = run->sender_domain;
		break;
	case 'd':
		*ret_value = domain;
		break;
	case 'i':
		*ret_value = address_value(run, into);
		break;
	case 'p':
		return name_value(run, domain, ret_value);
	case 'v':
		*ret_value = is_ip4 ? VIEW("in-addr") : VIEW("ip6");
		break;
	case 'h':
		*ret_value = run->helo;
		break;
	case 'c':
		*ret_value = readable_value(run, into);
		break;
	case 'r':
		*ret_value = run->receiver;
		break;
	case 't':
		*ret_value = number_value(run->question->now, into);
		break;
	default:
		BUG("a macro letter that the parser does not know");
	}
	return SPF_GOT_FOUND;
}

static bool
is_delimiter(const struct spf_token *token, char c)
{
	return token->text.n == 0 ? c == '.' : view_has_char(token->text, c);
}

static size_t
parts_count(const struct spf_token *token, struct view value)
{
	size_t n = 1;

	for (size_t i = 0; i < value.n; i++)
		n += is_delimiter(token, value.p[i]);
	return n;
}

/* Without the first N parts of VALUE. */
static struct view
parts_skip(const struct spf_token *token, struct view value, size_t n)
{
	size_t at = 0;

	for (; n > 0; n--) {
		while (!is_delimiter(token, value.p[at]))
			at++;
		at++;
	}
	return view_from(value, at);
}

/* The first N parts of VALUE, the last one first. */
static size_t
parts_reverse(const struct spf_token *token, struct view value, size_t n, char *into)
{
	size_t end = 0, used = 0, start;

	for (; end < value.n; end++)
		if (is_delimiter(token, value.p[end]) && --n == 0)
			break;
	for (;;) {
		for (start = end; start > 0; start--)
			if (is_delimiter(token, value.p[start - 1]))
				break;
		memcpy(into + used, value.p + start, end - start);
		used += end - start;
		if (start == 0)
			return used;
		into[used++] = '.';
		end = start - 1;
	}
}

/* VALUE split at the delimiters, reversed, its right-hand parts joined with dots. */
static struct view
value_transform(const struct spf_token *token, struct view value, char into[SPF_VALUE_MAX])
{
	size_t count, keep;

	if (value.n == 0 ||
	    (token->parts == 0 && !token->is_reversed && token->text.n == 0))
		return value;
	count = parts_count(token, value);
	keep = token->parts == 0 || token->parts > count ? count : token->parts;
	if (token->is_reversed)
		return (struct view){into, parts_reverse(token, value, keep, into)};
	value = parts_skip(token, value, count - keep);
	memcpy(into, value.p, value.n);
	for (size_t i = 0; i < value.n; i++)
		if (is_delimiter(token, into[i]))
			into[i] = '.';
	return (struct view){into, value.n};
}

static size_t
escape_put(struct view value, char into[SPF_PIECE_MAX])
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
		    c == '~') {
			into[n++] = (char)c;
			continue;
		}
		into[n++] = '%';
		into[n++] = hex[c >> 4];
		into[n++] = hex[c & 15];
	}
	return n;
}

enum spf_got
spf_token_expand(struct spf_run *run, const struct spf_token *token, struct view domain,
    char into[SPF_PIECE_MAX], struct view *ret_text)
{
	char room[SPF_VALUE_MAX], parts[SPF_VALUE_MAX];
	struct view value = VIEW_NONE;
	enum spf_got got;

	if (token->letter == '\0') {
		*ret_text = token->text;
		return SPF_GOT_FOUND;
	}
	if ((got = letter_value(run, token->letter, domain, room, &value)) != SPF_GOT_FOUND)
		return got;
	value = value_transform(token, view_head(value, SPF_VALUE_MAX), parts);
	if (token->is_escaped) {
		*ret_text = (struct view){into, escape_put(value, into)};
		return SPF_GOT_FOUND;
	}
	if (value.n > 0)
		memcpy(into, value.p, value.n);
	*ret_text = (struct view){into, value.n};
	return SPF_GOT_FOUND;
}
