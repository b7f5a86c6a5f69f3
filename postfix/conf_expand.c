/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/buf.h"
#include "lib/bug.h"

#include "postfix/conf_private.h"

/*
 * $name, ${name}, $(name), ${name?text}, ${name:text}, ${name?{yes}:{no}}; $$ is a dollar.
 * Comparisons, "${{a} == {b} ? ...}", are left to postconf -x.
 */

enum {
	DEPTH_MAX = 16,
	STEPS_MAX = 2000, /* references that one value may need: names that double up */
};

struct expansion {
	const struct postfix_ask *ask;
	struct buf *out;
	unsigned depth, steps;
};

static int expand(struct expansion *e, struct view text);

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static size_t
name_length(struct view text)
{
	size_t n = 0;

	while (n < text.n && is_name_char(text.p[n]))
		n++;
	return n;
}

/* What master(8) or the service itself knows by the name, before main.cf. */
static struct view
written(const struct postfix_ask *ask, struct view name)
{
	struct view value = VIEW_NONE;

	if (ask->service != NULL && view_is(name, VIEW("service_name")))
		return ask->service->name;
	(void)postfix_conf_written(ask->conf, ask->service, name, &value);
	return value;
}

static int
expand_name(struct expansion *e, struct view name)
{
	int result;

	if (e->depth >= DEPTH_MAX || ++e->steps > STEPS_MAX)
		return -1;
	e->depth++;
	result = expand(e, written(e->ask, name));
	e->depth--;
	return result;
}

/* The rest of "{yes}:{no}" or "text", behind the '?' or ':'. */
static struct view
choose(struct view text, bool first)
{
	struct view trimmed = view_trim(text), yes, no;
	size_t level = 0, i;

	if (!view_starts(trimmed, VIEW("{")))
		return first ? text : VIEW_NONE;
	for (i = 0; i < trimmed.n; i++) {
		if (trimmed.p[i] == '{')
			level++;
		else if (trimmed.p[i] == '}' && --level == 0)
			break;
	}
	yes = postfix_unbrace(view_head(trimmed, i + 1));
	no = view_trim(view_from(trimmed, i + 1));
	no = view_starts(no, VIEW(":")) ? postfix_unbrace(view_from(no, 1)) : VIEW_NONE;
	return first ? yes : no;
}

/* "name", "name?text" or "name:text". */
static int
expand_braced(struct expansion *e, struct view inner)
{
	size_t n = name_length(inner);
	struct view name = view_head(inner, n), rest = view_trim(view_from(inner, n));
	bool is_set;

	if (n == 0)
		return -1;
	if (rest.n == 0)
		return expand_name(e, name);
	if ((rest.p[0] != '?' && rest.p[0] != ':') || ++e->steps > STEPS_MAX)
		return -1;
	is_set = written(e->ask, name).n > 0;
	e->depth++;
	int result = e->depth > DEPTH_MAX
			 ? -1
			 : expand(e, choose(view_from(rest, 1),
					 rest.p[0] == '?' ? is_set : !is_set));
	e->depth--;
	return result;
}

/* The length of "{...}" that TEXT begins with, 0: it does not end. */
static size_t
group_length(struct view text, char open, char close)
{
	size_t level = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == open)
			level++;
		else if (text.p[i] == close && --level == 0)
			return i + 1;
	}
	return 0;
}

/* TEXT is behind a '$'. How much of it was taken; 0: it cannot be told. */
static size_t
expand_reference(struct expansion *e, struct view text)
{
	size_t n = name_length(text);

	if (n > 0)
		return expand_name(e, view_head(text, n)) == 0 ? n : 0;
	if (view_starts(text, VIEW("$"))) {
		buf_add_char(e->out, '$');
		return 1;
	}
	if (view_starts(text, VIEW("{")))
		n = group_length(text, '{', '}');
	else if (view_starts(text, VIEW("(")))
		n = group_length(text, '(', ')');
	if (n < 3)
		return 0;
	return expand_braced(e, view_head(view_from(text, 1), n - 2)) == 0 ? n : 0;
}

static int
expand(struct expansion *e, struct view text)
{
	size_t i = 0;

	while (i < text.n) {
		if (text.p[i] != '$') {
			buf_add_char(e->out, text.p[i++]);
			continue;
		}
		size_t taken = expand_reference(e, view_from(text, i + 1));
		if (taken == 0)
			return -1;
		i += 1 + taken;
	}
	return e->out->full ? -1 : 0;
}

/* Filled in by us, since for a service others of its values may count. */
static int
value_of_service(const struct postfix_ask *ask, struct view text, struct view *ret_value)
{
	struct buf out = BUF_INIT(POSTFIX_VALUE_MAX);
	struct expansion e = {.ask = ask, .out = &out};
	int result = expand(&e, text);

	if (result == 0)
		*ret_value = arena_view(ask->arena, view_trim(buf_view(&out)));
	buf_fini(&out);
	return result;
}

int
postfix_conf_value(const struct postfix_ask *ask, struct view name, struct view *ret_value)
{
	const struct conf_pair *evaluated = conf_find(&ask->conf->evaluated, name);
	struct view text;

	if (postfix_conf_written(ask->conf, ask->service, name, &text) == 0)
		return 0;
	if (ask->service == NULL && evaluated != NULL) {
		*ret_value = evaluated->value;
		return 1;
	}
	if (value_of_service(ask, text, ret_value) == 0)
		return 1;
	/* What it compares, such as compatibility_level, no service sets for itself. */
	if (evaluated == NULL || postfix_conf_overrides(ask->conf, ask->service, name))
		return -1;
	*ret_value = evaluated->value;
	return 1;
}

int
postfix_conf_is_chrooted(
    const struct postfix_ask *ask, const struct postfix_service *service)
{
	const struct postfix_ask main_cf = {ask->conf, NULL, ask->arena};
	struct view level;
	unsigned long long major;

	if (service->chroot == 'y' || service->chroot == 'n')
		return service->chroot == 'y';
	/* Since 3.0 the default is no, unless compatibility_level is below 1. */
	if (service->chroot != '-' ||
	    postfix_conf_value(&main_cf, VIEW("compatibility_level"), &level) != 1)
		return -1;
	struct view rest = level, head;
	(void)view_cut(&rest, '.', &head);
	if (!view_number(head, 1000, &major))
		return -1;
	return major < 1;
}
