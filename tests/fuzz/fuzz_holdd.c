/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */

/*
 * Requests to frank-holdd, which runs as root. What is accepted is one of four verbs, and
 * ids that can be no option, no word for all of them and no path; and the answer to it,
 * read again, is about these ids. The same bytes as lines of postsuper's: nothing but ids
 * is taken from them.
 */

#include <stdint.h>
#include <string.h>

#include "lib/bug.h"
#include "lib/control.h"
#include "postfix/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_id(struct view id)
{
	static const char allowed[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	must(id.n >= 6 && id.n <= 20);
	for (size_t i = 0; i < id.n; i++)
		must(id.p[i] != '\0' && strchr(allowed, id.p[i]) != NULL);
}

static void
on_id(void *context, struct view id)
{
	size_t *n = context;

	check_id(id);
	(*n)++;
}

static void
try_request(char *frame, size_t size)
{
	const char *words[CONTROL_WORDS_MAX];
	struct buf text = BUF_INIT(65536);
	struct postfix_request request = {.n = 0};
	struct err err = ERR_INIT;
	size_t n_words = 0, n = 0;

	if (control_parse(frame, size, words, &n_words, &err) == -1 ||
	    postfix_request_read(words, n_words, &request, &err) == -1) {
		must(err.code != ERR_NONE && err.text[0] != '\0');
		return;
	}
	must(request.verb < POSTFIX_VERBS && request.n >= 1 && request.n <= POSTFIX_BATCH);
	must(strcmp(words[0], postfix_verb_name(request.verb)) == 0);
	must(request.reason.n <= POSTFIX_REASON_MAX);
	for (size_t i = 0; i < request.n; i++) {
		check_id(request.ids[i]);
		postfix_words_add(request.verb, request.ids[i], &text);
	}
	const struct postfix_change change = {
	    .verb = request.verb, .done = on_id, .context = &n};
	postfix_words_read(&change, buf_view(&text));
	must(n == request.n);
	buf_reset(&text);
	postfix_request_ids(request.ids, request.n, &text);
	must(strcmp(buf_text(&text), words[1]) == 0);
	buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* No larger, so that a sanitizer sees the end. */
	char *frame = mem_resize(NULL, size > 0 ? size : 1, 1);
	size_t n = 0;

	if (size > 0)
		memcpy(frame, data, size);
	for (int i = 0; i < POSTFIX_VERBS; i++) {
		const struct postfix_change change = {
		    .verb = (enum postfix_verb)i, .done = on_id, .context = &n};
		postfix_words_read(&change, (struct view){frame, size});
	}
	try_request(frame, size);
	free(frame);
	return 0;
}
