/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "postfix/request.h"

static int
read_ids(struct view text, struct postfix_request *request, struct err *err)
{
	struct view id = VIEW("");

	while (view_cut(&text, ' ', &id)) {
		if (request->n == POSTFIX_BATCH)
			return err_set(
			    err, ERR_LIMIT, "more than %d messages at once", POSTFIX_BATCH);
		if (!postfix_is_id(id))
			return err_set(err, ERR_BAD_INPUT, "'%.*s' is no queue id",
			    VIEW_ARG(view_head(id, 40)));
		request->ids[request->n++] = id;
	}
	return 0;
}

int
postfix_request_read(const char *const *words, size_t n_words,
    struct postfix_request *ret_request, struct err *err)
{
	struct postfix_request request = {.n = 0};

	if (n_words < 2 || n_words > 3)
		return err_set(
		    err, ERR_BAD_INPUT, "a request is what to do, queue ids, and why");
	if (postfix_verb_find(view_of(words[0]), &request.verb) == 0)
		return err_set(
		    err, ERR_BAD_INPUT, "'%.40s' is nothing that is done here", words[0]);
	request.reason = view_of(n_words > 2 ? words[2] : "");
	if (request.reason.n > POSTFIX_REASON_MAX)
		return err_set(
		    err, ERR_LIMIT, "a reason is at most %d bytes", POSTFIX_REASON_MAX);
	if (read_ids(view_of(words[1]), &request, err) == -1)
		return -1;
	*ret_request = request;
	return 0;
}

void
postfix_request_ids(const struct view *ids, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_add_char(out, ' ');
		buf_add(out, ids[i]);
	}
}
