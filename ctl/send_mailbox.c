/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "lib/bug.h"

#include "ctl/mbox.h"
#include "ctl/send.h"

/* The message in the mailbox that gets it: a Maildir, or a file with one behind the other.
 */

enum {
	TAIL_MAX = 8 << 20, /* bytes of a file that are looked at, its last */
	ENTRIES_MAX = 100000,
	SECOND = 1000000,
};

static bool
take(struct send *send, struct view text, const char *from)
{
	if (!mbox_has_id(text, send->message_id))
		return false;
	buf_reset(&send->mail);
	buf_add(&send->mail, text);
	if (send->mail.full)
		return false;
	send->mail_from = arena_view(send->arena, view_of(from));
	return true;
}

/* The last LIMIT bytes of the file that is FD. */
static int
read_tail(int fd, size_t limit, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return -1;
	off_t at = st.st_size > (off_t)limit ? st.st_size - (off_t)limit : 0;
	while (out->n < limit) {
		char *into = buf_reserve(out, limit - out->n);
		ssize_t n = into != NULL ? pread(fd, into, limit - out->n, at) : -1;

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			out->n += (size_t)n;
			at += n;
		}
	}
	return 0;
}

static bool
look_in_mbox(struct send *send, struct view text)
{
	struct view one;

	while (mbox_next(&text, &one))
		if (take(send, one, send->order->send.mailbox))
			return true;
	return false;
}

static bool
look_in_file(struct send *send, int dir, const char *name, const char *shown, bool is_mbox)
{
	size_t limit = is_mbox ? TAIL_MAX : SEND_MAIL_MAX;
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct buf text = BUF_INIT(limit + 1);
	bool is_found = false;

	if (fd >= 0 && read_tail(fd, limit, &text) == 0)
		is_found = is_mbox ? look_in_mbox(send, buf_view(&text))
				   : take(send, buf_view(&text), shown);
	if (fd >= 0)
		(void)close(fd);
	buf_fini(&text);
	return is_found;
}

/* Only what came since we sent. */
static bool
is_new(const struct send *send, int dir, const char *name)
{
	struct stat st;

	return name[0] != '.' && fstatat(dir, name, &st, 0) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mtime >= (send->began - SEND_SLACK_US) / SECOND;
}

static bool
look_in_folder(struct send *send, const char *maildir, const char *folder)
{
	char shown[PATH_MAX];
	const struct dirent *entry;
	bool is_found = false;

	if (snprintf(shown, sizeof(shown), "%s/%s", maildir, folder) >= (int)sizeof(shown))
		return false;
	DIR *listing = opendir(shown);
	if (listing == NULL)
		return false;
	for (size_t n = 0; n < ENTRIES_MAX && !is_found; n++) {
		if ((entry = readdir(listing)) == NULL)
			break;
		if (is_new(send, dirfd(listing), entry->d_name))
			is_found = look_in_file(
			    send, dirfd(listing), entry->d_name, maildir, false);
	}
	(void)closedir(listing);
	return is_found;
}

bool
send_mailbox_look(struct send *send)
{
	const char *mailbox = send->order->send.mailbox;
	struct stat st;

	if (send->mail_from.n > 0)
		return true;
	if (stat(mailbox, &st) == -1)
		return false;
	if (!S_ISDIR(st.st_mode))
		return look_in_file(send, AT_FDCWD, mailbox, mailbox, true);
	return look_in_folder(send, mailbox, "new") || look_in_folder(send, mailbox, "cur");
}
