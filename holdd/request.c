/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <sysexits.h>

#include "lib/bug.h"
#include "lib/clock.h"
#include "lib/control.h"
#include "lib/escape.h"
#include "lib/log.h"
#include "lib/spool.h"
#include "postfix/request.h"

#include "holdd/holdd.h"

enum { TEXT_MAX = CONTROL_REQUEST_MAX, ANSWER_MAX = 64 << 10 };

struct serving {
	enum postfix_verb verb;
	size_t n;
	struct buf answer, ids;
};

static void
on_done(void *context, struct view id)
{
	struct serving *serving = context;

	postfix_words_add(serving->verb, id, &serving->answer);
	buf_addf(&serving->ids, "%s%.*s", serving->n > 0 ? " " : "", VIEW_ARG(id));
	serving->n++;
}

static void
nothing(void *context, int is_error, struct view text)
{
	(void)context;
	(void)is_error;
	(void)text;
}

/* While frankd is down: for the journal, when it starts. False: not there either. */
static bool
spool(const struct holdd *holdd, const char *const words[4])
{
	struct buf who = BUF_INIT(TEXT_MAX);
	struct err err = ERR_INIT;
	int result;

	buf_addf(&who, "root (uid 0) for %s", words[3]);
	const struct spool_action action = {.time = clock_now().wall,
	    .what = view_of(words[1]),
	    .who = buf_view(&who),
	    .text = view_of(words[2])};
	result = spool_add(holdd->state, &action, &err);
	if (result == -1)
		log_warn("%s is not recorded in the journal: %s does not answer, and %s",
		    words[1], holdd->control, err.text);
	buf_fini(&who);
	return result == 0;
}

/* In the journal, which frankd alone writes; false: it will not have it. */
static bool
record(const struct holdd *holdd, const struct serving *serving, const struct peer *peer,
    struct view reason)
{
	const char *words[] = {"action", postfix_verb_name(serving->verb), NULL, NULL};
	struct buf text = BUF_INIT(TEXT_MAX), whom = BUF_INIT(TEXT_MAX);
	bool is_kept = true;

	buf_addf(&text, "%zu message%s: %s", serving->n, serving->n == 1 ? "" : "s",
	    buf_text(&serving->ids));
	if (reason.n > 0)
		buf_addf(&text, "; %.*s", VIEW_ARG(reason));
	buf_addf(&whom, "%s (uid %u)", peer->name, peer->uid);
	words[2] = buf_text(&text);
	words[3] = buf_text(&whom);
	if (control_ask(holdd->control, words, ARRAY_LEN(words), nothing, NULL, NULL) != 0)
		is_kept = spool(holdd, words);
	buf_fini(&text);
	buf_fini(&whom);
	return is_kept;
}

static void
answer_error(int fd, int exit_code, const char *text)
{
	struct buf line = BUF_INIT(TEXT_MAX);

	buf_add_text(&line, "frank-holdd: ");
	escape_add(&line, view_of(text), sizeof(((struct err *)NULL)->text));
	buf_add_char(&line, '\n');
	(void)control_answer(fd, 1, buf_view(&line));
	(void)control_finish(fd, exit_code);
	buf_fini(&line);
}

static void
log_what(const struct serving *serving, const struct postfix_request *request,
    const struct peer *peer)
{
	struct buf line = BUF_INIT(LOG_LINE_MAX);

	buf_addf(&line, "%s: %zu of %zu messages", postfix_verb_name(serving->verb),
	    serving->n, request->n);
	log_field(&line, "user", view_of(peer->name));
	log_field_number(&line, "uid", peer->uid);
	if (request->reason.n > 0)
		log_field(&line, "reason", request->reason);
	log_field(&line, "ids", buf_view(&serving->ids));
	log_line(&line);
	buf_fini(&line);
}

static void
serve(const struct holdd *holdd, int fd, const struct peer *peer,
    const struct postfix_request *request)
{
	struct serving serving = {.verb = request->verb,
	    .answer = BUF_INIT(ANSWER_MAX),
	    .ids = BUF_INIT(ANSWER_MAX)};
	const struct postfix_change change = {.verb = request->verb,
	    .ids = request->ids,
	    .n = request->n,
	    .done = on_done,
	    .context = &serving};
	struct err err = ERR_INIT;
	size_t late = 0;
	int result = postfix_change(holdd->config, &change, &late, &err);

	log_what(&serving, request, peer);
	(void)control_answer(fd, 0, buf_view(&serving.answer));
	if (serving.n > 0 && !record(holdd, &serving, peer, request->reason))
		(void)control_answer(fd, 1,
		    VIEW("frank-holdd: what was done is not recorded in the journal: "
			 "frankd cannot be reached\n"));
	if (late > 0)
		log_warn("%zu messages could not be flushed, and are tried when Postfix "
			 "next runs its queue",
		    late);
	if (result == -1) {
		log_error("%s", err.text);
		answer_error(fd, EX_TEMPFAIL, err.text);
	} else {
		(void)control_finish(fd, EX_OK);
	}
	buf_fini(&serving.answer);
	buf_fini(&serving.ids);
}

void
request_answer(
    const struct holdd *holdd, int fd, const struct peer *peer, char *frame, size_t n)
{
	const char *words[CONTROL_WORDS_MAX];
	struct postfix_request request;
	struct err err = ERR_INIT;
	size_t n_words;

	if (control_parse(frame, n, words, &n_words, &err) == -1 ||
	    postfix_request_read(words, n_words, &request, &err) == -1) {
		log_warn("user %s (uid %u) asks for what is not done here: %s", peer->name,
		    peer->uid, err.text);
		answer_error(fd, EX_USAGE, err.text);
		return;
	}
	serve(holdd, fd, peer, &request);
}
