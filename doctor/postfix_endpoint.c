/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <limits.h>
#include <stdio.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/postfix_private.h"

/* "unix:frank/milter.sock", or with settings of its own
 * "{ unix:frank/milter.sock, default_action=tempfail }". */
bool
look_next_milter(struct view *rest, struct look_milter *ret_milter)
{
	struct view item;

	if (!postfix_list_next(rest, &item))
		return false;
	ret_milter->settings = VIEW_NONE;
	if (!view_starts(item, VIEW("{"))) {
		ret_milter->endpoint = item;
		return true;
	}
	ret_milter->settings = postfix_unbrace(item);
	if (!postfix_list_next(&ret_milter->settings, &ret_milter->endpoint))
		ret_milter->endpoint = VIEW("");
	return true;
}

/* "name=value" or "{ name = value }". */
bool
look_setting(const struct look_milter *milter, struct view name, struct view *ret_value)
{
	struct view rest = milter->settings, item, key;
	bool is_there = false;

	while (postfix_list_next(&rest, &item)) {
		item = postfix_unbrace(item);
		if (!view_has_char(item, '=') || !view_cut(&item, '=', &key) ||
		    !view_is(view_trim(key), name))
			continue;
		*ret_value = view_trim(item);
		is_there = true;
	}
	return is_there;
}

/* A path without doubled slashes. */
static void
add_path(struct view path, struct buf *out)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] != '/' || out->n == 0 || out->p[out->n - 1] != '/')
			buf_add_char(out, path.p[i]);
}

bool
look_paths_are_same(struct view dir, struct view path, struct view other)
{
	struct buf a = BUF_INIT(PATH_MAX), b = BUF_INIT(PATH_MAX);

	add_path(dir, &a);
	add_path(VIEW("/"), &a);
	add_path(path, &a);
	add_path(other, &b);
	bool is_same = !a.full && !b.full && view_is(buf_view(&a), buf_view(&b));
	buf_fini(&a);
	buf_fini(&b);
	return is_same;
}

bool
look_take_path(struct view endpoint, struct view *ret_path)
{
	struct view type;

	*ret_path = endpoint;
	return view_has_char(endpoint, ':') && view_cut(ret_path, ':', &type) &&
	       (view_is(type, VIEW("unix")) || view_is(type, VIEW("local")));
}

bool
look_take_inet(struct view endpoint, struct view *ret_host, struct view *ret_port)
{
	size_t n;

	if (!view_starts(endpoint, VIEW("inet:")))
		return false;
	endpoint = view_from(endpoint, 5);
	for (n = endpoint.n; n > 0 && endpoint.p[n - 1] != ':'; n--)
		;
	if (n == 0)
		return false;
	*ret_host = view_head(endpoint, n - 1);
	*ret_port = view_from(endpoint, n);
	return true;
}

bool
look_is_loopback(struct view host)
{
	return view_is_nocase(host, VIEW("localhost")) || view_starts(host, VIEW("127.")) ||
	       view_is(host, VIEW("[::1]")) || view_is(host, VIEW("::1"));
}

/*
 * Whatever the service can reach of it: an absolute path is meant below the queue directory
 * by those who are in a chroot, and as it is by the others.
 */
bool
look_is_frank(
    const struct look *look, const struct policy_settings *settings, struct view endpoint)
{
	struct view listen = settings->listen, path, own, host, port, own_host, own_port,
		    queue;
	const struct postfix_ask ask = {look->conf, NULL, look->report->arena};

	if (look_take_path(listen, &own)) {
		if (!look_take_path(endpoint, &path))
			return false;
		if (view_starts(path, VIEW("/")) &&
		    look_paths_are_same(VIEW(""), path, own))
			return true;
		return postfix_conf_value(&ask, VIEW("queue_directory"), &queue) == 1 &&
		       look_paths_are_same(queue, path, own);
	}
	if (!look_take_inet(endpoint, &host, &port) ||
	    !look_take_inet(listen, &own_host, &own_port))
		return false;
	return view_is(port, own_port) &&
	       (view_is_nocase(host, own_host) ||
		   (look_is_loopback(host) && look_is_loopback(own_host)));
}

bool
look_has_frank(
    const struct look *look, const struct policy_settings *settings, struct view list)
{
	struct look_milter milter;

	while (look_next_milter(&list, &milter))
		if (look_is_frank(look, settings, milter.endpoint))
			return true;
	return false;
}

struct view
look_endpoint(const struct look *look, const struct policy_settings *settings)
{
	const struct postfix_ask ask = {look->conf, NULL, look->report->arena};
	struct view path, queue, shown = settings->listen;
	struct buf text = BUF_INIT(PATH_MAX);

	if (look_take_path(settings->listen, &path) &&
	    postfix_conf_value(&ask, VIEW("queue_directory"), &queue) == 1 && queue.n > 0 &&
	    view_starts(path, queue) && view_starts(view_from(path, queue.n), VIEW("/"))) {
		buf_addf(&text, "unix:%.*s", VIEW_ARG(view_from(path, queue.n + 1)));
		shown = arena_view(look->report->arena, buf_view(&text));
	}
	buf_fini(&text);
	return shown;
}
