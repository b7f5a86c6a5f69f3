/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "doctor/sts.h"

enum { SHOWN = 60 };

/* Each but mx counts once: the first (RFC 8461 3.2). */
struct seen {
	bool version, mode, max_age;
};

static const char *const modes[] = {
    [STS_NONE] = "none", [STS_TESTING] = "testing", [STS_ENFORCE] = "enforce"};

const char *
sts_mode_name(enum sts_mode mode)
{
	must((size_t)mode < ARRAY_LEN(modes));
	return modes[mode];
}

static int
take_mode(struct view value, struct sts_policy *policy, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (view_is(value, view_of(modes[i]))) {
			policy->mode = (enum sts_mode)i;
			return 0;
		}
	return err_set(err, ERR_BAD_INPUT,
	    "mode is '%.*s', and not enforce, testing or none",
	    VIEW_ARG(view_head(value, SHOWN)));
}

static int
take_age(struct view value, struct sts_policy *policy, struct err *err)
{
	if (view_number(value, STS_AGE_MAX, &policy->max_age))
		return 0;
	return err_set(err, ERR_BAD_INPUT, "max_age is '%.*s', and no number up to %d",
	    VIEW_ARG(view_head(value, SHOWN)), STS_AGE_MAX);
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool
is_pattern(struct view value)
{
	struct view name = view_starts(value, VIEW("*.")) ? view_from(value, 2) : value;

	for (size_t i = 0; i < name.n; i++)
		if (!is_name_char(name.p[i]))
			return false;
	return name.n > 0 && name.p[0] != '.' && name.p[name.n - 1] != '.';
}

static int
take_mx(struct view value, struct sts_policy *policy, struct err *err)
{
	if (!is_pattern(value))
		return err_set(err, ERR_BAD_INPUT, "mx is '%.*s', and no name of a host",
		    VIEW_ARG(view_head(value, SHOWN)));
	if (policy->n_mx == STS_MX_MAX)
		return err_set(err, ERR_LIMIT, "more than %d mx lines", STS_MX_MAX);
	policy->mx[policy->n_mx++] = value;
	return 0;
}

static bool
is_first(bool *seen)
{
	bool is = !*seen;

	*seen = true;
	return is;
}

static int
take_line(struct view line, struct sts_policy *policy, struct seen *seen, struct err *err)
{
	struct view value = line, name = VIEW_NONE;

	if (!view_has_char(line, ':'))
		return err_set(err, ERR_BAD_INPUT, "a line is '%.*s', and no 'name: value'",
		    VIEW_ARG(view_head(line, SHOWN)));
	(void)view_cut(&value, ':', &name);
	value = view_trim(value);
	if (view_is(name, VIEW("mx")))
		return take_mx(value, policy, err);
	if (view_is(name, VIEW("mode")) && is_first(&seen->mode))
		return take_mode(value, policy, err);
	if (view_is(name, VIEW("max_age")) && is_first(&seen->max_age))
		return take_age(value, policy, err);
	if (view_is(name, VIEW("version")) && is_first(&seen->version) &&
	    !view_is(value, VIEW("STSv1")))
		return err_set(err, ERR_BAD_INPUT, "version is '%.*s', and not STSv1",
		    VIEW_ARG(view_head(value, SHOWN)));
	return 0;
}

int
sts_parse(struct view text, struct sts_policy *ret_policy, struct err *err)
{
	struct sts_policy policy = {.n_mx = 0};
	struct seen seen = {.version = false};
	struct view line;

	while (view_cut(&text, '\n', &line)) {
		line = view_trim(line);
		if (line.n > 0 && take_line(line, &policy, &seen, err) < 0)
			return -1;
	}
	const char *missing = !seen.version                                 ? "version"
			      : !seen.mode                                  ? "mode"
			      : !seen.max_age                               ? "max_age"
			      : policy.n_mx == 0 && policy.mode != STS_NONE ? "mx"
									    : NULL;
	if (missing != NULL)
		return err_set(err, ERR_BAD_INPUT, "there is no '%s:'", missing);
	*ret_policy = policy;
	return 0;
}

/* '*' stands for the first label, and for nothing else. */
static bool
fits(struct view pattern, struct view host)
{
	struct view label = VIEW_NONE;

	if (!view_starts(pattern, VIEW("*.")))
		return view_is_nocase(pattern, host);
	return view_cut(&host, '.', &label) && label.n > 0 &&
	       view_is_nocase(view_from(pattern, 2), host);
}

bool
sts_allows(const struct sts_policy *policy, struct view host)
{
	for (size_t i = 0; i < policy->n_mx; i++)
		if (fits(policy->mx[i], host))
			return true;
	return false;
}
