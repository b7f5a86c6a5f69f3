/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * The first line of the input as what a server said, the rest as the table that explains
 * it. A table that is refused is refused with its place; of one that loads, what is found
 * is found again, and by a table of the same text too.
 */

#include <stdint.h>

#include "lib/bug.h"
#include "replies/replies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The test lines of a table that passes its own check are what the table is for. */
static void
ask(const struct replies *replies, struct view said)
{
	const struct replies_entry *entry, *again;

	entry = replies_find(replies, VIEW(""), VIEW(""), said);
	again = replies_find(replies, VIEW(""), VIEW(""), said);
	must(entry == again);
	if (entry != NULL)
		must(entry->name.n > 0 && entry->means.n > 0 && entry->remedy.n > 0);
	(void)replies_find(replies, said, said, said);
	(void)replies_find(replies, VIEW("4.7.1"), VIEW("mx.example.net[192.0.2.1]"), said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = {(const char *)data, size}, said;
	struct replies *replies = replies_new();
	struct err err = ERR_INIT;

	if (view_cut(&text, '\n', &said) && text.p != NULL) {
		if (replies_read(replies, "t", text, &err) == 0) {
			ask(replies, said);
			if (replies_check(replies, &err) == -1)
				must(err.text[0] == 't' && err.text[1] == ':');
		} else {
			must(err.text[0] == 't' && err.text[1] == ':');
		}
	}
	replies_free(replies);
	return 0;
}
