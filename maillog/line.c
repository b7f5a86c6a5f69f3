/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "maillog/maillog.h"

/* A line of the log, taken apart. */

/* WIDTH digits at *REST; false: they are none. */
static bool
take_digits(struct view *rest, size_t width, unsigned *ret_number)
{
	unsigned number = 0;

	if (rest->n < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9')
			return false;
		number = number * 10 + (unsigned)(rest->p[i] - '0');
	}
	*rest = view_from(*rest, width);
	*ret_number = number;
	return true;
}

static bool
take_char(struct view *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = view_from(*rest, 1);
	return true;
}

static bool
take_clock(struct view *rest, struct maillog_line *line)
{
	return take_digits(rest, 2, &line->hour) && take_char(rest, ':') &&
	       take_digits(rest, 2, &line->minute) && take_char(rest, ':') &&
	       take_digits(rest, 2, &line->second) && line->hour < 24 &&
	       line->minute < 60 && line->second < 61;
}

/* "Nov 21 20:31:01", "Nov  1 20:31:01" */
static bool
take_traditional(struct view *rest, struct maillog_line *line)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct view month = view_head(*rest, 3);

	for (unsigned i = 0; i < 12 && month.n == 3; i++)
		if (view_is(month, (struct view){months + i * 3, 3}))
			line->month = i + 1;
	*rest = view_from(*rest, 3);
	if (line->month == 0 || !take_char(rest, ' '))
		return false;
	if (take_char(rest, ' ') ? !take_digits(rest, 1, &line->day)
				 : !take_digits(rest, 2, &line->day))
		return false;
	return line->day >= 1 && line->day <= 31 && take_char(rest, ' ') &&
	       take_clock(rest, line);
}

/* Days since 1970-01-01, by years that begin in March. */
static int64_t
days_of(unsigned year, unsigned month, unsigned day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

/* ".123456", and "Z" or "+02:00": microseconds, and seconds east of UTC. */
static bool
take_zone(struct view *rest, int64_t *ret_micros, int64_t *ret_east)
{
	unsigned hours, minutes, digit;
	int64_t unit = 100000;
	bool is_west;

	*ret_micros = *ret_east = 0;
	if (take_char(rest, '.'))
		for (; take_digits(rest, 1, &digit); unit /= 10)
			*ret_micros += digit * unit;
	if (take_char(rest, 'Z'))
		return true;
	is_west = take_char(rest, '-');
	if ((!is_west && !take_char(rest, '+')) || !take_digits(rest, 2, &hours))
		return false;
	(void)take_char(rest, ':');
	if (!take_digits(rest, 2, &minutes))
		return false;
	*ret_east = ((int64_t)hours * 60 + minutes) * 60 * (is_west ? -1 : 1);
	return true;
}

/* "2026-11-21T20:31:01.123456+00:00" */
static bool
take_rfc3339(struct view *rest, struct maillog_line *line)
{
	unsigned year;
	int64_t micros, east;

	if (!take_digits(rest, 4, &year) || !take_char(rest, '-') ||
	    !take_digits(rest, 2, &line->month) || !take_char(rest, '-') ||
	    !take_digits(rest, 2, &line->day) || !take_char(rest, 'T') ||
	    !take_clock(rest, line) || !take_zone(rest, &micros, &east) ||
	    line->month < 1 || line->month > 12 || line->day < 1 || line->day > 31)
		return false;
	int64_t seconds = days_of(year, line->month, line->day) * 86400 +
			  ((int64_t)line->hour * 60 + line->minute) * 60 + line->second;
	line->time = (seconds - east) * 1000000 + micros;
	return true;
}

bool
maillog_split(struct view text, struct maillog_line *ret_line)
{
	struct maillog_line line = {.time = 0};
	struct view rest = view_head(text, MAILLOG_LINE_MAX), tag;
	bool has_year = rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9';

	if (!(has_year ? take_rfc3339(&rest, &line) : take_traditional(&rest, &line)) ||
	    !take_char(&rest, ' ') || !view_cut(&rest, ' ', &line.host) || rest.n == 0)
		return false;
	/* "postfix/smtp[15300]: ...", or "postfix/smtp: ..." */
	if (!view_cut(&rest, ' ', &tag) || rest.p == NULL || !view_ends(tag, VIEW(":")))
		return false;
	tag.n--;
	line.message = rest;
	(void)view_cut(&tag, '[', &line.program);
	*ret_line = line;
	return line.program.n > 0;
}
