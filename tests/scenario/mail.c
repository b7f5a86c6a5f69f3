/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdarg.h>
#include <stdio.h>

#include "lib/bug.h"

#include "tests/scenario/mail.h"

enum { BODY_MAX = 64 << 20, TEXT_MAX = 4 << 20 };

static const char *text_of(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
text_of(struct arena *arena, const char *format, ...)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	va_list args;

	va_start(args, format);
	buf_addv(&text, format, args);
	va_end(args);
	const char *kept = arena_text(arena, buf_view(&text));
	buf_fini(&text);
	return kept;
}

static bool
has_own(const struct sending *message, const char *name)
{
	struct view field, own;

	for (const struct item *item = message->header; item != NULL; item = item->next) {
		field = item->text;
		if (view_cut(&field, ':', &own) && view_is_nocase(own, view_of(name)))
			return true;
	}
	return view_is_nocase(message->without, view_of(name));
}

static void
add_field(struct mail *mail, const char *name, const char *value)
{
	must(mail->n_fields < MAIL_FIELDS_MAX);
	mail->fields[mail->n_fields++] = (struct mail_field){name, value};
}

/* Unless the scenario has one, or wants none. */
static void
add_default(struct mail *mail, const char *name, const char *value)
{
	if (!has_own(mail->message, name))
		add_field(mail, name, value);
}

static void
make_fields(struct mail *mail)
{
	const struct sending *message = mail->message;
	struct arena *arena = mail->arena;
	struct view author = message->author.n > 0 ? message->author : message->sender;

	if (author.n == 0)
		author = VIEW("MAILER-DAEMON@example.org");
	add_default(mail, "From", text_of(arena, " %.*s", VIEW_ARG(author)));
	add_default(mail, "To", " someone@example.net");
	add_default(mail, "Subject", " a scenario");
	add_default(mail, "Date", " Mon, 02 Mar 2026 09:00:00 +0000");
	add_default(mail, "Message-ID", text_of(arena, " <%s>", mail->message_id));
	for (const struct item *item = message->header; item != NULL; item = item->next) {
		struct view value = item->text, name;

		must(view_cut(&value, ':', &name));
		add_field(mail, arena_text(arena, name), arena_text(arena, value));
	}
}

static void
make_body(struct mail *mail)
{
	const struct sending *message = mail->message;

	buf_init(&mail->body, BODY_MAX);
	for (const struct item *item = message->body; item != NULL; item = item->next) {
		buf_add(&mail->body, item->text);
		buf_add_text(&mail->body, "\r\n");
	}
	if (message->body == NULL)
		buf_add_text(&mail->body, "Hello.\r\n");
	while (mail->body.n < message->size)
		buf_add_text(
		    &mail->body, "This line is here to make the message long.\r\n");
}

static void
make_rcpts(struct mail *mail)
{
	const struct sending *message = mail->message;
	unsigned n = message->rcpts;

	for (const struct item *item = message->rcpt; item != NULL; item = item->next)
		n++;
	mail->n_rcpts = n > 0 ? n : 1;
	mail->rcpts = arena_array(mail->arena, mail->n_rcpts, sizeof(*mail->rcpts));
	n = 0;
	for (const struct item *item = message->rcpt; item != NULL; item = item->next)
		mail->rcpts[n++] = text_of(mail->arena, "<%.*s>", VIEW_ARG(item->text));
	for (unsigned i = 0; n < mail->n_rcpts; i++)
		mail->rcpts[n++] = text_of(mail->arena, "<r%u@example.net>", i);
}

/* sendmail(1) and Postfix's own mail: 127.0.0.1 port 0, addresses without brackets. */
static void
make_envelope(struct mail *mail)
{
	const struct sending *message = mail->message;

	mail->sender = message->is_local
			   ? arena_text(mail->arena, message->sender)
			   : text_of(mail->arena, "<%.*s>", VIEW_ARG(message->sender));
	mail->login = arena_text(mail->arena, message->user);
	mail->client = message->client;
	mail->client_port = message->is_local ? 0 : 40000;
	mail->port = message->port;
	if (mail->port == 0 && !message->is_local)
		mail->port = message->user.n > 0 ? 587 : 25;
	if (message->client.family == ADDR_NONE)
		must(
		    addr_parse(message->is_local ? VIEW("127.0.0.1") : VIEW("198.51.100.7"),
			&mail->client, NULL) == 0);
	mail->helo = message->helo.n > 0 ? arena_text(mail->arena, message->helo)
					 : "client.example.net";
	make_rcpts(mail);
}

void
mail_make(struct mail *mail, const struct sending *message, unsigned number)
{
	*mail = (struct mail){.message = message, .arena = arena_new(0)};
	mail->id = text_of(mail->arena, "4cXyZ%05u", number);
	mail->message_id = text_of(mail->arena, "%05u@scenario.test", number);
	make_envelope(mail);
	make_fields(mail);
	make_body(mail);
}

void
mail_fini(struct mail *mail)
{
	buf_fini(&mail->body);
	arena_free(TAKE(mail->arena));
}
