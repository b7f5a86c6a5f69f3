/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>
#include <sys/timex.h>

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/bug.h"
#include "lib/clock.h"

enum { SECOND = 1000000 };

static const char zone_dir[] = "/usr/share/zoneinfo";

static int64_t
ask(clockid_t id)
{
	struct timespec ts;

	must(clock_gettime(id, &ts) == 0);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

struct clock
clock_now(void)
{
	return (struct clock){.wall = ask(CLOCK_REALTIME), .mono = ask(CLOCK_MONOTONIC)};
}

int64_t
clock_share(int64_t now, int64_t end, size_t n)
{
	return n == 0 || end <= now ? end : now + (end - now) / (int64_t)n;
}

int64_t
clock_mono(void)
{
	return ask(CLOCK_MONOTONIC);
}

int
clock_is_kept(struct err *err)
{
	/* As systemd does: STA_UNSYNC stays set where chronyd does not write the RTC, but
	 * the kernel lets the error grow to this when nobody tells it otherwise. */
	enum { ERROR_UNKEPT = 16 * SECOND };
	struct timex state = {.modes = 0};

	if (adjtimex(&state) == -1)
		return err_sys(err, "adjtimex");
	return state.maxerror < ERROR_UNKEPT;
}

/* libc takes a name that it does not know for UTC and says nothing. */
int
clock_check_zone(const char *zone, struct err *err)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	char path[256], magic[4];
	int fd, n;
	ssize_t got;

	/* libc needs no file for this one, and there may be no tzdata. */
	if (zone[0] == '\0' || strcmp(zone, "UTC") == 0)
		return 0;
	if (zone[0] == '/' || strspn(zone, allowed) != strlen(zone))
		return err_set(err, ERR_CONFIG,
		    "'%s' is not the name of a time zone, such as Europe/Berlin", zone);
	n = snprintf(path, sizeof(path), "%s/%s", zone_dir, zone);
	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, ERR_CONFIG, "the name of the time zone is too long");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_set(
		    err, ERR_CONFIG, "there is no time zone '%s' in %s", zone, zone_dir);
	got = read(fd, magic, sizeof(magic));
	(void)close(fd);
	if (got != (ssize_t)sizeof(magic) || memcmp(magic, "TZif", sizeof(magic)) != 0)
		return err_set(err, ERR_CONFIG, "%s is not a time zone", path);
	return 0;
}

int
clock_set_zone(const char *zone, struct err *err)
{
	if (clock_check_zone(zone, err) < 0)
		return -1;
	if (zone[0] != '\0')
		must(setenv("TZ", zone, 1) == 0);
	tzset();
	return 0;
}

/* Rounded down, before 1970 too. */
static time_t
seconds(int64_t wall)
{
	return (time_t)(wall / SECOND - (wall % SECOND < 0));
}

