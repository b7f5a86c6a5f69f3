/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/* The input as a line of the log: what comes out lies within it, and has the form that it
 * should have. */

#include <stdint.h>

#include "lib/bug.h"
#include "maillog/maillog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct view whole, struct view part)
{
	must(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void
try_message(struct view program, struct view message)
{
	struct maillog_event event;

	maillog_parse(program, message, &event);
	check_within(message, event.id);
	check_within(message, event.other_id);
	check_within(message, event.client);
	check_within(message, event.login);
	check_within(message, event.message_id);
	check_within(message, event.sender);
	check_within(message, event.rcpt);
	check_within(message, event.orig_rcpt);
	check_within(message, event.relay);
	check_within(message, event.dsn);
	check_within(message, event.text);
	must(event.id.n <= 20 && event.other_id.n <= 20);
	if (event.kind == MAILLOG_DELIVERY)
		must(event.id.n > 0 && maillog_status_name(event.status) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct view text = {(const char *)data, size};
	struct maillog_line line;

	if (maillog_split(text, &line)) {
		check_within(text, line.message);
		try_message(line.program, line.message);
	}
	try_message(VIEW("postfix/smtp"), text);
	try_message(VIEW("postfix/qmgr"), text);
	try_message(VIEW("postfix/postsuper"), text);
	try_message(VIEW("postfix/pickup"), text);
	try_message(VIEW("postfix/error"), text);
	return 0;
}
