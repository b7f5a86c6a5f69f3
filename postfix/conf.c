/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdlib.h>
#include <string.h>

#include "lib/bug.h"

#include "postfix/conf_private.h"

enum { NAME_MAX_BYTES = 256, SERVICE_FIELDS = 8, DURATION_MAX = 1000000000 };

static int
compare_pairs(const void *a, const void *b)
{
	const struct conf_pair *left = a, *right = b;

	return view_compare(left->name, right->name);
}

static size_t
count_lines(struct view text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* "name = value"; a value may be empty, and then there may be no blank behind the '='. */
static bool
split_pair(struct view line, struct conf_pair *ret_pair)
{
	struct view name, rest = line;

	if (!view_has_char(line, '=') || !view_cut(&rest, '=', &name))
		return false;
	ret_pair->name = view_trim(name);
	ret_pair->value = view_trim(rest);
	return ret_pair->name.n > 0;
}

static struct conf_pairs
read_pairs(struct view text, struct arena *arena)
{
	struct conf_pairs pairs = {.n = 0};
	struct view line;

	text = view_head(text, POSTFIX_CONF_MAX);
	pairs.list = arena_array(arena, count_lines(text), sizeof(pairs.list[0]));
	while (view_cut(&text, '\n', &line))
		if (split_pair(line, &pairs.list[pairs.n]))
			pairs.n++;
	qsort(pairs.list, pairs.n, sizeof(pairs.list[0]), compare_pairs);
	return pairs;
}

const struct conf_pair *
conf_find(const struct conf_pairs *pairs, struct view name)
{
	const struct conf_pair key = {.name = name};

	if (pairs->n == 0)
		return NULL;
	return bsearch(&key, pairs->list, pairs->n, sizeof(key), compare_pairs);
}

/* "smtp inet n - y - - smtpd -o name=value": the arguments come by 'overrides'. */
static bool
split_service(struct view line, struct postfix_service *ret_service)
{
	struct view fields[SERVICE_FIELDS];

	for (size_t i = 0; i < SERVICE_FIELDS; i++)
		if (!postfix_list_next(&line, &fields[i]))
			return false;
	*ret_service = (struct postfix_service){
	    .name = fields[0],
	    .type = fields[1],
	    .command = fields[7],
	    .chroot = fields[4].p[0],
	    .processes = fields[6],
	};
	return true;
}

static void
read_services(struct postfix_conf *conf, struct view text, struct arena *arena)
{
	struct view line;

	text = view_head(text, POSTFIX_CONF_MAX);
	conf->services = arena_array(arena, count_lines(text), sizeof(conf->services[0]));
	while (view_cut(&text, '\n', &line))
		if (split_service(line, &conf->services[conf->n_services]))
			conf->n_services++;
}

struct postfix_conf *
postfix_conf_new(const struct postfix_conf_texts *texts, struct arena *arena)
{
	struct postfix_conf *conf = arena_alloc(arena, sizeof(*conf));

	conf->values = read_pairs(texts->values, arena);
	conf->evaluated = read_pairs(texts->evaluated, arena);
	conf->set = read_pairs(texts->set, arena);
	conf->overrides = read_pairs(texts->overrides, arena);
	conf->warnings = texts->warnings;
	read_services(conf, texts->services, arena);
	return conf;
}

const struct postfix_service *
postfix_conf_services(const struct postfix_conf *conf, size_t *ret_n)
{
	*ret_n = conf->n_services;
	return conf->services;
}

const struct postfix_service *
postfix_conf_service(const struct postfix_conf *conf, struct view name, struct view type)
{
	for (size_t i = 0; i < conf->n_services; i++)
		if (view_is(conf->services[i].name, name) &&
		    view_is(conf->services[i].type, type))
			return &conf->services[i];
	return NULL;
}

struct view
postfix_conf_warnings(const struct postfix_conf *conf)
{
	return conf->warnings;
}

bool
postfix_conf_next(const struct postfix_conf *conf, size_t *at, struct view *ret_name)
{
	if (*at >= conf->values.n)
		return false;
	*ret_name = conf->values.list[(*at)++].name;
	return true;
}

bool
postfix_conf_sets(const struct postfix_conf *conf, struct view name)
{
	return conf_find(&conf->set, name) != NULL;
}

static const struct conf_pair *
find_override(const struct postfix_conf *conf, const struct postfix_service *service,
    struct view name)
{
	char key[3 * NAME_MAX_BYTES];
	int n;

	if (service == NULL || service->name.n > NAME_MAX_BYTES ||
	    service->type.n > NAME_MAX_BYTES || name.n > NAME_MAX_BYTES / 2)
		return NULL;
	n = snprintf(key, sizeof(key), "%.*s/%.*s/%.*s", VIEW_ARG(service->name),
	    VIEW_ARG(service->type), VIEW_ARG(name));
	return conf_find(&conf->overrides, (struct view){key, (size_t)n});
}

bool
postfix_conf_overrides(const struct postfix_conf *conf,
    const struct postfix_service *service, struct view name)
{
	return find_override(conf, service, name) != NULL;
}

int
postfix_conf_written(const struct postfix_conf *conf, const struct postfix_service *service,
    struct view name, struct view *ret_value)
{
	const struct conf_pair *pair = find_override(conf, service, name);

	if (pair == NULL)
		pair = conf_find(&conf->values, name);
	if (pair == NULL)
		return 0;
	*ret_value = pair->value;
	return 1;
}

static bool
is_separator(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
postfix_list_next(struct view *rest, struct view *ret_item)
{
	size_t start = 0, end, level = 0;

	while (start < rest->n && is_separator(rest->p[start]))
		start++;
	for (end = start; end < rest->n; end++) {
		if (rest->p[end] == '{')
			level++;
		else if (rest->p[end] == '}' && level > 0)
			level--;
		else if (level == 0 && is_separator(rest->p[end]))
			break;
	}
	*ret_item = view_head(view_from(*rest, start), end - start);
	*rest = view_from(*rest, end);
	return end > start;
}

bool
postfix_list_has(struct view list, struct view word)
{
	struct view item;

	while (postfix_list_next(&list, &item))
		if (view_is_nocase(item, word))
			return true;
	return false;
}

struct view
postfix_unbrace(struct view text)
{
	text = view_trim(text);
	if (text.n >= 2 && text.p[0] == '{' && text.p[text.n - 1] == '}')
		text = view_trim(view_head(view_from(text, 1), text.n - 2));
	return text;
}

int
postfix_truth(struct view text)
{
	if (view_is_nocase(text, VIEW("yes")))
		return 1;
	return view_is_nocase(text, VIEW("no")) ? 0 : -1;
}

int64_t
postfix_seconds(struct view text, char unit)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}};
	unsigned long long number;

	if (text.n > 0 && (text.p[text.n - 1] < '0' || text.p[text.n - 1] > '9')) {
		unit = text.p[text.n - 1];
		text.n--;
	}
	if (!view_number(text, DURATION_MAX, &number))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (units[i].unit == unit)
			return (int64_t)number * units[i].seconds;
	return -1;
}
