/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include <stdio.h>
#include <string.h>

#include "milter/session_private.h"

static void
answer_set(struct session_answer *answer, enum verdict verdict, const char *code,
    const char *enhanced, const char *text)
{
	answer->verdict = verdict;
	snprintf(answer->reply_code, sizeof(answer->reply_code), "%s", code);
	snprintf(answer->enhanced_code, sizeof(answer->enhanced_code), "%s", enhanced);
	answer->reply_text = text;
}

void
answer_for_trouble(
    const struct err *trouble, enum policy_on_error on_error, struct session_answer *answer)
{
	answer->n_insert = 0;
	if (trouble->code == ERR_LIMIT)
		answer_set(answer, VERDICT_REJECT, "552", "5.3.4",
		    "The header or envelope of this message is too large");
	else if (on_error == ON_ERROR_REJECT)
		answer_set(answer, VERDICT_REJECT, "550", "5.3.0",
		    "This message cannot be signed at the moment");
	else
		answer_set(answer, VERDICT_DEFER, "451", "4.3.0",
		    "This message cannot be signed at the moment, try again later");
}

/* REPLY is "5.7.1 text"; check has seen to its form. */
static void
answer_reply(struct session_answer *answer, enum verdict verdict, struct view reply,
    struct arena *arena)
{
	struct view rest = reply, code;
	char enhanced[12];

	if (reply.n == 0 || !view_cut(&rest, ' ', &code) || code.n >= sizeof(enhanced)) {
		if (verdict == VERDICT_REJECT)
			answer_set(
			    answer, verdict, "550", "5.7.1", "Refused by local policy");
		else
			answer_set(answer, verdict, "451", "4.7.1", "Try again later");
		return;
	}
	snprintf(enhanced, sizeof(enhanced), "%.*s", VIEW_ARG(code));
	const char *text = arena_text(arena, rest);
	answer_set(answer, verdict, enhanced[0] == '5' ? "550" : "451", enhanced,
	    text != NULL ? text : "Refused by local policy");
}

void
answer_for_decision(
    const struct decision *decision, struct arena *arena, struct session_answer *answer)
{
	switch (decision->verdict) {
	case VERDICT_ACCEPT:
		answer_set(answer, VERDICT_ACCEPT, "", "", NULL);
		break;
	case VERDICT_HOLD:
		answer_set(answer, VERDICT_HOLD, "", "", NULL);
		answer->hold_reason = arena_text(arena, decision->label);
		if (answer->hold_reason == NULL || answer->hold_reason[0] == '\0')
			answer->hold_reason = "held by frankd";
		break;
	case VERDICT_DEFER:
	case VERDICT_REJECT:
		answer_reply(answer, decision->verdict, decision->reply, arena);
		break;
	}
}
