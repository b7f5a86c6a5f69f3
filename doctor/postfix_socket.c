/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"
#include "lib/file.h"
#include "lib/net.h"

#include "doctor/postfix_private.h"

/* Can Postfix's processes reach frankd's socket: from their chroot, as their user? */

enum { GROUPS_MAX = 256, ENTRY_MAX = 16384, HOSTS_MAX = 1 << 20 };

struct someone {
	const char *name;
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int n;
};

static bool
find_owner(const struct look *look, struct someone *ret_owner)
{
	char buffer[ENTRY_MAX];
	struct passwd entry, *found = NULL;
	struct view name;

	if (!look_value(look, NULL, "mail_owner", &name))
		return false;
	ret_owner->name = arena_text(look->report->arena, name);
	ret_owner->n = GROUPS_MAX;
	if (getpwnam_r(ret_owner->name, &entry, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL ||
	    getgrouplist(ret_owner->name, entry.pw_gid, ret_owner->groups, &ret_owner->n) ==
		-1) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "mail_owner is '%s', and which user that is cannot be found out",
		    ret_owner->name);
		return false;
	}
	ret_owner->uid = entry.pw_uid;
	return true;
}

static bool
is_in(const struct someone *who, gid_t group)
{
	for (int i = 0; i < who->n; i++)
		if (who->groups[i] == group)
			return true;
	return false;
}

/* BIT: 1 to go through a directory, 2 to write. */
static bool
mode_allows(const struct stat *st, const struct someone *who, mode_t bit)
{
	if (who->uid == 0)
		return true;
	if (st->st_uid == who->uid)
		return (st->st_mode & (bit << 6)) != 0;
	if (is_in(who, st->st_gid))
		return (st->st_mode & (bit << 3)) != 0;
	return (st->st_mode & bit) != 0;
}

/* The bits of a file with an access list do not say it all. */
static bool
has_access_list(const char *path)
{
	return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

static const char *
group_name(const struct look *look, gid_t gid)
{
	char buffer[ENTRY_MAX], number[32];
	struct group entry, *found = NULL;

	snprintf(number, sizeof(number), "%u", gid);
	if (getgrgid_r(gid, &entry, buffer, sizeof(buffer), &found) != 0 || found == NULL)
		return arena_text(look->report->arena, view_of(number));
	return arena_text(look->report->arena, view_of(entry.gr_name));
}

static void
say_missing(const struct look *look, const char *path)
{
	if (errno == EACCES) {
		(void)look_say(
		    look, DOCTOR_UNKNOWN, "%s: this user may not look there", path);
		return;
	}
	if (errno != ENOENT && errno != ENOTDIR) {
		(void)look_say(look, DOCTOR_UNKNOWN, "%s: %s", path, strerror(errno));
		return;
	}
	struct doctor_finding *finding = look_say(look, DOCTOR_BAD,
	    "%s is not there: frankd does not run, or listens somewhere else", path);
	if (finding != NULL)
		doctor_remedy(look->report, finding,
		    "Start it; when it ends again, its log says why:\n"
		    "systemctl start frankd\njournalctl -u frankd -n 20");
}

/* 1: WHO can; 0, -1: said. */
static int
try_part(const struct look *look, const struct someone *who, const char *path, bool is_last)
{
	struct doctor_finding *finding;
	struct stat st;

	if (stat(path, &st) == -1) {
		say_missing(look, path);
		return -1;
	}
	if (is_last && !S_ISSOCK(st.st_mode)) {
		finding = look_say(look, DOCTOR_BAD, "%s is no socket", path);
		if (finding != NULL)
			doctor_remedy(
			    look->report, finding, "rm %s\nsystemctl restart frankd", path);
		return 0;
	}
	if (mode_allows(&st, who, is_last ? 2 : 1))
		return 1;
	if (has_access_list(path)) {
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s has an access list; whether user %s may use it is not known here",
		    path, who->name);
		return -1;
	}
	finding = look_say(look, DOCTOR_BAD, "%s is %04o, group %s: user %s may not %s it",
	    path, st.st_mode & 07777U, group_name(look, st.st_gid), who->name,
	    is_last ? "write to" : "go through");
	if (finding != NULL && is_last)
		doctor_remedy(look->report, finding,
		    "In %s, and then 'systemctl restart frankd':\nset socket-group %s",
		    look->world->config_path, group_name(look, who->groups[0]));
	else if (finding != NULL)
		doctor_remedy(look->report, finding, "chmod o+x %s", path);
	return 0;
}

