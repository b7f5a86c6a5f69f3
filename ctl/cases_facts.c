/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>
#include <time.h>

#include "auth/address.h"
#include "lib/bug.h"
#include "lib/clock.h"

#include "ctl/cases_facts.h"

enum { MINUTES = 24 * 60, DEFAULT_MINUTE = 12 * 60 };

typedef int read_fact(struct case_facts *facts, struct view value, struct err *err);

static int
bad(struct err *err, const char *name, struct view value, const char *want)
{
	return err_set(err, ERR_BAD_INPUT, "%s=%.*s %s", name, VIEW_ARG(value), want);
}

static int
read_address(struct case_facts *facts, struct view text, struct fact_address *ret_address,
    struct err *err)
{
	struct address address;
	int result = address_parse_path(text, facts->arena, &address, err);

	if (result == -1)
		return err_add(err, "'%.*s'", VIEW_ARG(text));
	*ret_address = result == 0 ? (struct fact_address){.text = VIEW("")}
				   : (struct fact_address){
					 address.text, address.local, address.domain};
	return 0;
}

static int
read_user(struct case_facts *facts, struct view value, struct err *err)
{
	(void)err;
	facts->facts.user = value;
	return 0;
}

static int
read_helo(struct case_facts *facts, struct view value, struct err *err)
{
	(void)err;
	facts->facts.helo = value;
	return 0;
}

static int
read_path(struct case_facts *facts, struct view value, struct err *err)
{
	facts->has_path = true;
	if (fact_path_of(value, &facts->facts.path))
		return 0;
	return bad(
	    err, "path", value, "is none of submission, relay, local, reentry, inbound");
}

static int
read_client(struct case_facts *facts, struct view value, struct err *err)
{
	if (addr_parse(value, &facts->facts.client, err) == 0)
		return 0;
	return err_add(err, "client=%.*s", VIEW_ARG(value));
}

static int
read_sender(struct case_facts *facts, struct view value, struct err *err)
{
	facts->has_sender = true;
	if (view_is(value, VIEW("null")))
		value = VIEW("");
	return read_address(facts, value, &facts->facts.sender, err);
}

static int
read_author(struct case_facts *facts, struct view value, struct err *err)
{
	if (view_is(value, VIEW("unclear"))) {
		facts->facts.unclear = VIEW("the case says so");
		return 0;
	}
	return read_address(facts, value, &facts->facts.author, err);
}

static int
read_rcpt(struct case_facts *facts, struct view value, struct err *err)
{
	struct view one;

	while (view_cut(&value, ',', &one)) {
		uint32_t n = facts->facts.n_rcpt_sample;

		if (n == FACTS_RCPT_SAMPLE)
			return err_set(err, ERR_LIMIT, "more than %d recipients by name",
			    FACTS_RCPT_SAMPLE);
		if (read_address(facts, one, &facts->rcpts[n], err) == -1)
			return -1;
		facts->facts.n_rcpt_sample++;
	}
	return 0;
}

static int
read_rcpts(struct case_facts *facts, struct view value, struct err *err)
{
	unsigned long long number;

	if (!view_number(value, UINT32_MAX, &number))
		return bad(err, "rcpts", value, "is not a number");
	facts->facts.rcpts = (uint32_t)number;
	facts->has_rcpts = true;
	return 0;
}

/* 4096, 10K, 10M, 1G */
static int
read_size(struct case_facts *facts, struct view value, struct err *err)
{
	static const char units[] = "KMG";
	struct view digits = value;
	unsigned shift = 0;
	unsigned long long number;

	if (value.n > 0) {
		const char *unit = strchr(units, value.p[value.n - 1]);

		if (unit != NULL && *unit != '\0') {
			shift = 10 * (unsigned)(unit - units + 1);
			digits = view_head(value, value.n - 1);
		}
	}
	if (!view_number(digits, UINT64_MAX >> 32, &number))
		return bad(err, "size", value, "is not a size such as 4096, 10K or 10M");
	facts->facts.size = number << shift;
	return 0;
}

static int
read_fragile(struct case_facts *facts, struct view value, struct err *err)
{
	static const struct {
		const char *name;
		enum fact_fragile bit;
	} names[] = {
	    {"long-line", FRAGILE_LONG_LINE},
	    {"eight-bit", FRAGILE_EIGHT_BIT},
	    {"bare-cr", FRAGILE_BARE_CR},
	    {"nul", FRAGILE_NUL},
	};
	struct view one;

	while (view_cut(&value, ',', &one)) {
		size_t i = 0;

		while (i < ARRAY_LEN(names) && !view_is(one, view_of(names[i].name)))
			i++;
		if (i == ARRAY_LEN(names))
			return bad(err, "fragile", one,
			    "is none of long-line, eight-bit, bare-cr, nul");
		facts->facts.fragile |= names[i].bit;
	}
	return 0;
}

