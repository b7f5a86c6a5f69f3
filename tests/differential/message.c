/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdint.h>
#include <string.h>

#include "lib/bug.h"

#include "tests/differential/message.h"

typedef void make_part(struct message *message);

unsigned
message_random(size_t below)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 11) % below);
}

static const char *
pick(const char *const *texts, size_t n)
{
	return texts[message_random(n)];
}

static const char *
word(void)
{
	static const char *const words[] = {"invoice", "for", "March", "a", "meeting", "at",
	    "ten", "o'clock", "Re:", "the", "figures", "=?utf-8?q?J=C3=BCrgen?=", "(draft)",
	    "100%", "x=y;", "b=", "bh=abc;"};

	return pick(words, ARRAY_LEN(words));
}

static struct buf *
add_field(struct message *message, const char *name, const char *value)
{
	size_t i = message->n_fields++;

	must(i < MESSAGE_FIELDS);
	buf_init(&message->fields[i].name, 1000);
	buf_init(&message->fields[i].value, 100000);
	buf_add_text(&message->fields[i].name, name);
	buf_add_text(&message->fields[i].value, value);
	return &message->fields[i].value;
}

static void
add_words(struct buf *to, unsigned n, const char *const *between, size_t n_between)
{
	for (unsigned i = 0; i < n; i++) {
		buf_add_text(to, pick(between, n_between));
		buf_add_text(to, word());
	}
}

static const char *const blank[] = {" "};

static void
header_plain(struct message *message)
{
	add_field(
	    message, "Received", " from a.example (a.example [192.0.2.1])\n\tby b.example");
	add_field(message, "From", " Alice <alice@example.org>");
	add_field(message, "To", " bob@example.net");
	add_words(add_field(message, "Subject", ""), 6, blank, 1);
	add_field(message, "Date", " Mon, 02 Mar 2026 09:03:00 +0000");
	add_field(message, "Message-ID", " <1.2.3@example.org>");
	add_field(message, "MIME-Version", " 1.0");
	add_field(message, "Content-Type", " text/plain; charset=utf-8");
	add_field(message, "Content-Transfer-Encoding", " 8bit");
}

static void
header_folded(struct message *message)
{
	static const char *const folds[] = {
	    " ", "\n ", "\n\t", " \n ", "\t\n \t", "\n    "};

	header_plain(message);
	add_words(add_field(message, "References", ""), 12, folds, ARRAY_LEN(folds));
	add_words(add_field(message, "Cc", "\n\t<carol@example.com>,"), 3, folds,
	    ARRAY_LEN(folds));
	add_words(
	    add_field(message, "List-Unsubscribe", "\n "), 3, folds, ARRAY_LEN(folds));
}

static void
header_blanks(struct message *message)
{
	static const char *const blanks[] = {" ", "  ", "\t", " \t ", "\t\t", "      "};
	struct buf *value;

	header_plain(message);
	value = add_field(message, "References", "");
	add_words(value, 8, blanks, ARRAY_LEN(blanks));
	buf_add_text(value, pick(blanks, ARRAY_LEN(blanks)));
	value = add_field(message, "Reply-To", "\t");
	add_words(value, 2, blanks, ARRAY_LEN(blanks));
	add_field(message, "In-Reply-To", "<no-blank@example.org>");
	add_field(message, "Cc", "  <two-blanks@example.org>  \t");
}

static void
header_doubled(struct message *message)
{
	header_plain(message);
	add_field(message, "To", " second@example.net");
	add_field(message, "Subject", " a second subject");
	add_field(message, "Subject", " a third subject");
	add_field(message, "List-Unsubscribe", " <mailto:a@example.org>");
	add_field(message, "List-Unsubscribe", " <https://example.org/u>");
	add_field(message, "List-Unsubscribe-Post", " List-Unsubscribe=One-Click");
	add_field(message, "References", " <1@example.org>");
	add_field(message, "References", " <2@example.org>\n\t<3@example.org>");
}

static void
header_eight_bit(struct message *message)
{
	header_plain(message);
	add_field(message, "Cc", " J\xc3\xbcrgen <j@example.net>");
	add_field(message, "Reply-To", " J\xfcrgen <j@example.net>");
	add_field(message, "References", " \x80\xff\xa0 \xc2\xa0 x");
}

static void
header_empty(struct message *message)
{
	header_plain(message);
	add_field(message, "Cc", "");
	add_field(message, "Reply-To", " ");
	add_field(message, "References", "\t \t");
	add_field(message, "In-Reply-To", "\n ");
}

static void
header_long(struct message *message)
{
	struct buf *value;

	header_plain(message);
	value = add_field(message, "Cc", " a@example.net");
	for (int i = 0; i < 200; i++)
		buf_addf(value, ",\n\trecipient-%d@a-rather-long-name.example.net", i);
	value = add_field(message, "References", " <1@example.org>");
	while (value->n < 950)
		buf_addf(value, " <%zu@example.org>", value->n);
}

static void
header_names(struct message *message)
{
	add_field(message, "FROM", " alice@example.org");
	add_field(message, "tO", " bob@example.net");
	add_field(message, "sUBJECT", " names in odd case");
	add_field(message, "message-id", " <1.2.3@example.org>");
	add_field(message, "X-b", " b=; bh=;");
	add_field(message, "MIME-VERSION", " 1.0");
	add_field(message, "content-type", " text/plain");
}