struct clock_local
clock_local(int64_t wall)
{
	time_t at = seconds(wall);
	struct tm tm;

	must(localtime_r(&at, &tm) != NULL);
	return (struct clock_local){
	    .date = (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday,
	    .minute = tm.tm_hour * 60 + tm.tm_min,
	    .weekday = tm.tm_wday,
	};
}

/* When summer time ends an hour comes twice: then it is the second one, unless that is
 * still to come. */
static int64_t
wall_of(const struct tm *date, int64_t now)
{
	const int64_t slack = 600 * (int64_t)SECOND;
	struct tm tm = *date, other;
	int64_t wall, again;

	tm.tm_isdst = -1;
	wall = (int64_t)mktime(&tm) * SECOND;
	other = tm;
	other.tm_isdst = tm.tm_isdst > 0 ? 0 : 1;
	again = (int64_t)mktime(&other) * SECOND;
	if (other.tm_hour != tm.tm_hour || other.tm_min != tm.tm_min)
		return wall;
	if (wall > again)
		return wall <= now + slack ? wall : again;
	return again <= now + slack ? again : wall;
}

int64_t
clock_of_date(const struct clock_date *date, int64_t now)
{
	const int64_t day = 86400 * (int64_t)SECOND;
	int year = clock_local(now).date / 10000;
	int64_t wall = 0;

	/* Those who log have clocks, too. */
	for (int later = 1; later >= -1; later--) {
		const struct tm tm = {.tm_year = year + later - 1900,
		    .tm_mon = (int)date->month - 1,
		    .tm_mday = (int)date->day,
		    .tm_hour = (int)date->hour,
		    .tm_min = (int)date->minute};

		wall = wall_of(&tm, now);
		if (wall <= now + day)
			break;
	}
	return wall;
}

static struct tm
utc(int64_t wall)
{
	time_t at = seconds(wall);
	struct tm tm;

	must(gmtime_r(&at, &tm) != NULL);
	return tm;
}

const char *
clock_text(int64_t wall, char into[CLOCK_TEXT])
{
	struct tm tm = utc(wall);

	must(strftime(into, CLOCK_TEXT, "%Y-%m-%d %H:%M:%SZ", &tm) != 0);
	return into;
}

const char *
clock_rfc3339(int64_t wall, char into[CLOCK_TEXT])
{
	struct tm tm = utc(wall);
	int64_t micro = wall % SECOND;
	size_t n = strftime(into, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);

	if (micro < 0)
		micro += SECOND;
	must(n != 0);
	(void)snprintf(into + n, CLOCK_TEXT - n, ".%03dZ", (int)(micro / 1000));
	return into;
}

const char *
clock_rfc5322(int64_t wall, char into[CLOCK_TEXT])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = utc(wall);
	char text[96];

	/* By hand, since strftime() would say it in the language of the place. */
	(void)snprintf(text, sizeof(text), "%.3s, %02d %.3s %04d %02d:%02d:%02d +0000",
	    days + 3 * (ptrdiff_t)tm.tm_wday, tm.tm_mday, months + 3 * (ptrdiff_t)tm.tm_mon,
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	(void)snprintf(into, CLOCK_TEXT, "%.31s", text);
	return into;
}

const char *
clock_day(int64_t wall, char into[CLOCK_TEXT])
{
	struct tm tm = utc(wall);

	must(strftime(into, CLOCK_TEXT, "%Y-%m-%d", &tm) != 0);
	return into;
}

/* "7d": how long ago, in microseconds. */
static bool
parse_age(struct view text, int64_t *ret_age)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	unsigned long long number;

	if (text.n < 2 || !view_number(view_head(text, text.n - 1), 9999999, &number))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (text.p[text.n - 1] == units[i].unit) {
			*ret_age = (int64_t)number * units[i].seconds * SECOND;
			return true;
		}
	return false;
}

/* N digits from AT on, with nothing but SEPARATOR before them. */
static bool
take_digits(struct view *rest, const char *separators, size_t n, int *ret_number)
{
	struct view text = *rest;
	unsigned long long number;

	if (separators[0] != '\0') {
		if (text.n == 0 || text.p[0] == '\0' ||
		    strchr(separators, text.p[0]) == NULL)
			return false;
		text = view_from(text, 1);
	}
	if (text.n < n || !view_number(view_head(text, n), 9999, &number))
		return false;
	*rest = view_from(text, n);
	*ret_number = (int)number;
	return true;
}

/* UTC, as everything that is shown: "2026-03-02", "2026-03-02 09:03", with seconds, with T
 * and Z. */
static bool
parse_moment(struct view text, int64_t *ret_wall)
{
	struct tm want = {.tm_isdst = 0}, got;
	struct view rest = text;
	time_t at;

	if (!take_digits(&rest, "", 4, &want.tm_year) ||
	    !take_digits(&rest, "-", 2, &want.tm_mon) ||
	    !take_digits(&rest, "-", 2, &want.tm_mday) || want.tm_year < 1970)
		return false;
	if (take_digits(&rest, " T", 2, &want.tm_hour)) {
		if (!take_digits(&rest, ":", 2, &want.tm_min))
			return false;
		(void)take_digits(&rest, ":", 2, &want.tm_sec);
		if (view_is(rest, VIEW("Z")))
			rest.n = 0;
	}
	if (rest.n != 0)
		return false;
	want.tm_year -= 1900;
	want.tm_mon -= 1;
	got = want;
	at = timegm(&got);
	/* timegm() turns 30 February into 2 March. */
	if (got.tm_mon != want.tm_mon || got.tm_mday != want.tm_mday ||
	    got.tm_hour != want.tm_hour || got.tm_min != want.tm_min ||
	    got.tm_sec != want.tm_sec)
		return false;
	*ret_wall = (int64_t)at * SECOND;
	return true;
}

int
clock_parse_since(struct view text, int64_t now, int64_t *ret_wall, struct err *err)
{
	int64_t age;

	if (parse_age(text, &age)) {
		*ret_wall = age < now ? now - age : 0;
		return 0;
	}
	if (parse_moment(text, ret_wall))
		return 0;
	return err_set(err, ERR_BAD_INPUT,
	    "'%.*s' is no time: write 2026-03-02, \"2026-03-02 09:03\" (UTC), 2h or 7d",
	    VIEW_ARG(view_head(text, 64)));
}
