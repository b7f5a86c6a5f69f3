/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>

#include "lib/bug.h"

#include "ctl/mail.h"

/*
 * Not a parser of HTML: whatever it says, what comes out is text, and that may be wrong.
 * But it is what somebody can judge by at a glance, and where the links lead.
 */

enum { NAME_MAX_BYTES = 16, LINK_MAX = 400, TAG_MAX = 8192 };

struct reading {
	struct buf *out;
	struct view link; /* of the <a> that is open */
	bool is_blank;    /* the last that was written is white space */
};

static void
add_char(struct reading *reading, char c)
{
	bool is_blank = c == ' ' || c == '\n';

	if (is_blank && reading->is_blank &&
	    (c == ' ' || reading->out->n == 0 ||
		(reading->out->n > 1 && reading->out->p[reading->out->n - 2] == '\n' &&
		    reading->out->p[reading->out->n - 1] == '\n')))
		return;
	buf_add_char(reading->out, c);
	reading->is_blank = is_blank;
}

/* The name of the tag at the beginning of TEXT, "</P " as "/p". */
static struct view
name_of(struct view text, char into[NAME_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 1; i < text.n && n < NAME_MAX_BYTES; i++) {
		char c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 'a' - 'A');
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    !(c == '/' && n == 0) && !(c == '!' && n == 0) && c != '-')
			break;
		into[n++] = c;
	}
	return (struct view){into, n};
}

static bool
is_one_of(struct view name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (view_is(name, view_of(names[i])))
			return true;
	return false;
}

/* The length of TEXT up to END and with it; all of it when it does not come. */
static size_t
up_to(struct view text, struct view end)
{
	for (size_t i = 0; i + end.n <= text.n; i++)
		if (view_starts_nocase(view_from(text, i), end))
			return i + end.n;
	return text.n;
}

/* A tag ends at the first ">" that is in no quotes. */
static size_t
tag_length(struct view text)
{
	char quote = '\0';

	for (size_t i = 1; i < text.n; i++) {
		char c = text.p[i];

		if (quote != '\0') {
			quote = c == quote ? '\0' : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '>') {
			return i + 1;
		}
	}
	/* A quote that nobody closes does not hide the rest. */
	return up_to(text, VIEW(">"));
}

/* href="..." of a tag. */
static struct view
link_of(struct view tag)
{
	tag = view_head(tag, TAG_MAX);
	for (size_t i = 0; i < tag.n; i++) {
		struct view rest = view_from(tag, i), link;

		if (!view_starts_nocase(rest, VIEW("href")))
			continue;
		rest = view_trim(view_from(rest, 4));
		if (!view_starts(rest, VIEW("=")))
			continue;
		rest = view_trim(view_from(rest, 1));
		if (rest.n > 0 && (rest.p[0] == '"' || rest.p[0] == '\'')) {
			char quote = rest.p[0];
			rest = view_from(rest, 1);
			(void)view_cut(&rest, quote, &link);
		} else {
			(void)view_cut(&rest, ' ', &link);
			rest = link;
			(void)view_cut(&rest, '>', &link);
		}
		return view_head(link, LINK_MAX);
	}
	return VIEW("");
}

static void
end_link(struct reading *reading)
{
	if (reading->link.n == 0)
		return;
	add_char(reading, ' ');
	buf_add_char(reading->out, '<');
	for (size_t i = 0; i < reading->link.n; i++)
		buf_add_char(
		    reading->out, reading->link.p[i] == '\n' ? ' ' : reading->link.p[i]);
	buf_add_char(reading->out, '>');
	reading->is_blank = false;
	reading->link = VIEW("");
}

/* What TEXT starts with, and how long it is. */
static size_t
take_tag(struct reading *reading, struct view text)
{
	static const char *const hidden[][2] = {
	    {"script", "</script>"}, {"style", "</style>"}, {"title", "</title>"}};
	static const char *const lines[] = {"br", "p", "/p", "div", "/div", "tr", "/tr",
	    "li", "h1", "h2", "h3", "/h1", "/h2", "/h3", "table", "/table", "ul", "/ul",
	    "hr"};
	char into[NAME_MAX_BYTES];
	struct view name = name_of(text, into);

	if (view_starts(text, VIEW("<!--")))
		return up_to(text, VIEW("-->"));
	/* "1 < 2" is none. */
	if (name.n == 0) {
		add_char(reading, '<');
		return 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (view_is(name, view_of(hidden[i][0])))
			return up_to(text, view_of(hidden[i][1]));
	size_t n = tag_length(text);
	if (view_is(name, VIEW("a"))) {
		end_link(reading);
		reading->link = link_of(view_head(text, n));
	} else if (view_is(name, VIEW("/a"))) {
		end_link(reading);
	}
	if (is_one_of(name, lines, ARRAY_LEN(lines)))
		add_char(reading, '\n');
	return n;
}

static void
add_point(struct reading *reading, unsigned long point)
{
	char bytes[4];
	size_t n = 0;

	if (point == 0xa0 || point < 0x20) {
		add_char(reading, ' ');
		return;
	}
	if (point < 0x80) {
		bytes[n++] = (char)point;
	} else if (point < 0x800) {
		bytes[n++] = (char)(0xc0 | point >> 6);
		bytes[n++] = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		bytes[n++] = (char)(0xe0 | point >> 12);
		bytes[n++] = (char)(0x80 | (point >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (point & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | (point >> 18 & 7));
		bytes[n++] = (char)(0x80 | (point >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (point >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (point & 0x3f));
	}
	buf_add_bytes(reading->out, bytes, n);
	reading->is_blank = false;
}

/* "&amp;" and few others, "&#228;", "&#xe4;". */
static size_t
take_entity(struct reading *reading, struct view text)
{
	static const struct {
		struct view name;
		unsigned long point;
	} names[] = {{{"&amp;", 5}, '&'}, {{"&lt;", 4}, '<'}, {{"&gt;", 4}, '>'},
	    {{"&quot;", 6}, '"'}, {{"&nbsp;", 6}, 0xa0}, {{"&apos;", 6}, '\''}};
	char digits[12] = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (view_starts_nocase(text, names[i].name)) {
			add_point(reading, names[i].point);
			return names[i].name.n;
		}
	if (view_starts(text, VIEW("&#"))) {
		for (size_t i = 2; i < text.n && i < sizeof(digits) && text.p[i] != ';';
		     i++)
			digits[n++] = text.p[i];
		int base = digits[0] == 'x' || digits[0] == 'X' ? 16 : 10;
		unsigned long point = strtoul(base == 16 ? digits + 1 : digits, NULL, base);
		if (n > 0 && n + 2 < text.n && text.p[n + 2] == ';' && point > 0 &&
		    point <= 0x10ffff) {
			add_point(reading, point);
			return n + 3;
		}
	}
	add_char(reading, '&');
	return 1;
}

void
mail_html(struct view html, struct buf *out)
{
	struct reading reading = {.out = out, .link = VIEW(""), .is_blank = true};

	while (html.n > 0 && !out->full) {
		size_t n = 1;
		char c = html.p[0];

		if (c == '<')
			n = take_tag(&reading, html);
		else if (c == '&')
			n = take_entity(&reading, html);
		else if (c == '\t' || c == '\r' || c == '\n')
			add_char(&reading, ' ');
		else
			add_char(&reading, c);
		html = view_from(html, n);
	}
	end_link(&reading);
}