/* Every directory above PATH, and PATH. */
static void
try_path(const struct look *look, const char *path)
{
	char part[PATH_MAX];
	struct someone who;
	size_t length = strlen(path);

	if (!find_owner(look, &who))
		return;
	if (length >= sizeof(part)) {
		(void)look_say(look, DOCTOR_UNKNOWN, "the path of the socket is too long");
		return;
	}
	for (size_t i = 1; i <= length; i++) {
		if (i < length && path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (try_part(look, &who, part, i == length) != 1)
			return;
	}
	(void)look_say(
	    look, DOCTOR_OK, "%s is there, and user %s may use it", path, who.name);
}

/* The service looks for its socket where frankd does not listen. */
static void
say_elsewhere(const struct look *look, const struct look_use *use, int is_chrooted)
{
	const struct policy_settings *settings = policy_settings(look->world->policy);
	struct view good = look_endpoint(look, settings), queue;
	struct doctor_finding *finding;

	if (!look_value(look, NULL, "queue_directory", &queue))
		return;
	finding = look_say(look, DOCTOR_BAD,
	    "%s has %.*s: services that are %schrooted (the 5th column of master.cf) do "
	    "not find frankd by that, which listens on %.*s",
	    use->place, VIEW_ARG(use->milter.endpoint), is_chrooted == 1 ? "" : "not ",
	    VIEW_ARG(settings->listen));
	if (finding == NULL)
		return;
	/* What is not below the queue directory no chroot reaches. */
	if (is_chrooted == 1 && view_is(good, settings->listen))
		doctor_remedy(look->report, finding,
		    "In %s 'set listen \"unix:%.*s/frank/milter.sock\"', in main.cf "
		    "unix:frank/milter.sock instead of %.*s, and then:\n"
		    "systemctl restart frankd\npostfix reload",
		    look->world->config_path, VIEW_ARG(queue),
		    VIEW_ARG(use->milter.endpoint));
	else
		look_set_endpoint(look, finding, use, good);
}

static void
judge_unix(const struct look *look, const struct look_use *use, struct view path)
{
	const struct policy_settings *settings = policy_settings(look->world->policy);
	const struct postfix_ask ask = {look->conf, NULL, look->report->arena};
	int is_chrooted = postfix_conf_is_chrooted(&ask, use->service);
	struct view queue, own;

	if (!look_value(look, NULL, "queue_directory", &queue) ||
	    !look_take_path(settings->listen, &own))
		return;
	bool is_full = view_starts(path, VIEW("/"));
	if (is_full && is_chrooted == -1)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s: whether it is chrooted is not known here, and so where %.*s is",
		    look_name(look, use->service), VIEW_ARG(use->milter.endpoint));
	else if (look_paths_are_same(
		     is_full && is_chrooted == 0 ? VIEW("") : queue, path, own))
		try_path(look, arena_text(look->report->arena, own));
	else
		say_elsewhere(look, use, is_chrooted);
}

/* Names are looked up inside the chroot. */
static void
judge_host(const struct look *look, const struct look_use *use, struct view host)
{
	const struct policy_settings *settings = policy_settings(look->world->policy);
	struct buf path = BUF_INIT(PATH_MAX), text = BUF_INIT(HOSTS_MAX);
	struct err err = ERR_INIT;
	struct view queue;

	if (!look_value(look, NULL, "queue_directory", &queue))
		return;
	buf_addf(&path, "%.*s/etc/hosts", VIEW_ARG(queue));
	int result = file_read(buf_text(&path), &text, &err);
	if (result == 0 && postfix_list_has(buf_view(&text), host))
		(void)look_say(look, DOCTOR_OK, "%.*s is in %s, inside the chroot",
		    VIEW_ARG(host), buf_text(&path));
	else if (result == 0 || err.code != ERR_MISSING)
		(void)look_say(look, DOCTOR_UNKNOWN,
		    "%s has %.*s: whether chrooted services can look up that name is not "
		    "known here",
		    use->place, VIEW_ARG(use->milter.endpoint));
	else
		look_set_endpoint(look,
		    look_say(look, DOCTOR_BAD,
			"%s has %.*s: without %s chrooted services cannot look up that "
			"name",
			use->place, VIEW_ARG(use->milter.endpoint), buf_text(&path)),
		    use, settings->listen);
	buf_fini(&path);
	buf_fini(&text);
}

static void
judge_use(const struct look *look, const struct policy_settings *settings,
    const struct look_use *use)
{
	const struct postfix_ask ask = {look->conf, NULL, look->report->arena};
	struct view path, host, port;
	struct addr addr;

	(void)settings;
	if (look_take_path(use->milter.endpoint, &path))
		judge_unix(look, use, path);
	else if (!look_take_inet(use->milter.endpoint, &host, &port))
		return;
	else if (addr_parse(host, &addr, NULL) == 0 ||
		 postfix_conf_is_chrooted(&ask, use->service) == 0)
		(void)look_say(
		    look, DOCTOR_OK, "%.*s needs no file", VIEW_ARG(use->milter.endpoint));
	else
		judge_host(look, use, host);
}

LOOK_CHECK(doctor_check_socket)
{
	(void)subject;
	look_each_use(world, report, judge_use);
}