static void
header_sparse(struct message *message)
{
	add_field(message, "From", " alice@example.org");
}

static void
header_blank_lines(struct message *message)
{
	header_plain(message);
	add_field(message, "References", " <1@example.org>\n \n\t<2@example.org>");
	add_field(message, "Cc", " carol@example.com\n\t ");
}

static void
body_plain(struct message *message)
{
	for (int i = 0; i < 10; i++) {
		buf_add_text(&message->body, word());
		add_words(&message->body, message_random(12), blank, 1);
		buf_add_text(&message->body, "\r\n");
	}
}

static void
body_empty(struct message *message)
{
	buf_reset(&message->body);
}

static void
body_line_ends(struct message *message)
{
	for (unsigned n = 1 + message_random(6); n > 0; n--)
		buf_add_text(&message->body, "\r\n");
}

static void
body_no_line_end(struct message *message)
{
	body_plain(message);
	buf_add_text(&message->body, "the last line has no end");
}

static void
body_empty_end(struct message *message)
{
	body_plain(message);
	body_line_ends(message);
}

static void
body_blank_ends(struct message *message)
{
	static const char *const ends[] = {
	    " \r\n", "\t\r\n", "\r\n", "   \r\n", " \t \t\r\n"};

	for (int i = 0; i < 10; i++) {
		buf_add_text(&message->body, word());
		buf_add_text(&message->body, pick(ends, ARRAY_LEN(ends)));
	}
}

static void
body_blank_lines(struct message *message)
{
	static const char *const lines[] = {"\r\n", " \r\n", "\t\r\n", "x\r\n"};

	for (int i = 0; i < 10; i++)
		buf_add_text(&message->body, pick(lines, ARRAY_LEN(lines)));
	buf_add_text(&message->body, " \r\n\r\n");
}

static void
body_runs(struct message *message)
{
	static const char *const blanks[] = {
	    " ", "  ", "\t", " \t", "     ", "\r\n ", "\r\n\t\t"};

	add_words(&message->body, 60, blanks, ARRAY_LEN(blanks));
	buf_add_text(&message->body, "\r\n");
}

static void
body_eight_bit(struct message *message)
{
	for (int i = 0; i < 500; i++)
		buf_add_char(&message->body, (char)(0x80 + message_random(128)));
	buf_add_text(&message->body, " \xc2\xa0 x\xc2\x85y\r\n");
}

static void
body_bare_cr(struct message *message)
{
	buf_add_text(&message->body, "one\rtwo\r\nthree \r four\r\n\rfive\r\n");
}

static void
body_bare_lf(struct message *message)
{
	buf_add_text(&message->body, "one\ntwo\r\nthree \n four\r\n\nfive\n\r\n");
}

static void
body_nul(struct message *message)
{
	buf_add(&message->body, VIEW("one\0two \0 three\r\n\0\0\r\n"));
}

static void
body_long_lines(struct message *message)
{
	for (int i = 0; i < 5; i++) {
		for (unsigned n = 2000 + message_random(3000); n > 0; n--)
			buf_add_char(&message->body, n % 7 == 0 ? ' ' : 'x');
		buf_add_text(&message->body, "\r\n");
	}
}

static void
body_large(struct message *message)
{
	while (message->body.n < 100000)
		body_runs(message);
	body_line_ends(message);
}

static const struct {
	const char *name;
	make_part *make;
} headers[MESSAGE_HEADERS] = {
    {"plain", header_plain},
    {"folded", header_folded},
    {"blanks", header_blanks},
    {"doubled", header_doubled},
    {"eight-bit", header_eight_bit},
    {"empty-values", header_empty},
    {"long", header_long},
    {"odd-names", header_names},
    {"sparse", header_sparse},
    {"blank-lines", header_blank_lines},
};

static const struct {
	const char *name;
	make_part *make;
} bodies[MESSAGE_BODIES] = {
    {"plain", body_plain},
    {"empty", body_empty},
    {"line-ends", body_line_ends},
    {"no-line-end", body_no_line_end},
    {"empty-end", body_empty_end},
    {"blank-ends", body_blank_ends},
    {"blank-lines", body_blank_lines},
    {"runs", body_runs},
    {"eight-bit", body_eight_bit},
    {"bare-cr", body_bare_cr},
    {"bare-lf", body_bare_lf},
    {"nul", body_nul},
    {"long-lines", body_long_lines},
    {"large", body_large},
};

const char *
message_header_class(unsigned header)
{
	return headers[header].name;
}

const char *
message_body_class(unsigned body)
{
	return bodies[body].name;
}

const char *
message_tampering(enum message_tamper tamper)
{
	static const char *const names[] = {
	    [TAMPER_NONE] = "none",
	    [TAMPER_FROM] = "from-added",
	    [TAMPER_SUBJECT] = "subject-added",
	    [TAMPER_BODY] = "body-added",
	};

	return names[tamper];
}

void
message_make(struct message *message, unsigned header, unsigned body)
{
	for (size_t i = 0; i < message->n_fields; i++) {
		buf_fini(&message->fields[i].name);
		buf_fini(&message->fields[i].value);
	}
	message->n_fields = 0;
	buf_fini(&message->body);
	buf_init(&message->body, 1 << 20);
	headers[header].make(message);
	bodies[body].make(message);
}
