/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <string.h>

#include "receiver/child.h"
#include "receiver/confined.h"

/* A signature of a message, or a question about SPF. */
struct task {
	const struct spf_case *spf; /* NULL: a signature */
	const struct verify_message *message;
	struct view value;
	const struct verify_key *key;
	struct verify *verify;
};

static void
prepare(void *context)
{
	struct task *task = context;

	if (task->spf != NULL)
		return;
	task->verify = verify_new();
	verify_warm_up(task->verify);
}

static void
work(void *context, struct buf *out)
{
	const struct task *task = context;

	if (task->spf != NULL) {
		struct spf_judgement judgement;
		memset(&judgement, 0, sizeof(judgement));
		spf_judge(task->spf, &judgement);
		buf_add_bytes(out, &judgement, sizeof(judgement));
	} else {
		struct verify_answer answer;
		memset(&answer, 0, sizeof(answer));
		verify_signature(
		    task->verify, task->message, task->value, task->key, &answer);
		buf_add_bytes(out, &answer, sizeof(answer));
	}
}

/* Exactly SIZE bytes. */
static int
ask(struct task *task, int milliseconds, void *into, size_t size, struct err *err)
{
	const struct confined what = {
	    .library = task->spf != NULL ? "libspf2" : "libopendkim",
	    .prepare = prepare,
	    .work = work,
	    .context = task,
	    .milliseconds = milliseconds};
	struct buf out = BUF_INIT(size + 1);
	int result = confined_run(&what, &out, err);

	if (result == 0 && out.n != size)
		result = err_set(
		    err, ERR_IO, "the process of %s ended without an answer", what.library);
	if (result == 0)
		memcpy(into, out.p, size);
	buf_fini(&out);
	return result;
}

int
child_verify(const struct verify_message *message, struct view value,
    const struct verify_key *key, int milliseconds, struct verify_answer *ret_answer,
    struct err *err)
{
	struct task task = {.message = message, .value = value, .key = key};
	struct verify_answer answer;

	if (ask(&task, milliseconds, &answer, sizeof(answer), err) < 0)
		return -1;
	answer.reason[sizeof(answer.reason) - 1] = '\0';
	*ret_answer = answer;
	return 0;
}

int
child_spf(const struct spf_case *asked, int milliseconds,
    struct spf_judgement *ret_judgement, struct err *err)
{
	struct task task = {.spf = asked};
	struct spf_judgement judgement;

	if (ask(&task, milliseconds, &judgement, sizeof(judgement), err) < 0)
		return -1;
	judgement.reason[sizeof(judgement.reason) - 1] = '\0';
	judgement.theirs[sizeof(judgement.theirs) - 1] = '\0';
	*ret_judgement = judgement;
	return 0;
}
