/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "lib/bug.h"
#include "policy/ascii.h"
#include "policy/value.h"
#include "policy/words.h"

enum { DIGITS_MAX = 15, LABEL_MAX = 63, DOMAIN_MAX = 253 };

struct unit {
	char letter;
	uint64_t factor;
};

static const struct unit sizes[] = {{'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}};
static const struct unit durations[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

static bool
with_unit(struct view text, const struct unit *units, size_t n_units, uint64_t *ret)
{
	unsigned long long number;
	char last = text.n > 1 ? text.p[text.n - 1] : '0';

	for (size_t i = 0; i < n_units; i++)
		if (units[i].letter == last) {
			text.n--;
			if (text.n > DIGITS_MAX ||
			    !view_number(text, UINT64_MAX >> 34, &number))
				return false;
			*ret = number * units[i].factor;
			return true;
		}
	return false;
}

bool
value_size(struct view text, uint64_t *ret_bytes)
{
	unsigned long long number;

	if (with_unit(text, sizes, ARRAY_LEN(sizes), ret_bytes))
		return true;
	if (!view_number(text, INT64_MAX, &number))
		return false;
	*ret_bytes = number;
	return true;
}

bool
value_duration(struct view text, uint64_t *ret_seconds)
{
	return with_unit(text, durations, ARRAY_LEN(durations), ret_seconds);
}

static bool
part_number(struct view *rest, char separator, size_t digits, unsigned *ret)
{
	unsigned long long number;
	struct view part;

	if (!view_cut(rest, separator, &part) || part.n != digits ||
	    !view_number(part, 9999, &number))
		return false;
	*ret = (unsigned)number;
	return true;
}

static bool
is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
month_days(unsigned year, unsigned month)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

bool
value_date(struct view text, int *ret_date)
{
	unsigned year, month, day;

	if (!part_number(&text, '-', 4, &year) || !part_number(&text, '-', 2, &month) ||
	    !part_number(&text, '-', 2, &day) || text.p != NULL)
		return false;
	if (year < 2000 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return false;
	*ret_date = (int)(year * 10000 + month * 100 + day);
	return true;
}

bool
value_hours(struct view text, unsigned *ret_from, unsigned *ret_to)
{
	unsigned from, to;

	if (!part_number(&text, '-', 2, &from) || !part_number(&text, '-', 2, &to) ||
	    text.p != NULL)
		return false;
	if (from > 23 || to > 24 || from == to)
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

/* Days since 0000-03-01 (Hinnant, "chrono-compatible low-level date algorithms"). */
static int
day_number(int date)
{
	int year = date / 10000, month = date / 100 % 100, day = date % 100;

	year -= month <= 2 ? 1 : 0;
	return 365 * year + year / 4 - year / 100 + year / 400 +
	       (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day;
}

int
value_days_between(int date, int later)
{
	return day_number(later) - day_number(date);
}

void
value_add_size(struct buf *out, uint64_t bytes)
{
	for (size_t i = ARRAY_LEN(sizes); i-- > 0;)
		if (bytes >= sizes[i].factor && bytes % sizes[i].factor == 0) {
			buf_addf(out, "%llu%c",
			    (unsigned long long)(bytes / sizes[i].factor), sizes[i].letter);
			return;
		}
	buf_addf(out, "%llu", (unsigned long long)bytes);
}

void
value_add_duration(struct buf *out, uint64_t seconds)
{
	for (size_t i = ARRAY_LEN(durations); i-- > 0;)
		if (seconds % durations[i].factor == 0 &&
		    (seconds > 0 || durations[i].factor == 1)) {
			buf_addf(out, "%llu%c",
			    (unsigned long long)(seconds / durations[i].factor),
			    durations[i].letter);
			return;
		}
}

void
value_add_date(struct buf *out, int date)
{
	buf_addf(out, "%04d-%02d-%02d", date / 10000, date / 100 % 100, date % 100);
}

bool
value_is_name(struct view text)
{
	if (text.n == 0 || !ascii_is_letter(text.p[0]))
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (!ascii_is_letter(text.p[i]) && !ascii_is_digit(text.p[i]) &&
		    text.p[i] != '-' && text.p[i] != '_')
			return false;
	return true;
}

bool
value_is_numeric(struct view text)
{
	return text.n > 0 && ascii_is_digit(text.p[0]);
}

static bool
is_domain_character(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

const char *
domain_fault(struct view domain)
{
	struct view label, rest = domain;

	if (domain.n == 0)
		return "a domain is missing";
	for (size_t i = 0; i < domain.n; i++)
		if (ascii_is_eight_bit(domain.p[i]))
			return "write this domain in its xn-- form";
	if (domain.p[domain.n - 1] == '.')
		return "write the domain without its final dot";
	while (view_cut(&rest, '.', &label)) {
		if (label.n == 0 || label.n > LABEL_MAX)
			return "this is not a domain";
		for (size_t i = 0; i < label.n; i++)
			if (!is_domain_character(label.p[i]))
				return "this is not a domain";
	}
	return domain.n > DOMAIN_MAX ? "this domain is longer than 253 bytes" : NULL;
}

void
value_add_quoted(struct buf *out, struct view text)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, text.p[i]);
	}
	buf_add_char(out, '"');
}

static bool
is_bare(struct view text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_domain_character(text.p[i]) &&
		    (text.p[i] == '\0' || strchr(".@:/+", text.p[i]) == NULL))
			return false;
	return text.n > 0;
}

void
value_add_word(struct buf *out, struct view text)
{
	if (is_bare(text))
		buf_add(out, text);
	else
		value_add_quoted(out, text);
}

void
value_add_text(struct buf *out, struct view text)
{
	if (word_is_reserved(text))
		value_add_quoted(out, text);
	else
		value_add_word(out, text);
}