/* "09:03" */
static int
read_time(struct case_facts *facts, struct view value, struct err *err)
{
	unsigned long long hour, minute;
	struct view hours;

	if (view_has_char(value, ':') && view_cut(&value, ':', &hours) &&
	    view_number(hours, 23, &hour) && view_number(value, 59, &minute)) {
		facts->facts.local_minute = (int)(hour * 60 + minute);
		return 0;
	}
	return bad(err, "time", value, "is not a time of day such as 09:03");
}

static int
read_day(struct case_facts *facts, struct view value, struct err *err)
{
	static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		if (view_is(value, view_of(days[i]))) {
			facts->facts.local_weekday = (int)i;
			return 0;
		}
	}
	return bad(err, "day", value, "is none of mon, tue, wed, thu, fri, sat, sun");
}

/* "2026-03-02", which sets the day too. */
static int
read_date(struct case_facts *facts, struct view value, struct err *err)
{
	struct tm tm = {.tm_hour = 12};
	char text[16] = "", *end;

	if (value.n < sizeof(text))
		memcpy(text, value.p, value.n);
	end = strptime(text, "%Y-%m-%d", &tm);
	if (end == NULL || *end != '\0' || value.n != 10)
		return bad(err, "date", value, "is not a date such as 2026-03-02");
	facts->facts.local_date =
	    (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
	facts->facts.local_weekday = tm.tm_wday;
	return 0;
}

static const struct {
	const char *name;
	read_fact *read;
} readers[] = {
    {"user", read_user},
    {"path", read_path},
    {"client", read_client},
    {"helo", read_helo},
    {"sender", read_sender},
    {"author", read_author},
    {"rcpt", read_rcpt},
    {"rcpts", read_rcpts},
    {"size", read_size},
    {"fragile", read_fragile},
    {"time", read_time},
    {"day", read_day},
    {"date", read_date},
};

void
case_facts_init(struct case_facts *facts, const struct policy *policy, struct arena *arena)
{
	*facts = (struct case_facts){
	    .arena = arena,
	    .policy = policy,
	    .facts =
		{
		    .local_date = 20260302, /* a Monday: a case means the same every day */
		    .local_minute = DEFAULT_MINUTE,
		    .local_weekday = 1,
		    .path = PATH_INBOUND,
		    .queue_id = VIEW("case"),
		},
	};
	advice_begin(&facts->advice, &facts->facts, arena);
}

static int
unknown_fact(struct view name, struct err *err)
{
	struct buf known = BUF_INIT(sizeof(err->text));

	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		buf_addf(&known, "%s%s", i > 0 ? " " : "", readers[i].name);
	err_set(err, ERR_BAD_INPUT,
	    "'%.*s' is not a fact that this version knows; it knows %s", VIEW_ARG(name),
	    buf_text(&known));
	buf_fini(&known);
	return -1;
}

int
case_facts_add(
    struct case_facts *facts, struct view name, struct view value, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		if (view_is(name, view_of(readers[i].name)))
			return readers[i].read(facts, value, err);
	}
	int result = case_advice_add(facts, name, value, err);
	if (result < 0)
		return -1;
	return result > 0 ? 0 : unknown_fact(name, err);
}

/* As the daemon does while recipients arrive. */
static void
count_fits(struct case_facts *facts)
{
	const struct policy *policy = facts->policy;
	uint32_t n = policy_rcpt_tests(policy);
	uint32_t *fits = arena_array(facts->arena, (size_t)n + 1, sizeof(*fits));

	for (uint32_t test = 0; test < n; test++) {
		for (uint32_t i = 0; i < facts->facts.n_rcpt_sample; i++)
			fits[test] += policy_rcpt_fits(policy, test, &facts->rcpts[i]);
	}
	facts->facts.rcpt_fits = fits;
	facts->facts.n_rcpt_fits = n;
}

int
case_facts_end(struct case_facts *facts, struct facts *ret_facts, struct err *err)
{
	struct facts *out = &facts->facts;
	size_t size = out->n_rcpt_sample * sizeof(facts->rcpts[0]);
	struct fact_address *sample;

	if (out->author.text.n == 0 && out->unclear.n == 0)
		out->unclear = VIEW("no From field");
	if (!facts->has_sender)
		out->sender = out->author;
	if (!facts->has_path && out->user.n > 0)
		out->path = PATH_SUBMISSION;
	if (!facts->has_rcpts)
		out->rcpts = out->n_rcpt_sample > 0 ? out->n_rcpt_sample : 1;
	if (out->rcpts < out->n_rcpt_sample)
		return err_set(err, ERR_BAD_INPUT, "rcpts=%u, but %u are named", out->rcpts,
		    out->n_rcpt_sample);
	count_fits(facts);
	case_advice_end(facts);
	sample = arena_alloc(facts->arena, size + 1);
	memcpy(sample, facts->rcpts, size);
	out->rcpt_sample = sample;
	*ret_facts = *out;
	return 0;
}
