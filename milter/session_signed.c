/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "auth/align.h"
#include "auth/taglist.h"

#include "policy/rule.h"

#include "milter/session_private.h"

/*
 * Signatures that a message came with. They are not verified: whether they still are good
 * where the message goes, nobody here knows.
 */

static struct view
lower(struct message *message, struct view text)
{
	char *copy = arena_text(message->arena, text);

	if (copy == NULL)
		return VIEW_NONE;
	for (char *p = copy; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return view_of(copy);
}

void
session_signature_seen(struct message *message, struct view value)
{
	struct message_signature signature = {.domain = VIEW_NONE};
	struct tag tag;
	int found;

	if (message->n_signatures == MESSAGE_SIGNATURES_MAX)
		return;
	while ((found = tag_take(&value, &tag)) != 0) {
		if (found > 0 && view_is(tag.name, VIEW("d")))
			signature.domain = tag.value;
		else if (found > 0 && view_is(tag.name, VIEW("s")))
			signature.selector = tag.value;
	}
	if (signature.domain.n == 0 || signature.domain.n > DNS_NAME_MAX ||
	    signature.selector.n > DNS_NAME_MAX)
		return;
	if (message->signatures == NULL)
		message->signatures = arena_array(
		    message->arena, MESSAGE_SIGNATURES_MAX, sizeof(message->signatures[0]));
	if (message->signatures == NULL)
		return;
	message->signatures[message->n_signatures++] =
	    (struct message_signature){.domain = lower(message, signature.domain),
		.selector = lower(message, signature.selector)};
}

static bool
is_ours(const struct policy *policy, const struct message_signature *signature)
{
	const struct policy_key *key;

	for (size_t i = 0; (key = policy_key_at(policy, signature->domain, i)) != NULL; i++)
		if (view_is_nocase(key->selector, signature->selector))
			return true;
	return false;
}

bool
session_is_signed_already(const struct message *message)
{
	struct view author = message->facts.author.domain;

	if (author.n == 0 || message->generation == NULL)
		return false;
	for (uint32_t i = 0; i < message->n_signatures; i++) {
		const struct message_signature *signature = &message->signatures[i];
		if (align_relaxed(signature->domain, author) &&
		    !is_ours(message->generation->policy, signature))
			return true;
	}
	return false;
}
