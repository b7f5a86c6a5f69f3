/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/bug.h"

#include "doctor/socket.h"
#include "doctor/talk.h"

enum { SHOWN = 200 };

const char *
talk_end_text(enum talk_end end)
{
	static const char *const texts[] = {[TALK_REPLY] = "answers",
	    [TALK_LATE] = "says nothing",
	    [TALK_CLOSED] = "closes the connection",
	    [TALK_FOREIGN] = "does not speak SMTP"};

	must((size_t)end < ARRAY_LEN(texts));
	return texts[end];
}

/* More bytes into 'in'. */
static enum talk_end
receive(struct talk *talk)
{
	char *into = talk->in + talk->n;
	size_t size = sizeof(talk->in) - talk->n;
	ssize_t n;

	if (talk->tls != NULL) {
		n = tls_read(talk->tls, into, size, talk->deadline);
	} else {
		if (!socket_wait(talk->fd, POLLIN, talk->deadline))
			return TALK_LATE;
		n = recv(talk->fd, into, size, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return TALK_REPLY;
	}
	if (n <= 0)
		return TALK_CLOSED;
	talk->n += (size_t)n;
	return TALK_REPLY;
}

/* One line without its end, in the arena. */
static enum talk_end
read_line(struct talk *talk, struct view *ret_line)
{
	for (;;) {
		char *end = memchr(talk->in, '\n', talk->n);

		if (end != NULL) {
			size_t used = (size_t)(end - talk->in) + 1;

			*ret_line = arena_view(
			    talk->arena, view_trim((struct view){talk->in, used - 1}));
			memmove(talk->in, talk->in + used, talk->n - used);
			talk->n -= used;
			return TALK_REPLY;
		}
		if (talk->n == sizeof(talk->in)) {
			*ret_line = VIEW("a line without an end");
			return TALK_FOREIGN;
		}
		enum talk_end came = receive(talk);
		if (came != TALK_REPLY)
			return came;
	}
}

/* "250-text", "250 text", "250" (RFC 5321 4.2). 0: it is none. */
static int
code_of(struct view line, bool *ret_goes_on)
{
	unsigned long long code;

	if (line.n < 3 || !view_number(view_head(line, 3), 599, &code) || code < 200)
		return 0;
	*ret_goes_on = line.n > 3 && line.p[3] == '-';
	return line.n == 3 || line.p[3] == ' ' || line.p[3] == '-' ? (int)code : 0;
}

/* For people. */
static struct view
on_one_line(struct arena *arena, struct view text)
{
	char *shown = arena_text(arena, view_head(text, SHOWN));
	size_t n = strlen(shown);

	for (size_t i = 0; i < n; i++)
		if (shown[i] == '\n')
			shown[i] = ' ';
	return (struct view){shown, n};
}

enum talk_end
talk_read(struct talk *talk)
{
	struct buf text = BUF_INIT(TALK_LINE_MAX * TALK_LINES_MAX);
	enum talk_end came = TALK_REPLY;
	bool more = true;

	talk->code = 0;
	talk->text = VIEW("");
	for (unsigned i = 0; more && came == TALK_REPLY; i++) {
		struct view line;

		came = i < TALK_LINES_MAX ? read_line(talk, &line) : TALK_FOREIGN;
		if (came != TALK_REPLY)
			break;
		int code = code_of(line, &more);
		if (code == 0 || (talk->code != 0 && code != talk->code)) {
			talk->text = line;
			came = TALK_FOREIGN;
			break;
		}
		talk->code = code;
		if (i > 0)
			buf_add_char(&text, '\n');
		buf_add(&text, view_from(line, 4));
	}
	if (came == TALK_REPLY)
		talk->text = arena_view(talk->arena, buf_view(&text));
	buf_fini(&text);
	talk->shown = on_one_line(talk->arena, talk->text);
	return came;
}

bool
talk_send(struct talk *talk, struct view text)
{
	while (text.n > 0) {
		ssize_t n;

		if (talk->tls != NULL)
			n = tls_write(talk->tls, text.p, text.n, talk->deadline);
		else
			n = send(talk->fd, text.p, text.n, MSG_NOSIGNAL);
		if (n > 0)
			text = view_from(text, (size_t)n);
		else if (talk->tls != NULL || (errno != EINTR && errno != EAGAIN) ||
			 !socket_wait(talk->fd, POLLOUT, talk->deadline))
			return false;
	}
	return true;
}

enum talk_end
talk_say(struct talk *talk, struct view line)
{
	struct buf out = BUF_INIT(TALK_LINE_MAX);

	buf_add(&out, line);
	buf_add_text(&out, "\r\n");
	bool is_sent = !out.full && talk_send(talk, buf_view(&out));
	buf_fini(&out);
	return is_sent ? talk_read(talk) : TALK_CLOSED;
}

/* What stands behind WORD in a line of the last reply; VIEW_NONE: no line has it. */
static struct view
behind(const struct talk *talk, struct view word)
{
	struct view rest = talk->text, line, first;

	while (view_cut(&rest, '\n', &line))
		if (view_cut(&line, ' ', &first) && view_is_nocase(first, word))
			return line.p != NULL ? line : VIEW("");
	return VIEW_NONE;
}

bool
talk_offers(const struct talk *talk, struct view word)
{
	return behind(talk, word).p != NULL;
}

bool
talk_offers_with(const struct talk *talk, struct view word, struct view value)
{
	struct view rest = behind(talk, word), one;

	while (rest.p != NULL && view_cut(&rest, ' ', &one))
		if (view_is_nocase(one, value))
			return true;
	return false;
}
